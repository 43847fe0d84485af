"""Climbs until further ones would hardly end anywhere new: how rugged a posterior is, and what was not seen of it."""

from collections.abc import Iterable, Iterator

import numpy as np

from bayesfit.sampling.laplace import Peaks, climb

__all__ = ["climb_on", "drawn", "leaders"]

#: squared Mahalanobis distance below which two maxima are one, unless it is above this for the narrower alone: a needle
#: within a broad maximum
SAME, NEEDLE = 4.0, 50.0
#: share of the first climbs that may end where no other did; of all of them, once more are made; and at the end,
#: beyond which it is said
RUGGED, ALONE, UNKNOWN = 0.25, 0.1, 0.5
#: by how much the maximum at which most climbs ended must be above those that ended alone, in units of the range of
#: these, for others of their kind not to matter
ABOVE = 10.0
#: what further climbs may cost, in evaluations and in evaluations times rows, and the most climbs
MOST_EVALUATIONS, MOST_ROWS, MOST_CLIMBS = 2**18, 2**27, 1024
#: fewer climbs than these say nothing of what was not seen
FEWEST = 5


def climb_on(target, peaks: Peaks, scale, rng: np.random.Generator) -> tuple[Peaks, str]:
    """Climb from ever more draws of the prior while many climbs end where no other did.

    The share of climbs that ended alone estimates the probability that the next one ends somewhere new (Good 1953,
    Biometrika 40, 237).  It is nought for nearly all posteriors.  In a search for a period it is close to one at
    first: of hundreds of aliases hardly any was met twice, and the right one may not be among them.

    Lesser maxima may be many and harmless, as where all but a few points of a mixture pass for outliers: most climbs
    end at one maximum, and those that end alone do so far below it, all at about the same height.

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
    while (alone := _alone(peaks)).mean() > few and not _above(peaks, alone):
        # twice as many, if they cost what those before did
        n_more = min(len(alone), MOST_CLIMBS - len(alone), left * len(alone) // peaks.n_evaluations)
        if n_more < 1:
            break
        points, value, n_drawn = drawn(target, rng, _doubled(n_more, left))
        usable = np.isfinite(value)
        if not usable.any():
            break
        more = climb(target.log_density, points[usable][:n_more], scale)
        left -= n_drawn + more.n_evaluations
        peaks, few = peaks.joined(more, n_drawn), ALONE
    if len(alone) < FEWEST or alone.mean() < UNKNOWN or not alone[peaks.log_density.argmax()]:
        return peaks, ""
    return peaks, (
        f"{alone.sum()} of {len(alone)} climbs ended at maxima that no other climb met, the highest of all among them: "
        "there are probably others that matter; use narrower priors, or start= at the one you mean."
    )


def _doubled(n: int, most: int) -> Iterator[int]:
    """Yield n, twice as many, and so on, as long as all together are not more than ``most``."""
    while n <= most:
        yield n
        n, most = 2 * n, most - n


def drawn(target, rng: np.random.Generator, sizes: Iterable[int]) -> tuple[np.ndarray, np.ndarray, int]:
    """Draw crude candidates of a target, the first of these ``sizes`` of which one has a density.

    Returns
    -------
    points : ndarray (n, d)
        Those of the last size that was tried.
    value : ndarray (n,)
        Their log densities: minus infinity where there is none.
    n_drawn : int
        All that were drawn.
    """
    n_drawn = 0
    for n in sizes:
        points = np.asarray(target.starts(rng, n), dtype=float)
        value = np.where(np.isfinite(points).all(axis=1), target.log_density(points), -np.inf)
        n_drawn += n
        if np.isfinite(value).any():
            break
    return points, value, n_drawn


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


def _above(peaks: Peaks, alone: np.ndarray) -> bool:
    """Return whether most climbs ended at one maximum, which is out of reach of what the others are like."""
    highest = int(peaks.log_density.argmax())
    most = (_distances(peaks, highest, np.arange(len(alone))) <= SAME).mean() > 0.5
    lone = peaks.log_density[alone]
    return bool(most and peaks.log_density[highest] - lone.max() > ABOVE * np.ptp(lone))


def _distances(peaks: Peaks, one: int, others: np.ndarray) -> np.ndarray:
    difference = (peaks.points[others] - peaks.points[one])[..., None]

    def squared(covariances):
        return (difference * np.linalg.solve(covariances, difference))[..., 0].sum(axis=1)

    narrower = np.fmax(squared(peaks.covariances[others]), squared(peaks.covariances[one][None]))
    both = squared(peaks.covariances[others] + peaks.covariances[one])
    return np.where(0.5 * narrower > NEEDLE, np.inf, both)
