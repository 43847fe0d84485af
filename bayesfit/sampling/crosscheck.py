"""Chains against importance-weighted draws from the frozen proposal: two ways to the same moments."""

import numpy as np

from bayesfit.sampling.student import StudentMixture

__all__ = ["DRAWS", "doubt"]

#: draws, and the least share of them that must be effective for a comparison
DRAWS, LEAST_SHARE = 8192, 0.02
#: standard errors, and the differences of means (in deviations) and of variances (relative), that are allowed
ERRORS, MEAN_SLACK, VARIANCE_SLACK = 3.0, 0.05, 0.08


def doubt(target, proposal: StudentMixture, natural: np.ndarray, n_effective: float, rng) -> str:
    """Return a sentence about the moment that differs most, or nothing where all agree.

    Chains that rarely enter the tails of a bent posterior look converged while their tails are too thin.  The
    proposal, part of which was fitted to a flattened density, reaches farther than they did.

    Parameters
    ----------
    target
        The density.
    proposal
        What the draws come from; it should reach wherever the density matters.
    natural
        Draws of the chains (n, d) in natural units.
    n_effective
        How many independent draws they are worth.
    rng
        Source of the draws; `DRAWS` densities are evaluated.
    """
    z = proposal.sample(rng, DRAWS)
    log_weight = target.log_density(z) - proposal.log_density(z)
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    if not 1 / np.square(weight).sum() > LEAST_SHARE * DRAWS:
        return ""
    values = target.natural(z)
    mean = weight @ values
    square = (values - mean) ** 2
    variance = weight @ square
    chain_mean, chain_square = natural.mean(axis=0), np.square(natural - natural.mean(axis=0))
    chain_variance = chain_square.mean(axis=0)
    mean_error = np.sqrt(weight**2 @ square + chain_variance / n_effective)
    variance_error = np.sqrt(weight**2 @ (square - variance) ** 2 + chain_square.var(axis=0) / n_effective)
    with np.errstate(divide="ignore", invalid="ignore"):
        off = np.abs(chain_mean - mean) / (MEAN_SLACK * np.sqrt(variance) + ERRORS * mean_error)
        wide = np.abs(chain_variance - variance) / (VARIANCE_SLACK * variance + ERRORS * variance_error)
    excess = np.fmax(off, wide)
    worst = int(np.argmax(np.where(np.isfinite(excess), excess, 0.0)))
    if not excess[worst] > 1:
        return ""
    return (
        f"Mean and deviation of {target.walked_names[worst]} are {chain_mean[worst]:.4g} and "
        f"{np.sqrt(chain_variance[worst]):.4g} in the chains, but {mean[worst]:.4g} and "
        f"{np.sqrt(variance[worst]):.4g} by importance sampling: parts of the posterior are rarely visited; "
        "sample longer, or reparametrise."
    )
