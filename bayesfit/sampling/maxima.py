"""Climbs until further ones would hardly end anywhere new: how rugged a posterior is, and what was not seen of it."""

import numpy as np

from bayesfit.sampling.laplace import Peaks, climb

__all__ = ["climb_on", "drawn", "leaders"]

#: squared Mahalanobis distance below which two maxima are one
SAME = 4.0
#: share of the first climbs that may end where no other did; of all of them, once more are made; and at the end,
#: beyond which it is said
RUGGED, ALONE, UNKNOWN = 0.25, 0.1, 0.5
#: what further climbs may cost, in evaluations and in evaluations times rows, and the most climbs
MOST_EVALUATIONS, MOST_ROWS, MOST_CLIMBS = 2**18, 2**27, 1024
#: fewer climbs than these say nothing of what was not seen
FEWEST = 5


def climb_on(target, peaks: Peaks, scale, rng: np.random.Generator) -> tuple[Peaks, str]:
    """Climb from ever more draws of the prior while many climbs end where no other did.

    The share of climbs that ended alone estimates the probability that the next one ends somewhere new (Good 1953,
    Biometrika 40, 237).  It is nought for nearly all posteriors.  In a search for a period it is close to one at
    first: of hundreds of aliases hardly any was met twice, and the right one may not be among them.

    Parameters
    ----------
    target
        The density, and the draws to climb from.
    peaks
        The ends of first climbs.
    scale
        Spread (d,) of the candidates.
    rng
        Source of the draws.

    Returns
    -------
    peaks : Peaks
        The ends of all climbs, and what all of them cost.
    unseen : str
        A sentence, if there are probably maxima that matter and were not seen; empty if not.
    """
    left, few = min(MOST_EVALUATIONS, MOST_ROWS // max(target.n_rows, 1)), RUGGED
    while (alone := _alone(peaks)).mean() > few:
        # twice as many, if they cost what those before did
        n_more = min(len(alone), MOST_CLIMBS - len(alone), left * len(alone) // peaks.n_evaluations)
        if n_more < 1:
            break
        points, n_drawn = _usable(target, rng, n_more, left)
        if not len(points):
            break
        more = climb(target.log_density, points, scale)
        left -= n_drawn + more.n_evaluations
        peaks, few = peaks.joined(more, n_drawn), ALONE
    if len(alone) < FEWEST or alone.mean() < UNKNOWN or not alone[peaks.log_density.argmax()]:
        return peaks, ""
    return peaks, (
        f"{alone.sum()} of {len(alone)} climbs ended at maxima that no other climb met, the highest of all among them: "
        "there are probably others that matter; use narrower priors, or start= at the one you mean."
    )


def _usable(target, rng, n: int, most: int) -> tuple[np.ndarray, int]:
    """Return up to ``n`` candidates that have a density, and how many were drawn until there was one."""
    n_drawn, size = 0, n
    while n_drawn + size <= most:
        points, value = drawn(target, rng, size)
        n_drawn, usable = n_drawn + size, np.isfinite(value)
        if usable.any():
            return points[usable][:n], n_drawn
        size *= 2
    return np.empty((0, 0)), n_drawn


def drawn(target, rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return crude candidates (n, d) of a target, and their log densities (n,): minus infinity where there is none."""
    points = np.asarray(target.starts(rng, n), dtype=float)
    return points, np.where(np.isfinite(points).all(axis=1), target.log_density(points), -np.inf)


def leaders(peaks: Peaks, among: np.ndarray) -> np.ndarray:
    """Return for each of the ends ``among`` (n,), by decreasing density, the end (n,) that stands for its maximum."""
    leader = np.full(len(among), -1)
    for place, index in enumerate(among):
        if leader[place] < 0:
            free = np.flatnonzero(leader < 0)
            leader[free[_distances(peaks, index, among[free]) <= SAME]] = index
    return leader


def _alone(peaks: Peaks) -> np.ndarray:
    """Return for each climb (k,) whether it arrived at a maximum, and no other did at the same."""
    arrived = np.flatnonzero(peaks.arrived)
    arrived = arrived[np.argsort(-peaks.log_density[arrived])]
    _, which, count = np.unique(leaders(peaks, arrived), return_inverse=True, return_counts=True)
    alone = np.zeros(len(peaks.points), dtype=bool)
    alone[arrived] = count[which] == 1
    return alone


def _distances(peaks: Peaks, one: int, others: np.ndarray) -> np.ndarray:
    difference = peaks.points[others] - peaks.points[one]
    both = peaks.covariances[others] + peaks.covariances[one]
    return np.einsum("ki,ki->k", difference, np.linalg.solve(both, difference[..., None])[..., 0])
