"""Independent proposals from a fixed mixture of t densities."""

import numpy as np
from emcee.moves import Move

from bayesfit.sampling.moves.base import accept
from bayesfit.sampling.student import StudentMixture

__all__ = ["IndependentT"]


class IndependentT(Move):
    """Propose every walker afresh from a frozen mixture of t densities.

    Accepted with p(z') q(z) / (p(z) q(z')).  Near Gaussian posteriors make successive steps nearly
    independent; where q is much lighter than p walkers stick, so it is never used alone.

    Parameters
    ----------
    proposal
        A Laplace approximation at first, then a fit to the burn-in.
    """

    def __init__(self, proposal: StudentMixture):
        self.proposal = proposal

    def get_proposal(self, sample, random):
        """Return independent draws and ln q(old) - ln q(new)."""
        proposed = self.proposal.sample(random, len(sample))
        density = self.proposal.log_density(np.concatenate([sample, proposed]))
        return proposed, density[: len(sample)] - density[len(sample) :]

    def propose(self, model, state):
        """Move the whole ensemble at once."""
        accepted = np.zeros(len(state.coords), dtype=bool)
        proposed, log_factor = self.get_proposal(state.coords, model.random)
        accepted[accept(model, state, np.arange(len(accepted)), proposed, log_factor)] = True
        return state, accepted
