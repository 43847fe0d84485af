"""Likelihoods of classes with ways of feeding them, and their probabilities written down a second time."""

from dataclasses import dataclass

import numpy as np
from brute_force import log_features_and_label
from likelihood_feeds import random_theta
from scipy import stats
from scipy.special import log_softmax

from bayesfit import Data, Model, likelihoods, populations, predictors

__all__ = ["CASES", "Case", "Oracle", "make"]

N = 12


@dataclass(frozen=True)
class Case:
    """A likelihood of ``n_classes`` classes, a predictor, and where true features come from."""

    name: str
    likelihood: likelihoods.Classes
    n_classes: int
    population: populations.Population | None = None
    quadratic: bool = False
    noisy: bool = True

    @property
    def predictor(self):
        return predictors.Polynomial(2) if self.quadratic else predictors.Linear()

    @property
    def tolerance(self) -> float:
        """What is in closed form agrees to rounding, what is a quadrature to 1e-6."""
        closed = not self.noisy or (getattr(self.likelihood, "link", "") == "probit" and not self.quadratic)
        return 1e-9 if closed else 1e-6


def _cases():
    many = {
        "logit, noisy labels": (likelihoods.Bernoulli(label_noise=True), 2),
        "probit, noisy labels": (likelihoods.Bernoulli("probit", label_noise=True), 2),
        "probit, a tenth wrong": (likelihoods.Bernoulli("probit", label_noise=0.1), 2),
        "two classes": (likelihoods.Categorical(), 2),
        "three classes": (likelihoods.Categorical(), 3),
        "four classes, noisy labels": (likelihoods.Categorical(label_noise=True), 4),
        "three classes, a tenth wrong": (likelihoods.Categorical(label_noise=0.1), 3),
    }
    for name, (likelihood, n_classes) in many.items():
        yield Case(f"{name}, exact", likelihood, n_classes, noisy=False)
        yield Case(f"{name}, one population", likelihood, n_classes, populations.Normal())
        yield Case(f"{name}, two populations", likelihood, n_classes, populations.NormalMixture(2))
        yield Case(f"{name}, flat", likelihood, n_classes, populations.Flat())
        yield Case(f"{name}, quadratic", likelihood, n_classes, populations.Normal(), quadratic=True)


CASES = list(_cases())


def make(case: Case, seed: int):
    """Return a target and theta (2, D): one feature, two of its values missing, one row without a label."""
    rng = np.random.default_rng(seed)
    labels = np.array(list("abcd")[: case.n_classes] * N, dtype=object)[:N]
    labels[5] = None
    x = rng.normal(0, 1, N)
    x_err = None
    if case.noisy:
        x_err = rng.uniform(0.3, 0.9, N)
        if not isinstance(case.population, populations.Flat):
            x[[1, 8]] = np.nan
    target = Model(case.predictor, case.likelihood, population=case.population).target(Data(x, labels, x_err=x_err))
    names = [name if name != "label_error" else "outlier_fraction" for name in target.names]
    return target, random_theta(names, rng)


class Oracle:
    """The densities of one target's rows at one parameter vector (D,)."""

    def __init__(self, case: Case, target, theta):
        self.case, self.data = case, target.data
        self.values = {name: array[0] for name, array in target.parameters.unpack(theta[None]).items()}

    def log_probability(self, code: int, x) -> np.ndarray:
        """Return ln p(label | x) (n,)."""
        v, case = self.values, self.case
        powers = [np.ones(len(x)), x, x**2] if case.quadratic else [np.ones(len(x)), x]
        columns = v["coefficient"].T if case.quadratic else [v["intercept"], v["slope"].ravel()]
        weights = [np.atleast_1d(column) for column in columns]
        eta = sum(np.multiply.outer(w, p) for w, p in zip(weights, powers, strict=True))
        if getattr(case.likelihood, "link", "") == "probit":
            right = stats.norm.logcdf(eta[0] if code else -eta[0])
        else:
            right = log_softmax(np.vstack([np.zeros(len(x)), eta]), axis=0)[code]
        rate = v.get("label_error", float(case.likelihood.label_noise))
        with np.errstate(divide="ignore"):
            wrong = np.log(rate / (case.n_classes - 1)) + np.log(-np.expm1(right))
        return np.logaddexp(np.log1p(-rate) + right, wrong)

    def _pieces(self):
        if isinstance(self.case.population, populations.Flat):
            return []
        v = self.values
        if isinstance(self.case.population, populations.Normal):
            return [(1.0, v["x_mean"], v["x_sd"])]
        return list(zip(v["x_weight"], v["x_mean"], v["x_sd"], strict=True))

    def joint(self, i: int, code: int | None) -> float:
        """Return ln p(x̂_i, label)."""
        x = self.data.x[i, 0]
        if not self.case.noisy:
            return 0.0 if code is None else float(self.log_probability(code, np.array([x]))[0])
        log_label = np.zeros_like if code is None else lambda xi: self.log_probability(code, xi)
        return float(log_features_and_label((x, self.data.x_err[i, 0]), self._pieces(), log_label))

    def stored(self, i: int, code: int) -> float:
        """Return ln p(label | x̂_i)."""
        return self.joint(i, code) - self.joint(i, None)
