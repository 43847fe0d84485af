"""A second witness of a posterior: importance sampling from its Laplace approximation, or from what was learnt."""

from typing import NamedTuple

import numpy as np

from bayesfit.diagnostics.pareto import tail_shape
from bayesfit.sampling.fit import fit_proposal
from bayesfit.sampling.student import StudentMixture

__all__ = ["COVERING_DRAWS", "DRAWS", "confirmed", "covered"]

#: draws, and the least share of them that must be effective, for approximations and for what was learnt
DRAWS, COVERING_DRAWS, LEAST_EFFICIENCY = 1024, 4096, 0.6
#: the share of draws that comes from a wider approximation, and its width
WIDE_SHARE, WIDTH = 0.2, 2.0
#: the largest Pareto shape and the largest weight, in units of the mean, of approximations that are the posterior
WORST_SHAPE, LARGEST = 0.3, 4.0
#: the largest shape for what was learnt, and the share of the posterior that may lie where weights are above so much
COVERING_SHAPE, HEAVY, HEAVY_SHARE = 0.5, 5.0, 0.02
#: the logarithm of the weight at which a walker stands where draws do not come
UNKNOWN = 5.0


def confirmed(target, modes: StudentMixture, rng: np.random.Generator) -> StudentMixture | None:
    """Return a proposal where the Laplace approximations are nearly the posterior, else None.

    Draws from them, and from others twice as wide, get weights p / q.  Even weights without a tail mean that the
    posterior has the shape of the approximations wherever these draws reach, with no bend, edge or heavy tail, and
    that each mode has its share.  Then hardly anything is left for a burn-in to learn.

    Parameters
    ----------
    target
        The density, of which `DRAWS` values are evaluated.
    modes
        What a search found.
    rng
        Source of the draws.
    """
    proposal = modes.mixed_with(modes.scaled(WIDTH), WIDE_SHARE)
    found = _weighted(target, proposal, rng, DRAWS)
    if not (found.weights.max() < LARGEST and _is_even(found.weights, WORST_SHAPE)):
        return None
    fitted = fit_proposal(found.draws, modes, rng, found.weights)
    return fitted if len(fitted.weights) <= len(modes.weights) else None


def covered(target, proposal: StudentMixture, coords, log_prob, rng: np.random.Generator):
    """Return draws of the posterior from a learnt proposal that covers it, else None.

    Where no weight p / q is above M times their mean, independent proposals from q forget every start at a rate of
    1 / M in a step (Mengersen & Tweedie 1996, Annals of Statistics 24, 101).  Chains need not be long then to have been
    everywhere, and need not begin where the burn-in has left them.  Draws of q are where q is dense, and walkers where
    p is: both are asked.

    Parameters
    ----------
    target
        The density, of which `COVERING_DRAWS` values are evaluated.
    proposal
        What independent proposals come from.
    coords, log_prob
        Where walkers stand (n, d), and ln p there (n,).
    rng
        Source of the draws.

    Returns
    -------
    tuple of ndarray, or None
        As many draws (n, d) as there are walkers, independent but for those that stand for two, and ln p there (n,).
    """
    found = _weighted(target, proposal, rng, COVERING_DRAWS)
    heavy = found.weights[found.weights > HEAVY].sum() / COVERING_DRAWS
    unknown = (log_prob - proposal.log_density(coords) - found.level).max() > UNKNOWN
    if unknown or heavy > HEAVY_SHARE or not _is_even(found.weights, COVERING_SHAPE):
        return None
    ladder = (np.arange(len(coords)) + rng.uniform()) / len(coords)
    chosen = np.searchsorted(np.cumsum(found.weights) / COVERING_DRAWS, ladder).clip(max=COVERING_DRAWS - 1)
    return found.draws[chosen], found.log_density[chosen]


class _Weighted(NamedTuple):
    """Draws (n, d), ln p there, their weights p / q in units of the mean weight, and its logarithm."""

    draws: np.ndarray
    log_density: np.ndarray
    weights: np.ndarray
    level: float


def _weighted(target, proposal, rng, n_draws) -> _Weighted:
    draws = proposal.sample(rng, n_draws)
    log_density = target.log_density(draws)
    log_weights = log_density - proposal.log_density(draws)
    highest = log_weights.max()
    weights = np.exp(log_weights - highest)
    return _Weighted(draws, log_density, weights / weights.mean(), highest + np.log(weights.mean()))


def _is_even(weights, worst_shape) -> bool:
    return bool(1 / np.square(weights).mean() > LEAST_EFFICIENCY and tail_shape(weights) < worst_shape)
