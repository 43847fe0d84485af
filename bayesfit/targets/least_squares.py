"""Weighted least squares for predictors that are linear in θ: where a search for the maximum begins."""

import numpy as np

__all__ = ["least_squares", "shrink"]


def least_squares(design, labels, precision, centring=None):
    """Return the coefficients (P,) that minimise Σ [(y - A c) precision]², accurately for badly scaled A.

    Parameters
    ----------
    design : ndarray (N, P)
    labels, precision : ndarray (N,)
    centring : ndarray (P, P), optional
        Unit upper triangular: the problem is solved for ``centring @ c``, whose columns are better
        conditioned.

    Notes
    -----
    Columns are scaled to unit length, the solution is by singular values, and one step of iterative
    refinement on the residuals wins back the digits that centring the columns cost.
    """
    inverse = np.eye(design.shape[1]) if centring is None else np.linalg.inv(centring)
    columns = (design @ inverse) * precision[:, None]
    lengths = np.sqrt((columns**2).sum(axis=0))
    lengths[lengths == 0] = 1.0
    coefficients = np.zeros(design.shape[1])
    for _ in range(3):
        residual = (labels - design @ coefficients) * precision
        step = np.linalg.lstsq(columns / lengths, residual, rcond=None)[0]
        coefficients = coefficients + inverse @ (step / lengths)
    return coefficients


def shrink(labels, precision, share):
    """Return the labels (N,) drawn together to a share of their distance from their weighted mean."""
    if share == 1.0:
        return labels
    mean = np.average(labels, weights=np.square(precision))
    return mean + share * (labels - mean)
