"""Pareto-smoothed importance sampling for many rows at once."""

from typing import NamedTuple

import numpy as np

from bayesfit.diagnostics.pareto import fit_pareto
from bayesfit.errors import SamplingError

__all__ = ["Smoothed", "good_k", "psis"]

#: elements of (grid, tail, rows) worked on at once when the tails are fitted
_CHUNK = 1_000_000
#: fewer large weights than this say nothing of their tail; they are a fifth of few draws
LEAST_TAIL = 5
#: log weights this near each other have no tail that could matter, whatever its shape; far limits have terms of 1e-12
_NEARLY_EQUAL = 1e-3


class Smoothed(NamedTuple):
    """For each row (N,): ln p(y_i | y_-i), the Pareto k of its weights, and ln of the mean of p(y_i | θ)."""

    elpd: np.ndarray
    k: np.ndarray
    lpd: np.ndarray


def good_k(n_draws: int) -> float:
    """Return the Pareto k up to which a term can be trusted, min(1 - 1 / log10 S, 0.7).

    Examples
    --------
    >>> good_k(100), good_k(4000)
    (0.5, 0.7)
    """
    return float(min(1 - 1 / np.log10(n_draws), 0.7)) if n_draws > 1 else 0.7


def psis(terms: np.ndarray, efficiency: float = 1.0) -> Smoothed:
    """Return leave-one-out terms by importance sampling with weights 1 / p(y_i | θ), Pareto-smoothed.

    Parameters
    ----------
    terms : ndarray (draws, N)
        ln p(y_i | θ).
    efficiency : float
        Effective draws per draw.

    Raises
    ------
    SamplingError
        For fewer than 25 draws.

    Notes
    -----
    The numbers are those of ArviZ, to rounding; all rows of a block are worked out together.  A row whose largest
    log weights lie within 0.001 (an uninformative limit, whose term never or hardly changes) cannot be misjudged by
    more than that: its k is 0.  A row that some draw rules out, p(y_i | θ) = 0, has k = inf.

    References
    ----------
    Vehtari, Simpson, Gelman, Yao & Gabry (2024), JMLR 25, 72; Zhang & Stephens (2009), Technometrics 51, 316.

    Examples
    --------
    >>> found = psis(-0.1 * np.random.default_rng(1).normal(size=(1000, 2)) ** 2)
    >>> bool((found.k < 0.7).all())
    True
    """
    n_draws, n_rows = terms.shape
    size = _tail_size(n_draws, efficiency)
    if size < LEAST_TAIL:
        raise SamplingError(
            f"leave-one-out needs {5 * LEAST_TAIL} draws or more, this posterior has {n_draws}; sample longer "
            "(target_ess, steps or n_ensembles of sampling.Ensemble)"
        )
    step = max(1, _CHUNK // ((30 + int(size**0.5)) * size))
    parts = [_block(terms[:, i : i + step], size) for i in range(0, n_rows, step)]
    return Smoothed(*map(np.concatenate, zip(*parts, strict=True)))


def _tail_size(n_draws: int, efficiency: float) -> int:
    size = 3 * (n_draws / efficiency) ** 0.5 if n_draws * efficiency > 225 else n_draws / 5
    return int(min(size, n_draws - 1))


def _block(terms, size):
    # a row's draws side by side in memory
    terms = np.ascontiguousarray(terms.T)
    n_draws = terms.shape[1]
    with np.errstate(all="ignore"):
        impossible = ~np.isfinite(terms).all(axis=1)
        lpd = _log_sum(terms) - np.log(n_draws)
        terms[impossible] = 0.0
        least = terms.min(axis=1, keepdims=True)
        weights = least - terms
        first = n_draws - size - 1
        order = np.argpartition(weights, [first, first + 1], axis=1)[:, first:]
        tail = np.take_along_axis(weights, order, axis=1)
        order, cutoff, tail = order[:, 1:], tail[:, 0], np.sort(tail[:, 1:], axis=1)
        k, smooth = _smooth(tail, cutoff)
        smooth = np.where(np.isfinite(smooth), smooth, tail)
        # Σ w p / Σ w: where a weight is not smoothed, w p is the same for all draws
        others = np.full((len(terms), 1), np.log(n_draws - size))
        products = _log_sum(np.concatenate([smooth - tail, others], axis=1))
        # no weight is above 1, so that plain sums will do
        np.put_along_axis(weights, order, smooth, axis=1)
        elpd = least[:, 0] + products - np.log(np.exp(weights, out=weights).sum(axis=1))
    flat = np.abs(tail[:, -1] - tail[:, 0]) < _NEARLY_EQUAL
    k = np.where(flat, 0.0, k)
    return np.where(impossible, lpd, elpd), np.where(impossible, np.inf, k), lpd


def _log_sum(terms):
    """Return ln Σ exp over the last axis; minus infinity where all are."""
    top = terms.max(axis=1, keepdims=True)
    level = np.where(np.isfinite(top), top, 0.0)
    summands = terms - level
    return np.log(np.exp(summands, out=summands).sum(axis=1)) + level[:, 0]


def _smooth(tail, cutoff):
    """Return k (N,) and the quantiles (N, T) of the generalised Pareto distribution fitted to sorted log weights."""
    size = tail.shape[1]
    edge = np.exp(cutoff)[:, None]
    excess = np.exp(tail) - edge
    k, sigma = fit_pareto(excess)
    p = (np.arange(size) + 0.5) / size
    shape, scale = k[:, None], sigma[:, None]
    grown = np.where(shape == 0, -np.log1p(-p), np.expm1(-shape * np.log1p(-p)) / shape)
    usable = np.isfinite(shape) & (scale > 0)
    return k, np.where(usable, np.minimum(np.log(edge + scale * grown), tail[:, -1:]), np.nan)
