"""Gaussian noise: chi-squared with its constants, intrinsic scatter, limits, asymmetric and correlated errors."""

from dataclasses import dataclass

import numpy as np
from scipy.special import log_ndtr

from bayesfit.densities import HALF_LOG_TWO_PI, log_ndtr_difference
from bayesfit.errors import ModelError
from bayesfit.likelihoods.location import Location, Noise

__all__ = ["Gaussian", "log_normal_interval", "log_split_normal"]


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

    def check(self, data):
        if data.y_cov is None or self.truncation is not None or data.kind != "numbers":
            super().check(data)

    def log_density(self, values, labels, eta, noise: Noise):
        if not noise.symmetric:
            return log_split_normal(labels - eta, noise)
        residual = labels - eta
        variance = noise.total
        np.square(residual, out=residual)
        residual /= variance
        residual += np.log(variance)
        residual *= -0.5
        residual -= HALF_LOG_TWO_PI
        return residual

    def log_interval(self, values, low, high, eta, noise: Noise):
        return log_normal_interval(low, high, eta, noise.total)

    # -- correlated labels ----------------------------------------------------------------------------

    def log_prob(self, values, eta, data):
        if data.y_cov is not None:
            return self._conditional(values, eta, data)
        return super().log_prob(values, eta, data)

    def log_prob_noisy(self, values, mean, variance, data):
        if data.y_cov is not None:
            raise ModelError("y_cov does not go with noisy or missing features (x_err)")
        return super().log_prob_noisy(values, mean, variance, data)

    def log_joint(self, values, eta, data):
        if data.y_cov is None:
            return super().log_joint(values, eta, data)
        rotation, eigenvalues = _spectrum(data)
        variance = self._spread(values, eigenvalues)
        rotated = (data.y - eta) @ rotation
        return -0.5 * (rotated**2 / variance + np.log(variance)).sum(axis=-1) - len(data) * HALF_LOG_TWO_PI

    def _conditional(self, values, eta, data):
        """ln p(y_i | y_{-i}): mean y_i - g_i / c_i, variance 1 / c_i, with g = V⁻¹ r and c = diag V⁻¹."""
        rotation, eigenvalues = _spectrum(data)
        variance = self._spread(values, eigenvalues)
        weighted = ((data.y - eta) @ rotation / variance) @ rotation.T
        precision = (1.0 / variance) @ (rotation**2).T
        return -0.5 * (weighted**2 / precision - np.log(precision)) - HALF_LOG_TWO_PI

    @staticmethod
    def _spread(values, eigenvalues):
        return eigenvalues + np.square(values["scatter"])[:, None] if "scatter" in values else eigenvalues[None, :]

    # -- simulation -----------------------------------------------------------------------------------

    def simulate(self, values, eta, data, rng):
        noise = rng.standard_normal(eta.shape)
        if data.y_cov is not None:
            rotation, eigenvalues = _spectrum(data)
            return eta + (noise * np.sqrt(self._spread(values, eigenvalues))) @ rotation.T
        own = self.noise(values, 0.0, data)
        if own.symmetric:
            return eta + noise * np.sqrt(own.own)
        return eta + split_normal_error(own, eta.shape, rng) + noise * np.sqrt(own.scatter)


def log_normal_interval(low, high, centre, variance):
    """Return ln P(low < y < high) for y ~ N(centre, variance), one-sided where an end is infinite."""
    sd = np.sqrt(variance)
    upper = np.isneginf(low)
    lower = np.isposinf(high)
    if upper.all():
        return log_ndtr((high - centre) / sd)
    if lower.all():
        return log_ndtr((centre - low) / sd)
    return log_ndtr_difference((low - centre) / sd, (high - centre) / sd)


def log_split_normal(residual, noise: Noise):
    """Return the log density of y - η: the two-piece normal convolved with a Gaussian.

    p(r) = 2/(L + R) [L N(r; 0, L² + t²) Φ(-r L/(t √(L² + t²))) + R N(r; 0, R² + t²) Φ(r R/(t √(R² + t²)))],
    where L = σ+ (the truth lies above y, so r < 0), R = σ- and t² is the variance of scatter and η together.
    """
    smooth = noise.scatter + noise.spread
    left, right = np.sqrt(noise.plus), np.sqrt(noise.minus)
    terms = []
    for width, sign in ((left, -1.0), (right, 1.0)):
        total = np.square(width) + smooth
        slope = sign * residual * width
        root = np.sqrt(smooth * total)
        inside = np.divide(slope, root, out=np.where(slope >= 0, np.inf, -np.inf) * np.ones_like(root), where=root > 0)
        density = -0.5 * (np.square(residual) / total + np.log(total)) - HALF_LOG_TWO_PI
        terms.append(np.log(width) + density + log_ndtr(inside))
    # without smoothing both pieces meet at r = 0, where either alone is the density
    return np.logaddexp(*terms) + np.log(2.0) - np.log(left + right) - np.where((residual == 0) & (smooth == 0), np.log(2.0), 0.0)


def split_normal_error(noise: Noise, shape, rng):
    """Return label errors drawn from the two-piece normal: below the truth with σ+, above it with σ-."""
    left, right = np.sqrt(noise.plus), np.sqrt(noise.minus)
    size = np.abs(rng.standard_normal(shape))
    below = rng.uniform(size=shape) < left / (left + right)
    return np.where(below, -left * size, right * size)


def _spectrum(data):
    """Return eigenvectors (columns) and eigenvalues of the label covariance, computed once."""
    eigenvalues, rotation = data.remember("label spectrum", lambda: np.linalg.eigh(data.y_cov))
    return rotation, eigenvalues
