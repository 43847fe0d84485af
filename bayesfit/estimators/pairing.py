"""Errors of features that a pipeline cannot tear away from the values they belong to."""

import numpy as np

from bayesfit.data.columns import as_numbers, unpack
from bayesfit.errors import DataError, rows_text
from bayesfit.estimators.inputs import check_inputs, readable

__all__ = ["errors_of", "unpaired"]


def errors_of(X, X_err) -> np.ndarray:
    """Return the errors of features together with the features they belong to, to be passed as ``X_err``.

    scikit-learn hands ``X_err`` to the last step of a pipeline as it is, whatever the steps before have made of
    ``X``.  Errors in this form are refused by name where the features have changed on the way; plain arrays only
    where the change shows in the features themselves.

    Parameters
    ----------
    X : array (N, p)
        The features as the errors speak of them, NaN where missing.
    X_err : number, (p,), (N, p) or (N, p, p)
        Standard deviations, one for all, for each feature or for each value, or a covariance for each row.

    Returns
    -------
    ndarray (N,)
        Structured, with the fields "value" (p,) and "error" (p,) or (p, p); rows are taken from it as from any array.

    Raises
    ------
    DataError
        If the shapes do not go together.

    Examples
    --------
    >>> errors = errors_of([[1.0, 2.0], [3.0, 4.0]], [0.1, 0.2])
    >>> errors["error"]
    array([[0.1, 0.2],
           [0.1, 0.2]])
    """
    check_inputs(X, X_err=X_err)
    values = as_numbers(np.asarray(readable(X)), "X")
    if values.ndim != 2:
        raise DataError(f"X has shape {values.shape}; give (N, p) features")
    errors = as_numbers(unpack(X_err, "X_err").values, "X_err")
    if errors.shape != (*values.shape, values.shape[1]):
        try:
            errors = np.broadcast_to(errors, values.shape)
        except ValueError:
            raise DataError(
                f"X_err has shape {errors.shape}, X {values.shape}; give a number, {values.shape[1:]}, {values.shape} "
                f"or {(*values.shape, values.shape[1])}"
            ) from None
    paired = np.empty(len(values), dtype=[("value", float, values.shape[1:]), ("error", float, errors.shape[1:])])
    paired["value"], paired["error"] = values, errors
    return paired


def unpaired(X: np.ndarray, X_err: np.ndarray) -> np.ndarray:
    """Return the errors of paired ones, after a look whether ``X`` (N, p) is what they belong to.

    Raises
    ------
    DataError
        If the features have changed; the message names the first row that differs.
    """
    if X_err.dtype.names != ("value", "error"):
        raise DataError(
            f"X_err is a structured array with the fields {X_err.dtype.names}; make it by errors_of(X, X_err)"
        )
    values = X_err["value"]
    if values.shape != X.shape:
        raise DataError(
            f"X_err belongs to features of shape {values.shape}, but those that arrive here have shape {X.shape}: a "
            "step before has taken some away or added some"
        )
    # a step may pass features on in single precision
    same = np.isclose(values, X, rtol=1e-6, atol=0.0, equal_nan=True)
    if not same.all():
        changed = np.flatnonzero(~same.all(axis=1))
        j = int(np.flatnonzero(~same[changed[0]])[0])
        raise DataError(
            f"X_err belongs to other values of X ({rows_text(changed)}; {X[changed[0], j]:.6g} was "
            f"{values[changed[0], j]:.6g} when the errors were tied to it): a step before has transformed the "
            "features, and their errors have not gone along; leave the step out, or transform both before the pipeline"
        )
    return X_err["error"]
