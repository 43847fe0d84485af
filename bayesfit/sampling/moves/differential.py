"""Differential evolution: move by the difference of two walkers of the other half."""

import numpy as np

from bayesfit.sampling.moves.base import HalfMove

__all__ = ["Differential"]


class Differential(HalfMove):
    """q = s + γ (c₁ - c₂), symmetric (ter Braak 2006; Nelson, Ford & Payne 2014).

    Parameters
    ----------
    gamma
        Mean of γ; by default 2.38 / √(2d).  γ = 1 carries walkers from one mode to another.
    spread
        Relative standard deviation of γ.
    shortest
        Factor down to which γ is shortened at random, with uniform logarithm, for half of the walkers: a
        bent or narrowing ridge can only be followed by steps far shorter than it is long.
    """

    def __init__(
        self, n_ensembles: int = 1, *, gamma: float | None = None, spread: float = 1e-2, shortest: float = 1.0
    ):
        super().__init__(n_ensembles)
        self.gamma = gamma
        self.spread = spread
        self.shortest = shortest

    def get_proposal(self, sample, complement, random):
        """Return shifted positions; the proposal is symmetric."""
        (*shape, d), m = sample.shape, complement.shape[1]
        # far cheaper than randint, and no less uniform for a few hundred walkers
        first, shift = random.random_sample((2, *shape))
        first = (m * first).astype(int)
        # a second walker that is never the first
        second = (first + 1 + ((m - 1) * shift).astype(int)) % m
        gamma = (self.gamma or 2.38 / np.sqrt(2 * d)) * (1 + self.spread * random.standard_normal((*shape, 1)))
        if self.shortest < 1:
            gamma *= self.shortest ** np.maximum(2 * random.random_sample((*shape, 1)) - 1, 0)
        own = np.arange(len(sample))[:, None]
        return sample + gamma * (complement[own, first] - complement[own, second]), np.zeros(shape)
