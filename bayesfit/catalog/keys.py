"""What tells objects apart: keys, and the objects that a table or an iterable holds."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

import numpy as np

from bayesfit.catalog.parcels import cut
from bayesfit.data import Data
from bayesfit.data.tables import closest
from bayesfit.errors import DataError, rows_text

__all__ = ["key_text", "read_objects"]


def key_text(key) -> str:
    """Return the text that stands for a key, the same on every machine.

    Raises
    ------
    DataError
        If the key is not a number, a truth value, text, or a tuple of these.

    Examples
    --------
    >>> key_text(np.int64(3)), key_text((1, "a"))
    ('int:3', '(int:1,str:a)')
    """
    key = key.item() if isinstance(key, np.generic) else key
    if isinstance(key, tuple) and key:
        return f"({','.join(map(key_text, key))})"
    if type(key) not in (bool, int, float, str) or key != key:
        raise DataError(f"key {key!r}: name objects by numbers, text, or tuples of these")
    return f"{type(key).__name__}:{key}"


def read_objects(data, by: str | None) -> tuple[Iterator[tuple[object, object]], int | None]:
    """Return pairs (key, Data) one after another, and their number where it is known.

    Raises
    ------
    DataError
        If there is no such column, it has gaps, objects share a covariance, or something is no pair.
    """
    if isinstance(data, Data):
        return _groups(data, by)
    if by is not None:
        raise DataError(f"by={by!r} names a column of one Data; an iterable of (key, Data) brings its own keys")
    if isinstance(data, Mapping):
        return iter(data.items()), len(data)
    if isinstance(data, str | bytes) or not isinstance(data, Iterable):
        raise DataError(f"data should be a bayesfit.Data or an iterable of (key, Data), got {type(data).__name__}")
    size = len(data) if hasattr(data, "__len__") else None
    return _pairs(data), size


def _pairs(items):
    for place, item in enumerate(items):
        if not isinstance(item, tuple | list) or len(item) != 2:
            raise DataError(f"data: item {place} is a {type(item).__name__}, not a pair (key, Data)")
        key = item[0].item() if isinstance(item[0], np.generic) else item[0]
        yield key, item[1]


def _groups(data, by):
    if by is None:
        raise DataError("by: name the column of the data that tells objects apart, or give an iterable of (key, Data)")
    if not isinstance(by, str) or by not in data.columns:
        raise DataError(f"by={by!r} is no column of the data; {closest(str(by), data.columns)}")
    values = data.columns[by]
    if values.dtype.kind in "mM":
        raise DataError(f"by={by!r} holds times; name objects by numbers or text")
    _refuse_gaps(by, values)
    _refuse_rounded(by, values)
    keys, first, codes = np.unique(values, return_index=True, return_inverse=True)
    codes = np.argsort(np.argsort(first))[codes]  # in the order of their first rows
    _refuse_shared(data, codes)
    order = np.argsort(codes, kind="stable")
    ends = np.cumsum(np.bincount(codes))
    ordered = data if (np.diff(order) == 1).all() else data[order]
    names = keys[np.argsort(first)].tolist()
    edges = [0, *ends.tolist()]
    return zip(names, _pieces(ordered, edges), strict=True), len(names)


def _pieces(data, edges):
    if data.y_cov is None:
        return cut(data.contents(), edges)
    # positions, since a slice is turned into those of all rows first
    return (data[np.arange(start, stop)] for start, stop in pairwise(edges))


def _refuse_gaps(by, values):
    gaps = [i for i, value in enumerate(values.tolist()) if value is None or value != value]
    if gaps:
        raise DataError(f"by={by!r} is missing in {rows_text(gaps)}; give every row its object, or leave it out")


def _refuse_rounded(by, values):
    """Whole numbers beside a gap were read as floats, of which neighbours above 2⁵³ are the same."""
    rounded = np.flatnonzero(np.abs(values) >= 2.0**53) if values.dtype.kind == "f" else []
    if len(rounded):
        raise DataError(
            f"by={by!r} holds floats in {rows_text(rounded)} that are too large to tell whole numbers apart; "
            "give them as integers (without gaps) or as text"
        )


def _refuse_shared(data, codes):
    if data.y_cov is not None and (data.y_cov * (codes[:, None] != codes)).any():
        raise DataError("y_cov: labels of different objects are correlated; they cannot be fitted apart")
