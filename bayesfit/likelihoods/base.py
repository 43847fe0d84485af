"""The contract of a likelihood: how the measured label of a row scatters about η."""

from abc import ABC, abstractmethod

import numpy as np

from bayesfit.data import Data
from bayesfit.likelihoods.concave import concave_expectation
from bayesfit.likelihoods.quadrature import gaussian_expectation
from bayesfit.parameters import Parameter
from bayesfit.predictors import Outputs
from bayesfit.specification import Specification

__all__ = ["Likelihood", "Values", "is_plain_sum"]

type Values = dict[str, np.ndarray]

#: methods that add up rows because a class overrides what is said of one
_PLAIN: set = set()
#: what is said row by row, and the method that says its sum over rows in a shorter way
_SUMS = {"log_prob": "log_joint", "log_prob_noisy": "log_joint_noisy", "log_density": "log_density_sum"}


class Likelihood(Specification, ABC):
    r"""The density of a row's label given η, for W parameter vectors and the N labelled rows of ``data``.

    Everything that belongs to a row (errors, limits, exposure …) is in the data, never here; a field
    is a number, or the name of one of the data's columns.  ``values`` are parameters by name, (W,) or
    (W, \*shape); η is (W, N), or (W, N, K) where `outputs` asks for classes.

    The sums over rows, `log_joint` and `log_joint_noisy`, may be made in a shorter way than row by row.  A class that
    overrides what is said of a row, and not how rows are added up, gets the plain sum of its rows.
    """

    #: whether ln p is analytic in η, so that the trapezoid rule converges exponentially
    smooth = True
    #: whether some η are impossible whatever the label, such as those of a negative rate
    bounded_eta = False
    #: whether labels have probabilities, not densities
    discrete = False
    #: whether every label scatters about η
    about_eta = True
    #: whether `log_prob_noisy` is a closed form, so that noisy features take little longer than exact ones
    is_closed = False

    #: whether the expected label is η itself
    mean_is_eta = False

    def __init_subclass__(cls, **options):
        super().__init_subclass__(**options)
        for term, total in _SUMS.items():
            if term in vars(cls) and total not in vars(cls):
                setattr(cls, total, _plain_sum(term, total))

    def check(self, data: Data) -> None:
        """Raise a DataError or ModelError where the data cannot be this likelihood's."""

    @abstractmethod
    def outputs(self, data: Data) -> Outputs:
        """Return what η should be for these data."""

    @abstractmethod
    def parameters(self, data: Data) -> tuple[Parameter, ...]:
        """Return the likelihood's own parameters with default priors scaled to the data."""

    @abstractmethod
    def log_prob(self, values: Values, eta: np.ndarray, data: Data) -> np.ndarray:
        """Return ln p(y_i | η_i) (W, N), constants included; a probability for limits, classes and counts."""

    def log_prob_noisy(self, values: Values, mean: np.ndarray, variance, data: Data, shift=None) -> np.ndarray:
        """Return ln ∫ p(y_i | η) N(η; mean_i, variance_i) dη (W, N), by adaptive quadrature unless overridden.

        ``shift`` is, where label errors are correlated with those of the features, the mean and variance (W, N)
        of what the features' errors add to the label; ``mean`` and ``variance`` contain it already.
        """
        if self.is_concave(data) and not self.parameters(data):
            return concave_expectation(self, mean, variance, data)
        return gaussian_expectation(self, values, mean, variance, data)

    def is_concave(self, data: Data) -> bool:
        """Return whether ln p is concave in η in every row, and `slopes` is there.

        Integrals over η are quick then, unless the likelihood has parameters of its own.
        """
        return False

    def sharpness(self, data: Data) -> np.ndarray | float:
        """Return how steep the steepest edge of e^{ln p} is in η, (N,), where a logistic function's or e^{-e^η} is one.

        Asked of likelihoods that are concave.
        """
        return 1.0

    def slopes(self, values: Values, eta: np.ndarray, data: Data) -> tuple[np.ndarray, np.ndarray]:
        """Return the first and second derivative of ln p(y_i | η_i) with respect to η, both (W, N).

        Raises
        ------
        NotImplementedError
            Unless the likelihood says that it `is_concave`.
        """
        raise NotImplementedError(f"{type(self).__name__} has no slopes")

    def log_joint_noisy(self, values: Values, mean: np.ndarray, variance, data: Data, shift=None) -> np.ndarray:
        """Return the sum (W,) of `log_prob_noisy` over rows."""
        return self.log_prob_noisy(values, mean, variance, data, shift).sum(axis=-1)

    @abstractmethod
    def peak(self, values: Values, data: Data) -> np.ndarray:
        """Return the η (N,) or (W, N) at which each row's density is highest; ±inf where it rises for ever."""

    def check_noise(self, data: Data) -> None:
        """Raise a DataError where new rows lack what it takes to say what would be measured in them."""

    @property
    def untruncated(self) -> "Likelihood":
        """The same likelihood without selection effects."""
        return self

    def window_rows(self, data: Data) -> Data | None:
        """Return the rows with their windows of selection as labels: their probability is that of being selected."""
        return None

    def log_joint(self, values: Values, eta: np.ndarray, data: Data) -> np.ndarray:
        """Return ln p(y | η) (W,) of all rows together: the sum of `log_prob` where labels are independent."""
        return self.log_prob(values, eta, data).sum(axis=-1)

    def explain(self, data: Data) -> list[str]:
        """Return what was chosen for these data, and why, in plain sentences."""
        return [f"Likelihood: {self!r}."]

    def linearised(self, data: Data) -> tuple[np.ndarray, np.ndarray]:
        """Return, for each label, about which η it is, and its precision 1/σ, both (N,): for least squares."""
        if data.y_err is None or not (data.y_err > 0).all():
            return data.y, np.ones(len(data))
        return data.y, 1.0 / (data.y_err if data.y_err.ndim == 1 else data.y_err.mean(axis=1))

    def guess(self, residual: np.ndarray, data: Data) -> dict[str, float]:
        """Return rough values of the likelihood's own parameters from least-squares residuals (N,)."""
        return {}

    @abstractmethod
    def simulate(self, values: Values, eta: np.ndarray, data: Data, rng: np.random.Generator) -> np.ndarray:
        """Return one simulated label (W, N) for each parameter vector and row, without limits."""

    @abstractmethod
    def mean(self, values: Values, eta: np.ndarray, data: Data) -> np.ndarray:
        """Return the expected label (W, N)."""


def _plain_sum(term: str, name: str):
    """Return a method that adds up another one's rows."""

    def total(self, *args, **kwargs):
        return getattr(self, term)(*args, **kwargs).sum(axis=-1)

    total.__name__, total.__doc__ = name, f"Return the sum (W,) of `{term}` over rows."
    _PLAIN.add(total)
    return total


def is_plain_sum(method) -> bool:
    """Return whether a method was put in because only what it adds up was overridden."""
    return method in _PLAIN
