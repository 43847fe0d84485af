"""What belongs to a row and is given to a likelihood as a number or as the name of a column."""

import numpy as np

from bayesfit.data import Data
from bayesfit.errors import DataError, ModelError, rows_text

__all__ = ["column_or_number", "is_number", "refuse_rows", "require_labels", "require_numbers"]


def column_or_number(value, data: Data, argument: str, default: float | None = None) -> np.ndarray:
    """Return a number, or the column of that name, for all rows (N,); None means ``default``.

    Raises
    ------
    DataError
        If the data have no such column, or it holds no numbers.
    ModelError
        If the value is neither a number nor a name.
    """
    if value is None and default is not None:
        return np.full(len(data), default)
    if is_number(value):
        return np.full(len(data), float(value))
    if not isinstance(value, str):
        raise ModelError(f"{argument}={value!r} should be a number, or the name of one of the data's columns")
    if value not in data.columns:
        known = ", ".join(data.columns) or "none"
        raise DataError(f"{argument}: the data have no column {value!r}; there are: {known}")
    column = np.asarray(data.columns[value])
    if column.shape != (len(data),) or column.dtype.kind not in "biuf":
        raise DataError(f"{argument}: column {value!r} ({column.dtype}) should hold one number for each row")
    return column.astype(float)


def require_labels(data: Data) -> None:
    """Raise a DataError where there is nothing to fit."""
    if data.kind == "none":
        raise DataError("y is missing: the data have no labels to fit")


def require_numbers(data: Data, remedy: str) -> None:
    """Raise a DataError where the labels are missing, or are classes; ``remedy`` says what to do then."""
    require_labels(data)
    if data.kind == "classes":
        found = ", ".join(map(repr, data.classes[:4]))
        raise DataError(f"y holds class labels ({found}); {remedy}")


def is_number(value) -> bool:
    """Return whether a value is one real number."""
    return isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)


def refuse_rows(argument: str, values: np.ndarray, valid: np.ndarray, wanted: str) -> None:
    """Raise a DataError naming the rows where ``valid`` (N,) is false, the value found and what is wanted."""
    bad = np.flatnonzero(~valid)
    if bad.size:
        raise DataError(f"{argument}: {values[bad[0]]:g} in {rows_text(bad)} should be {wanted}")
