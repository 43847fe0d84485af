"""Fit a mixture of t densities to a cloud of draws."""

import numpy as np

from bayesfit.sampling.student import StudentMixture

__all__ = ["fit_proposal"]


def fit_proposal(draws: np.ndarray, modes: StudentMixture, rng: np.random.Generator) -> StudentMixture:
    """Return the t mixture that an independence move proposes from.

    Parameters
    ----------
    draws
        Points (n, d) from the burn-in.
    modes
        What the search found; its centres tell which draws belong together.
    rng
        Chooses starting centres.
    """
    nearest = modes.component_log_density(draws).argmax(axis=0)
    d = draws.shape[1]
    groups = [draws[nearest == k] for k in range(len(modes.weights))]
    groups = [group for group in groups if len(group) > 5 * d]
    if not groups:
        groups = [draws]
    covariances = [np.atleast_2d(np.cov(group.T)) for group in groups]
    return StudentMixture.from_moments([len(g) for g in groups], [g.mean(axis=0) for g in groups], covariances)
