"""The affine-invariant stretch move."""

import numpy as np

from bayesfit.sampling.moves.base import HalfMove

__all__ = ["Stretch"]


class Stretch(HalfMove):
    """Move along the line through a walker of the other half (Goodman & Weare 2010, eq. 7).

    q = c + ζ (s - c) with density g(ζ) ∝ ζ^(-1/2) on (1/a, a), accepted with ζ^(d-1) p(q) / p(s).
    """

    def __init__(self, a: float = 2.0):
        super().__init__()
        self.a = a

    def get_proposal(self, sample, complement, random):
        """Return stretched positions and (d - 1) ln ζ."""
        others = complement[0]
        # far cheaper than randint, and no less uniform for a few hundred walkers
        anchors = others[(len(others) * random.random_sample(len(sample))).astype(int)]
        zeta = ((self.a - 1) * random.random_sample(len(sample)) + 1) ** 2 / self.a
        return anchors + zeta[:, None] * (sample - anchors), (sample.shape[1] - 1) * np.log(zeta)
