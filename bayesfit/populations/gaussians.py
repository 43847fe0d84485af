"""Gaussian conditioning of a few noisy features, for W parameter vectors and N rows at once.

With true features ξ ~ N(μ, Σ), measured x̂ = ξ + e, e ~ N(0, S_i), and A_i = Σ + S_i:
ln p(x̂) = -½ d'A⁻¹d - ½ ln det 2πA with d = x̂ - μ, and b·ξ given x̂ has mean b·μ + b'ΣA⁻¹d and variance
b'Σb - b'ΣA⁻¹Σb.  A missing feature has its row and column of A replaced by those of the identity and its d
by zero, which marginalises it exactly.  The variance is worked out as m'Σb + b'ΣA⁻¹(S_i b - Σm), with m the part of b
that belongs to missing features: the difference of two large numbers would leave errors no digits that are small
beside the population.  The factors A = L D L' (L with a diagonal of ones, D diagonal) are written out over the few
features, so that every operation works on whole (W, N) arrays, or on (W, 1) where all rows have the same errors.
"""

import numpy as np

from bayesfit.populations.base import Component, dot

__all__ = ["GaussianComponent", "Unconditioned", "condition_gaussian"]

_LOG_2PI = float(np.log(2 * np.pi))


class GaussianComponent(Component):
    """b·ξ given x̂, from A = L D L' below the diagonal and on it, the entries of S, and the residuals u = L⁻¹d."""

    def __init__(self, mean, cov, errors, lower, diagonal, present):
        self.mean, self.cov, self.errors, self.present = mean, cov, errors, present
        self.lower, self.diagonal = lower, diagonal
        self.residuals: list[np.ndarray] = []

    def project(self, slope):
        slopes, reach = np.moveaxis(slope, -1, 0), _times(self.cov, slope)
        mean = dot(slopes, np.moveaxis(self.mean, -1, 0))
        variance, loose = self._loose(slopes, reach)
        pulled = self.solve([_masked(entry, present) for entry, present in zip(reach, self.present, strict=True)])
        for step, rest, diagonal, residual in zip(
            pulled, self.solve(loose), self.diagonal, self.residuals, strict=True
        ):
            share = step / diagonal
            mean = mean + share * residual
            variance = variance + share * rest
        return mean, np.maximum(variance, 0.0)

    def _loose(self, slopes, reach):
        """Return m'Σb, and S b - Σm over the features that are there: what these do not tie down."""
        loose = [dot(row, slopes) for row in self.errors]
        if all(present is None for present in self.present):
            return 0.0, loose
        free = [np.zeros(1) if here is None else b * ~here for b, here in zip(slopes, self.present, strict=True)]
        tied = [dot(np.moveaxis(row, -1, 0), free) for row in np.moveaxis(self.cov[:, None], -2, 0)]
        pairs = zip(loose, tied, self.present, strict=True)
        return dot(free, reach), [_masked(errors - others, here) for errors, others, here in pairs]

    def solve(self, right):
        """Return L⁻¹ right, by forward substitution over lists of (W, N) or (W, 1) arrays."""
        solved = []
        for value, row in zip(right, self.lower, strict=True):
            solved.append(_minus_products(value, row, solved))
        return solved


class Unconditioned(Component):
    """The population itself: nothing measured."""

    def __init__(self, mean, cov):
        self.mean, self.cov = mean, cov

    def project(self, slope):
        slopes = np.moveaxis(slope, -1, 0)
        return dot(slopes, np.moveaxis(self.mean, -1, 0)), dot(slopes, _times(self.cov, slope))


def _times(cov, slope):
    """Return Σ b as a list over features of arrays (W, 1 or N)."""
    return [dot(np.moveaxis(row, -1, 0), np.moveaxis(slope, -1, 0)) for row in np.moveaxis(cov[:, None], -2, 0)]


def condition_gaussian(mean, cov, features) -> tuple[np.ndarray, GaussianComponent]:
    """Return ln p(x̂) (W, N) and the component of the true features given x̂.

    Parameters
    ----------
    mean : ndarray (W, 1, q) or (W, N, q)
    cov : ndarray (W, q, q)
    features : Features
    """
    present = [None if column.all() else column for column in features.present.T]
    lower, diagonal = _factors(cov, features, present)
    component = GaussianComponent(mean, cov, features.shared_error_cov, lower, diagonal, present)
    component.residuals = component.solve(
        [_masked(features.measured[None, :, j] - mean[..., j], present[j]) for j in range(len(present))]
    )
    log_density = -0.5 * _LOG_2PI * features.present.sum(axis=1)
    for residual, entry in zip(component.residuals, diagonal, strict=True):
        # a quotient first: a residual of 1e200 has no square
        log_density = log_density - 0.5 * (residual * (residual / entry) + np.log(entry))
    return log_density, component


def _factors(cov, features, present):
    """Return the rows of L below its diagonal, and D, as lists of arrays (W, N) or (W, 1)."""
    lower: list[list[np.ndarray]] = []
    diagonal: list[np.ndarray] = []
    for j, mask in enumerate(present):
        scaled: list[np.ndarray] = []
        row: list[np.ndarray] = []
        for k in range(j + 1):
            entry = _masked(_masked(cov[:, None, j, k] + features.shared_error_cov[j][k], mask), present[k])
            entry = _minus_products(entry, row if k == j else lower[k], scaled)
            if k == j:
                diagonal.append(entry if mask is None else entry + ~mask)
            else:
                scaled.append(entry)
                row.append(entry / diagonal[k])
        lower.append(row)
    return lower, diagonal


def _minus_products(value, row, others):
    """Return value - Σ row_k other_k."""
    for entry, other in zip(row, others, strict=True):
        value = value - entry * other
    return value


def _masked(array, present):
    return array if present is None else array * present
