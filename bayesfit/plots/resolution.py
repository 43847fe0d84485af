"""Points along an axis, so many that straight lines between them follow a curve."""

from collections.abc import Callable

import numpy as np

__all__ = ["MOST_POINTS", "refine", "start"]

#: points to begin with, and the most there may be
_FIRST, MOST_POINTS = 200, 20_000
#: places to begin with that are the rows' own
_MOST_OWN = 2000
#: how far a curve may stray from the lines, as a share of the range of all curves
_TOLERANCE = 0.01
#: the share of the points between which a curve may jump and yet look right
_JUMPS = 0.01


def start(places) -> np.ndarray:
    """Return some 200 sorted points over the range of ``places``, and the places themselves if they are few.

    The points are not quite evenly spaced: a wave whose period divides the spacing would look flat at all of them.
    """
    places = np.unique(places[np.isfinite(places)])
    steps = np.arange(_FIRST, dtype=float)
    steps[1:-1] += np.random.default_rng(0).uniform(-0.25, 0.25, _FIRST - 2)
    even = places[0] + (places[-1] - places[0]) * steps / (_FIRST - 1)
    return np.unique(np.concatenate([even, places])) if len(places) <= _MOST_OWN else even


def refine(points, curves: Callable) -> tuple[np.ndarray, bool]:
    """Return points between which curves are as good as straight, and whether they are.

    As long as a curve halfway between two points differs from the line between them by more than a hundredth of the
    range of the curves, the points halfway are added to the others.  Jumps never come straight: they are let through
    where they are few.

    Parameters
    ----------
    points : array (points,)
        Sorted.
    curves : callable
        Takes points (n,) and returns curves (curves, n).
    """
    heights = curves(points)
    while len(points) > 1:
        between = (points[1:] + points[:-1]) / 2
        found = curves(between)
        finite = heights[np.isfinite(heights)]
        allowed = _TOLERANCE * np.ptp(finite) + 1e-9 * np.abs(finite).max() if finite.size else np.inf
        with np.errstate(invalid="ignore"):
            bent = (np.abs(found - (heights[:, 1:] + heights[:, :-1]) / 2) > allowed).any(axis=0)
        if not bent.any():
            return points, True
        if len(points) + len(between) > MOST_POINTS:
            return points, bool(bent.mean() <= _JUMPS)
        places = np.arange(1, len(points))
        points, heights = np.insert(points, places, between), np.insert(heights, places, found, axis=1)
    return points, True
