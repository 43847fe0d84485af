"""Independent proposals from a t density fitted to the other half of the ensemble."""

import numpy as np
from scipy.linalg import get_lapack_funcs

from bayesfit.sampling.moves.base import HalfMove
from bayesfit.sampling.student import cholesky

__all__ = ["ComplementT"]

_potrf, _trtrs = get_lapack_funcs(("potrf", "trtrs"), dtype=np.float64)


class ComplementT(HalfMove):
    """Propose each half from a t density with the mean and covariance of the other half.

    The proposal never depends on the walkers that move, so detailed balance holds exactly while the
    proposal follows the ensemble.  It wants some 10 walkers for each parameter.

    Parameters
    ----------
    dof
        Degrees of freedom of the t density.
    """

    def __init__(self, n_ensembles: int = 1, dof: float = 6.0):
        super().__init__(n_ensembles)
        self.dof = dof

    def get_proposal(self, sample, complement, random):
        """Return draws from the fitted t and ln q(old) - ln q(new)."""
        (*shape, d), m = sample.shape, complement.shape[1]
        mean = np.add.reduce(complement, axis=1, keepdims=True) / m
        centred = complement - mean
        covariance = centred.swapaxes(1, 2) @ centred / (m - 1)
        normal = random.standard_normal(sample.shape)
        normal *= np.sqrt(self.dof / (2 * random.standard_gamma(self.dof / 2, size=shape)))[..., None]
        old, shift = np.empty_like(sample), np.empty_like(sample)
        for e, (unit, factor) in enumerate(map(_factor, covariance)):
            old[e] = _trtrs(factor, ((sample[e] - mean[e]) / unit).T, lower=1)[0].T
            shift[e] = unit * (normal[e] @ factor.T)
        # the distances of the new points are known from what they were made of
        old_level, new_level = (np.log1p(np.einsum("end,end->en", z, z) / self.dof) for z in (old, normal))
        return mean + shift, 0.5 * (self.dof + d) * (new_level - old_level)


def _factor(covariance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return units (d,) and the lower Cholesky factor of the covariance in those units."""
    unit = np.sqrt(np.maximum(np.diag(covariance), np.finfo(float).tiny))
    scaled = covariance / np.outer(unit, unit)
    factor, failed = _potrf(scaled, lower=1)
    return unit, cholesky(scaled) if failed else factor
