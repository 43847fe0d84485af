"""Whether probabilities come true: predicted probability against observed frequency."""

import numpy as np
from matplotlib.axes import Axes
from scipy.special import betaincinv

from bayesfit.errors import ModelError
from bayesfit.metrics.outcomes import Outcomes, position_of
from bayesfit.plots.canvas import axes_of, remark
from bayesfit.plots.elements import write
from bayesfit.plots.style import BLUE, GREY, INK, STRONG, style
from bayesfit.seeds import generator

__all__ = ["calibration"]

_TAILS = np.array([0.05, 0.95])


def calibration(posterior, data, *, positive=None, bins=10, prevalence=None, ax=None, seed=0) -> Axes:
    """Plot the frequency of a class against its predicted probability, in groups of equally many rows.

    The bands are where the frequencies would lie, with probability 0.9, if the posterior were right: labels are
    simulated for every draw of the parameters.  Points outside them are probabilities that don't come true.  Bars
    are 90 % intervals: upright of the frequency given the counts, Beta(k + 1/2, n - k + 1/2), across of the group's
    mean probability given the posterior.

    Parameters
    ----------
    posterior : Posterior
        Of a model with classes.
    data : Data
        Rows with known class, best not those that were fitted; those without a label play no part.
    positive : optional
        The class, by default the last of two.
    bins : int
        The number of groups; fewer where many rows are equally probable.
    prevalence : mapping of class to share, optional
        The classes' shares among the rows, if not those of the rows that were fitted.
    ax : Axes, optional
    seed : int

    Returns
    -------
    Axes

    Raises
    ------
    ModelError
        If the model has no classes, or no such class.
    DataError
        If labels are missing or foreign.

    References
    ----------
    Bröcker & Smith (2007), Weather and Forecasting 22, 651.
    """
    if isinstance(bins, bool) or not isinstance(bins, int | np.integer) or bins < 1:
        raise ModelError(f"bins={bins!r} should be a whole number, 1 or more")
    outcomes = Outcomes.of(posterior, data, prevalence)
    code = position_of(positive, outcomes.classes)
    probability = sum(found[..., code].sum(axis=0) for _, found in outcomes.pieces()) / np.prod(outcomes.shape)
    group = _groups(probability, bins)
    mean, expected = _simulate(outcomes, code, group, generator(seed))
    sizes, hits = np.bincount(group), np.bincount(group, weights=outcomes.codes == code)
    with style():
        ax = axes_of(ax, (4.2, 4.0))
        ax.plot([0, 1], [0, 1], color=GREY, linewidth=0.8, linestyle=(0, (4, 3)))
        _draw_expected(ax, mean.mean(axis=0), *np.quantile(expected, _TAILS, axis=0))
        _draw_observed(ax, mean, hits, sizes)
        name = write(outcomes.classes[code])
        ax.set(xlabel=f"predicted probability of {name}", ylabel=f"observed frequency of {name}")
        ax.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
        ax.legend(loc="upper left")
        each = f"{sizes.min()}" if sizes.min() == sizes.max() else f"{sizes.min()} to {sizes.max()}"
        remark(ax, f"{each} rows in a group")
    return ax


def _draw_expected(ax, middle, low, high):
    label = "if the posterior is right, 90 %"
    if len(middle) > 1:
        ax.fill_between(middle, low, high, color=BLUE, alpha=STRONG / 1.5, linewidth=0, label=label)
    else:
        ax.vlines(middle, low, high, color=BLUE, alpha=STRONG / 1.5, linewidth=9, label=label)


def _draw_observed(ax, mean, hits, sizes):
    middle, share = mean.mean(axis=0), hits / sizes
    ax.errorbar(
        middle,
        share,
        xerr=_around(middle, np.quantile(mean, _TAILS, axis=0)),
        yerr=_around(share, betaincinv(hits + 0.5, sizes - hits + 0.5, _TAILS[:, None])),
        color=INK,
        elinewidth=0.8,
        linestyle="none",
        marker="o",
        markersize=4.2,
        markeredgecolor="white",
        markeredgewidth=0.4,
        label="observed",
    )


def _groups(probability, bins):
    """Return the number (N,) of each row's group: equally many rows by rank, equal probabilities together."""
    edges = np.quantile(probability, np.linspace(0, 1, bins + 1)[1:-1])
    return np.unique(np.searchsorted(edges, probability), return_inverse=True)[1]


def _simulate(outcomes, code, group, rng):
    """Return each group's mean probability (draws, groups), and a simulated frequency."""
    member = np.eye(group.max() + 1)[group]
    member /= member.sum(axis=0)
    means, frequencies = [], []
    for _, found in outcomes.pieces():
        probability = found[..., code]
        means.append(probability @ member)
        frequencies.append((rng.uniform(size=probability.shape) < probability) @ member)
    return np.concatenate(means), np.concatenate(frequencies)


def _around(middle, ends):
    """Return distances (minus, plus) for matplotlib; a point outside its interval has no bar on that side."""
    return np.maximum([middle - ends[0], ends[1] - middle], 0.0)
