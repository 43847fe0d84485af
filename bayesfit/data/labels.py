"""Labels: numbers, limits and intervals, or classes, with gaps."""

from typing import NamedTuple

import numpy as np

from bayesfit.data.columns import Column, OptionalArray, as_numbers, as_objects, is_gap, is_whole, unpack
from bayesfit.errors import DataError, rows_text

__all__ = [
    "INTERVAL",
    "LOWER",
    "MEASURED",
    "UPPER",
    "Labels",
    "distinct_labels",
    "midpoint",
    "read_labels",
    "read_limits",
    "unlabelled",
]

MEASURED, UPPER, LOWER, INTERVAL = 0, 1, -1, 2

_FLAGS = {"": MEASURED, "upper": UPPER, "<": UPPER, "lower": LOWER, ">": LOWER}


class Labels(NamedTuple):
    """The label in all its forms; every array has one entry per row, or is None."""

    kind: str
    y: OptionalArray = None
    given: OptionalArray = None
    limits: OptionalArray = None
    low: OptionalArray = None
    high: OptionalArray = None


def read_labels(y: Column | None, limits, size: int) -> Labels:
    """Tell numbers, intervals and classes apart, and check them."""
    if y is None:
        if limits is not None:
            raise DataError("limits were given without y; y holds the limits themselves")
        return Labels("none")
    _check_shape(y.values, size)
    if _are_classes(y):
        if limits is not None:
            raise DataError("limits were given, but y holds class labels, which have no limits")
        return _read_classes(y.values)
    values = as_numbers(y.values, "y")
    if values.ndim == 2:
        if limits is not None:
            raise DataError("limits were given, but y of shape (N, 2) holds intervals already; give one of them")
        return _read_intervals(values)
    return _read_numbers(y.values, values, limits)


def read_limits(limits, size: int) -> np.ndarray:
    """Return the flags of each row as int8: 0 measured, +1 an upper limit, -1 a lower limit.

    Examples
    --------
    >>> read_limits(["", "upper", ">", None], 4)
    array([ 0,  1, -1,  0], dtype=int8)
    """
    values = unpack(limits, "limits").values
    if values.shape != (size,):
        raise DataError(f"limits has shape {values.shape}; it needs one flag for each of the {size} rows")
    flags = ["" if item is None else item for item in as_objects(values)]
    bad = [row for row, flag in enumerate(flags) if not (isinstance(flag, str) and flag in _FLAGS)]
    if bad:
        raise DataError(
            f"limits {rows_text(bad)}: {flags[bad[0]]!r} is not a flag;"
            ' use "upper" or "<", "lower" or ">", and "" for a measured row'
        )
    return np.array([_FLAGS[flag] for flag in flags], dtype=np.int8)


def unlabelled(data, rows: np.ndarray) -> dict:
    """Return the fields of ``data`` that change when some rows lose their labels."""
    gaps = {
        "y": np.nan,
        "y_low": np.nan,
        "y_high": np.nan,
        "origin": np.nan,
        "limits": 0,
        "log_jacobian": 0.0,
    }
    changes = {name: _with_gaps(getattr(data, name), rows, gap) for name, gap in gaps.items()}
    return {**changes, "labels": _with_gaps(data.labels, rows, np.nan)}


def _with_gaps(array, rows, gap):
    if array is None:
        return None
    whole = array.dtype.kind in "iu" and gap != 0
    array = array.astype(object) if whole else array.copy()
    array[rows] = None if array.dtype == object else gap
    return array


def _check_shape(values, size):
    if values.ndim == 0:
        raise DataError("y is a single value (0-d); pass one value for each row")
    if values.ndim == 2 and values.shape[1] == 1:
        raise DataError(f"y has shape {values.shape}; pass a 1-D array, such as y.ravel()")
    if values.ndim > 2 or (values.ndim == 2 and values.shape[1] != 2):
        raise DataError(f"y has shape {values.shape}; pass (N,) values or (N, 2) intervals (low, high)")
    if len(values) != size:
        raise DataError(f"x has {size} rows, y has {len(values)}; they must match row by row")


def _are_classes(y):
    if y.categorical or y.values.dtype.kind in "bUS":
        return True
    if y.values.dtype.kind != "O":
        return False
    return any(isinstance(item, str | bytes | bool | np.bool_) for item in y.values.ravel())


def _read_classes(values):
    if values.ndim != 1:
        raise DataError(f"y holds class labels in shape {values.shape}; pass one label for each row")
    objects = as_objects(values)
    kinds = sorted({type(item).__name__ for item in objects if item is not None})
    if len(kinds) > 1:
        odd = [row for row, item in enumerate(objects) if type(item).__name__ == kinds[0]]
        raise DataError(f"y mixes labels of type {' and '.join(kinds)} ({rows_text(odd)} {kinds[0]}); use one type")
    return Labels("classes", objects, objects)


def _read_numbers(given, values, limits):
    infinite = np.flatnonzero(np.isinf(values))
    if infinite.size:
        raise DataError(
            f"y {rows_text(infinite)} is infinite ({values[infinite[0]]}); NaN marks a missing label,"
            " limits= a limit, and y of shape (N, 2) an interval with an open end"
        )
    flags = np.zeros(len(values), np.int8) if limits is None else read_limits(limits, len(values))
    empty = np.flatnonzero(np.isnan(values) & (flags != MEASURED))
    if empty.size:
        raise DataError(f"y {rows_text(empty)} is NaN but flagged as a limit; y must hold the limit itself")
    low = np.where(flags == UPPER, -np.inf, values)
    high = np.where(flags == LOWER, np.inf, values)
    return Labels("numbers", values, _as_given(given, values), flags, low, high)


def _as_given(given, values):
    if given.dtype.kind in "iu":
        return given.astype(np.int64) if given.dtype != np.uint64 else given.copy()
    if given.dtype.kind == "O" and is_whole([item for item in given if not is_gap(item)]):
        return as_objects(given)
    return values


def _read_intervals(pairs):
    low, high = pairs.T.copy()
    for bad, reason in (
        (
            np.isnan(low) != np.isnan(high),
            "has one NaN end; use an infinite end, or NaN for both if it is missing",
        ),
        (low > high, "has its low end above its high end; give (low, high)"),
        ((low == high) & np.isinf(low), "has two equal infinite ends"),
        (
            np.isneginf(low) & np.isposinf(high),
            "is open at both ends, which says nothing; use NaN for a missing label",
        ),
    ):
        rows = np.flatnonzero(bad)
        if rows.size:
            pair = ", ".join(f"{end:g}" for end in pairs[rows[0]])
            raise DataError(f"y {rows_text(rows)}: the interval ({pair}) {reason}")
    flags = np.zeros(len(low), np.int8)
    flags[low < high] = INTERVAL
    flags[np.isneginf(low)] = UPPER
    flags[np.isposinf(high)] = LOWER
    middle = np.where(flags == UPPER, high, np.where(flags == LOWER, low, low))
    inside = flags == INTERVAL
    middle[inside] = midpoint(low[inside], high[inside])
    return Labels("numbers", middle, middle, flags, low, high)


def midpoint(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Return what stands for intervals: their middle, always by the same arithmetic."""
    return low + (high - low) / 2


#: distinct whole numbers up to which they may be classes
_MOST_CLASSES = 100


def distinct_labels(labels: Labels) -> tuple:
    """Return the distinct labels, sorted: of class labels, or of a few whole numbers as they were given."""
    if labels.kind == "none":
        return ()
    if labels.kind == "numbers":
        present = labels.y[~np.isnan(labels.y)]
        if (present % 1 != 0).any() or len(np.unique(present)) > _MOST_CLASSES:
            return ()
    given = [label for label in labels.given.tolist() if not is_gap(label)]
    return tuple(sorted(set(given)))
