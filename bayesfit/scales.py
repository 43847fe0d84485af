"""Where the data lie and how far they spread: the yardsticks of default priors and of numerical centring."""

import numpy as np

from bayesfit.errors import DataError, rows_text

__all__ = ["feature_centres", "feature_spreads", "label_centre", "label_spread"]

#: features beyond this overflow when they are squared and summed
_LARGEST = 1e140


def feature_centres(data) -> np.ndarray:
    """Return the mean of each feature (p,) over the rows that have it; 0 where none has."""
    present = ~data.missing
    total = np.where(present, data.x, 0.0)
    anchor = total.sum(axis=0) / np.maximum(present.sum(axis=0), 1)
    # a second pass removes the rounding of the first for x far from zero
    return anchor + np.where(present, data.x - anchor, 0.0).sum(axis=0) / np.maximum(present.sum(axis=0), 1)


def feature_spreads(data) -> np.ndarray:
    """Return the standard deviation (p,) of each feature without its measurement noise.

    The square root of max(var x̂ - mean S, 0.1 var x̂), S being the error variances; a feature that does
    not vary has its own size as spread, or 1.

    Raises
    ------
    DataError
        Where a feature is too large to be squared.
    """
    present = ~data.missing
    huge = np.flatnonzero((present & (np.abs(data.x) > _LARGEST)).any(axis=1))
    if huge.size:
        value = np.nanmax(np.abs(data.x[huge[0]]))
        raise DataError(f"x {rows_text(huge)}: {value:g} is too large to be squared; choose another unit")
    count = np.maximum(present.sum(axis=0), 1)
    centres = feature_centres(data)
    variance = (np.where(present, data.x - centres, 0.0) ** 2).sum(axis=0) / count
    noise = np.zeros_like(variance)
    if data.x_err is not None:
        square = data.x_err**2 if data.x_err.ndim == 2 else np.diagonal(data.x_err, axis1=1, axis2=2)
        noise = np.where(present, square, 0.0).sum(axis=0) / count
    spread = np.sqrt(np.maximum(variance - noise, 0.1 * variance))
    # the mean of equal numbers is rounded, and seems to leave a spread
    low = np.min(data.x, axis=0, where=present, initial=np.inf)
    varies = low < np.max(data.x, axis=0, where=present, initial=-np.inf)
    return np.where((spread > 0) & varies, spread, np.where(centres != 0, np.abs(centres), 1.0))


def label_centre(data) -> float:
    """Return the mean label of the labelled rows."""
    return float(np.mean(data.y[data.labelled])) if data.labelled.any() else 0.0


def label_spread(data) -> float:
    """Return the standard deviation of the labels, or, where they do not vary, their typical error or size."""
    labels = data.y[data.labelled] if data.labelled.any() else np.zeros(0)
    spread = float(np.std(labels)) if labels.size else 0.0
    # the mean of equal numbers is rounded, and seems to leave a spread
    if spread > 0 and labels.min() < labels.max():
        return spread
    if data.y_err is not None and labels.size:
        return float(np.mean(data.y_err[data.labelled]))
    return float(np.max(np.abs(labels), initial=0.0)) or 1.0
