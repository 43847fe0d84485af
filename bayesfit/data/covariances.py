"""The covariance of all labels with one another: checked once, with the rows at fault named."""

import numpy as np

from bayesfit.data.columns import as_numbers, convert
from bayesfit.errors import DataError, rows_text

__all__ = ["looks_like_correlation", "read_y_cov"]

#: relative slack for rounding in a covariance that was computed in floating point
_ROUNDING = 1e-9


def read_y_cov(column, labelled: np.ndarray, unit) -> np.ndarray:
    """Return the label covariance (N, N), positive definite over the labelled rows.

    Rows without a label are marginalised: their entries need not be known, and become zero if not finite.
    """
    size = len(labelled)
    if column.values.shape != (size, size):
        raise DataError(f"y_cov has shape {column.values.shape}; for {size} rows it needs ({size}, {size})")
    squared = None if unit is None else unit**2
    matrix = as_numbers(convert(column, squared, "y_cov", "y (squared)"), "y_cov")
    unused = ~(labelled[:, None] & labelled)
    matrix[unused & ~np.isfinite(matrix)] = 0.0
    bad = np.flatnonzero(~np.isfinite(matrix).all(axis=1))
    if bad.size:
        raise DataError(f"y_cov {rows_text(bad)}: entries are not finite")
    rows = np.flatnonzero(labelled)
    _check_symmetry(matrix[np.ix_(rows, rows)], rows)
    _check_definite(matrix[np.ix_(rows, rows)], rows)
    return (matrix + matrix.T) / 2


def looks_like_correlation(matrix: np.ndarray) -> bool:
    """Return whether the diagonal is exactly 1 everywhere, as a correlation matrix has it."""
    return bool((np.diagonal(matrix) == 1.0).all())


def _check_symmetry(matrix, rows):
    scale = np.sqrt(np.abs(np.diagonal(matrix)))
    bad = np.flatnonzero((np.abs(matrix - matrix.T) > _ROUNDING * np.outer(scale, scale)).any(axis=1))
    if bad.size:
        raise DataError(f"y_cov {rows_text(rows[bad])}: the matrix is not symmetric")


def _check_definite(matrix, rows):
    variances = np.diagonal(matrix)
    bad = np.flatnonzero(variances <= 0)
    if bad.size:
        raise DataError(f"y_cov {rows_text(rows[bad])}: the variance is {variances[bad[0]]:g}; it must be positive")
    scale = np.sqrt(variances)
    correlation = matrix / np.outer(scale, scale)
    # the squared pivots are the share of each row's variance that the rows before it leave open
    tolerance = 10 * len(rows) * np.finfo(float).eps
    try:
        pivots = np.diagonal(np.linalg.cholesky(correlation)) ** 2
    except np.linalg.LinAlgError:
        pivots = np.zeros(1)
    if pivots.min(initial=1.0) > tolerance:
        return
    values, vectors = np.linalg.eigh(correlation)
    if values[0] < -tolerance:
        raise DataError(
            f"y_cov is not positive definite: its smallest eigenvalue is {np.linalg.eigvalsh(matrix)[0]:.6g};"
            " check its construction (nothing is added to mend it)"
        )
    null = np.abs(vectors[:, values <= max(tolerance, values[0])]).max(axis=1)
    tied = rows[null > 1e-6]
    raise DataError(f"y_cov is singular: {rows_text(tied)} depend linearly on one another; drop or combine them")
