"""Choosing rows: by position or mask, at random, and telling which repeat."""

import math
from collections.abc import Mapping

import numpy as np

from bayesfit.errors import DataError

__all__ = ["class_codes", "count_repeats", "positions", "split_rows", "strata", "take"]


def positions(rows, size: int) -> np.ndarray:
    """Return the row numbers that an integer, a slice, a mask or an array of integers means.

    Examples
    --------
    >>> positions([True, False, True], 3), positions(-1, 3)
    (array([0, 2]), array([2]))
    """
    if isinstance(rows, slice):
        return np.arange(size)[rows]
    chosen = np.atleast_1d(np.asarray(rows))
    if chosen.dtype == bool:
        if chosen.shape != (size,):
            raise DataError(f"the mask of rows has shape {chosen.shape}; there are {size} rows")
        return np.flatnonzero(chosen)
    if chosen.size == 0:
        return np.zeros(0, dtype=int)
    if chosen.ndim != 1 or chosen.dtype.kind not in "iu":
        raise DataError(f"rows must be integers, a slice or a mask, not {rows!r}")
    outside = chosen[(chosen < -size) | (chosen >= size)]
    if outside.size:
        raise DataError(f"row {outside[0]} does not exist; there are {size} rows")
    return np.where(chosen < 0, chosen + size, chosen).astype(int)


def take(name: str, value, rows: np.ndarray):
    """Return the chosen rows of a field of Data; what belongs to no row stays as it is."""
    if name in ("units", "names", "classes") or value is None or isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return {key: column[rows] for key, column in value.items()}
    return value[np.ix_(rows, rows)] if name == "y_cov" else value[rows]


def split_rows(size: int, test_size, stratum, seed) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows for training and for testing, at random, each in ascending order.

    ``stratum`` (N,) of integers, or None; each stratum is divided in proportion, by largest remainders.
    """
    n_test = _test_count(size, test_size)
    try:
        rng = np.random.default_rng(seed)
    except (TypeError, ValueError):
        raise DataError(f"seed is {seed!r}; give a non-negative integer or None") from None
    stratum = np.zeros(size, dtype=int) if stratum is None else stratum
    codes, counts = np.unique(stratum, return_counts=True)
    share = counts * n_test / size
    taken = np.floor(share).astype(int)
    remainders = np.argsort(-(share - taken), kind="stable")
    taken[remainders[: n_test - taken.sum()]] += 1
    test = [rng.permutation(np.flatnonzero(stratum == code))[:count] for code, count in zip(codes, taken, strict=True)]
    is_test = np.zeros(size, dtype=bool)
    is_test[np.concatenate(test)] = True
    return np.flatnonzero(~is_test), np.flatnonzero(is_test)


def class_codes(labels: np.ndarray) -> np.ndarray:
    """Return a whole number for each distinct label, -1 where it is missing."""
    codes = {label: code for code, label in enumerate(dict.fromkeys(labels.tolist()))}
    return np.array([-1 if label is None else codes[label] for label in labels.tolist()])


def strata(labels: np.ndarray | None) -> np.ndarray:
    """Return the stratum of each row: its class, or its whole number."""
    if labels is None or labels.dtype.kind == "f":
        raise DataError("stratify=True needs class labels or whole numbers in y")
    return class_codes(labels)


def count_repeats(arrays) -> int:
    """Return how many rows repeat an earlier row exactly, over arrays of numbers, row by row, or None."""
    parts = [array.reshape(len(array), math.prod(array.shape[1:])) for array in arrays if array is not None]
    table = np.concatenate(parts, axis=1) + 0.0  # -0 becomes 0
    table[np.isnan(table)] = np.nan
    table = np.ascontiguousarray(table)
    whole_rows = table.view(np.dtype((np.void, table.dtype.itemsize * table.shape[1])))
    return len(table) - len(np.unique(whole_rows))


def _test_count(size, test_size):
    whole = isinstance(test_size, int | np.integer) and not isinstance(test_size, bool)
    if not whole and not (isinstance(test_size, float | np.floating) and 0 < test_size < 1):
        raise DataError(f"test_size is {test_size!r}; give a fraction between 0 and 1, or a number of rows")
    count = int(test_size) if whole else max(1, min(size - 1, round(size * test_size)))
    if not 0 < count < size:
        raise DataError(f"test_size={test_size} leaves no rows to train or to test on; there are {size} rows")
    return count
