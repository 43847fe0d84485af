"""Where walkers start: the maxima of the posterior, and an over-dispersed cloud around each."""

from dataclasses import dataclass, replace

import numpy as np

from bayesfit.errors import SamplingError
from bayesfit.sampling.blame import blame
from bayesfit.sampling.laplace import Peaks, climb, refine
from bayesfit.sampling.maxima import climb_on, drawn, leaders
from bayesfit.sampling.student import StudentMixture

__all__ = ["Search", "scatter", "search"]

#: crude candidates asked of the target, and once more if none of them is usable
CANDIDATES = (256, 2000)
#: evaluations that all climbs of one round may cost in an iteration, and the fewest and most of them
CLIMB_COST, CLIMBS = 600, (5, 24)
#: draws around the maxima that are known, in powers of two: as many as evaluate so many rows, within bounds, of which
#: the upper one grows with the dimension up to its last value; their widths in units of the Laplace approximation, and
#: how far out (in squared units of the mode's own width) one must lie to be no news of the same mode
SCOUTED_ROWS, SCOUTS, SCOUT_WIDTHS, FAR = 22, (9, 11, 14), (2.5, 4.0), 9.0
#: a mode whose Laplace mass is below exp(-this) of the largest is left out
NEGLIGIBLE = 12.0
#: fewest degrees of freedom of the Laplace approximations
LEAST_DOF = 6.0
#: degrees of freedom of tails that are as light as those of a normal density
LIGHT = 1000.0
#: the least and the most that a walked parameter may vary: variances of it, and curvatures, are no longer floats beyond
SCALES = 1e-150, 1e150


@dataclass(frozen=True, eq=False)
class Search:
    """The modes that were found, as a t mixture of Laplace approximations, and a sentence about them.

    ``given`` is true where the user placed every walker, so that the modes may not be all that they are in; ``unseen``
    is a sentence about maxima that were probably not found, empty if there are none.
    """

    modes: StudentMixture
    log_density: np.ndarray
    scale: np.ndarray
    sentence: str
    n_evaluations: int
    given: bool = False
    unseen: str = ""

    def described(self, sentence: str, given: bool = False) -> "Search":
        """Return a copy with another sentence."""
        return replace(self, sentence=sentence, given=given)


def _candidates(target, rng):
    points, value, _ = drawn(target, rng, CANDIDATES)
    if np.isfinite(value).any():
        return points, value
    raise SamplingError(
        f"start: the log density is not finite at any of {len(points)} points drawn from the priors. "
        + blame(target, points)
    )


def _spread(points: np.ndarray) -> np.ndarray:
    """Return a robust width of candidates along each axis; one where they do not differ."""
    low, high = np.quantile(points, [0.1, 0.9], axis=0)
    wide = np.where(high > low, high - low, np.ptp(points, axis=0))
    return np.where(wide > 0, wide, np.maximum(np.abs(points[0]), 1.0))


def _refuse_extremes(target, scale):
    """Raise a SamplingError where variances could not be held by floats."""
    worst = int(np.argmax(np.abs(np.log(scale))))
    if not SCALES[0] < scale[worst] < SCALES[1]:
        raise SamplingError(
            f"{target.walked_names[worst]} varies by {scale[worst]:.3g} under its prior, whose square is no "
            "floating-point number: choose units in which it is nearer to one, or fix it"
        )


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
        If the density is finite nowhere, or a parameter's prior is too narrow or too wide for floats.
    """
    candidates, value = _candidates(target, rng)
    usable = np.flatnonzero(np.isfinite(value))
    scale = _spread(candidates[usable])
    _refuse_extremes(target, scale)
    if points is not None:
        peaks = refine(target.log_density, climb(target.log_density, points, scale), scale)
        return _modes(peaks, scale, f"{len(points)} climbs", len(candidates) + peaks.n_evaluations)
    d = candidates.shape[1]
    n_climbs = int(np.clip(CLIMB_COST // (1 + d + d**2), *CLIMBS))
    ranked = usable[np.argsort(-value[usable])]
    # the best few, and others from anywhere: the best all tend to lie in one basin
    points = candidates[np.r_[ranked[:3], rng.permutation(ranked[3:])][:n_climbs]]
    peaks, unseen = climb_on(target, climb(target.log_density, points, scale), scale, rng)
    n_drawn = len(candidates) + len(peaks.points) - len(points)
    scouts, n_scouts, n_evaluated = _scouts(target, _modes(peaks, scale, "", 0).modes, rng, n_climbs)
    if len(scouts):
        peaks = peaks.joined(climb(target.log_density, scouts, scale))
    how = (
        f"{len(peaks.points)} climbs from the best and from random ones of {n_drawn} draws from "
        f"the priors and {n_scouts} draws around the maxima"
    )
    return _modes(peaks, scale, how, len(candidates) + n_evaluated + peaks.n_evaluations, unseen)


def _scouts(target, modes: StudentMixture, rng, n_most: int):
    """Draw widely around known modes; return points that these do not explain, and how many were drawn and evaluated.

    A small mode far away is the top of few draws, but each of them is denser by far than the known modes
    say: two thirds of the points are those with the largest such ratios, to tails that are heavy and to tails that
    are light, the others are the densest of all that are far out.
    """
    fewest, more, most = SCOUTS
    most = min(more + modes.means.shape[1], most)
    power = int(np.clip(SCOUTED_ROWS - np.ceil(np.log2(max(target.n_rows, 1))), fewest, most))
    wide = [modes.scaled(width).with_dof(3.0) for width in SCOUT_WIDTHS]
    points = np.concatenate([each.sample(rng, 2**power) for each in wide])
    points = points[modes.distances(points).min(axis=0) > FAR]
    value = target.log_density(points)
    value[~np.isfinite(value)] = -np.inf
    news = [value - modes.with_dof(dof).log_density(points) for dof in (modes.dof, LIGHT)]
    best = [np.argsort(rank)[-((n_most + 2) // 3) :] for rank in (value, *news)]
    chosen = np.unique(np.concatenate(best))
    return points[chosen[np.isfinite(value[chosen])]], len(wide) * 2**power, len(points)


def _modes(peaks: Peaks, scale, how: str, n_evaluations, unseen: str = "") -> Search:
    """Merge climbs that ended at the same maximum and drop negligible ones."""
    mass = peaks.log_density + 0.5 * np.linalg.slogdet(peaks.covariances / np.outer(scale, scale))[1]
    highest = np.argsort(-peaks.log_density)
    # not above it: of a density of 1e100 nothing can be subtracted
    leader = leaders(peaks, highest[mass[highest] >= mass.max() - NEGLIGIBLE])
    kept = leader[np.sort(np.unique(leader, return_index=True)[1])]
    share = np.exp(np.clip(mass[kept] - mass[kept].max(), -1.5, 0))
    # heavy tails cost the more the more dimensions there are: nearly all of a t's mass lies off the Gaussian's shell
    dof = max(LEAST_DOF, 2.0 * peaks.points.shape[1])
    modes = StudentMixture.from_moments(share, peaks.points[kept], peaks.covariances[kept], dof)
    found = "one maximum" if len(kept) == 1 else f"{len(kept)} maxima that matter"
    sentence = f"{how} found {found} of the posterior; walkers started around " + ("it." if len(kept) == 1 else "each.")
    return Search(modes, peaks.log_density[kept], scale, sentence, n_evaluations, unseen=unseen)


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
    which = np.tile(np.searchsorted(np.cumsum(share) / share.sum(), slots).clip(max=len(share) - 1), n_ensembles)
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
