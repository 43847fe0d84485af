"""The contract of a population: where the true values of noisy and missing features come from."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property, reduce
from itertools import combinations
from typing import NamedTuple

import numpy as np

from bayesfit.data import Data
from bayesfit.parameters import Parameter
from bayesfit.roots import lower_root
from bayesfit.specification import Specification

__all__ = ["Component", "Conditional", "Features", "Population", "dot"]


@dataclass(frozen=True, eq=False)
class Features:
    """The noisy features of some rows beside their exact ones, as populations need them.

    Which features are noisy is decided by the data that were fitted, so that new rows, whatever their
    errors, meet the same population.

    Parameters
    ----------
    data : Data
        N rows.
    noisy : ndarray (p,) of bool
    """

    data: Data
    noisy: np.ndarray

    @property
    def n_noisy(self) -> int:
        """The number q of features with a population."""
        return int(self.noisy.sum())

    @cached_property
    def measured(self) -> np.ndarray:
        """The measured noisy features (N, q); 0 where missing."""
        return np.where(self.present, self.data.x[:, self.noisy], 0.0)

    @cached_property
    def present(self) -> np.ndarray:
        """Whether each noisy feature is there, (N, q)."""
        return ~self.data.missing[:, self.noisy]

    @cached_property
    def exact(self) -> np.ndarray:
        """The exact features (N, p - q)."""
        return self.data.x[:, ~self.noisy]

    @cached_property
    def error_cov(self) -> np.ndarray:
        """Covariances of the errors of the noisy features (N, q, q); 0 for what is missing."""
        cov = self.data.x_cov()
        if cov is None:
            return np.zeros((len(self.data), self.n_noisy, self.n_noisy))
        block = cov[:, self.noisy][:, :, self.noisy]
        return block * (self.present[:, :, None] & self.present[:, None, :])

    @cached_property
    def shared_error_cov(self) -> list[list[np.ndarray]]:
        """The entries of `error_cov`, each (N,), or (1,) where it is the same in all rows, so that work is shared."""
        return [[_shared(column) for column in row] for row in np.moveaxis(self.error_cov, 0, -1)]

    def draw_errors(self, rng: np.random.Generator) -> np.ndarray:
        """Return errors (N, q) of the noisy features, drawn from their covariances."""
        normal = rng.standard_normal((len(self.data), self.n_noisy))
        return np.einsum("ijk,ik->ij", lower_root(self.error_cov), normal)

    @cached_property
    def label_gain(self) -> np.ndarray | None:
        """G = S⁻¹ c (N, q): the label's error is g · e_x plus a part independent of e_x; None without xy_cov."""
        if self.data.xy_cov is None:
            return None
        cov = self.data.xy_cov[:, self.noisy] * self.present
        # in units of the errors, or one feature could drop out beside another
        sd = np.sqrt(np.diagonal(self.error_cov, axis1=1, axis2=2))
        unit = np.where(sd > 0, sd, 1.0)
        inverse = np.linalg.pinv(self.error_cov / (unit[:, :, None] * unit[:, None, :]), hermitian=True)
        return np.einsum("ijk,ik->ij", inverse, cov / unit) / unit


def dot(weights, entries) -> np.ndarray:
    """Return Σ_j weight_j entry_j of arrays that broadcast: few terms, whole arrays at a time."""
    return reduce(np.add, (weight * entry for weight, entry in zip(weights, entries, strict=True)))


def _shared(column):
    """Return a column as one number where all its numbers are the same."""
    return column[:1] if len(column) and (column == column[0]).all() else np.ascontiguousarray(column)


class Conditional(NamedTuple):
    """What the measured features say of the true ones.

    Parameters
    ----------
    log_density : ndarray (W, N)
        ln p(x̂_i | θ), over the features that are there.
    components : list of (log_weight, Component)
        The true features given the measured ones are a mixture of these Gaussians, with ln weights
        (W, N); 0 for a single one.
    """

    log_density: np.ndarray
    components: list


class Component(ABC):
    """A Gaussian of the true features of each row given the measured ones."""

    @abstractmethod
    def project(self, slope: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and variance (W, N) of slope · ξ, for slopes (W, 1, q) or (W, N, q).

        The variance is (W, 1) where all rows have the same.
        """

    def moments(self, size: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the mean (W, N, q) and covariance (W, N, q, q) of all q = ``size`` true features."""
        unit = np.eye(size)[:, None, None]
        single = [self.project(unit[j]) for j in range(size)]
        mean = np.stack([mean for mean, _ in single], axis=-1)
        cov = np.empty((*mean.shape, size))
        cov[...] = np.stack([variance for _, variance in single], axis=-1)[..., None] * np.eye(size)
        for j, k in combinations(range(size), 2):
            # in units of their deviations, or the smaller one's digits would be lost
            sds = [np.sqrt(np.where(cov[..., i, i] > 0, cov[..., i, i], 1.0)) for i in (j, k)]
            both = self.project(unit[j] / sds[0][..., None] + unit[k] / sds[1][..., None])[1]
            alone = sum((cov[..., i, i] > 0).astype(float) for i in (j, k))
            cov[..., j, k] = cov[..., k, j] = 0.5 * (both - alone) * sds[0] * sds[1]
        return mean, cov


class Population(Specification, ABC):
    """The distribution of true noisy features ξ, given the exact features of the same row."""

    def check(self, features: Features) -> None:
        """Raise a ModelError or DataError where these features cannot have this population."""

    @abstractmethod
    def parameters(self, features: Features) -> tuple[Parameter, ...]:
        """Return the population's parameters with default priors scaled to the data."""

    @abstractmethod
    def condition(self, values: dict[str, np.ndarray], features: Features) -> Conditional:
        """Return ln p(x̂ | θ) and the true features given the measured ones."""

    @abstractmethod
    def prior(self, values: dict[str, np.ndarray], features: Features) -> Conditional:
        """Return the true features before any is measured (log density 0): for selection effects."""

    @abstractmethod
    def simulate(self, values: dict[str, np.ndarray], features: Features, rng) -> np.ndarray:
        """Return true noisy features (N, q) drawn for one parameter vector (arrays with W = 1)."""
