"""What the model leaves unexplained, in units of what it expects to leave."""

import numpy as np
from matplotlib.axes import Axes

from bayesfit.data.tables import closest
from bayesfit.errors import ModelError
from bayesfit.plots.canvas import axes_of, remark
from bayesfit.plots.elements import write
from bayesfit.plots.measured import require_numbers
from bayesfit.plots.style import INK, ORANGE, PALE, style

__all__ = ["residuals"]

#: rows that are named, beyond this many standard deviations
FAR = 3.0
MOST_NAMED = 8


def residuals(posterior, *, ax=None, feature=None, seed=0) -> Axes:
    """Plot standardized residuals against the fitted label, or against one feature.

    r_i = (y_i - E[y_i]) / sd[y_i], with mean and standard deviation of the posterior predictive
    distribution of row i: parameter uncertainty, scatter and measurement errors.  Rows beyond three are
    named by their number. Limits have no residual; an arrow says which way it may lie.

    Parameters
    ----------
    posterior : Posterior
    ax : Axes, optional
    feature : str, optional
        The feature along the axis instead of the fitted label.
    seed : int
        For predictive draws.

    Returns
    -------
    Axes

    Raises
    ------
    ModelError
        For class labels or an unknown feature.
    """
    require_numbers(posterior, "residuals")
    data = posterior.target.data
    if feature is not None and feature not in data.names:
        raise ModelError(f"feature: no feature {feature!r}; {closest(feature, data.names)}")
    numbers = np.flatnonzero(data.labelled)
    rows = data if data.labelled.all() else data[data.labelled]
    middle = posterior.predict(rows).mean
    r = (rows.y - middle) / posterior.predict(rows, kind="observed", seed=seed).sd
    position = middle if feature is None else rows.x[:, rows.names.index(feature)]
    limits = np.zeros(len(rows), dtype=int) if rows.limits is None else rows.limits
    with style():
        ax = axes_of(ax)
        for level, opacity in ((2, 0.35), (1, 0.6)):
            ax.axhspan(-level, level, color=PALE, alpha=opacity, linewidth=0)
        ax.axhline(0, color=INK, linewidth=0.7)
        _points(ax, position, r, limits, np.abs(r) > FAR)
        _name_far(ax, position, r, numbers)
        ax.set(xlabel=_axis(data, feature), ylabel="standardized residual")
        bound = 1.12 * max(3.2, np.abs(r).max())
        ax.set_ylim(-bound, bound)
        measured = limits == 0
        share = np.mean(np.abs(r[measured]) < 1) if measured.any() else np.nan
        remark(ax, f"{100 * share:.0f} % within ±1 (68 % expected of a Gaussian)")
    return ax


def _points(ax, position, r, limits, far):
    for flag, marker in ((0, "o"), (1, "v"), (-1, "^"), (2, "s")):
        for chosen, colour in ((far, ORANGE), (~far, INK)):
            rows = chosen & (limits == flag)
            if rows.any():
                ax.plot(
                    position[rows],
                    r[rows],
                    marker,
                    color=colour,
                    markersize=3.8,
                    alpha=0.85,
                    rasterized=bool(len(r) > 5000),
                )


def _name_far(ax, position, r, numbers):
    order = np.argsort(-np.abs(r))[:MOST_NAMED]
    for i in order[np.abs(r[order]) > FAR]:
        if np.isfinite(position[i]):
            ax.annotate(
                f"row {numbers[i]}",
                (position[i], r[i]),
                (4, 3),
                textcoords="offset points",
                fontsize=8,
                color=ORANGE,
            )


def _axis(data, feature):
    name = data.label if feature is None else feature
    unit = data.units.get(name)
    text = f"{write(name)} fitted" if feature is None else write(name)
    return f"{text} ({unit})" if unit else text
