"""Several classes: softmax regression."""

from dataclasses import dataclass
from functools import reduce

import numpy as np

from bayesfit.errors import ModelError
from bayesfit.likelihoods.classes import Classes, class_codes, draw_codes
from bayesfit.likelihoods.concave import concave_integral, pieces
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
    dimension "class" for the others.  With one noisy feature and a predictor that is affine in it, ln p is integrated
    about its one mode, to 1e-9.  Otherwise it is integrated over η, where the predictor is affine and classes are fewer
    than noisy features, or over those: by tensor quadrature for up to three dimensions, to 1e-6, and over a lattice
    of 4,096 points for more, to about 0.01 in ln p.  Default priors as for `Bernoulli`.
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
        chosen = np.where(codes > 0, np.take_along_axis(eta, _columns(codes), axis=2)[..., 0], 0.0)
        return chosen - _log_total(eta)

    def _with_wrong_labels(self, values, log_right, data):
        if self.label_noise is False:
            return log_right
        rate, others = self._error_rate(values), len(data.classes) - 1
        # p (1 - ρ) + (1 - p) ρ/(K - 1)
        with np.errstate(divide="ignore"):
            return log_add(np.log(rate / others), np.log1p(-rate - rate / others) + log_right)

    def log_prob_along(self, values, eta, tilt, data) -> np.ndarray:
        """Return ln ∫ N(t; 0, 1) p(class_i | η_i + tilt_i t) dt (W, N), for η and tilts (W, N, K - 1).

        Where labels are right ln p is concave in t, since its derivatives are a_k - E[a] and -Var[a], a being the
        tilts of the classes, zero for the first, and the moments those under the classes' probabilities.
        """
        codes = class_codes(data)
        found = [self._along(eta[:, p], tilt[:, p], codes[p]) for p in pieces(eta.shape)]
        return self._with_wrong_labels(values, np.concatenate(found, axis=1), data)

    def _along(self, eta, tilt, codes):
        own = np.where(codes > 0, np.take_along_axis(tilt, _columns(codes), axis=2)[..., 0], 0.0)

        def at(t):
            return eta + tilt * t[..., None]

        def slopes(t):
            found = at(t)
            probability = np.exp(found - _log_total(found)[..., None])
            mean, square = (probability * tilt).sum(axis=-1), (probability * np.square(tilt)).sum(axis=-1)
            return own - mean, np.square(mean) - square

        start, pace = np.zeros(eta.shape[:2]), np.abs(tilt).max(axis=-1)
        return concave_integral(lambda t: self._log_right(at(t), codes), slopes, start, pace)

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


def _columns(codes):
    """Return the columns of η (1, N, 1) of the rows' classes, the first for those of the reference class."""
    return np.maximum(codes - 1, 0)[None, :, None]


def _log_total(eta):
    """Return ln(1 + Σ e^η) over the last axis, which is short: column by column is quicker than along it."""
    columns = np.moveaxis(eta, -1, 0)
    top = reduce(np.maximum, columns, 0.0)
    total = np.exp(-top)
    for column in columns:
        total += np.exp(column - top)
    return top + np.log(total)
