"""Labels that selection lets through: drawn again until they fall inside the window."""

from collections.abc import Callable

import numpy as np

__all__ = ["drawn_inside"]

#: values drawn at a time, the most of one label, and rounds after which a label is put at the nearer end
_AT_ONCE, _COPIES, _ROUNDS = 100_000, 1000, 100


def drawn_inside(draw: Callable, low, high, shape: tuple[int, int]) -> np.ndarray:
    """Return labels (W, N), each drawn until it lies between ``low`` and ``high`` (N,).

    Parameters
    ----------
    draw : callable
        Of indices of V parameter vectors, repeated ones included, and of n rows, returns labels (V, n) that know of no
        selection.
    low, high : ndarray (N,)
    shape : tuple
        (W, N).

    Notes
    -----
    What is inside less often than once in some hundred thousand draws is put at the nearer end of the window.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> draw = lambda vectors, rows: rng.normal(size=(len(vectors), len(rows)))
    >>> labels = drawn_inside(draw, np.zeros(2), np.full(2, np.inf), (3, 2))
    >>> bool((labels > 0).all())
    True
    """
    found, outside = np.empty(shape), np.ones(shape, dtype=bool)
    for _ in range(_ROUNDS):
        vectors, rows = np.flatnonzero(outside.any(axis=1)), np.flatnonzero(outside.any(axis=0))
        if not vectors.size:
            return found
        place = np.ix_(vectors, rows)
        copies = int(np.clip(_AT_ONCE // (len(vectors) * len(rows)), 1, _COPIES))
        drawn = draw(np.tile(vectors, copies), rows).reshape(copies, len(vectors), len(rows))
        inside = (drawn > low[rows]) & (drawn < high[rows])
        first = np.take_along_axis(drawn, inside.argmax(axis=0)[None], axis=0)[0]
        found[place] = np.where(outside[place], first, found[place])
        outside[place] &= ~inside.any(axis=0)
    return np.where(outside, np.clip(found, low, high), found)
