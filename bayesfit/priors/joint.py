"""Priors of several parameters together."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.linalg import solve_triangular
from scipy.special import gammaln, xlogy

from bayesfit.densities import HALF_LOG_TWO_PI
from bayesfit.errors import PriorError
from bayesfit.priors.base import JointPrior, Prior
from bayesfit.priors.numbers import finite, positive, require, settle
from bayesfit.supports import Correlation, OrderedVector, RealVector, Simplex

__all__ = ["LKJ", "Dirichlet", "MultivariateNormal", "Ordered"]


@dataclass(frozen=True, repr=False)
class MultivariateNormal(JointPrior):
    """The multivariate normal distribution, ln p(v) = −½ (v − m)ᵀ C⁻¹ (v − m) − ½ ln |2πC|.

    Parameters
    ----------
    mean : sequence of float, shape (k,)
        Its centre m.
    cov : sequence of float, shape (k, k)
        Its covariance C, symmetric and positive definite.

    Raises
    ------
    PriorError
        If the shapes differ, a number is not finite, or cov is not symmetric and positive definite.

    Examples
    --------
    >>> prior = MultivariateNormal([0, 0], [[1, 0.5], [0.5, 1]])
    >>> float(prior.log_prob([0.0, 0.0]).round(6))
    -1.694036
    """

    mean: tuple
    cov: tuple

    def __post_init__(self):
        settle(self, mean=finite)
        settle(self, cov=finite)
        k = np.size(self.mean)
        shape = np.shape(self.mean)
        require(self, len(shape) == 1 and k, f"mean must be a vector, not shape {shape}")
        shape = np.shape(self.cov)
        require(self, shape == (k, k), f"cov must have shape ({k}, {k}) like mean, not {shape}")
        _require_covariance(self, self.cov)
        object.__setattr__(self, "mean", tuple(np.asarray(self.mean).tolist()))
        object.__setattr__(self, "cov", tuple(map(tuple, np.asarray(self.cov).tolist())))

    @property
    def n_values(self) -> int:
        """The length of mean."""
        return len(self.mean)

    @property
    def support(self) -> RealVector:
        """All real vectors."""
        return RealVector(self.n_values)

    @cached_property
    def _mean(self):
        return np.array(self.mean)

    @cached_property
    def _factor(self):
        return np.linalg.cholesky(_symmetric(np.array(self.cov)))

    @cached_property
    def _whitener(self):
        return solve_triangular(self._factor, np.eye(self.n_values), lower=True).T

    @cached_property
    def _log_norm(self):
        return np.log(np.diag(self._factor)).sum() + self.n_values * HALF_LOG_TWO_PI

    def log_prob(self, value) -> np.ndarray:
        """Return the log density of each vector; shape (..., k) gives (...)."""
        value = _vectors(self, value)
        with np.errstate(all="ignore"):
            z = (value - self._mean) @ self._whitener
            density = -0.5 * (z * z).sum(axis=-1) - self._log_norm
        return np.where(np.isnan(density), -np.inf, density)

    def sample(self, rng: np.random.Generator, size=None) -> np.ndarray:
        """Return random vectors of shape (..., k), where ... is ``size``."""
        return self._mean + rng.standard_normal((*_shape(size), self.n_values)) @ self._factor.T


@dataclass(frozen=True, repr=False)
class Dirichlet(JointPrior):
    """The Dirichlet distribution of K fractions that sum to one, p(v) = Γ(Σ a_k) Π v_k^(a_k − 1) / Γ(a_k).

    The density is with respect to the first K − 1 of them.

    Parameters
    ----------
    concentration : sequence of float, shape (K,)
        The a_k, positive, at least two; all ones is uniform.

    Raises
    ------
    PriorError
        If there are fewer than two numbers, or one is not finite and positive.

    Notes
    -----
    Vectors whose sum differs from one by more than 1e-9 are outside the support.

    Examples
    --------
    >>> float(Dirichlet([1, 1, 1]).log_prob([0.2, 0.3, 0.5]).round(6))
    0.693147
    """

    concentration: tuple

    def __post_init__(self):
        settle(self, concentration=positive)
        shape = np.shape(self.concentration)
        good = len(shape) == 1 and shape[0] >= 2
        require(self, good, f"concentration must be a vector of two or more numbers, not shape {shape}")
        object.__setattr__(self, "concentration", tuple(np.asarray(self.concentration).tolist()))

    @property
    def n_values(self) -> int:
        """The number K of fractions."""
        return len(self.concentration)

    @property
    def support(self) -> Simplex:
        """Positive vectors that sum to one."""
        return Simplex(self.n_values)

    @cached_property
    def _power(self):
        return np.array(self.concentration) - 1

    @cached_property
    def _log_norm(self):
        return gammaln(self.concentration).sum() - gammaln(np.sum(self.concentration))

    def log_prob(self, value) -> np.ndarray:
        """Return the log density of each vector; shape (..., K) gives (...)."""
        value = _vectors(self, value)
        with np.errstate(all="ignore"):
            density = xlogy(self._power, value).sum(axis=-1) - self._log_norm
            inside = (value >= 0).all(axis=-1) & (np.abs(value.sum(axis=-1) - 1) < 1e-9)
        return np.where(inside & (density < np.inf), density, -np.inf)

    def sample(self, rng: np.random.Generator, size=None) -> np.ndarray:
        """Return random vectors of shape (..., K), where ... is ``size``."""
        return rng.dirichlet(self.concentration, size)


@dataclass(frozen=True, repr=False)
class LKJ(JointPrior):
    """A distribution of correlation matrices R, p(R) = |R|^(eta − 1) / c, uniform for eta = 1.

    ln c = Σ_k (p − k) [½ ln π + ln Γ(b_k) − ln Γ(b_k + ½)] with b_k = eta + (p − k − 1)/2, k = 1 … p − 1.

    Parameters
    ----------
    dimension : int
        The number p of correlated quantities, at least two.  Values are the p (p − 1)/2 correlations
        below the diagonal, row by row.
    eta : float
        Larger than one favours weak correlations, positive.

    Raises
    ------
    PriorError
        If dimension is not a whole number of two or more, or eta is not finite and positive.

    References
    ----------
    Lewandowski, Kurowicka & Joe (2009), J. Multivariate Analysis 100, 1989.

    Examples
    --------
    >>> float(LKJ(2).log_prob([0.3]).round(6))
    -0.693147
    """

    dimension: int
    eta: float = 1.0

    def __post_init__(self):
        settle(self, dimension=positive, eta=positive)
        given = self.dimension
        good = np.ndim(given) == 0 and given >= 2 and given == np.floor(given)
        require(self, good, f"dimension must be a whole number of two or more, not {given}")
        require(self, np.ndim(self.eta) == 0, f"eta must be one number, not shape {np.shape(self.eta)}")
        object.__setattr__(self, "dimension", int(given))

    @property
    def n_values(self) -> int:
        """The number of correlations, p (p − 1)/2."""
        return self.dimension * (self.dimension - 1) // 2

    @property
    def support(self) -> Correlation:
        """The correlations of positive definite matrices."""
        return Correlation(self.dimension)

    @cached_property
    def _log_norm(self):
        k = np.arange(1, self.dimension)
        b = self.eta + (self.dimension - k - 1) / 2
        terms = 0.5 * np.log(np.pi) + gammaln(b) - gammaln(b + 0.5)
        return ((self.dimension - k) * terms).sum()

    def log_prob(self, value) -> np.ndarray:
        """Return the log density of each set of correlations; shape (..., p (p − 1)/2) gives (...)."""
        log_det = _log_det(self.support.matrix(_vectors(self, value)))
        with np.errstate(invalid="ignore"):
            density = (self.eta - 1) * log_det - self._log_norm
        return np.where(np.isneginf(log_det), -np.inf, density)

    def sample(self, rng: np.random.Generator, size=None) -> np.ndarray:
        """Return random correlations of shape (..., p (p − 1)/2), where ... is ``size``.

        The partial correlation of two quantities given the first c others is 2B − 1, where B follows
        Beta(b, b) with b = eta + (p − 2 − c)/2.
        """
        columns = np.tril_indices(self.dimension, -1)[1]
        b = self.eta + (self.dimension - 2 - columns) / 2
        partial = 2 * rng.beta(b, b, size=(*_shape(size), self.n_values)) - 1
        # a partial correlation that rounds to ±1 would make the matrix singular
        limit = 1 - np.finfo(float).eps
        return self.support.constrain(np.arctanh(np.clip(partial, -limit, limit)))[0]


def _log_det(matrices):
    """Return ln |R| of each symmetric matrix, minus infinity where it is not positive definite.

    Elimination column by column over the whole batch: one bad matrix must not spoil the others.
    """
    left, total = np.array(matrices), np.zeros(matrices.shape[:-2])
    with np.errstate(all="ignore"):
        while left.shape[-1]:
            pivot = left[..., 0, 0]
            total += np.where(pivot > 0, np.log(pivot), -np.inf)
            column = left[..., 1:, 0]
            outer = column[..., :, np.newaxis] * column[..., np.newaxis, :]
            left = left[..., 1:, 1:] - outer / pivot[..., np.newaxis, np.newaxis]
    return np.where(np.isnan(total), -np.inf, total)


def _symmetric(matrix):
    return 0.5 * (matrix + matrix.T)


def _require_covariance(prior, cov):
    size = np.sqrt(np.abs(np.outer(np.diag(cov), np.diag(cov))))
    row, column = np.unravel_index(np.argmax(np.abs(cov - cov.T)), cov.shape)
    require(
        prior,
        np.abs(cov - cov.T) <= 1e-8 * size,
        f"cov must be symmetric, but cov[{row}, {column}] = {cov[row, column]:.6g} and "
        f"cov[{column}, {row}] = {cov[column, row]:.6g}",
    )
    try:
        np.linalg.cholesky(_symmetric(cov))
    except np.linalg.LinAlgError:
        smallest = np.linalg.eigvalsh(_symmetric(cov))[0]
        message = f"cov must be positive definite, but its smallest eigenvalue is {smallest:.6g}"
        raise PriorError(f"{type(prior).__name__}: {message}") from None


def _vectors(prior, value):
    value = np.asarray(value, dtype=float)
    if value.ndim == 0 or value.shape[-1] != prior.n_values:
        message = f"values need a last axis of length {prior.n_values}, not shape {value.shape}"
        raise PriorError(f"{type(prior).__name__}: {message}")
    return value


def _shape(size):
    if size is None:
        return ()
    return tuple(size) if np.iterable(size) else (size,)


@dataclass(frozen=True, repr=False)
class Ordered(JointPrior):
    """Independent values of one prior, told apart by their order: p(v) = n! Π p(v_k) where v_1 < … < v_n, else 0.

    It says the same about the set of values as the prior itself does, and gives each of them a name.

    Parameters
    ----------
    prior : Prior
        A proper prior on the whole real line.
    size : int
        The number n of values, at least one.

    Raises
    ------
    PriorError
        If the prior is improper or bounded, or size is not a positive whole number.

    Examples
    --------
    >>> from bayesfit.priors import Normal
    >>> prior = Ordered(Normal(0, 1), 2)
    >>> prior.log_prob([[0.0, 1.0], [1.0, 0.0]]).round(6)
    array([-1.64473,     -inf])
    """

    prior: Prior
    size: int

    def __post_init__(self):
        fits = isinstance(self.prior, Prior) and self.prior.proper and not np.isfinite(self.prior.support).any()
        require(self, fits, f"prior must be a proper prior on the whole real line, not {self.prior!r}")
        whole = isinstance(self.size, int | np.integer) and not isinstance(self.size, bool)
        require(self, whole and self.size > 0, f"size must be a positive whole number, not {self.size!r}")

    @property
    def n_values(self) -> int:
        """The number of values."""
        return self.size

    @property
    def support(self) -> OrderedVector:
        """All vectors whose entries rise."""
        return OrderedVector(self.size)

    def log_prob(self, value) -> np.ndarray:
        """Return the log density of each vector; shape (..., n) gives (...)."""
        value = _vectors(self, value)
        density = self.prior.log_prob(value).sum(axis=-1) + gammaln(self.size + 1)
        with np.errstate(invalid="ignore"):
            rising = (np.diff(value, axis=-1) > 0).all(axis=-1)
        return np.where(rising, density, -np.inf)

    def sample(self, rng: np.random.Generator, size=None) -> np.ndarray:
        """Return random vectors of shape (..., n), where ... is ``size``."""
        return np.sort(self.prior.sample(rng, (*_shape(size), self.size)), axis=-1)
