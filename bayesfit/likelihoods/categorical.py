"""Several classes: softmax regression."""

from dataclasses import dataclass

import numpy as np

from bayesfit.errors import ModelError
from bayesfit.likelihoods.classes import Classes, class_codes, draw_codes
from bayesfit.logarithms import log_add
from bayesfit.predictors import Outputs

__all__ = ["Categorical"]


@dataclass(frozen=True, repr=False)
class Categorical(Classes):
    r"""p(class k | η) = e^{η_k} / Σ_j e^{η_j}, with η = 0 for the first class.

    Parameters
    ----------
    link : "softmax"
    label_noise : bool or float
        As for `Bernoulli`; a wrong label is any of the other classes with equal probability.

    Raises
    ------
    ModelError
        For another link, or a rate that is not below 1/2.

    Notes
    -----
    The classes are the data's, sorted; the first is the reference.  η and the predictor's parameters have the
    dimension "class" for the others.  With noisy features ln p is integrated over η, where the predictor is affine
    and classes are fewer than noisy features, or over those: by tensor quadrature for up to three dimensions, to
    1e-6, and over a lattice of 4,096 points for more, to about 0.01 in ln p.  Default priors as for `Bernoulli`.
    """

    link: str = "softmax"
    label_noise: bool | float = False

    def __post_init__(self):
        if self.link != "softmax":
            raise ModelError(f"Categorical: link={self.link!r} should be 'softmax'")
        self._check_label_noise()

    def outputs(self, data):
        return Outputs(classes=tuple(data.classes[1:]), width=5.0)

    def log_prob(self, values, eta, data):
        codes = class_codes(data)
        chosen = np.where(
            codes > 0, np.take_along_axis(eta, np.maximum(codes - 1, 0)[None, :, None], axis=2)[..., 0], 0.0
        )
        log_right = chosen - _log_total(eta)
        if self.label_noise is False:
            return log_right
        rate, others = self._error_rate(values), len(data.classes) - 1
        # p (1 - ρ) + (1 - p) ρ/(K - 1)
        with np.errstate(divide="ignore"):
            return log_add(np.log(rate / others), np.log1p(-rate - rate / others) + log_right)

    def peak(self, values, data):
        return np.zeros(len(data))

    def probabilities(self, eta) -> np.ndarray:
        """Return the probabilities (W, N, K) of all classes."""
        first = np.zeros((*eta.shape[:-1], 1))
        return np.exp(np.concatenate([first, eta], axis=-1) - _log_total(eta)[..., None])

    def mean(self, values, eta, data):
        """Return the probabilities (W, N, K) of all classes."""
        return self.probabilities(eta)

    def simulate(self, values, eta, data, rng):
        """Return codes: the positions of classes."""
        codes = draw_codes(self.probabilities(eta), rng)
        wrong = rng.uniform(size=codes.shape) < self._error_rate(values)
        n_classes = eta.shape[-1] + 1
        return np.where(wrong, (codes + rng.integers(1, n_classes, codes.shape)) % n_classes, codes)


def _log_total(eta):
    """Return ln(1 + Σ e^η) over the last axis."""
    top = np.maximum(eta.max(axis=-1), 0.0)
    return top + np.log(np.exp(-top) + np.exp(eta - top[..., None]).sum(axis=-1))
