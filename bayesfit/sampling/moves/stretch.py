"""The affine-invariant stretch move."""

import numpy as np

from bayesfit.sampling.moves.base import HalfMove

__all__ = ["Stretch"]


class Stretch(HalfMove):
    """Move along the line through a walker of the other half (Goodman & Weare 2010, eq. 7).

    q = c + ζ (s - c) with density g(ζ) ∝ ζ^(-1/2) on (1/a, a), accepted with ζ^(d-1) p(q) / p(s).
    """

    def __init__(self, n_ensembles: int = 1, a: float = 2.0):
        super().__init__(n_ensembles)
        self.a = a

    def get_proposal(self, sample, complement, random):
        """Return stretched positions and (d - 1) ln ζ."""
        shape, m = sample.shape[:2], complement.shape[1]
        # far cheaper than randint, and no less uniform for a few hundred walkers
        which = (m * random.random_sample(shape)).astype(int)
        anchors = complement[np.arange(len(sample))[:, None], which]
        zeta = ((self.a - 1) * random.random_sample(shape) + 1) ** 2 / self.a
        return anchors + zeta[..., None] * (sample - anchors), (sample.shape[2] - 1) * np.log(zeta)
