"""Gaussian conditioning of a few noisy features, for W parameter vectors and N rows at once.

With true features ξ ~ N(μ, Σ), measured x̂ = ξ + e, e ~ N(0, S_i), and A_i = Σ + S_i:
ln p(x̂) = -½ d'A⁻¹d - ½ ln det 2πA with d = x̂ - μ, and b·ξ given x̂ has mean b·μ + b'ΣA⁻¹d and variance
b'Σb - b'ΣA⁻¹Σb.  A missing feature has its row and column of A replaced by those of the identity and its d
by zero, which marginalises it exactly.  The Cholesky factor is written out over the few features, so that
every operation works on whole (W, N) arrays.
"""

import numpy as np

from bayesfit.populations.base import Component

__all__ = ["GaussianComponent", "Unconditioned", "condition_gaussian"]

_LOG_2PI = float(np.log(2 * np.pi))


class GaussianComponent(Component):
    """b·ξ given x̂, from the Cholesky factor L of A and the whitened residual u = L⁻¹d."""

    def __init__(self, mean, cov, factor, present):
        self.mean, self.cov, self.factor, self.present = mean, cov, factor, present
        self.whitened: list[np.ndarray] = []

    def project(self, slope):
        reach = _times(self.cov, slope)
        mean = sum(slope[..., j] * self.mean[..., j] for j in range(slope.shape[-1]))
        variance = sum(slope[..., j] * reach[j] for j in range(slope.shape[-1]))
        pulled = self.solve([_masked(entry, present) for entry, present in zip(reach, self.present, strict=True)])
        for step, residual in zip(pulled, self.whitened, strict=True):
            mean = mean + step * residual
            variance = variance - step * step
        return mean, np.maximum(variance, 0.0)

    def solve(self, right):
        """Return L⁻¹ right, by forward substitution over lists of (W, N) arrays."""
        solved = []
        for j, row in enumerate(self.factor):
            value = right[j]
            for k in range(j):
                value = value - row[k] * solved[k]
            solved.append(value / row[j])
        return solved


class Unconditioned(Component):
    """The population itself: nothing measured."""

    def __init__(self, mean, cov):
        self.mean, self.cov = mean, cov

    def project(self, slope):
        reach = _times(self.cov, slope)
        mean = sum(slope[..., j] * self.mean[..., j] for j in range(slope.shape[-1]))
        return mean, sum(slope[..., j] * reach[j] for j in range(slope.shape[-1]))


def _times(cov, slope):
    """Return Σ b as a list over features of arrays (W, 1 or N)."""
    size = slope.shape[-1]
    return [sum(cov[:, None, j, k] * slope[..., k] for k in range(size)) for j in range(size)]


def condition_gaussian(mean, cov, features) -> tuple[np.ndarray, GaussianComponent]:
    """Return ln p(x̂) (W, N) and the component of the true features given x̂.

    Parameters
    ----------
    mean : ndarray (W, 1, q) or (W, N, q)
    cov : ndarray (W, q, q)
    features : Features
    """
    present = [None if column.all() else column for column in features.present.T]
    error_cov = features.error_cov
    size = cov.shape[-1]
    factor: list[list[np.ndarray]] = []
    for j in range(size):
        row = []
        for k in range(j + 1):
            entry = _masked(_masked(cov[:, None, j, k] + error_cov[None, :, j, k], present[j]), present[k])
            for m in range(k):
                entry = entry - row[m] * (row if k == j else factor[k])[m]
            if k < j:
                entry = entry / factor[k][k]
            row.append(entry)
        mask = present[j]
        if mask is not None:
            row[j] = row[j] + ~mask
        row[j] = np.sqrt(row[j])
        factor.append(row)
    component = GaussianComponent(mean, cov, factor, present)
    residuals = [_masked(features.measured[None, :, j] - mean[..., j], present[j]) for j in range(size)]
    component.whitened = component.solve(residuals)
    log_density = -0.5 * _LOG_2PI * features.present.sum(axis=1)
    for j in range(size):
        log_density = log_density - 0.5 * component.whitened[j] ** 2 - np.log(factor[j][j])
    return log_density, component


def _masked(array, present):
    return array if present is None else array * present
