"""A second witness of a posterior: importance sampling from its Laplace approximation."""

import numpy as np

from bayesfit.diagnostics.pareto import tail_shape
from bayesfit.sampling.fit import fit_proposal
from bayesfit.sampling.student import StudentMixture

__all__ = ["DRAWS", "confirmed"]

#: draws; the share of them that comes from a wider approximation, and its width
DRAWS, WIDE_SHARE, WIDTH = 1024, 0.2, 2.0
#: the least share of draws that must be effective, the largest Pareto shape and the largest weight in units of the mean
LEAST_EFFICIENCY, WORST_SHAPE, LARGEST = 0.6, 0.3, 4.0


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
    draws = proposal.sample(rng, DRAWS)
    weights = target.log_density(draws) - proposal.log_density(draws)
    weights = np.exp(weights - weights.max())
    weights *= len(weights) / weights.sum()
    even = 1 / np.square(weights).mean() > LEAST_EFFICIENCY and weights.max() < LARGEST
    if not (even and tail_shape(weights) < WORST_SHAPE):
        return None
    fitted = fit_proposal(draws, modes, rng, weights)
    return fitted if len(fitted.weights) <= len(modes.weights) else None
