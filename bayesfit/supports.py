"""Where a parameter may lie, and the change of variable by which the sampler walks there.

A support maps unbounded coordinates z, in which ensemble moves are at home, to natural values x:
``constrain(z)`` returns x and ln |dx/dz|, ``unconstrain(x)`` is its inverse.
"""

from abc import ABC, abstractmethod
from typing import NamedTuple

import numpy as np
from scipy.special import expit, log_expit

__all__ = ["REAL_LINE", "Correlation", "Interval", "OrderedVector", "RealVector", "Simplex", "Support"]


class Interval(NamedTuple):
    """The open interval (low, high) of the real line.

    Bounded on one side, z = ln |x - bound|; on both, z = logit((x - low) / (high - low)).
    """

    low: float = -np.inf
    high: float = np.inf

    def contains(self, value) -> np.ndarray:
        """Return whether each value lies strictly inside."""
        value = np.asarray(value, dtype=float)
        return (value > self.low) & (value < self.high)

    def constrain(self, z):
        """Return natural values and ln |dx/dz|, both with the shape of ``z``."""
        z = np.asarray(z, dtype=float)
        if np.isfinite(self.low) and np.isfinite(self.high):
            width = self.high - self.low
            # measured from the nearer end, so that neither end loses digits
            value = np.where(z < 0, self.low + width * expit(z), self.high - width * expit(-z))
            return value, np.log(width) + log_expit(z) + log_expit(-z)
        if np.isfinite(self.low):
            return self.low + np.exp(z), z
        if np.isfinite(self.high):
            return self.high - np.exp(-z), -z
        return z, np.zeros_like(z)

    def unconstrain(self, value):
        """Return unbounded coordinates with the shape of ``value``."""
        value = np.asarray(value, dtype=float)
        with np.errstate(divide="ignore", invalid="ignore"):
            if np.isfinite(self.low) and np.isfinite(self.high):
                return np.log(value - self.low) - np.log(self.high - value)
            if np.isfinite(self.low):
                return np.log(value - self.low)
            if np.isfinite(self.high):
                return -np.log(self.high - value)
        return value


#: no bounds at all
REAL_LINE = Interval()


class Support(ABC):
    """A set of vectors; the last axis of values has length ``size``, that of coordinates ``n_free``."""

    def __init__(self, size: int):
        self.size = size

    @property
    def n_free(self) -> int:
        """The number of free coordinates: as many as there are values, unless some follow from others."""
        return self.size

    @abstractmethod
    def constrain(self, z):
        """Return natural values (..., size) and the log Jacobian (...,) with respect to the free values."""

    @abstractmethod
    def unconstrain(self, value):
        """Return unbounded coordinates (..., n_free)."""

    def contains(self, value) -> np.ndarray:
        """Return whether each vector lies strictly inside."""
        return np.isfinite(self.unconstrain(value)).all(axis=-1)


class RealVector(Support):
    """All real vectors of a given length."""

    def constrain(self, z):
        z = np.asarray(z, dtype=float)
        return z, np.zeros(z.shape[:-1])

    def unconstrain(self, value):
        return np.asarray(value, dtype=float)


class OrderedVector(Support):
    """Real vectors whose entries rise: x_1 = z_1, x_{k+1} = x_k + exp(z_{k+1})."""

    def constrain(self, z):
        z = np.asarray(z, dtype=float)
        steps = np.concatenate([z[..., :1], np.exp(z[..., 1:])], axis=-1)
        return np.cumsum(steps, axis=-1), z[..., 1:].sum(axis=-1)

    def unconstrain(self, value):
        value = np.asarray(value, dtype=float)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.concatenate([value[..., :1], np.log(np.diff(value, axis=-1))], axis=-1)


class Simplex(Support):
    """Vectors of K positive numbers that sum to one; the first K - 1 are free.

    z_k = ln(x_k / x_K), whose Jacobian with respect to x_1 … x_{K-1} is the product of all x_k.
    """

    @property
    def n_free(self):
        return self.size - 1

    def constrain(self, z):
        z = np.asarray(z, dtype=float)
        full = np.concatenate([z, np.zeros((*z.shape[:-1], 1))], axis=-1)
        full = full - full.max(axis=-1, keepdims=True)
        log_value = full - np.log(np.exp(full).sum(axis=-1, keepdims=True))
        return np.exp(log_value), log_value.sum(axis=-1)

    def unconstrain(self, value):
        value = np.asarray(value, dtype=float)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.log(value[..., :-1]) - np.log(value[..., -1:])


class Correlation(Support):
    """The p (p - 1) / 2 entries below the diagonal, row by row, of a p × p correlation matrix.

    Each row of its Cholesky factor is a unit vector, built from partial correlations tanh(z)
    (Lewandowski, Kurowicka & Joe 2009).
    """

    def __init__(self, dimension):
        super().__init__(dimension * (dimension - 1) // 2)
        self.dimension = dimension

    def constrain(self, z):
        z = np.asarray(z, dtype=float)
        partial = np.tanh(z)
        # ln(1 - tanh²), without cancellation for large |z|
        log_slope = 2 * (np.log(2) - np.abs(z) - np.log1p(np.exp(-2 * np.abs(z))))
        factor = np.zeros((*z.shape[:-1], self.dimension, self.dimension))
        factor[..., 0, 0] = 1.0
        log_jacobian = log_slope.sum(axis=-1)
        entry = 0
        for row in range(1, self.dimension):
            log_left = np.zeros(z.shape[:-1])  # ln of what remains of the row's unit length, squared
            for column in range(row):
                factor[..., row, column] = partial[..., entry] * np.exp(0.5 * log_left)
                # the entry of R below the diagonal moves with L[row, column] times L[column, column]
                log_jacobian += 0.5 * log_left + np.log(factor[..., column, column])
                log_left = log_left + log_slope[..., entry]
                entry += 1
            factor[..., row, row] = np.exp(0.5 * log_left)
        matrix = factor @ np.swapaxes(factor, -1, -2)
        return matrix[(..., *np.tril_indices(self.dimension, -1))], log_jacobian

    def matrix(self, value) -> np.ndarray:
        """Return the full matrices (..., p, p)."""
        value = np.asarray(value, dtype=float)
        full = np.broadcast_to(np.eye(self.dimension), (*value.shape[:-1], self.dimension, self.dimension)).copy()
        rows, columns = np.tril_indices(self.dimension, -1)
        full[..., rows, columns] = full[..., columns, rows] = value
        return full

    def unconstrain(self, value):
        matrix = self.matrix(value)
        z = np.full((*matrix.shape[:-2], self.size), np.nan)
        for index in np.ndindex(matrix.shape[:-2]):
            z[index] = self._unconstrain_one(matrix[index])
        return z

    def _unconstrain_one(self, matrix):
        try:
            factor = np.linalg.cholesky(matrix)
        except np.linalg.LinAlgError:
            return np.nan
        left = 1.0 - np.cumsum(factor**2, axis=-1) + factor**2
        rows, columns = np.tril_indices(self.dimension, -1)
        return np.arctanh(factor[rows, columns] / np.sqrt(left[rows, columns]))
