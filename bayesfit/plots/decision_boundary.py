"""Where in two features which class is more probable, and how sure that is."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from bayesfit.data import Data
from bayesfit.data.tables import closest
from bayesfit.errors import ModelError
from bayesfit.plots.canvas import axes_of, remark
from bayesfit.plots.elements import write
from bayesfit.plots.measured import feature_errors, typical_columns
from bayesfit.plots.style import CYCLE, GREY, INK, style
from bayesfit.prediction import log_prevalence

__all__ = ["decision_boundary"]

#: points along each axis, and parameter vectors that stand for the posterior
_SIDE, _VECTORS = 90, 300
#: how pale the map is, so that the data stand out
_TINT = 0.45


def decision_boundary(posterior, *, features=None, prevalence=None, ax=None) -> Axes:
    """Plot the probability of the classes over two features, under the rows that were fitted.

    The colour is that of the most probable class, the paler the less its posterior mean probability exceeds that of
    guessing.  The line is where two classes are equally probable; between the dashed lines no class is the more
    probable one in more than 95 % of the posterior: of two classes, the boundary lies there with probability 0.9.

    Parameters
    ----------
    posterior : Posterior
        Of a model with classes and two features, or more.
    features : pair of str, optional
        The features along the axes; with more than two they have to be named, and the others, and further columns,
        stay at their medians.
    prevalence : mapping of class to share, optional
        The classes' shares where the classifier will be used, if not those of the rows that were fitted.
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    ModelError
        If the model has no classes, or the features are not two of its own.

    Notes
    -----
    The map is of exactly measured features.  The probability of a row with errors is an average over the map.
    """
    target = posterior.target
    if not posterior.classes:
        raise ModelError(f"{target.model!r} has no classes")
    data = target.data
    places = _places(data, features)
    x, y = (_range(data, place) for place in places)
    probability, agreement = _maps(posterior, _grid(data, places, x, y), prevalence)
    colours = [CYCLE[code % len(CYCLE)] for code in range(len(posterior.classes))]
    with style():
        ax = axes_of(ax, (5.0, 4.2))
        extent = (x[0], x[-1], y[0], y[-1])
        ax.imshow(
            _tints(probability, colours),
            extent=extent,
            origin="lower",
            aspect="auto",
            interpolation="bilinear",
            zorder=0,
        )
        _boundaries(ax, x, y, probability)
        if agreement.min() < 0.95:
            ax.contour(x, y, agreement, [0.95], colors=INK, linewidths=0.7, linestyles=[(0, (4, 3))], zorder=2)
        _rows(ax, data, places, posterior.classes, colours)
        ax.set(xlabel=_label(data, places[0]), ylabel=_label(data, places[1]), xlim=extent[:2], ylim=extent[2:])
        ax.legend(loc="best", frameon=True, framealpha=0.8, edgecolor="none", facecolor="white")
        remark(ax, _remark(data, places))
    return ax


def _places(data, features):
    if features is None:
        if data.n_features != 2:
            raise ModelError(f"features: name two of the {data.n_features} features {', '.join(data.names)}")
        return 0, 1
    asked = [features] if isinstance(features, str) else list(features)
    unknown = [name for name in asked if name not in data.names]
    if unknown:
        raise ModelError(f"features: no feature {unknown[0]!r}; {closest(unknown[0], data.names)}")
    if len(asked) != 2 or asked[0] == asked[1]:
        raise ModelError(f"features={features!r} should be two different features")
    return data.names.index(asked[0]), data.names.index(asked[1])


def _range(data, place):
    """Return points along a feature, a little beyond the data."""
    low, high = np.nanmin(data.x[:, place]), np.nanmax(data.x[:, place])
    margin = 0.06 * (high - low) or 1.0
    return np.linspace(low - margin, high + margin, _SIDE)


def _grid(data, places, x, y):
    """Return Data on a grid of two features, everything else at its median."""
    points = np.tile(np.nanmedian(data.x, axis=0), (x.size * y.size, 1))
    points[:, places[0]], points[:, places[1]] = (axis.ravel() for axis in np.meshgrid(x, y))
    columns = {name: np.full(len(points), value) for name, value in typical_columns(data).items()}
    return Data(points, names=data.names, columns=columns)


def _maps(posterior, grid, prevalence):
    """Return the posterior mean probability (side, side, K), and how large a share of draws agrees on a class."""
    log_odds = None if prevalence is None else log_prevalence(prevalence, posterior.classes)
    theta = posterior.to_array()
    theta = theta[np.linspace(0, len(theta) - 1, min(_VECTORS, len(theta))).astype(int)]
    total = votes = np.zeros((len(grid), len(posterior.classes)))
    for vectors in np.array_split(theta, -(-len(theta) // 20)):
        with np.errstate(all="ignore"):
            found = posterior.target.class_probabilities(vectors, grid, log_odds)
        total = total + found.sum(axis=0)
        votes = votes + (found == found.max(axis=-1, keepdims=True)).sum(axis=0)
    shape = (_SIDE, _SIDE, -1)
    return (total / len(theta)).reshape(shape), (votes / len(theta)).reshape(shape).max(axis=-1)


def _tints(probability, colours):
    """Return the colours (side, side, 3): white where the most probable class is no more probable than guessing."""
    n_classes = probability.shape[-1]
    strength = _TINT * (probability.max(axis=-1) - 1 / n_classes) / (1 - 1 / n_classes)
    own = np.array([to_rgb(colour) for colour in colours])[probability.argmax(axis=-1)]
    return 1 - strength[..., None] * (1 - own)


def _boundaries(ax, x, y, probability):
    """Draw where a class is as probable as the most probable of the others."""
    n_classes = probability.shape[-1]
    for code in range(n_classes if n_classes > 2 else 1):
        lead = probability[..., code] - np.delete(probability, code, axis=-1).max(axis=-1)
        if lead.min() < 0 < lead.max():
            ax.contour(x, y, lead, [0.0], colors=INK, linewidths=1.2, zorder=2)


def _rows(ax, data, places, classes, colours):
    """Draw the rows in the colours of their classes, with the errors of their features."""
    position = {label: code for code, label in enumerate(classes)}
    known = [None] * data.size if data.labels is None else data.labels.tolist()
    codes = np.array([position.get(label, -1) for label in known])
    errors = [feature_errors(data, place) for place in places]
    here = ~data.missing[:, places].any(axis=1)
    many = here.sum() > 400
    for code in (-1, *range(len(classes))):
        rows = here & (codes == code)
        if rows.any():
            colour = GREY if code < 0 else colours[code]
            ax.errorbar(
                data.x[rows, places[0]],
                data.x[rows, places[1]],
                xerr=None if errors[0] is None else errors[0][rows],
                yerr=None if errors[1] is None else errors[1][rows],
                linestyle="none",
                marker="osD^v<>"[code % 7] if code >= 0 else ".",
                markersize=2.6 if many else 4.4,
                color=colour,
                markeredgecolor="white",
                markeredgewidth=0.0 if many else 0.5,
                elinewidth=0.7,
                alpha=0.5 if many else 1.0,
                label=write(classes[code]) if code >= 0 else "without a class",
                zorder=3,
            )


def _label(data, place):
    name, unit = data.names[place], data.units.get(data.names[place])
    return f"{write(name)} ({unit})" if unit else write(name)


def _remark(data, places):
    gaps = int(data.missing[:, places].any(axis=1).sum())
    parts = [f"not shown: {gaps} {'row' if gaps == 1 else 'rows'} with gaps"] if gaps else []
    medians = np.nanmedian(data.x, axis=0)
    held = [f"{write(name)} = {medians[i]:.3g}" for i, name in enumerate(data.names) if i not in places]
    if held:
        more = f" and {len(held) - 2} more" if len(held) > 2 else ""
        parts.append(f"at {', '.join(held[:2])}{more}".replace("= -", "= −"))
    return "; ".join(parts)
