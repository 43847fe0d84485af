"""Gaussian log densities of many exact rows, from their mean and covariance alone."""

from typing import NamedTuple

import numpy as np

from bayesfit.densities import HALF_LOG_TWO_PI

__all__ = ["SampleMoments"]


class SampleMoments(NamedTuple):
    """All that a Gaussian likelihood knows of complete, exact rows.

    Σ_i ln N(x_i; μ, Σ) = -N/2 [ln |2πΣ| + tr(Σ⁻¹ C) + (x̄ - μ)' Σ⁻¹ (x̄ - μ)], C the covariance about x̄ over N.
    """

    n_rows: int
    mean: np.ndarray
    cov: np.ndarray

    @classmethod
    def of(cls, x: np.ndarray) -> "SampleMoments":
        """Return the moments of rows (N, p)."""
        mean = x.mean(axis=0)
        mean = mean + (x - mean).mean(axis=0)  # a second pass removes the rounding of the first
        centred = x - mean
        return cls(len(x), mean, centred.T @ centred / len(x))

    def log_density(self, mean: np.ndarray, cov: np.ndarray) -> np.ndarray:
        """Return the sum over all rows (W,), for means (W, 1, p) and covariances (W, p, p)."""
        size = len(self.mean)
        factor = np.linalg.cholesky(_tame(cov))
        away = self.mean - mean[:, 0]
        inner = self.cov + away[:, :, None] * away[:, None, :]
        half = np.linalg.solve(factor, inner)
        trace = np.einsum("wii->w", np.linalg.solve(factor, np.swapaxes(half, 1, 2)))
        log_det = np.log(np.einsum("wii->wi", factor)).sum(axis=1)
        return -self.n_rows * (log_det + size * HALF_LOG_TWO_PI + 0.5 * trace)


def _tame(cov):
    """Replace matrices that are not positive definite to rounding by NaN, which gives a NaN density."""
    scale = np.sqrt(np.einsum("wii->wi", cov))
    with np.errstate(all="ignore"):
        correlation = cov / (scale[:, :, None] * scale[:, None, :])
    finite = np.isfinite(correlation).all(axis=(1, 2))
    good = finite.copy()
    good[finite] = np.linalg.eigvalsh(correlation[finite])[:, 0] > 1e-13
    if good.all():
        return cov
    return np.where(good[:, None, None], cov, np.nan)
