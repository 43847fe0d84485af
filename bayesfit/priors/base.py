"""The contract of a prior."""

from abc import ABC, abstractmethod

import numpy as np

from bayesfit.specification import Specification
from bayesfit.supports import Interval, Support

__all__ = ["JointPrior", "Prior"]


class Prior(Specification, ABC):
    """A proper (unless it says otherwise) distribution of one real parameter.

    Subclasses are frozen dataclasses whose fields are finite numbers, or arrays of them that
    broadcast, so that many parameters with the same kind of prior are evaluated in one call.
    """

    #: whether the density integrates to one
    proper = True

    @property
    @abstractmethod
    def support(self) -> Interval:
        """The interval outside which the density is zero, as ``(low, high)``."""

    @abstractmethod
    def log_prob(self, value) -> np.ndarray:
        """Return the log density at ``value`` (any shape); minus infinity outside the support and for NaN."""

    @abstractmethod
    def quantile(self, u) -> np.ndarray:
        """Return the value below which a fraction ``u`` of the probability lies; NaN for ``u`` outside [0, 1]."""

    def sample(self, rng: np.random.Generator, size=None) -> np.ndarray:
        """Return random values of shape ``size``, by inverting the distribution function."""
        return self.quantile(rng.uniform(size=size))


class JointPrior(Specification, ABC):
    """A proper distribution of several parameters together: values have a last axis of length ``n_values``."""

    proper = True

    @property
    @abstractmethod
    def n_values(self) -> int:
        """The number of parameters it speaks of."""

    @property
    @abstractmethod
    def support(self) -> Support:
        """The set outside which the density is zero."""

    @abstractmethod
    def log_prob(self, value) -> np.ndarray:
        """Return the log density at ``value`` of shape (..., n_values), with respect to its free coordinates."""

    @abstractmethod
    def sample(self, rng: np.random.Generator, size=None) -> np.ndarray:
        r"""Return random values of shape (\*size, n_values)."""
