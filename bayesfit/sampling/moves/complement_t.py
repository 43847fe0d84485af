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

    def __init__(self, dof: float = 6.0):
        super().__init__()
        self.dof = dof

    def get_proposal(self, sample, complement, random):
        """Return draws from the fitted t and ln q(old) - ln q(new)."""
        others, (n, d) = complement[0], sample.shape
        mean = np.add.reduce(others) / len(others)
        centred = others - mean
        covariance = centred.T @ centred / (len(others) - 1)
        unit, factor = _factor(covariance)
        normal = random.standard_normal((n, d))
        normal *= np.sqrt(self.dof / (2 * random.standard_gamma(self.dof / 2, size=n)))[:, None]
        old, _ = _trtrs(factor, ((sample - mean) / unit).T, lower=1)
        # the distances of the new points are known from what they were made of
        distances = np.array([np.einsum("dn,dn->n", old, old), np.einsum("nd,nd->n", normal, normal)])
        new_level, old_level = np.log1p(distances[::-1] / self.dof)
        return mean + unit * (normal @ factor.T), 0.5 * (self.dof + d) * (new_level - old_level)


def _factor(covariance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return units (d,) and the lower Cholesky factor of the covariance in those units."""
    unit = np.sqrt(np.maximum(np.diag(covariance), np.finfo(float).tiny))
    scaled = covariance / np.outer(unit, unit)
    factor, failed = _potrf(scaled, lower=1)
    return unit, cholesky(scaled) if failed else factor
