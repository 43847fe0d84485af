"""Signs that a pipeline has changed the scale of features whose errors it has not changed."""

import numpy as np

from bayesfit.errors import DataError

__all__ = ["refuse_scaled"]

#: rows from which on features that look scaled are hardly so by chance
_FEWEST_ROWS = 5
#: how far the typical error variance may exceed the variance of the values, which contains it
_LARGEST_SHARE = 3.0
_ADVICE = (
    "while X_err reaches the estimator unchanged. Leave the scaling out (default priors scale with the data anyway); "
    "if the errors were scaled too, say so by X_err=bayesfit.estimators.errors_of(X, X_err)"
)


def refuse_scaled(X: np.ndarray, noisy: np.ndarray, errors: np.ndarray) -> None:
    """Refuse features (N, p) that have come out of a scaler or a rotation.

    Parameters
    ----------
    X : ndarray (N, p)
    noisy : ndarray (p,) of bool
        The features with errors.
    errors : ndarray (N, p)
        Their standard deviations.

    Raises
    ------
    DataError
        Naming the feature and what it looks like.
    """
    if len(X) < _FEWEST_ROWS:
        return
    for j in np.flatnonzero(noisy):
        column = X[:, j][~np.isnan(X[:, j])]
        if len(np.unique(column)) > 2 and (look := _look(column)):
            raise DataError(f"X_err: feature {j} of X {look}, as after a scaler, {_ADVICE}")
    if _rotated(X[:, noisy]):
        raise DataError(f"X_err: the features of X have mean 0 and no correlation, as after a PCA, {_ADVICE}")
    _refuse_implausible(X, noisy, errors)


def _look(column):
    """Return what a column looks like that a scaler has made; "" for any other."""
    size = np.abs(column).max()
    mean, sd = column.mean(), column.std()
    if abs(mean) < 1e-6 * size and abs(sd - 1) < 1e-6:
        return "has mean 0 and standard deviation 1"
    if column.min() == 0 and abs(column.max() - 1) < 1e-6 and not _is_grid(column):
        return "goes from 0 to 1 exactly"
    low, middle, high = np.quantile(column, [0.25, 0.5, 0.75])
    if abs(middle) < 1e-9 * size and abs(high - low - 1) < 1e-6 and not _is_grid(column):
        return "has median 0 and an interquartile range of 1"
    return ""


def _is_grid(column):
    """Evenly spaced values were chosen, not measured and scaled."""
    steps = np.diff(np.unique(column))
    return bool(np.ptp(steps) < 1e-6 * steps.max())


def _rotated(X):
    X = X[~np.isnan(X).any(axis=1)]
    if X.shape[1] < 2 or len(X) < _FEWEST_ROWS or not (X.std(axis=0) > 0).all():
        return False
    centred = np.abs(X.mean(axis=0)) < 1e-6 * np.abs(X).max(axis=0)
    correlation = np.corrcoef(X.T) - np.eye(X.shape[1])
    return bool(centred.all() and np.abs(correlation).max() < 1e-6)


def _refuse_implausible(X, noisy, errors):
    """Values scatter by their errors at least: smaller scatter means errors in another unit."""
    for j in np.flatnonzero(noisy):
        present = ~np.isnan(X[:, j])
        variance, typical = float(np.var(X[present, j])), float(np.median(errors[present, j]) ** 2)
        if present.sum() >= 20 and variance > 0 and typical > _LARGEST_SHARE * variance:
            raise DataError(
                f"X_err: the typical error of feature {j} of X is {np.sqrt(typical):.3g}, but its values scatter by "
                f"{np.sqrt(variance):.3g} only, less than their errors alone would make them: are the errors in "
                "another unit, or has a step of a pipeline scaled X and not X_err? If they are right, say so by "
                "X_err=bayesfit.estimators.errors_of(X, X_err)"
            )
