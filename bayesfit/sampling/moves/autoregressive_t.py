"""Steps of any length that leave a fixed mixture of t densities as it is."""

import numpy as np
from emcee.moves import Move

from bayesfit.sampling.moves.base import accept
from bayesfit.sampling.student import StudentMixture

__all__ = ["AutoregressiveT"]


class AutoregressiveT(Move):
    """Propose z' = m + √(1 - δ²) (z - m) + δ L ε / √s, which is reversible with respect to the mixture q.

    The component (m, L) is drawn given z, and so is the precision s ~ Γ((ν + d) / 2, (ν + r²) / 2) that makes a t of
    normals, r² being the squared distance from m.  So q(z) Q(z → z') = q(z') Q(z' → z), and a proposal is accepted
    with p(z') q(z) / (p(z) q(z')), as that of an independence move, which it is for δ = 1.  Where q is lighter than p,
    and an independence move sticks, short steps come out.

    Parameters
    ----------
    proposal
        The mixture.
    shortest
        Least δ; its logarithm is uniform up to δ = 1.

    References
    ----------
    Neal 1998, in Bayesian Statistics 6, 475; Cotter, Roberts, Stuart & White 2013, Statistical Science 28, 424.
    """

    def __init__(self, proposal: StudentMixture, shortest: float = 0.1):
        self.proposal = proposal
        self.shortest = shortest

    def get_proposal(self, sample, random):
        """Return shifted positions and ln q(old) - ln q(new)."""
        q, (n, d) = self.proposal, sample.shape
        which = q.drawn_components(sample, random)
        squared = q.distances(sample)[which, np.arange(n)]
        precision = random.standard_gamma(0.5 * (q.dof + d), size=n) / (0.5 * (q.dof + squared))
        normal = random.standard_normal((n, d)) / np.sqrt(precision)[:, None]
        length = self.shortest ** random.random_sample((n, 1))
        proposed = (
            q.means[which]
            + np.sqrt(1 - length**2) * (sample - q.means[which])
            + length * np.einsum("nij,nj->ni", q.factors[which], normal)
        )
        density = q.log_density(np.concatenate([sample, proposed]))
        return proposed, density[:n] - density[n:]

    def propose(self, model, state):
        """Move the whole ensemble at once."""
        accepted = np.zeros(len(state.coords), dtype=bool)
        proposed, log_factor = self.get_proposal(state.coords, model.random)
        accepted[accept(model, state, np.arange(len(accepted)), proposed, log_factor)] = True
        return state, accepted
