"""Several classes: softmax regression."""

from dataclasses import dataclass

import numpy as np

from bayesfit.errors import ModelError
from bayesfit.likelihoods.classes import Classes, class_codes, draw_codes
from bayesfit.likelihoods.softmax_grid import log_softmax_grid
from bayesfit.likelihoods.softmax_normal import log_softmax_normal, log_total, of_class
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
    dimension "class" for the others.  With noisy features and a predictor that is affine in them, ln p is integrated
    about its one mode, over as many coordinates as there are noisy features, or free classes where these are fewer:
    over one to 1e-9, over two or three to 2e-6, where η changes by up to 16 (two) or 4 (three) with a standard
    deviation of a coordinate.  For other predictors it is integrated over the features, by tensor quadrature for up to
    three, to 1e-6.  More than three coordinates take a lattice of 4,096 points, good to about 0.01 in ln p.  Default
    priors as for `Bernoulli`.
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
        return self._with_wrong_labels(values, self._log_right(eta, class_codes(data)), data)

    @staticmethod
    def _log_right(eta, codes):
        """Return ln p (W, N) of the rows' classes where labels are right."""
        return of_class(eta, codes) - log_total(np.moveaxis(eta, -1, 0))

    def _with_wrong_labels(self, values, log_right, data):
        if self.label_noise is False:
            return log_right
        rate, others = self._error_rate(values), len(data.classes) - 1
        # p (1 - ρ) + (1 - p) ρ/(K - 1)
        with np.errstate(divide="ignore"):
            return log_add(np.log(rate / others), np.log1p(-rate - rate / others) + log_right)

    def log_prob_along(self, values, eta, tilts, data) -> np.ndarray:
        """Return ln ∫ N(u; 0, 1) p(class_i | η_i + tilts_i u) du (W, N).

        η is (W, N, K - 1), tilts are (W, N, K - 1, r), r being at most `MOST_COORDINATES`.
        """
        codes = class_codes(data)
        if tilts.shape[-1] == 1:
            return self._with_wrong_labels(values, log_softmax_normal(eta, tilts[..., 0], codes), data)
        return self._with_wrong_labels(values, log_softmax_grid(eta, tilts, codes), data)

    def peak(self, values, data):
        return np.zeros(len(data))

    def probabilities(self, eta) -> np.ndarray:
        """Return the probabilities (W, N, K) of all classes."""
        first = np.zeros((*eta.shape[:-1], 1))
        return np.exp(np.concatenate([first, eta], axis=-1) - log_total(np.moveaxis(eta, -1, 0))[..., None])

    def mean(self, values, eta, data):
        """Return the probabilities (W, N, K) of all classes."""
        return self.probabilities(eta)

    def simulate(self, values, eta, data, rng):
        """Return codes: the positions of classes."""
        codes = draw_codes(self.probabilities(eta), rng)
        wrong = rng.uniform(size=codes.shape) < self._error_rate(values)
        n_classes = eta.shape[-1] + 1
        return np.where(wrong, (codes + rng.integers(1, n_classes, codes.shape)) % n_classes, codes)
