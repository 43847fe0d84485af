"""Simulation-based calibration: ranks of the truth among posterior draws, and whether they are uniform.

Nothing here knows of the package: it takes draws and truths from wherever they come.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import ndtri
from scipy.stats import chi2, norm

__all__ = ["Verdict", "draw_band", "judge", "ranks", "scores"]


class Verdict(NamedTuple):
    """Two-sided p-values: of the spread of the normal scores, and of their mean."""

    spread: float
    mean: float


def ranks(truth, draws) -> np.ndarray:
    """Return how many of L draws (L, Q) lie below the truth (Q,), for each of Q quantities."""
    return np.sum(np.asarray(draws) < np.asarray(truth), axis=0)


def scores(rank, n_draws: int) -> np.ndarray:
    """Return normal scores of ranks 0 … L, scaled to variance one under uniformity."""
    middle = (np.arange(n_draws + 1) + 0.5) / (n_draws + 1)
    return ndtri((np.asarray(rank) + 0.5) / (n_draws + 1)) / np.sqrt(np.mean(ndtri(middle) ** 2))


def judge(rank, n_draws: int) -> Verdict:
    """Test uniformity of N ranks: Σ score² as chi-squared with N degrees of freedom, √N mean score as normal.

    A posterior too narrow makes the sum too large, one too wide too small; a shifted one moves the mean.
    """
    score = scores(rank, n_draws)
    n, total = len(score), np.sum(score**2)
    below = chi2.cdf(total, n)
    return Verdict(2 * min(below, chi2.sf(total, n)), 2 * norm.sf(abs(score.mean()) * np.sqrt(n)))


def draw_band(rank_of: dict, n_draws: int, path, level=0.95):
    """Draw the difference of each empirical distribution function from uniform, in its pointwise band."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    grid = (np.arange(n_draws + 1) + 1) / (n_draws + 1)
    n = len(next(iter(rank_of.values())))
    half = norm.isf((1 - level) / 2) * np.sqrt(grid * (1 - grid) / n)
    axes.fill_between(grid, -half, half, color="0.85", label=f"{level:.0%} at each point")
    for name, rank in rank_of.items():
        axes.step(grid, np.searchsorted(np.sort(rank), np.arange(n_draws + 1), side="right") / n - grid, label=name)
    axes.set(xlabel="fractional rank", ylabel="ECDF - uniform")
    axes.legend()
    figure.savefig(path)
