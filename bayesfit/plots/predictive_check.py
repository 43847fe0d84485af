"""Whether data simulated from the posterior look like the data."""

import numpy as np
from matplotlib.axes import Axes

from bayesfit.errors import ModelError
from bayesfit.loo import loo_pit
from bayesfit.plots.canvas import axes_of, remark
from bayesfit.plots.elements import write
from bayesfit.plots.measured import require_numbers
from bayesfit.plots.style import BLUE, GREY, INK, STRONG, style

__all__ = ["predictive_check"]

_REPLICATES = 500
_POINTS = 400
#: the probability that all of a right model's curve lies in the band, and the curves simulated to find it
_BAND, _CURVES = 0.95, 1000
_LEAST_PIT = 3


def predictive_check(posterior, *, kind=None, ax=None) -> Axes:
    """Plot the distribution of the observed labels over those of replicated data sets, or of their LOO-PIT values.

    "ecdf" and "hist": the bands hold half and 90 % of the replicates at each point (not all points at once).  They
    need labels that were all measured: which of them would be limits in a replicate, nobody knows.

    "loo_pit": each label's place among what the other rows predict for it, PIT_i = P(ỹ_i ≤ y_i | x̂_i, y_-i), uniform
    where the model is right; drawn is the share of values at or below PIT, less PIT.  The band holds a right model's
    whole curve with probability 0.95.  A curve that rises above it at the left and falls below it at the right says
    that labels scatter more than predicted; the reverse, that they scatter less; one that is above (below) it
    throughout, that labels lie lower (higher) than predicted.  Counts, limits and intervals take part, at random
    between their ends.

    Parameters
    ----------
    posterior : Posterior
        With its posterior predictive draws, for "ecdf" and "hist".
    kind : "ecdf", "hist" or "loo_pit", optional
        Cumulative shares, counts in bins, or leave-one-out probability integral transform; by default "ecdf", and
        "loo_pit" where labels are limits or intervals.
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    ModelError
        For class labels or another kind; "ecdf" and "hist" also for limits, and for a posterior without predictive
        draws; "loo_pit" for labels with a covariance, and for fewer than three labels.

    References
    ----------
    Säilynoja, Bürkner & Vehtari (2022), Statistics and Computing 32, 32, for the band.
    """
    require_numbers(posterior, "predictive_check")
    data = posterior.target.data
    n_limits = 0 if data.limits is None else np.count_nonzero(data.limits[data.labelled])
    if kind == "loo_pit" or (kind is None and n_limits):
        return _pit_check(posterior, ax)
    kind = kind or "ecdf"
    if kind not in _KINDS:
        raise ModelError(f"kind={kind!r} should be 'ecdf', 'hist' or 'loo_pit'")
    if n_limits:
        raise ModelError(
            f"kind={kind!r} compares labels that were measured, but {n_limits} of these are limits or intervals, and "
            "replicates do not say which of theirs would be: use kind='loo_pit'"
        )
    if "posterior_predictive" not in posterior.tree.children:
        raise ModelError("the posterior predictive draws were too large to be stored; fit fewer rows for this plot")
    unit = data.units.get(data.label)
    with style():
        ax = axes_of(ax)
        _KINDS[kind](ax, *_labels(posterior))
        ax.set_xlabel(f"{write(data.label)} ({unit})" if unit else write(data.label))
        ax.legend(loc="upper left" if kind == "ecdf" else "best")
    return ax


def _pit_check(posterior, ax) -> Axes:
    from arviz_stats.ecdf_utils import ecdf_pit

    if posterior.target.n_rows < _LEAST_PIT:
        raise ModelError(f"kind='loo_pit' needs {_LEAST_PIT} labels or more, there are {posterior.target.n_rows}")
    pit = loo_pit(posterior.tree, posterior.target)
    points, share, low, high = ecdf_pit(pit.values, _BAND, _CURVES)
    with style():
        ax = axes_of(ax)
        label = f"{100 * _BAND:g} % if the model is right"
        ax.fill_between(points, low - points, high - points, color=BLUE, alpha=STRONG, linewidth=0, label=label)
        ax.axhline(0, color=GREY, linewidth=0.8)
        ax.step(points, share - points, where="post", color=INK, linewidth=1.4, label="observed")
        ax.set(xlabel="LOO-PIT of the label", ylabel="share at or below, less LOO-PIT", xlim=(0, 1))
        # room for the legend above the band
        top = np.abs([low - points, high - points, share - points]).max()
        ax.set_ylim(-1.15 * top, 1.75 * top)
        ax.legend(loc="upper right")
        remark(ax, _pit_remark(pit, posterior.target.n_rows, ((share >= low) & (share <= high)).all()))
    return ax


def _pit_remark(pit, n_rows, inside) -> str:
    parts = ["inside the band" if inside else "leaves the band"]
    if len(pit.rows) < n_rows:
        parts.append(f"{len(pit.rows)} of {n_rows} rows")
    if pit.bad.any():
        parts.append(f"Pareto k too large for {pit.bad.sum()}")
    return ", ".join(parts)


def _labels(posterior):
    """Return observed labels (N,) and replicates (R, N)."""
    draws = posterior.tree["posterior_predictive"]["y"].stack(sample=("chain", "draw")).transpose("sample", "row")
    chosen = np.unique(np.linspace(0, draws.sizes["sample"] - 1, _REPLICATES).astype(int))
    return posterior.tree["observed_data"]["y"].to_numpy(), draws.to_numpy()[chosen]


def _ecdf(ax, observed, replicates):
    low, high = np.quantile(replicates, [0.001, 0.999])
    grid = np.linspace(min(low, observed.min()), max(high, observed.max()), _POINTS)
    shares = np.array([np.searchsorted(np.sort(labels), grid, side="right") for labels in replicates])
    _bands(ax, grid, shares / replicates.shape[1])
    ax.ecdf(observed, color=INK, linewidth=1.4, label="observed")
    ax.set(ylabel="share of labels at or below", ylim=(0, 1.02), xlim=(grid[0], grid[-1]))


def _hist(ax, observed, replicates):
    edges = np.histogram_bin_edges(observed, bins="auto" if np.ptp(observed) else 1)
    if np.all(observed == np.round(observed)) and np.ptp(observed) < 40:
        edges = np.arange(observed.min() - 0.5, observed.max() + 1)
    step = edges[1] - edges[0]
    low, high = np.quantile(replicates, [0.005, 0.995])
    before = int(np.clip(np.ceil((edges[0] - low) / step), 0, 30))
    after = int(np.clip(np.ceil((high - edges[-1]) / step), 0, 30))
    edges = edges[0] + step * np.arange(-before, len(edges) + after)
    counts = np.array([np.histogram(labels, edges)[0] for labels in replicates])
    _bands(ax, edges, np.concatenate([counts, counts[:, -1:]], axis=1), step="post")
    ax.stairs(np.histogram(observed, edges)[0], edges, color=INK, linewidth=1.4, label="observed")
    ax.set(ylabel="labels in the bin", ylim=(0, None))


def _bands(ax, grid, curves, step=None):
    for prob, opacity in ((0.9, STRONG / 2), (0.5, STRONG)):
        low, high = np.quantile(curves, [(1 - prob) / 2, (1 + prob) / 2], axis=0)
        label = f"{100 * prob:g} % of replicates"
        ax.fill_between(grid, low, high, step=step, color=BLUE, alpha=opacity, linewidth=0, label=label)


_KINDS = {"ecdf": _ecdf, "hist": _hist}
