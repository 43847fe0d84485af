"""What the model leaves unexplained, on the scale of what it expects to leave."""

import numpy as np
from matplotlib.axes import Axes

from bayesfit.data.tables import closest
from bayesfit.errors import ModelError
from bayesfit.pieces import mean_in_pieces
from bayesfit.plots.canvas import axes_of, remark
from bayesfit.plots.elements import write
from bayesfit.plots.measured import require_numbers
from bayesfit.plots.style import INK, ORANGE, PALE, style
from bayesfit.quantile_residuals import quantile_residuals

__all__ = ["residuals"]

#: rows that are named, beyond this many standard deviations
FAR = 3.0
MOST_NAMED = 8


def residuals(posterior, *, ax=None, feature=None, seed=0) -> Axes:
    """Plot quantile residuals against the fitted label, or against one feature.

    r_i = Φ⁻¹(P(ỹ_i ≤ y_i | x̂_i, y)), with the label ỹ_i that the posterior predicts for row i: parameter
    uncertainty, scatter and measurement errors.  Where that law is normal, r_i is (y_i - E[ỹ_i]) / sd[ỹ_i]; whatever
    the law, r_i is about standard normal for a right model.  Beyond all but 20 of 4000 or more predicted labels it goes
    on as for a normal law.  Counts take a value at random between P(ỹ_i < y_i) and P(ỹ_i ≤ y_i).

    Rows beyond three are named by their number.  A limit is drawn where it lies itself, as an arrow that points to
    where the label may lie, an interval as a square at its middle; they are far off only where all that they allow is.

    Parameters
    ----------
    posterior : Posterior
    ax : Axes, optional
    feature : str, optional
        The feature along the axis instead of the fitted label.
    seed : int
        For the predicted labels.

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
    theta = posterior.to_array()
    middle = mean_in_pieces(lambda t: posterior.target.predict_mean(t, rows), theta, len(rows))
    judged = np.stack([rows.y, rows.y_low, rows.y_high])
    r, low, high = quantile_residuals(posterior.target, theta, rows, judged, seed=seed)
    position = middle if feature is None else rows.x[:, rows.names.index(feature)]
    limits = np.zeros(len(rows), dtype=int) if rows.limits is None else rows.limits
    far = (low > FAR) | (high < -FAR)
    with style():
        ax = axes_of(ax)
        for level, opacity in ((2, 0.35), (1, 0.6)):
            ax.axhspan(-level, level, color=PALE, alpha=opacity, linewidth=0)
        ax.axhline(0, color=INK, linewidth=0.7)
        _points(ax, position, r, limits, far)
        _name_far(ax, position, np.where(far, r, 0.0), numbers)
        ax.set(xlabel=_axis(data, feature), ylabel="quantile residual (sd of a normal law)")
        bound = 1.12 * max(3.2, np.abs(r).max())
        ax.set_ylim(-bound, bound)
        remark(ax, _within(r[limits == 0], np.count_nonzero(limits)))
    return ax


def _within(r, n_limits):
    if not r.size:
        return ""
    share = f"{100 * np.mean(np.abs(r) < 1):.0f} %"
    # of labels that were measured since they lay beyond a limit, nobody knows what to expect
    return f"{share} of the measured labels within ±1" if n_limits else f"{share} within ±1 (68 % expected)"


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
