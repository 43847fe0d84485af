"""Priors on the whole real line."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import ndtri, stdtrit

from bayesfit.densities import HALF_LOG_TWO_PI, log1p_square, student_t_log_pdf
from bayesfit.errors import PriorError
from bayesfit.priors.base import Prior
from bayesfit.priors.numbers import any_number, finite, fraction, positive, require, settle, within
from bayesfit.supports import Interval

__all__ = ["Cauchy", "Flat", "FlatAngle", "Normal", "StudentT"]


class _Unbounded(Prior):
    """Any real number has a density."""

    @property
    def support(self) -> Interval:
        """The whole real line."""
        return Interval()


@dataclass(frozen=True, repr=False)
class Normal(_Unbounded):
    """The normal distribution, p(v) = exp[−½ ((v − mean)/sd)²] / (sd √(2π)).

    Parameters
    ----------
    mean : float
        Its centre.
    sd : float
        Its standard deviation (not its variance), positive.

    Raises
    ------
    PriorError
        If a number is not finite, or sd is not positive.

    Examples
    --------
    >>> prior = Normal(0, 10)
    >>> float(prior.log_prob(10.0).round(6))
    -3.721524
    >>> float(prior.quantile(0.5))
    0.0
    """

    mean: float
    sd: float

    def __post_init__(self):
        settle(self, mean=finite, sd=positive)

    @cached_property
    def _log_norm(self):
        return np.log(self.sd) + HALF_LOG_TWO_PI

    def log_prob(self, value) -> np.ndarray:
        """Return the log density, the fields broadcast against ``value``."""
        with np.errstate(all="ignore"):
            z = (np.asarray(value, dtype=float) - self.mean) / self.sd
            density = -0.5 * (z * z) - self._log_norm
        return np.where(np.isnan(density), -np.inf, density)

    def quantile(self, u) -> np.ndarray:
        """Return mean + sd Φ⁻¹(u)."""
        return self.mean + self.sd * ndtri(fraction(u))


@dataclass(frozen=True, repr=False)
class StudentT(_Unbounded):
    """The Student t distribution, p(v) ∝ [1 + ((v − loc)/scale)²/dof]^(−(dof + 1)/2).

    Parameters
    ----------
    dof : float
        Degrees of freedom, positive: 1 is a Cauchy, large values approach a normal.
    loc : float
        Its centre.
    scale : float
        Its width, positive; not its standard deviation, which is scale √(dof/(dof − 2)).

    Raises
    ------
    PriorError
        If a number is not finite, or dof or scale is not positive.

    Examples
    --------
    >>> float(StudentT(4, 0, 1).log_prob(0.0).round(6))
    -0.980829
    """

    dof: float
    loc: float
    scale: float

    def __post_init__(self):
        settle(self, dof=positive, loc=finite, scale=positive)

    @cached_property
    def _log_peak(self):
        return student_t_log_pdf(0.0, self.dof) - np.log(self.scale)

    def log_prob(self, value) -> np.ndarray:
        """Return the log density, right from very small to very large ``dof``."""
        with np.errstate(all="ignore"):
            z = (np.asarray(value, dtype=float) - self.loc) / self.scale
            density = self._log_peak - 0.5 * (np.add(self.dof, 1) * log1p_square(z / np.sqrt(self.dof)))
        return np.where(np.isnan(density), -np.inf, density)

    def quantile(self, u) -> np.ndarray:
        """Return loc + scale times the standard quantile."""
        # beyond this the two differ by less than the rounding of u, and the inverse t is less exact
        u, normal = fraction(u), np.greater(self.dof, 1e14)
        standard = np.where(normal, ndtri(u), stdtrit(np.where(normal, 1.0, self.dof), u))
        # at u = 0 the inverse t is +infinity
        return self.loc + self.scale * np.where(u == 0, -np.inf, standard)


@dataclass(frozen=True, repr=False)
class Cauchy(_Unbounded):
    """The Cauchy distribution, p(v) = 1 / (π scale [1 + ((v − loc)/scale)²]).

    Parameters
    ----------
    loc : float
        Its centre and median; it has no mean.
    scale : float
        Half its width at half its height, positive.

    Raises
    ------
    PriorError
        If a number is not finite, or scale is not positive.

    Examples
    --------
    >>> float(Cauchy(0, 2).quantile(0.75).round(6))
    2.0
    """

    loc: float
    scale: float

    def __post_init__(self):
        settle(self, loc=finite, scale=positive)

    @cached_property
    def _log_norm(self):
        return np.log(self.scale) + np.log(np.pi)

    def log_prob(self, value) -> np.ndarray:
        """Return the log density."""
        with np.errstate(all="ignore"):
            z = (np.asarray(value, dtype=float) - self.loc) / self.scale
            density = -log1p_square(z) - self._log_norm
        return np.where(np.isnan(density), -np.inf, density)

    def quantile(self, u) -> np.ndarray:
        """Return loc + scale tan[π (u − ½)]."""
        return self.loc + self.scale * _tan_quantile(u)


@dataclass(frozen=True, repr=False)
class FlatAngle(_Unbounded):
    """Uniform in the angle θ = arctan A of a straight line's slope A, p(A) = 1 / [π (1 + A²)].

    Unlike a flat prior on the slope itself it does not favour steep lines.

    Notes
    -----
    This is uniform in θ alone.  Uniform in θ and in the perpendicular offset b cos θ of the line
    together is another prior, (1 + A²)^(−3/2) beside a flat intercept b; see VanderPlas (2014).
    An angle has a meaning only on standardised or dimensionless axes: on others this prior
    changes with the units.

    References
    ----------
    VanderPlas (2014), "Frequentism and Bayesianism: a Python-driven primer", arXiv:1411.5018.

    Examples
    --------
    >>> float(FlatAngle().quantile(0.75).round(6))  # 45 degrees
    1.0
    """

    def log_prob(self, value) -> np.ndarray:
        """Return −ln π − ln(1 + A²)."""
        density = -np.log(np.pi) - log1p_square(np.asarray(value, dtype=float))
        return np.where(np.isnan(density), -np.inf, density)

    def quantile(self, u) -> np.ndarray:
        """Return tan[π (u − ½)]."""
        return _tan_quantile(u)


@dataclass(frozen=True, repr=False)
class Flat(Prior):
    """A constant density between two bounds, either of which may be infinite.

    Bounded on both sides it is the uniform distribution.  Otherwise it is improper: it has density one,
    it does not integrate, and it cannot be sampled.

    Parameters
    ----------
    low, high : float
        The bounds, infinite by default.

    Raises
    ------
    PriorError
        If a bound is NaN or low is not below high.

    Examples
    --------
    >>> Flat().proper
    False
    >>> float(Flat(0, 4).quantile(0.25))
    1.0
    """

    low: float = -np.inf
    high: float = np.inf

    def __post_init__(self):
        settle(self, low=any_number, high=any_number)
        require(self, np.less(self.low, self.high), f"low = {self.low} must be below high = {self.high}")

    @property
    def proper(self) -> bool:
        """Whether both bounds are finite, so that the density integrates to one."""
        return bool(np.all(np.isfinite(self.low) & np.isfinite(self.high)))

    @property
    def support(self) -> Interval:
        """The interval between the bounds."""
        return Interval(self.low, self.high)

    @cached_property
    def _log_density(self):
        width = np.subtract(self.high, self.low, dtype=float)
        return np.where(np.isfinite(width), -np.log(width), 0.0)

    def log_prob(self, value) -> np.ndarray:
        """Return −ln(high − low) inside, or zero where a bound is infinite."""
        value = np.asarray(value, dtype=float)
        return np.where(np.isinf(value), -np.inf, within(value, self.low, self.high, self._log_density))

    def quantile(self, u) -> np.ndarray:
        """Return low + u (high − low).

        Raises
        ------
        PriorError
            If a bound is infinite.
        """
        if not self.proper:
            raise PriorError(
                f"{self!r} is improper: it has no quantiles and cannot be sampled; give both bounds, or "
                "a proper prior such as Normal(mean, sd)"
            )
        u = fraction(u)
        return np.clip(self.low + u * (self.high - self.low), self.low, self.high)


def _tan_quantile(u):
    """Return tan[π (u − ½)] with all digits in the middle and in both tails."""
    u = fraction(u)
    with np.errstate(divide="ignore"):
        tail = 1 / np.tan(np.pi * np.minimum(u, 1 - u))
    tail = np.where(u < 0.5, -tail, tail)
    return np.where(np.abs(u - 0.5) < 0.25, np.tan(np.pi * (u - 0.5)), tail)
