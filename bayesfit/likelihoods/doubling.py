"""Integrals over one standard normal coordinate of terms that vary smoothly along it, by doubling the nodes."""

from collections.abc import Callable

import numpy as np

from bayesfit.densities import HALF_LOG_TWO_PI, log_sum_exp
from bayesfit.logarithms import log_add

__all__ = ["doubled_expectation"]

#: half-widths of the window: the least, and the most that it is widened to
_REACH, _FARTHEST = 9.0, 300.0
#: nodes of a lattice in a standard deviation at first, how far the other one is from it, and the most in a window
_FIRST, _SHIFT, _MOST = 2, 0.25 * (np.sqrt(5.0) - 1.0), 4700
#: nodes × vectors × rows evaluated in one call
_AT_ONCE = 1 << 14
#: how far below the top the ends of the integrand must be
_ENDS = 28.0


def doubled_expectation(term: Callable, shape: tuple[int, int], tolerance: float = 1e-9) -> np.ndarray:
    """Return ln ∫ N(t) e^{term(t)} dt, (W, N).

    Parameters
    ----------
    term : callable
        Of t (V, 1) and the indices of V parameter vectors and of n rows, returns the exponent (V, n).
    shape : tuple
        (W, N).
    tolerance : float
        Accuracy wanted in ln of the integral: no better than that of the term.

    Notes
    -----
    The trapezoid rule, whose error falls exponentially once its step is below the width of the narrowest peak: steps
    are halved until the sums over two lattices agree to that in their logarithms, which sums that miss a peak never do,
    or there are some thousand nodes in the window: peaks narrower than 1/250 of a standard deviation, or than 1/2000 of
    how far they are from the middle, are seen coarsely.  The second lattice is the first one, shifted by an irrational
    part of a step: waves with a whole number of periods in a step are not the same on both.  Where the integrand does
    not vanish at an end, the window is widened.
    """
    found, settled, reach = np.empty(shape), np.zeros(shape, dtype=bool), _REACH
    while not settled.all() and reach <= _FARTHEST:
        vectors, rows = np.flatnonzero(~settled.all(axis=1)), np.flatnonzero(~settled.all(axis=0))
        place = np.ix_(vectors, rows)
        with np.errstate(invalid="ignore"):
            total, ended = _in_window(term, vectors, rows, reach, tolerance)
        found[place] = np.where(settled[place], found[place], total)
        settled[place] |= ended
        reach *= 2.0
    return found


def _in_window(term, vectors, rows, reach, tolerance):
    """Return ln of the integral from -reach to reach, and whether the integrand vanishes at its ends, both (V, n)."""

    def added_up(nodes, v, r):
        total = np.full((len(v), len(r)), -np.inf)
        size = max(1, _AT_ONCE // total.size)
        for start in range(0, len(nodes), size):
            # nodes are vectors like others
            t = np.repeat(nodes[start : start + size], len(v))[:, None]
            value = term(t, np.tile(vectors[v], len(t) // len(v)), rows[r]) - 0.5 * t**2
            value = np.where(np.isnan(value), -np.inf, value).reshape(-1, *total.shape)
            total = log_add(total, log_sum_exp(value))
        return total

    everything, step = (np.arange(len(vectors)), np.arange(len(rows))), 1 / _FIRST
    ends = np.maximum(*(added_up(np.array([end]), *everything) for end in (-reach, reach)))
    inside = np.arange(-reach + step, reach - step / 2, step)
    one, other = added_up(inside, *everything), added_up(inside + _SHIFT, *everything)
    found = one + np.log(step)
    # what does not end here is not worked out before the window is wide enough
    settled = (ends > one - _ENDS) & (2 * reach <= _FARTHEST)
    while True:
        found = np.where(settled, found, log_add(one, other) + np.log(step / 2))
        # nothing anywhere stays nothing
        settled |= (np.abs(one - other) < tolerance) | np.isneginf(found) | (4 * reach > _MOST * step)
        v, r = np.flatnonzero(~settled.all(axis=1)), np.flatnonzero(~settled.all(axis=0))
        if not v.size:
            return found - HALF_LOG_TWO_PI, (ends < found - _ENDS) | np.isneginf(ends)
        # half the nodes of a finer lattice are there already
        place, between = np.ix_(v, r), np.arange(-reach + step / 2, reach, step)
        one[place] = log_add(one[place], added_up(between, v, r))
        other[place] = log_add(other[place], added_up(between + _SHIFT, v, r))
        step /= 2
