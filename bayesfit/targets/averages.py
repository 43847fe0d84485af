"""Averages over a few standard normal coordinates, by trapezoid sums over two lattices, made finer until they agree."""

from collections.abc import Callable
from itertools import product

import numpy as np

__all__ = ["normal_average"]

#: how far nodes go at first, how much further each time, and at the most; what counts as nothing at the ends, beside
#: the average size
_REACH, _FURTHER, _FARTHEST, _ENDS = 7.0, 6.0, {1: 25.0, 2: 13.0}, 1e-6
#: nodes of a lattice in a standard deviation at first; how far the other lattice is from it, in parts of that step that
#: stay irrational: waves with whole numbers of periods in a step are not the same on both
_FIRST, _SHIFT = 2, {1: [0.618034], 2: [0.754878, 0.569840]}
#: how far two sums may be apart, beside the average size, while there are fewer nodes in a standard deviation, by the
#: number of coordinates: what is far apart has fast waves
_TOLERANCES = {1: {8: 1e-5, 128: 0.03}, 2: {4: 1e-5, 8: 0.03}}
#: weights from which on a value has to be a number
_CERTAIN = 1e-9


def normal_average(function: Callable, n: int) -> np.ndarray:
    """Return ∫ N(t; 0, 1) f(t) dt over n coordinates, of the shape of f.

    Parameters
    ----------
    function : callable
        Of t (n,) returns f, an array.
    n : int
        One or two.

    Notes
    -----
    The error of the sum falls exponentially with the number of nodes, once there are a few in each period of f.  Kinks
    and jumps, which would need many, are left where the draws of a posterior say no more: a kink is off by 1e-4 of
    its change of slope, a jump by a hundredth of its height, with two coordinates by some times as much.

    Examples
    --------
    >>> bool(np.isclose(normal_average(lambda t: np.exp(6 * t[0]), 1), np.exp(18.0)))
    True
    """
    reach = _REACH
    while True:
        lattices = [_Sums(function, n, reach, np.array(shift) / _FIRST) for shift in ([0.0] * n, _SHIFT[n])]
        one, other = lattices
        per_sd, finer = _FIRST, True
        while finer:
            for lattice in lattices:
                lattice.add(per_sd)
            # what is no number is not waited for
            apart = np.abs(one.average - other.average)
            finer = any(per_sd < most and (apart > tol * one.size).any() for most, tol in _TOLERANCES[n].items())
            per_sd *= 2
        if reach >= _FARTHEST[n] or not (np.fmax(one.ends, other.ends) > _ENDS * one.size).any():
            return 0.5 * (one.average + other.average)
        reach += _FURTHER


class _Sums:
    """Sums over the nodes of a lattice that goes through ``origin``, to which those between them are added."""

    def __init__(self, function, n: int, reach: float, origin: np.ndarray):
        self._function, self._n, self._reach, self._origin, self._begun = function, n, reach, origin, False
        self._weight = 0.0
        self._total = self._absolute = self._ends = np.zeros(())

    def add(self, per_sd: int):
        """Add the nodes of a lattice with so many in a standard deviation that are not there yet."""
        count = int(self._reach * per_sd)
        for place in product(range(-count, count + 1), repeat=self._n):
            t = np.array(place) / per_sd + self._origin
            distance = np.sqrt(t @ t)
            if (self._begun and not any(k % 2 for k in place)) or distance > self._reach:
                continue
            weight = np.exp(-0.5 * distance**2)
            value = np.asarray(self._function(t), dtype=float)
            if weight < _CERTAIN:
                value = np.where(np.isfinite(value), value, 0.0)
            self._weight += weight
            self._total = self._total + weight * value
            self._absolute = self._absolute + weight * np.abs(value)
            if distance > self._reach - 1 / per_sd:
                self._ends = np.fmax(self._ends, weight * np.abs(value))
        self._begun = True

    @property
    def average(self) -> np.ndarray:
        return self._total / self._weight

    @property
    def size(self) -> np.ndarray:
        """The average of |f|."""
        return self._absolute / self._weight

    @property
    def ends(self) -> np.ndarray:
        """The largest |f| at the ends of the lattice, as `size` has it."""
        return self._ends / self._weight
