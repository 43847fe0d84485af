"""The fitted relation over the data."""

import numpy as np
from matplotlib.axes import Axes

from bayesfit.data import Data
from bayesfit.data.tables import closest
from bayesfit.errors import ModelError
from bayesfit.plots.canvas import axes_of, remark
from bayesfit.plots.elements import write
from bayesfit.plots.measured import draw_labels, feature_errors, require_numbers, typical_columns
from bayesfit.plots.resolution import MOST_POINTS, refine, start
from bayesfit.plots.style import BLUE, GREY, STRONG, style
from bayesfit.prediction import predict

__all__ = ["predictive"]

#: simulations of new labels, averaged
_SIMULATIONS = 6
#: curves that tell how many points the others need, and numbers in all curves at all points
_PILOTS, _MOST_NUMBERS = 8, 10_000_000


def predictive(posterior, *, x=None, prob=0.9, ax=None, feature=None, observed=False, seed=0) -> Axes:
    """Plot the data and the posterior of the mean label over one feature.

    The line is the posterior mean of the expected label, the bands hold it with probability ``prob`` and
    one half. Outside the range that was fitted, where ``x`` reaches there, the line is dashed.  With
    several features and none chosen, the observed labels are plotted against the predicted ones.

    Parameters
    ----------
    posterior : Posterior
    x : array, optional
        Values of the feature; by default the range of the data, in steps so small that straight lines follow the curve.
    prob : float
        Probability of the outer band.
    ax : Axes, optional
    feature : str, optional
        The feature along the axis; the others, and further columns, stay at their medians.
    observed : bool
        Add the band of new labels as they would be measured, with the median error of the data.
    seed : int
        For the band of new labels.

    Returns
    -------
    Axes

    Raises
    ------
    ModelError
        For class labels, an unknown feature, or ``prob`` outside (0, 1).
    """
    _check(posterior, prob, feature)
    data = posterior.target.data
    if feature is None and data.n_features > 1:
        if x is not None or observed:
            raise ModelError(
                f"x and observed need one feature along the axis: give feature=, of {', '.join(data.names)}"
            )
        return _against_predicted(posterior, prob, ax)
    place = 0 if feature is None else data.names.index(feature)
    grid, resolved = _points(posterior, place) if x is None else (np.sort(np.ravel(x)), True)
    rows = _rows(data, place, grid)
    theta = _spread(posterior.to_array(), _MOST_NUMBERS // len(grid))
    mean = predict(posterior.target, theta[None], rows)
    with style():
        ax = axes_of(ax)
        if observed:
            edges = _new_labels(posterior.target, theta, rows, prob, seed)
            label = f"new labels, {100 * prob:g} %"
            ax.fill_between(grid, *edges.T, color=GREY, alpha=0.18, linewidth=0, label=label)
        _bands(ax, grid, mean, prob)
        pale = data.n_features > 1  # the points differ in the other features too
        draw_labels(ax, data.x[:, place], data, position_err=feature_errors(data, place), pale=pale)
        ax.set(xlabel=_axis(data, place, posterior), ylabel=_with_unit(data, data.label))
        ax.legend(loc="best")
        unresolved = "" if resolved else f"{MOST_POINTS} points do not resolve the curve"
        remark(ax, "; ".join(filter(None, [unresolved, _left_out(data, place)])))
    return ax


def _check(posterior, prob, feature):
    require_numbers(posterior, "predictive")
    if not 0 < prob < 1:
        raise ModelError(f"prob={prob!r} should lie between 0 and 1")
    names = posterior.target.data.names
    if feature is not None and feature not in names:
        raise ModelError(f"feature: no feature {feature!r}; {closest(feature, names)}")


def _points(posterior, place):
    """Return the points that some curves of the posterior need, and whether these are enough."""
    data, target = posterior.target.data, posterior.target
    pilots = _spread(posterior.to_array(), _PILOTS)

    def curves(points):
        with np.errstate(all="ignore"):
            return target.predict_mean(pilots, _rows(data, place, points))

    return refine(start(data.x[:, place]), curves)


def _spread(theta, size):
    """Return at most ``size`` of the draws (draws, D), evenly spaced."""
    return theta[np.linspace(0, len(theta) - 1, min(size, len(theta))).astype(int)]


def _rows(data, place, grid):
    """Return Data along one feature, everything else at its median."""
    features = np.tile(np.nanmedian(data.x, axis=0), (len(grid), 1))
    features[:, place] = grid
    columns = {name: np.full(len(grid), value) for name, value in typical_columns(data).items()}
    label = {}
    if data.y_err is not None or data.y_cov is not None:
        # errors need a label to belong to; its value is never looked at
        label = {"y": np.zeros(len(grid)), "y_err": _median_errors(data, len(grid)), "label": data.label}
    return Data(features, names=data.names, columns=columns, **label)


def _median_errors(data, size):
    errors = np.sqrt(np.diagonal(data.y_cov)) if data.y_err is None else data.y_err
    median = np.nanmedian(errors[data.labelled], axis=0)
    return np.broadcast_to(median, (size, *median.shape)).copy()


def _new_labels(target, theta, rows, prob, seed):
    """Return the interval (rows, 2) of new labels, averaged over simulations to smooth their noise."""
    seeds = np.random.SeedSequence(seed).generate_state(_SIMULATIONS)
    edges = [predict(target, theta[None], rows, kind="observed", seed=int(s)).interval(prob) for s in seeds]
    return np.mean(edges, axis=0)


def _bands(ax, grid, prediction, prob):
    draws = prediction.draws.stack(sample=("chain", "draw")).transpose("row", "sample").to_numpy()
    levels = [prob, 0.5] if prob > 0.5 else [prob]
    for level in levels:
        low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2], axis=1)
        opacity = STRONG if level == levels[-1] else STRONG / 2
        label = f"mean, {100 * level:g} %"
        ax.fill_between(grid, low, high, color=BLUE, alpha=opacity, linewidth=0, label=label)
    inside = ~prediction.extrapolated
    # the dashed part joins the solid one: it includes the last point on either side
    edge = inside & (np.roll(prediction.extrapolated, 1) | np.roll(prediction.extrapolated, -1))
    ax.plot(grid, np.where(inside, prediction.mean, np.nan), color=BLUE, label="posterior mean")
    if not inside.all():
        outside = np.where(~inside | edge, prediction.mean, np.nan)
        ax.plot(grid, outside, color=BLUE, linestyle=(0, (4, 3)), label="extrapolated")


def _against_predicted(posterior, prob, ax):
    data = posterior.target.data
    rows = data if data.labelled.all() else data[data.labelled]
    prediction = posterior.predict(rows)
    middle = prediction.mean
    spread = np.abs(prediction.interval(prob).T - middle)
    with style():
        ax = axes_of(ax, (4.4, 4.2))
        draw_labels(ax, middle, rows, position_err=spread)
        both = np.concatenate([middle, rows.y])
        ends = [both.min(), both.max()]
        ax.plot(ends, ends, color=BLUE, label="equal", zorder=1)
        unit = data.units.get(data.label)
        ax.set(
            xlabel=f"{write(data.label)} predicted, {100 * prob:g} % interval{f' ({unit})' if unit else ''}",
            ylabel=f"{write(data.label)} observed{f' ({unit})' if unit else ''}",
        )
        ax.legend(loc="upper left")
    return ax


def _with_unit(data, name):
    unit = data.units.get(name)
    return f"{write(name)} ({unit})" if unit else write(name)


def _axis(data, place, posterior):
    """Return the label of the feature's axis, which says what the others are held at."""
    text = _with_unit(data, data.names[place])
    medians = np.nanmedian(data.x, axis=0)
    held = {name: medians[i] for i, name in enumerate(data.names) if i != place}
    likelihood = getattr(posterior.target, "likelihood", None)
    used = [] if likelihood is None else [value for value in likelihood.fields().values() if isinstance(value, str)]
    held |= {name: value for name, value in typical_columns(data).items() if name in used}
    if not held:
        return text
    shown = [f"{write(name)} = {value:.3g}" for name, value in list(held.items())[:3]]
    more = f" and {len(held) - 3} more" if len(held) > 3 else ""
    return f"{text}\nat the medians {', '.join(shown)}{more}".replace("= -", "= −")


def _left_out(data, place):
    unlabelled = int((~data.labelled).sum())
    gaps = int((data.labelled & np.isnan(data.x[:, place])).sum())
    parts = [f"{gaps} rows without {write(data.names[place])}"] if gaps else []
    parts += [f"{unlabelled} rows without {write(data.label)}"] if unlabelled else []
    return f"not shown: {', '.join(parts)}" if parts else ""
