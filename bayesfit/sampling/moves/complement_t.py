"""Independent proposals from a t density fitted to the other half of the ensemble."""

import numpy as np

from bayesfit.sampling.moves.base import HalfMove
from bayesfit.sampling.student import StudentMixture

__all__ = ["ComplementT"]


class ComplementT(HalfMove):
    """Propose each half from a t density with the mean and covariance of the other half.

    The proposal never depends on the walkers that move, so detailed balance holds exactly while the
    proposal follows the ensemble.  It wants some 10 walkers for each parameter.

    Parameters
    ----------
    dof
        Degrees of freedom of the t density.
    """

    def __init__(self, dof: float = 6.0):
        super().__init__()
        self.dof = dof

    def get_proposal(self, sample, complement, random):
        """Return draws from the fitted t and ln q(old) - ln q(new)."""
        others = complement[0]
        mean = others.mean(axis=0)
        centred = others - mean
        covariance = centred.T @ centred / (len(others) - 1)
        fitted = StudentMixture.from_moments(np.ones(1), mean[None], covariance[None], self.dof)
        proposed = fitted.sample(random, len(sample))
        density = fitted.log_density(np.concatenate([sample, proposed]))
        return proposed, density[: len(sample)] - density[len(sample) :]
