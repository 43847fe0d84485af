"""Any frozen continuous distribution of scipy.stats as a prior."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from bayesfit.errors import PriorError
from bayesfit.priors.base import Prior
from bayesfit.priors.numbers import fraction, within
from bayesfit.supports import Interval

__all__ = ["FromScipy", "is_frozen"]


@dataclass(frozen=True, repr=False)
class FromScipy(Prior):
    """A frozen continuous distribution of ``scipy.stats``, such as ``scipy.stats.skewnorm(4)``.

    Parameters
    ----------
    frozen : scipy.stats frozen distribution
        One-dimensional and continuous, with single numbers for its parameters.

    Raises
    ------
    PriorError
        If it is discrete, multivariate, not frozen, or has parameters it does not allow.

    Notes
    -----
    As accurate and as fast as scipy's own ``logpdf`` and ``ppf``.  It cannot be turned into plain data.

    Examples
    --------
    >>> from scipy.stats import gumbel_r
    >>> float(FromScipy(gumbel_r(0, 1)).log_prob(0.0))
    -1.0
    """

    frozen: Any

    def __post_init__(self):
        if not is_frozen(self.frozen):
            raise PriorError(
                f"FromScipy: frozen must be a frozen continuous distribution of one variable, such as "
                f"scipy.stats.norm(0, 1), not {_described(self.frozen)}"
            )
        ends = self._ends
        if any(np.ndim(end) != 0 or np.isnan(end) for end in ends):
            raise PriorError(
                f"FromScipy: {_described(self.frozen)} has support {ends}; its parameters must be single "
                "numbers that the distribution allows"
            )

    def __repr__(self):
        return f"FromScipy({_described(self.frozen)})"

    @cached_property
    def _ends(self):
        return self.frozen.support()

    @property
    def support(self) -> Interval:
        """What scipy says it is."""
        return Interval(*self._ends)

    def log_prob(self, value) -> np.ndarray:
        """Return scipy's ``logpdf``."""
        value = np.asarray(value, dtype=float)
        with np.errstate(all="ignore"):
            density = self.frozen.logpdf(value)
        return within(value, *self._ends, density)

    def quantile(self, u) -> np.ndarray:
        """Return scipy's ``ppf``."""
        with np.errstate(all="ignore"):
            return self.frozen.ppf(fraction(u))


def is_frozen(value) -> bool:
    """Return whether it looks like a frozen continuous distribution; scipy.stats itself is not imported."""
    return hasattr(value, "dist") and all(callable(getattr(value, name, None)) for name in _METHODS)


# multivariate ones have no ppf, discrete ones no logpdf, and those not frozen no dist
_METHODS = ("logpdf", "ppf", "support")


def _described(value):
    if not hasattr(value, "dist") or not hasattr(value, "args"):
        return f"{value!r:.60}"
    arguments = [f"{argument}" for argument in value.args]
    arguments += [f"{name}={argument}" for name, argument in value.kwds.items()]
    return f"{value.dist.name}({', '.join(arguments)})"
