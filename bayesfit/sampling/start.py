"""Where walkers start: the maxima of the posterior, and an over-dispersed cloud around each."""

from dataclasses import dataclass, replace

import numpy as np

from bayesfit.errors import SamplingError
from bayesfit.sampling.laplace import climb
from bayesfit.sampling.student import StudentMixture

__all__ = ["Search", "scatter", "search"]

#: crude candidates asked of the target, and once more if none of them is usable
CANDIDATES = (64, 2000)
#: a mode whose Laplace mass is below exp(-this) of the largest is left out
NEGLIGIBLE = 12.0
#: squared Mahalanobis distance below which two maxima are one
SAME = 4.0


@dataclass(frozen=True, eq=False)
class Search:
    """The modes that were found, as a t mixture of Laplace approximations, and a sentence about them."""

    modes: StudentMixture
    log_density: np.ndarray
    scale: np.ndarray
    sentence: str
    n_evaluations: int

    def described(self, sentence: str) -> "Search":
        """Return a copy with another sentence."""
        return replace(self, sentence=sentence)


def _candidates(target, rng):
    for n in CANDIDATES:
        points = np.asarray(target.starts(rng, n), dtype=float)
        value = np.where(np.isfinite(points).all(axis=1), target.log_density(points), -np.inf)
        if np.isfinite(value).any():
            return points, value
    best = points[np.isfinite(points).all(axis=1)]
    where = f" For example at {target.describe_point(best[0])}." if len(best) else ""
    faults = " ".join(target.faults[:1])
    raise SamplingError(
        f"start: the log density is not finite at any of {n} points drawn from the priors; the priors "
        "and the "
        f"data exclude one another, or a function returns NaN.{where} {faults}".rstrip()
    )


def _spread(points: np.ndarray) -> np.ndarray:
    """Return a robust width of candidates along each axis; one where they do not differ."""
    low, high = np.quantile(points, [0.1, 0.9], axis=0)
    wide = np.where(high > low, high - low, np.ptp(points, axis=0))
    return np.where(wide > 0, wide, np.maximum(np.abs(points[0]), 1.0))


def search(target, rng: np.random.Generator, points=None) -> Search:
    """Look for the maxima of a target.

    Parameters
    ----------
    target
        The density, and crude candidates to climb from.
    rng
        Source of the candidates.
    points
        Points (k, d) to climb from instead.

    Raises
    ------
    SamplingError
        If the density is finite nowhere.
    """
    candidates, value = _candidates(target, rng)
    usable = np.flatnonzero(np.isfinite(value))
    scale = _spread(candidates[usable])
    if points is None:
        n_climbs = 10 if candidates.shape[1] < 8 else 6
        ranked = usable[np.argsort(-value[usable])]
        # the best few, and others from anywhere: the best all tend to lie in one basin
        others = rng.permutation(ranked[3:])
        points = candidates[np.r_[ranked[:3], others][:n_climbs]]
    peaks = climb(target.log_density, points, scale)
    return _modes(peaks, scale, len(points), len(candidates) + peaks.n_evaluations)


def _modes(peaks, scale, n_climbs, n_evaluations) -> Search:
    """Merge climbs that ended at the same maximum and drop negligible ones."""
    mass = peaks.log_density + 0.5 * np.linalg.slogdet(peaks.covariances / np.outer(scale, scale))[1]
    kept: list[int] = []
    for index in np.argsort(-peaks.log_density):
        apart = (_distance(peaks, index, other) > SAME for other in kept)
        if mass[index] > mass.max() - NEGLIGIBLE and all(apart):
            kept.append(int(index))
    share = np.exp(np.clip(mass[kept] - mass[kept].max(), -1.5, 0))
    modes = StudentMixture.from_moments(share, peaks.points[kept], peaks.covariances[kept])
    found = "one maximum" if len(kept) == 1 else f"{len(kept)} maxima that matter"
    sentence = (
        f"{n_climbs} climbs from scattered points found {found} of the posterior; walkers started around "
        + ("it." if len(kept) == 1 else "each.")
    )
    return Search(modes, peaks.log_density[kept], scale, sentence, n_evaluations)


def _distance(peaks, one, other) -> float:
    difference = peaks.points[one] - peaks.points[other]
    return float(difference @ np.linalg.solve(peaks.covariances[one] + peaks.covariances[other], difference))


def scatter(target, found: Search, rng: np.random.Generator, n_ensembles: int, n_walkers: int):
    """Draw starting walkers, over-dispersed about every mode.

    Walkers whose log density is not finite, or absurdly low, are drawn again closer to their mode.

    Returns
    -------
    coords : numpy.ndarray
        (ensemble, walker, d).
    log_prob : numpy.ndarray
        (ensemble, walker).
    n_evaluations : int
    """
    n, d = n_ensembles * n_walkers, found.modes.means.shape[1]
    share = np.maximum(found.modes.weights, 1e-9)
    slots = (np.arange(n_walkers) + 0.5) / n_walkers
    which = np.tile(
        np.searchsorted(np.cumsum(share) / share.sum(), slots).clip(max=len(share) - 1), n_ensembles
    )
    lowest = found.log_density[which] - 20 - 5 * d
    coords, log_prob = np.empty((n, d)), np.full(n, -np.inf)
    missing, width, n_evaluations = np.arange(n), 2.0, 0
    for _ in range(40):
        factors = found.modes.factors[which[missing]]
        steps = np.einsum("nij,nj->ni", factors, rng.standard_normal((len(missing), d)))
        coords[missing] = found.modes.means[which[missing]] + width * steps
        log_prob[missing] = target.log_density(coords[missing])
        n_evaluations += len(missing)
        missing = np.flatnonzero(~(log_prob > lowest))
        if len(missing) == 0:
            return (
                coords.reshape(n_ensembles, n_walkers, d),
                log_prob.reshape(n_ensembles, n_walkers),
                n_evaluations,
            )
        width *= 0.8
    raise SamplingError(
        "start: no usable starting points near the maximum at "
        f"{target.describe_point(found.modes.means[0])}; the log "
        "density is not finite around it. Give start= or priors that exclude such a place."
    )
