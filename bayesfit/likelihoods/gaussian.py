"""Gaussian noise: chi-squared with its constants, intrinsic scatter, limits, asymmetric and correlated errors."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.linalg import solve_triangular

from bayesfit.densities import HALF_LOG_TWO_PI
from bayesfit.errors import ModelError
from bayesfit.likelihoods.base import is_plain_sum
from bayesfit.likelihoods.location import Location, Noise
from bayesfit.likelihoods.normal_noise import normal_density, normal_density_sum, normal_draw, normal_interval

__all__ = ["Gaussian"]


@dataclass(frozen=True, repr=False)
class Gaussian(Location):
    r"""ln p(y_i | η_i) = -½ [(y_i - η_i)² / V_i + ln 2π V_i], V_i = σ_i² + s².

    Parameters
    ----------
    scatter : bool or None
        Whether the intrinsic scatter s is inferred, as the parameter "scatter".  None: only where the
        data have no label errors; s is then the noise level.
    truncation : (low, high), optional
        Rows enter the data only where the measured label falls between these: numbers, names of columns, or None.
        A row without a label counts as not selected by it; where it was, its label is that interval.

    Notes
    -----
    Limits contribute ln Φ((L - η)/√V) and its kin.  Asymmetric errors (σ-, σ+) are the two-piece
    normal with σ+ where η > y, convolved exactly with the scatter.  With a covariance C of all
    labels, V = C + s²·1 and the rows are not independent: `log_joint` is the density of all labels,
    while the pointwise terms are ln p(y_i | y_{-i}), the ones that leave-one-out needs (Bürkner, Gabry &
    Vehtari 2021).  Default prior: s ~ HalfNormal(2 sd(y)).

    References
    ----------
    Hogg, Bovy & Lang (2010), arXiv:1008.4686.
    """

    scatter: bool | None = None
    truncation: tuple | None = None

    takes_asymmetric = True
    is_closed = True

    def check(self, data):
        if data.y_cov is None or self.truncation is not None or data.kind != "numbers":
            super().check(data)
        elif data.noisy.any():
            raise ModelError("y_cov does not go with noisy or missing features: the rows are not independent")
        elif is_plain_sum(type(self).log_joint):
            raise ModelError(
                f"y_cov: {type(self).__name__} overrides log_prob, so it has to say log_joint too: the density of "
                "labels with a covariance is not the sum of their terms"
            )

    def _check_covariance(self, data):
        if self.truncation is not None:
            super()._check_covariance(data)

    def log_density(self, values, labels, eta, noise: Noise):
        return normal_density(labels, eta, noise)

    def log_density_sum(self, values, labels, eta, noise: Noise):
        return normal_density_sum(labels, eta, noise)

    def log_interval(self, values, low, high, eta, noise: Noise):
        return normal_interval(low, high, eta, noise)

    # -- correlated labels ----------------------------------------------------------------------------

    def log_prob(self, values, eta, data):
        if data.y_cov is not None:
            return self._conditional(values, eta, data)
        return super().log_prob(values, eta, data)

    def log_joint(self, values, eta, data):
        if data.y_cov is None:
            return super().log_joint(values, eta, data)
        apart, variance, log_det = self._decorrelated(values, data)
        rotated = (data.y - eta) @ apart.forth
        return -0.5 * ((rotated**2 / variance).sum(axis=-1) + log_det) - len(data) * HALF_LOG_TWO_PI

    def _conditional(self, values, eta, data):
        """Ln p(y_i | y_{-i}): mean y_i - g_i / c_i, variance 1 / c_i, with g = V⁻¹ r and c = diag V⁻¹."""
        apart, variance, _ = self._decorrelated(values, data)
        weighted = ((data.y - eta) @ apart.forth / variance) @ apart.forth.T
        precision = (1.0 / variance) @ (apart.forth**2).T
        return -0.5 * (weighted**2 / precision - np.log(precision)) - HALF_LOG_TWO_PI

    @staticmethod
    def _decorrelated(values, data):
        """Return the map to independent numbers, their variances (W or 1, N), and ln det V (W or 1,).

        Eigenvectors serve every scatter; without one the Cholesky factor keeps digits of small variances beside large
        ones, of which an eigenvalue has only what the largest one leaves.
        """
        if "scatter" not in values:
            apart, log_det = data.remember("label factor", lambda: _by_factor(data.y_cov))
            return apart, np.ones((1, len(data))), log_det
        apart, eigenvalues = data.remember("label spectrum", lambda: _by_spectrum(data.y_cov))
        variance = eigenvalues + np.square(values["scatter"])[:, None]
        return apart, variance, np.log(variance).sum(axis=-1)

    # -- simulation -----------------------------------------------------------------------------------

    def simulate(self, values, eta, data, rng):
        if data.y_cov is not None:
            apart, variance, _ = self._decorrelated(values, data)
            return eta + (rng.standard_normal(eta.shape) * np.sqrt(variance)) @ apart.back
        return normal_draw(eta, self.noise(values, 0.0, data), rng)


class Apart(NamedTuple):
    """Matrices (N, N) that take residuals to independent numbers, and back: r @ forth, numbers @ back."""

    forth: np.ndarray
    back: np.ndarray


def _by_spectrum(cov):
    """Return the eigenvectors of a covariance, and the variances (N,) that they leave."""
    eigenvalues, rotation = np.linalg.eigh(cov)
    return Apart(rotation, rotation.T), eigenvalues


def _by_factor(cov):
    """Return the Cholesky factor of a covariance with its inverse, which leave variances of one, and ln det (1,)."""
    factor = np.linalg.cholesky(cov)
    inverse = solve_triangular(factor, np.eye(len(cov)), lower=True)
    return Apart(inverse.T, factor.T), 2.0 * np.log(np.diagonal(factor)).sum(keepdims=True)
