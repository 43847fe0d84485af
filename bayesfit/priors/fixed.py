"""The constant: a parameter that is not inferred."""

from dataclasses import dataclass

import numpy as np

from bayesfit.priors.base import Prior
from bayesfit.priors.numbers import finite, fraction, settle
from bayesfit.supports import Interval

__all__ = ["Fixed"]


@dataclass(frozen=True, repr=False)
class Fixed(Prior):
    """A constant: the parameter has this value and is not sampled.

    Parameters
    ----------
    value : float
        The value, finite.

    Raises
    ------
    PriorError
        If the value is not finite.

    Examples
    --------
    >>> prior = Fixed(3)
    >>> prior.log_prob([3.0, 3.1]).tolist()
    [0.0, -inf]
    """

    value: float

    def __post_init__(self):
        settle(self, value=finite)

    @property
    def support(self) -> Interval:
        """The value, twice."""
        return Interval(self.value, self.value)

    def log_prob(self, value) -> np.ndarray:
        """Return zero at the value (a probability, not a density) and minus infinity elsewhere."""
        return np.where(np.asarray(value, dtype=float) == self.value, 0.0, -np.inf)

    def quantile(self, u) -> np.ndarray:
        """Return the value for every ``u`` in [0, 1]."""
        return np.where(np.isnan(fraction(u)), np.nan, self.value)
