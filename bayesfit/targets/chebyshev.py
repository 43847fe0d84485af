"""Smooth functions of a variance, interpolated between Chebyshev nodes in panels that are made when first needed."""

from collections.abc import Callable

import numpy as np

__all__ = ["Panels", "interpolation", "points"]

#: width of a panel in u = ln v, and its nodes.  What is analytic to within π of the real u is interpolated with an
#: error that falls by 2.5 with each node at this width, to below 1e-13 (Trefethen 2013, theorem 8.2)
WIDTH, N_NODES = 6.0, 34


class Panels:
    """Functions of v > 0, analytic for all complex v but the negative axis, as polynomials in ln v.

    A panel is tabulated when the first v falls into it, which costs as much as the functions at some thirty places.

    Parameters
    ----------
    function : callable
        (n,) -> (n, size).
    size : int
    least : float
        The smallest v that is ever asked for, at which the first panel begins; 0 where there is none.
    """

    def __init__(self, function: Callable[[np.ndarray], np.ndarray], size: int, least: float = 0.0):
        self._function, self._size = function, size
        self._first = np.log(least) if least > 0 else 0.0
        self._tables: dict[int, np.ndarray] = {}

    def __call__(self, v) -> np.ndarray:
        """Return the functions at v (W,) as (W, size); NaN where v is neither finite nor positive."""
        found = np.full((len(v), self._size), np.nan)
        place = (np.log(v) - self._first) / WIDTH
        usable = np.isfinite(place)
        # the smallest v may be rounded to the wrong side of the first edge
        panels = np.floor(np.where(usable, place, 0.0) + 1e-12).astype(int)
        for panel in sorted(set(panels[usable].tolist())):
            here = usable & (panels == panel)
            found[here] = interpolation(place[here] - panel, N_NODES) @ self._table(panel)
        return found

    def _table(self, panel):
        if panel not in self._tables:
            nodes = np.exp(self._first + WIDTH * (panel + 0.5 * (1.0 + points(N_NODES))))
            self._tables[panel] = self._function(nodes)
        return self._tables[panel]


def points(n: int) -> np.ndarray:
    """Return n Chebyshev points of the second kind on [-1, 1]; at least two."""
    return np.cos(np.pi * np.arange(n) / (n - 1))


def interpolation(t: np.ndarray, n: int) -> np.ndarray:
    """Return the matrix (W, n) that takes values at the n points to those at places ``t`` (W,) in [0, 1].

    By the barycentric formula (Berrut & Trefethen 2004), which is stable for these points.
    """
    weights = np.where(np.arange(n) % 2, -1.0, 1.0)
    weights[[0, -1]] *= 0.5
    distance = (2.0 * t - 1.0)[:, None] - points(n)
    hit = distance == 0
    parts = weights / np.where(hit, 1.0, distance)
    matrix = parts / parts.sum(axis=1, keepdims=True)
    on_node = hit.any(axis=1)
    return np.where(on_node[:, None], hit.astype(float), matrix)
