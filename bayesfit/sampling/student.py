"""A mixture of multivariate Student t densities: what proposals are drawn from."""

from dataclasses import dataclass, field

import numpy as np
from scipy.special import gammaln

__all__ = ["StudentMixture", "cholesky"]


def cholesky(covariance: np.ndarray) -> np.ndarray:
    """Return lower Cholesky factors (…, d, d), with the least ridge on each scaled matrix that makes one exist."""
    scale = np.sqrt(np.maximum(np.diagonal(covariance, axis1=-2, axis2=-1), np.finfo(float).tiny))
    scaled = covariance / (scale[..., :, None] * scale[..., None, :])
    for ridge in (0.0, 1e-12, 1e-9, 1e-6, 1e-3, 1.0):
        try:
            return scale[..., None] * np.linalg.cholesky(scaled + ridge * np.eye(scale.shape[-1]))
        except np.linalg.LinAlgError:
            if covariance.ndim > 2:
                return np.array([cholesky(each) for each in covariance])
    return np.diag(scale)


@dataclass(frozen=True, eq=False)
class StudentMixture:
    """Σ_k w_k t_ν(z; m_k, L_k L_kᵀ).

    Parameters
    ----------
    weights
        (K,), summing to one.
    means
        (K, d).
    factors
        Lower Cholesky factors (K, d, d) of the scale matrices.
    dof
        Degrees of freedom ν, the same for all components.
    """

    weights: np.ndarray
    means: np.ndarray
    factors: np.ndarray
    dof: float = 6.0
    # what every evaluation needs, computed once
    _inverses: np.ndarray = field(init=False)
    _levels: np.ndarray = field(init=False)

    def __post_init__(self):
        d, dof = self.means.shape[1], self.dof
        # rows scaled to unit length before inversion, so that units may differ by any factor
        scale = np.sqrt(np.square(self.factors).sum(axis=2))
        inverses = np.linalg.inv(self.factors / scale[:, :, None]) / scale[:, None, :]
        log_det = np.log(np.diagonal(self.factors, axis1=1, axis2=2)).sum(axis=1)
        constant = gammaln((dof + d) / 2) - gammaln(dof / 2) - 0.5 * d * np.log(dof * np.pi)
        object.__setattr__(self, "_inverses", inverses)
        object.__setattr__(self, "_levels", np.log(self.weights) + constant - log_det)

    @classmethod
    def from_moments(cls, weights, means, covariances, dof: float = 6.0) -> "StudentMixture":
        """Build from scale matrices (K, d, d)."""
        factors = cholesky(np.asarray(covariances, dtype=float))
        weights = np.asarray(weights, dtype=float)
        return cls(weights / weights.sum(), np.asarray(means, dtype=float), factors, dof)

    @property
    def precisions(self) -> np.ndarray:
        """Inverses (K, d, d) of the scale matrices."""
        return self._inverses.swapaxes(1, 2) @ self._inverses

    def scaled(self, width: float) -> "StudentMixture":
        """Return the mixture with every component wider by a factor."""
        return StudentMixture(self.weights, self.means, width * self.factors, self.dof)

    def with_dof(self, dof: float) -> "StudentMixture":
        """Return the mixture with other degrees of freedom."""
        return StudentMixture(self.weights, self.means, self.factors, dof)

    def mixed_with(self, other: "StudentMixture", share: float) -> "StudentMixture":
        """Return the mixture of this and a ``share`` of another, with the fewer degrees of freedom."""
        return StudentMixture(
            np.concatenate([(1 - share) * self.weights, share * other.weights]),
            np.concatenate([self.means, other.means]),
            np.concatenate([self.factors, other.factors]),
            min(self.dof, other.dof),
        )

    def distances(self, z: np.ndarray) -> np.ndarray:
        """Return squared Mahalanobis distances (K, n) of points (n, d) from each centre."""
        scaled = (z - self.means[:, None]) @ self._inverses.swapaxes(1, 2)
        return np.einsum("kni,kni->kn", scaled, scaled)

    def component_log_density(self, z: np.ndarray) -> np.ndarray:
        """Return ln w_k + ln t_ν(z; m_k, Σ_k) with shape (K, n)."""
        return self.component_log_density_at(self.distances(z))

    def component_log_density_at(self, distances: np.ndarray) -> np.ndarray:
        """Return the same at squared distances (K, n) that are known."""
        slope = 0.5 * (self.dof + self.means.shape[1])
        return self._levels[:, None] - slope * np.log1p(distances / self.dof)

    def log_density(self, z: np.ndarray) -> np.ndarray:
        """Return the log density (n,) of points (n, d)."""
        parts = self.component_log_density(z)
        if len(parts) == 1:
            return parts[0]
        top = parts.max(axis=0)
        return top + np.log(np.exp(parts - top).sum(axis=0))

    def sample(self, random, n: int) -> np.ndarray:
        """Draw (n, d) points with a numpy RandomState or Generator."""
        normal = random.standard_normal((n, self.means.shape[1]))
        normal *= np.sqrt(self.dof / (2 * random.standard_gamma(self.dof / 2, size=n)))[:, None]
        if len(self.weights) == 1:
            return self.means[0] + normal @ self.factors[0].T
        which = np.searchsorted(np.cumsum(self.weights)[:-1], random.uniform(size=n), side="right")
        return self.means[which] + np.einsum("nij,nj->ni", self.factors[which], normal)

    def drawn_components(self, z: np.ndarray, random) -> np.ndarray:
        """Return for each point (n, d) the number of a component, drawn from the shares that they have there."""
        parts = self.component_log_density(z)
        shares = np.cumsum(np.exp(parts - parts.max(axis=0)), axis=0)
        return (shares < random.random_sample(len(z)) * shares[-1]).sum(axis=0)
