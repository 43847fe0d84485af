"""Several classes: softmax regression."""

from dataclasses import dataclass
from functools import reduce

import numpy as np

from bayesfit.errors import ModelError
from bayesfit.likelihoods.classes import Classes, class_codes, draw_codes
from bayesfit.likelihoods.concave import Terms, concave_integral, pieces
from bayesfit.logarithms import log_add
from bayesfit.predictors import Outputs

__all__ = ["Categorical"]

#: exponents up to here neither overflow nor vanish, nor do products of two such exponentials
_LARGEST = 300.0


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
        return chosen - _log_total(np.moveaxis(eta, -1, 0))

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
        found = [_Along.of(eta[:, p], tilt[:, p], codes[p]).expectation() for p in pieces(eta.shape)]
        return self._with_wrong_labels(values, np.concatenate(found, axis=1), data)

    def peak(self, values, data):
        return np.zeros(len(data))

    def probabilities(self, eta) -> np.ndarray:
        """Return the probabilities (W, N, K) of all classes."""
        first = np.zeros((*eta.shape[:-1], 1))
        return np.exp(np.concatenate([first, eta], axis=-1) - _log_total(np.moveaxis(eta, -1, 0))[..., None])

    def mean(self, values, eta, data):
        """Return the probabilities (W, N, K) of all classes."""
        return self.probabilities(eta)

    def simulate(self, values, eta, data, rng):
        """Return codes: the positions of classes."""
        codes = draw_codes(self.probabilities(eta), rng)
        wrong = rng.uniform(size=codes.shape) < self._error_rate(values)
        n_classes = eta.shape[-1] + 1
        return np.where(wrong, (codes + rng.integers(1, n_classes, codes.shape)) % n_classes, codes)


class _Along(Terms):
    """ln p of each row's own class along t: minus ln(1 + Σ e^{gap + tilt t}) over the other classes, (K - 1, W, n)."""

    def __init__(self, gaps, tilts):
        self.gaps, self.tilts = gaps, tilts

    @classmethod
    def of(cls, eta, tilt, codes):
        """Return the terms of rows with these classes, for η and tilts (W, n, K - 1)."""
        return cls(_beyond(eta, codes), _beyond(tilt, codes))

    def log_term(self, t):
        return -_log_total(self.gaps + self.tilts * t)

    def slopes(self, t):
        found = self.gaps + self.tilts * t
        weighted = np.exp(found - _log_total(found)) * self.tilts
        mean = reduce(np.add, weighted)
        return -mean, np.square(mean) - reduce(np.add, weighted * self.tilts)

    def total(self, start, step, n_nodes, top):
        """Return the sum as `Terms` does, by products in place of exponentials where these do not overflow."""
        end = start + n_nodes * step
        exponents = np.maximum(start * start, end * end) - top
        for ends in (start, end):
            exponents = np.maximum(exponents, np.abs(self.gaps + self.tilts * ends).max(axis=0))
        huge = exponents > _LARGEST
        if huge.all():
            return super().total(start, step, n_nodes, top)
        if huge.any():
            found = np.empty(top.shape)
            for some in (huge, ~huge):
                found[some] = self.only(some).total(start[None, some], step[None, some], n_nodes, top[None, some])[0]
            return found
        odds, ratio = np.exp(self.gaps + self.tilts * start), np.exp(self.tilts * step)
        # e^{-t²/2 - top} at the next node is that at the last one times a ratio, which falls by a factor each time
        weight, fall, factor = np.exp(-0.5 * start**2 - top), np.exp(-step * (start + 0.5 * step)), np.exp(-(step**2))
        found = np.zeros(top.shape)
        for _ in range(n_nodes):
            found += weight / reduce(np.add, odds, 1.0)
            odds *= ratio
            weight *= fall
            fall *= factor
        return found

    def only(self, chosen):
        return _Along(self.gaps[:, None, chosen], self.tilts[:, None, chosen])

    def expectation(self):
        """Return ln of the mean of p over a standard normal t, (W, n)."""
        return concave_integral(self, np.zeros(self.gaps.shape[1:]), np.abs(self.tilts).max(axis=0))


def _beyond(eta, codes):
    """Return η (W, n, K - 1) of the classes that a row is not of, less that of its own, as (K - 1, W, n)."""
    own = np.where(codes > 0, np.take_along_axis(eta, _columns(codes), axis=2)[..., 0], 0.0)
    columns = np.moveaxis(eta, -1, 0)
    # the first class, whose η is zero, takes the place of a row's own
    is_own = codes == np.arange(1, len(columns) + 1)[:, None, None]
    return np.where(is_own, 0.0, columns) - own


def _columns(codes):
    """Return the columns of η (1, N, 1) of the rows' classes, the first for those of the reference class."""
    return np.maximum(codes - 1, 0)[None, :, None]


def _log_total(columns):
    """Return ln(1 + Σ e^η) over the first axis, which is short."""
    top = reduce(np.maximum, columns, 0.0)
    total = np.exp(-top)
    for column in columns:
        total += np.exp(column - top)
    return top + np.log(total)
