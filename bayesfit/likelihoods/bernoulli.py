"""Two classes: logistic and probit regression."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, log_ndtr, ndtr

from bayesfit.errors import DataError, ModelError
from bayesfit.likelihoods.classes import Classes, class_codes
from bayesfit.likelihoods.logistic_normal import log_logistic_normal
from bayesfit.logarithms import log_add, log_logistic, sum_softplus
from bayesfit.predictors import Outputs

__all__ = ["Bernoulli"]


@dataclass(frozen=True, repr=False)
class Bernoulli(Classes):
    r"""p(second class | η) = 1/(1 + e^{-η}) (logit) or Φ(η) (probit).

    Parameters
    ----------
    link : "logit" or "probit"
    label_noise : bool or float
        Whether labels are sometimes wrong: the rate ρ, or True to infer it as "label_error". A label is then
        the second class with probability (1 - ρ) p + ρ (1 - p).

    Raises
    ------
    ModelError
        For another link, or a rate that is not below 1/2.
    DataError
        If the labels are not two classes.

    Notes
    -----
    The classes are the data's, sorted; probabilities are of the second.  With noisy features the probit is exact,
    Φ(m/√(1 + v)), the logit by quadrature to 1e-9.  Default priors put η at the centre of the features at 0 ± 5, and
    change it by 5 for a standard deviation of a feature, which keeps separable classes finite; ρ ~ Uniform(0, 0.5).
    """

    link: str = "logit"
    label_noise: bool | float = False

    def __post_init__(self):
        if self.link not in ("logit", "probit"):
            raise ModelError(f"Bernoulli: link={self.link!r} should be 'logit' or 'probit'")
        self._check_label_noise()

    def check(self, data):
        super().check(data)
        if len(data.classes) != 2:
            found = ", ".join(map(repr, data.classes[:6]))
            raise DataError(f"y holds {len(data.classes)} classes ({found}); Bernoulli takes two, Categorical more")

    def outputs(self, data):
        return Outputs(width=5.0 if self.link == "logit" else 3.0)

    def log_prob(self, values, eta, data):
        log_probability = log_logistic if self.link == "logit" else log_ndtr
        return self._noisy_label(values, log_probability(_signs(data) * eta))

    def log_joint(self, values, eta, data):
        if self.link == "probit" or self.label_noise is not False:
            return self.log_prob(values, eta, data).sum(axis=-1)
        return -sum_softplus(-_signs(data) * eta)

    def log_prob_noisy(self, values, mean, variance, data, shift=None):
        if self.link == "probit":
            return self.log_prob(values, mean / np.sqrt(1.0 + variance), data)
        return self._noisy_label(values, log_logistic_normal(_signs(data) * mean, np.sqrt(variance)))

    def _noisy_label(self, values, log_right):
        if self.label_noise is False:
            return log_right
        rate = self._error_rate(values)
        # p (1 - ρ) + (1 - p) ρ = ρ + (1 - 2ρ) p
        with np.errstate(divide="ignore"):
            return log_add(np.log(rate), np.log1p(-2 * rate) + log_right)

    def peak(self, values, data):
        # ln p rises without end; beyond ±8 there is next to nothing left to gain
        return 8.0 * _signs(data)

    def mean(self, values, eta, data):
        """Return the probability of the second class."""
        return expit(eta) if self.link == "logit" else ndtr(eta)

    def simulate(self, values, eta, data, rng):
        """Return codes: 1 for the second class."""
        probability = self.mean(values, eta, data)
        rate = self._error_rate(values)
        return (rng.uniform(size=eta.shape) < rate + (1 - 2 * rate) * probability).astype(int)


def _signs(data):
    return data.remember("signs", lambda: 2.0 * class_codes(data) - 1.0)
