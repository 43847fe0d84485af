"""What likelihoods of class labels share: codes for labels, and labels that are sometimes wrong."""

from functools import cached_property

import numpy as np

from bayesfit.data import Data
from bayesfit.errors import DataError, ModelError, rows_text
from bayesfit.likelihoods.base import Likelihood
from bayesfit.likelihoods.columns import require_labels
from bayesfit.parameters import Parameter
from bayesfit.priors import Uniform
from bayesfit.supports import Interval

__all__ = ["Classes", "class_codes", "draw_codes", "reweighted"]


def class_codes(data: Data) -> np.ndarray:
    """Return the position (N,) of each row's label among ``data.classes``; 0 where it is missing."""
    return data.remember("class codes", lambda: _codes(data))


def _codes(data):
    position = {label: code for code, label in enumerate(data.classes)}
    given = data.labels.tolist()
    return np.array([position.get(label, 0) for label in given], dtype=int)


def draw_codes(probabilities: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return positions (…) drawn with the probabilities (…, K) of the last axis."""
    total = np.cumsum(probabilities, axis=-1)
    return (rng.uniform(size=(*total.shape[:-1], 1)) * total[..., -1:] > total).sum(axis=-1)


class Classes(Likelihood):
    """A likelihood whose labels are classes."""

    about_eta = False
    discrete = True

    label_noise: bool | float

    def _check_label_noise(self):
        given = self.label_noise
        if isinstance(given, bool):
            return
        if not isinstance(given, int | float | np.number) or not 0 <= given < 0.5:
            raise ModelError(f"{type(self).__name__}: label_noise={given!r} should be True, False, or a rate below 1/2")

    def check(self, data: Data) -> None:
        name = type(self).__name__
        require_labels(data)
        for argument in ("y_err", "y_cov", "xy_cov"):
            if getattr(data, argument) is not None:
                raise ModelError(
                    f"{argument}: class labels have no such errors; for wrong labels {name} has label_noise=True"
                )
        if data.limits is not None and data.limits.any():
            raise DataError(f"limits: {rows_text(np.flatnonzero(data.limits))}: class labels have no limits")
        if not data.classes:
            raise DataError(f"y holds numbers that are no classes; {name} needs class labels or a few whole numbers")
        if len(data.classes) < 2:
            raise DataError(f"y holds one class only ({data.classes[0]!r}); {name} needs rows of each class")

    def parameters(self, data):
        if self.label_noise is not True:
            return ()
        # below 1/2, or (β, ρ) and (-β, 1 - ρ) would be the same model
        return (Parameter("label_error", Uniform(0.0, 0.5), bounds=Interval(0.0, 0.5)),)

    def _error_rate(self, values):
        """Return the rate of wrong labels (W, 1) or a number, 0 where all are right."""
        return values["label_error"][:, None] if "label_error" in values else float(self.label_noise)

    def linearised(self, data):
        """Return labels as ±2 about which η lies, roughly."""
        return 4.0 * (class_codes(data) > 0) - 2.0, np.ones(len(data))

    @cached_property
    def clean(self) -> "Classes":
        """The same likelihood of the true classes."""
        return type(self)(**{**self.fields(), "label_noise": False})


def reweighted(probabilities, log_factors) -> np.ndarray:
    """Return probabilities (…, K) times factors, normalised; those that are zero count as the least number above it.

    Examples
    --------
    >>> reweighted(np.array([0.5, 0.5]), np.log([1.0, 3.0])).tolist()
    [0.25, 0.75]
    """
    logs = np.log(np.maximum(probabilities, np.finfo(float).tiny)) + log_factors
    found = np.exp(logs - logs.max(axis=-1, keepdims=True))
    return found / found.sum(axis=-1, keepdims=True)
