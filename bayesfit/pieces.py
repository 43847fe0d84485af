"""Going through many draws a few at a time, so that arrays of draws × rows stay small."""

from collections.abc import Callable, Iterator, Mapping
from itertools import chain

import numpy as np

__all__ = ["by_vectors", "in_pieces", "mean_in_pieces", "pieces"]

#: elements of a draws × rows array that are worked on at once: what stays in the processor's cache, and the most where
#: that would be very few draws
CACHED, MOST, FEW = 500_000, 4_000_000, 64


def pieces(theta: np.ndarray, n_columns: int) -> Iterator[np.ndarray]:
    """Yield a few of the draws (draws, D) at a time, for results of ``n_columns`` numbers a draw.

    Examples
    --------
    >>> [len(piece) for piece in pieces(np.zeros((5, 1)), MOST // 2)]
    [2, 2, 1]
    """
    n_columns = max(1, n_columns)
    step = max(1, CACHED // n_columns, min(FEW, MOST // n_columns))
    for start in range(0, len(theta), step):
        yield theta[start : start + step]


def in_pieces(function: Callable, theta: np.ndarray, n_columns: int) -> np.ndarray:
    """Return ``function(theta)``, of shape (draws, …), evaluated piece by piece without warnings."""
    with np.errstate(all="ignore"):
        parts = map(function, pieces(theta, n_columns))
        first = next(parts)
        if len(first) == len(theta):
            return first
        # of what may be the largest array of all there is one, not two
        found, end = np.empty((len(theta), *first.shape[1:]), first.dtype), 0
        for part in chain([first], parts):
            found[end : end + len(part)] = part
            end += len(part)
    return found


def mean_in_pieces(function: Callable, theta: np.ndarray, n_columns: int) -> np.ndarray:
    """Return the mean of ``function(theta)`` over the draws, never holding all of them."""
    with np.errstate(all="ignore"):
        return sum(function(piece).sum(axis=0) for piece in pieces(theta, n_columns)) / len(theta)


def by_vectors(function: Callable, values: Mapping[str, np.ndarray], most: int) -> np.ndarray:
    """Return ``function(values)`` (W, …) of parameters by name, each (W, …), for at most ``most`` vectors at a time.

    Examples
    --------
    >>> by_vectors(lambda values: values["slope"] * len(values["slope"]), {"slope": np.ones(5)}, 2).tolist()
    [2.0, 2.0, 2.0, 2.0, 1.0]
    """
    size, step = len(next(iter(values.values()))), max(1, most)
    if size <= step:
        return function(values)
    starts = range(0, size, step)
    return np.concatenate([function({name: array[i : i + step] for name, array in values.items()}) for i in starts])
