"""Priors on the positive half of the real line."""

from abc import abstractmethod
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import erfinv, gammainccinv, gammaincinv, gammaln, ndtri, xlogy

from bayesfit.densities import HALF_LOG_TWO_PI, log1p_square
from bayesfit.priors.base import Prior
from bayesfit.priors.numbers import finite, fraction, positive, settle, within
from bayesfit.supports import Interval

__all__ = ["Exponential", "Gamma", "HalfCauchy", "HalfNormal", "InverseGamma", "LogNormal"]


class _Positive(Prior):
    """Only positive numbers have a density."""

    @property
    def support(self) -> Interval:
        """The positive numbers."""
        return Interval(0.0, np.inf)

    def log_prob(self, value) -> np.ndarray:
        """Return the log density, −∞ where there is none."""
        value = np.asarray(value, dtype=float)
        with np.errstate(all="ignore"):
            density = self._log_density(value)
        return within(value, 0, np.inf, density)

    @abstractmethod
    def _log_density(self, value):
        """Return the log density of positive values; what it gives elsewhere is not used."""


@dataclass(frozen=True, repr=False)
class HalfNormal(_Positive):
    """The positive half of a normal distribution centred on zero, p(v) = √(2/π) exp[−½ (v/sd)²] / sd.

    Parameters
    ----------
    sd : float
        The standard deviation of the whole normal, positive.

    Raises
    ------
    PriorError
        If sd is not finite and positive.

    Examples
    --------
    >>> float(HalfNormal(2).log_prob(1.0).round(6))
    -1.043939
    """

    sd: float

    def __post_init__(self):
        settle(self, sd=positive)

    @cached_property
    def _log_norm(self):
        return np.log(self.sd) + HALF_LOG_TWO_PI - np.log(2)

    def _log_density(self, value):
        return -0.5 * np.square(value / self.sd) - self._log_norm

    def quantile(self, u) -> np.ndarray:
        """Return sd √2 erf⁻¹(u)."""
        return self.sd * np.sqrt(2) * erfinv(fraction(u))


@dataclass(frozen=True, repr=False)
class HalfCauchy(_Positive):
    """The positive half of a Cauchy distribution centred on zero, p(v) = 2 / (π scale [1 + (v/scale)²]).

    Parameters
    ----------
    scale : float
        Its median, positive.

    Raises
    ------
    PriorError
        If scale is not finite and positive.

    Examples
    --------
    >>> float(HalfCauchy(3).quantile(0.5).round(6))
    3.0
    """

    scale: float

    def __post_init__(self):
        settle(self, scale=positive)

    @cached_property
    def _log_norm(self):
        return np.log(self.scale) + np.log(np.pi / 2)

    def _log_density(self, value):
        return -log1p_square(value / self.scale) - self._log_norm

    def quantile(self, u) -> np.ndarray:
        """Return scale tan(πu/2)."""
        u = fraction(u)
        with np.errstate(divide="ignore"):
            near, far = np.tan(np.pi / 2 * u), 1 / np.tan(np.pi / 2 * (1 - u))
        return self.scale * np.where(u < 0.5, near, far)


@dataclass(frozen=True, repr=False)
class LogNormal(_Positive):
    """The distribution of a number whose natural logarithm is normal.

    p(v) = exp[−½ ((ln v − mu)/sigma)²] / (v sigma √(2π)).

    Parameters
    ----------
    mu, sigma : float
        Mean and standard deviation of ln v (base e, not 10); sigma is positive.

    Raises
    ------
    PriorError
        If a number is not finite, or sigma is not positive.

    Examples
    --------
    >>> float(LogNormal(0, 1).quantile(0.5))
    1.0
    """

    mu: float
    sigma: float

    def __post_init__(self):
        settle(self, mu=finite, sigma=positive)

    @cached_property
    def _log_norm(self):
        return np.log(self.sigma) + HALF_LOG_TWO_PI

    def _log_density(self, value):
        # that of v itself, the −ln v of the change of variable included
        log_value = np.log(value)
        return -0.5 * np.square((log_value - self.mu) / self.sigma) - log_value - self._log_norm

    def quantile(self, u) -> np.ndarray:
        """Return exp[mu + sigma Φ⁻¹(u)]."""
        with np.errstate(over="ignore"):
            return np.exp(self.mu + self.sigma * ndtri(fraction(u)))


@dataclass(frozen=True, repr=False)
class Exponential(_Positive):
    """The exponential distribution, p(v) = exp(−v/scale) / scale.

    Parameters
    ----------
    scale : float
        Its mean (the inverse of its rate), positive.

    Raises
    ------
    PriorError
        If scale is not finite and positive.

    Examples
    --------
    >>> float(Exponential(2).log_prob(2.0).round(6))
    -1.693147
    """

    scale: float

    def __post_init__(self):
        settle(self, scale=positive)

    @cached_property
    def _log_scale(self):
        return np.log(self.scale)

    def _log_density(self, value):
        return -value / self.scale - self._log_scale

    def quantile(self, u) -> np.ndarray:
        """Return −scale ln(1 − u)."""
        with np.errstate(divide="ignore"):
            return -self.scale * np.log1p(-fraction(u))


@dataclass(frozen=True, repr=False)
class Gamma(_Positive):
    """The gamma distribution, p(v) = rate^shape v^(shape − 1) exp(−rate v) / Γ(shape).

    Parameters
    ----------
    shape : float
        Its shape, positive.
    rate : float
        The inverse of its scale, positive: the mean is shape/rate.

    Raises
    ------
    PriorError
        If a number is not finite and positive.

    Notes
    -----
    For shape below one the density diverges at zero; zero itself then counts as outside.

    Examples
    --------
    >>> float(Gamma(2, 0.1).log_prob(10.0).round(6))
    -3.302585
    """

    shape: float
    rate: float

    def __post_init__(self):
        settle(self, shape=positive, rate=positive)

    @cached_property
    def _log_norm(self):
        return gammaln(self.shape) - np.log(self.rate)

    def _log_density(self, value):
        scaled = self.rate * value
        return xlogy(np.subtract(self.shape, 1), scaled) - scaled - self._log_norm

    def quantile(self, u) -> np.ndarray:
        """Return the inverse of the regularised lower incomplete gamma function, over rate."""
        return gammaincinv(self.shape, fraction(u)) / self.rate


@dataclass(frozen=True, repr=False)
class InverseGamma(_Positive):
    """The distribution of the inverse of a gamma, p(v) = scale^shape v^(−shape − 1) exp(−scale/v) / Γ(shape).

    Parameters
    ----------
    shape : float
        Its shape, positive.
    scale : float
        Its scale, positive: the mean is scale/(shape − 1).

    Raises
    ------
    PriorError
        If a number is not finite and positive.

    Examples
    --------
    >>> float(InverseGamma(3, 2).log_prob(1.0).round(6))
    -0.613706
    """

    shape: float
    scale: float

    def __post_init__(self):
        settle(self, shape=positive, scale=positive)

    @cached_property
    def _log_norm(self):
        return gammaln(self.shape) + np.log(self.scale)

    def _log_density(self, value):
        scaled = value / self.scale
        return -(np.add(self.shape, 1) * np.log(scaled)) - 1 / scaled - self._log_norm

    def quantile(self, u) -> np.ndarray:
        """Return scale over the inverse of the regularised upper incomplete gamma function."""
        with np.errstate(divide="ignore"):
            return self.scale / gammainccinv(self.shape, fraction(u))
