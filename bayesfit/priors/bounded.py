"""Priors between two bounds."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import betaincinv, betaln, log_ndtr, ndtri_exp, xlog1py, xlogy

from bayesfit.densities import HALF_LOG_TWO_PI, log_ndtr_difference, log_normal
from bayesfit.priors.base import Prior
from bayesfit.priors.numbers import any_number, finite, fraction, positive, require, settle, within
from bayesfit.supports import Interval

__all__ = ["Beta", "LogUniform", "TruncatedNormal", "Uniform"]


@dataclass(frozen=True, repr=False)
class Uniform(Prior):
    """The uniform distribution, p(v) = 1/(high − low) between the bounds.

    Parameters
    ----------
    low, high : float
        The bounds, finite, low below high.

    Raises
    ------
    PriorError
        If a bound is not finite or low is not below high.

    Examples
    --------
    >>> float(Uniform(-1, 3).quantile(0.25))
    0.0
    """

    low: float
    high: float

    def __post_init__(self):
        settle(self, low=_finite_bound, high=_finite_bound)
        _require_order(self)
        with np.errstate(over="ignore"):
            width = np.subtract(self.high, self.low)
        require(self, np.isfinite(width), "high - low is too large for a float")

    @property
    def support(self) -> Interval:
        """The interval between the bounds."""
        return Interval(self.low, self.high)

    @cached_property
    def _log_density(self):
        return -np.log(np.subtract(self.high, self.low))

    def log_prob(self, value) -> np.ndarray:
        """Return −ln(high − low) inside, both ends included."""
        return within(np.asarray(value, dtype=float), self.low, self.high, self._log_density)

    def quantile(self, u) -> np.ndarray:
        """Return low + u (high − low)."""
        return np.clip(self.low + fraction(u) * (self.high - self.low), self.low, self.high)


@dataclass(frozen=True, repr=False)
class LogUniform(Prior):
    """Uniform in the logarithm, p(v) = 1 / [v ln(high/low)] between the bounds; also called reciprocal.

    Parameters
    ----------
    low, high : float
        The bounds, positive and finite, low below high.

    Raises
    ------
    PriorError
        If a bound is zero or infinite, since a flat logarithm without a bound does not integrate, or
        low is not below high.

    Examples
    --------
    >>> float(LogUniform(0.01, 100).quantile(0.5).round(6))
    1.0
    """

    low: float
    high: float

    def __post_init__(self):
        settle(self, low=any_number, high=any_number)
        require(
            self,
            np.greater(self.low, 0) & np.isfinite(self.high),
            f"low = {self.low} and high = {self.high} must be positive and finite: a flat logarithm that "
            "reaches zero or infinity is improper, and so may be the posterior; give both bounds, or use "
            "LogNormal(mu, sigma)",
        )
        _require_order(self)

    @property
    def support(self) -> Interval:
        """The interval between the bounds."""
        return Interval(self.low, self.high)

    @cached_property
    def _log_ratio(self):
        with np.errstate(over="ignore"):
            excess = np.subtract(self.high, self.low) / self.low
        return np.where(excess < 1, np.log1p(excess), np.log(self.high) - np.log(self.low))

    @cached_property
    def _log_norm(self):
        return np.log(self._log_ratio)

    def log_prob(self, value) -> np.ndarray:
        """Return −ln v − ln ln(high/low) inside, both ends included."""
        value = np.asarray(value, dtype=float)
        with np.errstate(all="ignore"):
            density = -np.log(value) - self._log_norm
        return within(value, self.low, self.high, density)

    def quantile(self, u) -> np.ndarray:
        """Return low (high/low)^u."""
        u = fraction(u)
        # from the nearer end: the whole ratio may overflow
        from_low = self.low * np.exp(np.minimum(u, 0.5) * self._log_ratio)
        from_high = self.high * np.exp(-np.minimum(1 - u, 0.5) * self._log_ratio)
        return np.clip(np.where(u < 0.5, from_low, from_high), self.low, self.high)


@dataclass(frozen=True, repr=False)
class Beta(Prior):
    """The beta distribution, p(v) = v^(a − 1) (1 − v)^(b − 1) / B(a, b) between zero and one.

    Parameters
    ----------
    a, b : float
        Its two shapes, positive: the mean is a/(a + b).

    Raises
    ------
    PriorError
        If a number is not finite and positive.

    Notes
    -----
    Where a or b is below one the density diverges at that end, which then counts as outside.

    Examples
    --------
    >>> float(Beta(2, 2).log_prob(0.5).round(6))
    0.405465
    """

    a: float
    b: float

    def __post_init__(self):
        settle(self, a=positive, b=positive)

    @property
    def support(self) -> Interval:
        """The interval between zero and one."""
        return Interval(0.0, 1.0)

    @cached_property
    def _log_norm(self):
        return betaln(self.a, self.b)

    def log_prob(self, value) -> np.ndarray:
        """Return the log density."""
        value = np.asarray(value, dtype=float)
        with np.errstate(all="ignore"):
            rising, falling = xlogy(np.subtract(self.a, 1), value), xlog1py(np.subtract(self.b, 1), -value)
            density = rising + falling - self._log_norm
        return within(value, 0, 1, density)

    def quantile(self, u) -> np.ndarray:
        """Return the inverse of the regularised incomplete beta function."""
        return betaincinv(self.a, self.b, fraction(u))


@dataclass(frozen=True, repr=False)
class TruncatedNormal(Prior):
    """A normal distribution cut off at one or two bounds, N(v; mean, sd²) / [Φ(β) − Φ(α)].

    α = (low − mean)/sd and β = (high − mean)/sd; it is exact however far in the tail they lie.

    Parameters
    ----------
    mean, sd : float
        Mean and standard deviation before the cut; sd is positive.
    low, high : float
        The bounds, low below high; either may be infinite.

    Raises
    ------
    PriorError
        If mean or sd is not finite, sd is not positive, a bound is NaN, or low is not below high.

    Examples
    --------
    >>> float(TruncatedNormal(0, 1, 0, float("inf")).log_prob(0.0).round(6))
    -0.225791
    """

    mean: float
    sd: float
    low: float
    high: float

    def __post_init__(self):
        settle(self, mean=finite, sd=positive, low=any_number, high=any_number)
        _require_order(self)
        require(self, np.isfinite(self._log_mass), "the bounds are too far from mean to hold any probability")

    @property
    def support(self) -> Interval:
        """The interval between the bounds."""
        return Interval(self.low, self.high)

    @cached_property
    def _cuts(self):
        with np.errstate(over="ignore"):
            return tuple(np.subtract(bound, self.mean) / self.sd for bound in (self.low, self.high))

    @cached_property
    def _log_mass(self):
        return log_ndtr_difference(*self._cuts)

    @cached_property
    def _log_norm(self):
        return np.log(self.sd) + HALF_LOG_TWO_PI + self._log_mass

    def log_prob(self, value) -> np.ndarray:
        """Return the log density."""
        value = np.asarray(value, dtype=float)
        with np.errstate(all="ignore"):
            density = -0.5 * np.square((value - self.mean) / self.sd) - self._log_norm
        return within(value, self.low, self.high, density)

    def quantile(self, u) -> np.ndarray:
        """Return mean + sd Φ⁻¹[Φ(α) + u (Φ(β) − Φ(α))], taken from whichever tail is the smaller."""
        u = fraction(u)
        lower, upper = self._cuts
        with np.errstate(all="ignore"):
            log_below = np.logaddexp(log_ndtr(lower), np.log(u) + self._log_mass)
            log_above = np.logaddexp(log_ndtr(-upper), np.log1p(-u) + self._log_mass)
            z = np.where(log_below < log_above, ndtri_exp(log_below), -ndtri_exp(log_above))
            z = self._refine(np.clip(z, lower, upper), u)
            inside = np.clip(self.mean + self.sd * z, self.low, self.high)
        return np.where(u == 0, self.low, np.where(u == 1, self.high, inside))

    def _refine(self, z, u):
        """Take a Newton step where the bounds are so close that the tail probabilities share most digits."""
        lower, upper = self._cuts
        narrow = (upper - lower) * (1 + np.minimum(np.abs(lower), np.abs(upper))) < 0.5
        if not np.any(narrow):
            return z
        below = np.exp(log_ndtr_difference(lower, z) - self._log_mass)
        slope = np.exp(log_normal(z, 1.0) - self._log_mass)
        return np.where(narrow, z - (below - u) / slope, z)


def _finite_bound(prior, name, value):
    hint = f"{name} must be finite; Flat(low, high) takes infinite bounds"
    require(prior, np.isfinite(value), hint)
    return value


def _require_order(prior):
    low, high = prior.low, prior.high
    require(prior, np.less(low, high), f"low = {low} must be below high = {high}")
