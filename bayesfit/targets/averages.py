"""Averages over a few standard normal coordinates, by trapezoid sums whose nodes are doubled until they agree."""

from collections.abc import Callable
from itertools import product

import numpy as np

__all__ = ["normal_average"]

#: how far nodes go at first, how much further each time, and at the most; what counts as nothing at the ends, beside
#: the average size
_REACH, _FURTHER, _FARTHEST, _ENDS = 7.0, 6.0, {1: 25.0, 2: 13.0}, 1e-6
#: nodes in a standard deviation at first, and at the most, by the number of coordinates
_FIRST, _MOST = 2, {1: 16, 2: 4}
#: how far two sums may be apart, beside the average size; and weights from which on a value has to be a number
_TOLERANCE, _CERTAIN = 1e-5, 1e-9


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
        sums, per_sd = _Sums(function, n, reach), _FIRST
        sums.add(per_sd)
        while per_sd < _MOST[n]:
            before, per_sd = sums.average, 2 * per_sd
            sums.add(per_sd)
            # what is no number is not waited for
            if not (np.abs(sums.average - before) > _TOLERANCE * sums.size).any():
                break
        if reach >= _FARTHEST[n] or not (sums.ends > _ENDS * sums.size).any():
            return sums.average
        reach += _FURTHER


class _Sums:
    """Sums over the nodes of a lattice, to which those between them are added."""

    def __init__(self, function, n: int, reach: float):
        self._function, self._n, self._reach, self._begun = function, n, reach, False
        self._weight = 0.0
        self._total = self._absolute = self._ends = np.zeros(())

    def add(self, per_sd: int):
        """Add the nodes of a lattice with so many in a standard deviation that are not there yet."""
        count = int(self._reach * per_sd)
        for place in product(range(-count, count + 1), repeat=self._n):
            t = np.array(place) / per_sd
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
