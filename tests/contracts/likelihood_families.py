"""Every public likelihood, with its density written down a second time from scipy's distributions."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import stats

from bayesfit import likelihoods

__all__ = ["FAMILIES", "Family", "Label"]


@dataclass(frozen=True)
class Label:
    """A label of one row: a value, or an interval (low, high), its error, and the row's columns."""

    value: float | tuple[float, float]
    error: float | tuple[float, float] = 0.0
    exposure: float = 1.0
    trials: int = 1


@dataclass(frozen=True)
class Family:
    """A likelihood and ln p(label | η + shift), for an array of η and of shifts, from one vector of values."""

    name: str
    make: Callable
    log_label: Callable
    counts: bool = False
    exact_only: bool = False
    asymmetric: bool = False


def _interval(label):
    return isinstance(label.value, tuple)


def _of_distribution(label, distribution):
    """Return ln p of a value, or ln P of an interval, whichever tail keeps the digits."""
    if not _interval(label):
        return distribution.logpdf(label.value)
    low, high = label.value
    lower, upper = distribution.cdf(high) - distribution.cdf(low), distribution.sf(low) - distribution.sf(high)
    with np.errstate(divide="ignore"):
        return np.log(np.where(distribution.median() > low, lower, upper))


class _Half:
    """A normal deviate plus (sign 1) or minus an exponential one."""

    def __init__(self, centre, error, scale, sign):
        self.centre, self.sign = centre, sign
        self.law = stats.expon(scale=scale) if error == 0 else stats.exponnorm(scale / error, scale=error)

    def logpdf(self, y):
        return self.law.logpdf(self.sign * (y - self.centre))

    def below(self, y):
        r = self.sign * (y - self.centre)
        return self.law.cdf(r) if self.sign > 0 else self.law.sf(r)


def _variance(values, label):
    return label.error**2 + values.get("scatter", 0.0) ** 2


def _gaussian(values, eta, label, shift):
    if isinstance(label.error, tuple):
        return _two_piece(label.value - eta, *label.error, values.get("scatter", 0.0))
    return _of_distribution(label, stats.norm(eta + shift, np.sqrt(_variance(values, label))))


def _two_piece(residual, minus, plus, scatter):
    """The two-piece normal of r = y - η (width plus below zero), convolved with the scatter on a fine grid."""

    def sharp(r):
        return np.exp(-0.5 * (r / np.where(r < 0, plus, minus)) ** 2) * 2 / np.sqrt(2 * np.pi) / (minus + plus)

    if scatter == 0:
        return np.log(sharp(residual))
    nodes, weights = np.polynomial.legendre.leggauss(80)
    total = 0.0
    for low, high in ((-12 * plus, 0.0), (0.0, 12 * minus)):  # a piece each: no kink inside
        for a, b in zip(*(np.linspace(low, high, 9)[s] for s in (slice(-1), slice(1, None))), strict=True):
            r = 0.5 * (a + b) + 0.5 * (b - a) * nodes
            total = (
                total + 0.5 * (b - a) * (sharp(r) * stats.norm.pdf(residual[..., None] - r, scale=scatter)) @ weights
            )
    return np.log(total)


def _student(values, eta, label, shift):
    return _of_distribution(label, stats.t(values["dof"], eta + shift, np.sqrt(_variance(values, label))))


def _laplace(values, eta, label, shift):
    halves = [_Half(eta + shift, label.error, values["scale"], sign) for sign in (1, -1)]
    with np.errstate(divide="ignore"):
        if not _interval(label):
            return np.logaddexp(*(half.logpdf(label.value) for half in halves)) - np.log(2)
        low, high = label.value
        return np.log(sum(half.below(high) - half.below(low) for half in halves) / 2)


def _outliers(values, eta, label, shift):
    q = values["outlier_fraction"]
    wild = values["outlier_mean"] + shift + np.zeros_like(eta)
    variance = _variance(values, label)
    good = _of_distribution(label, stats.norm(eta + shift, np.sqrt(variance)))
    bad = _of_distribution(label, stats.norm(wild, np.sqrt(variance + values["outlier_scale"] ** 2)))
    return np.logaddexp(np.log1p(-q) + good, np.log(q) + bad)


def _poisson(link):
    def log_label(values, eta, label, shift):
        rate = label.exposure * (np.exp(eta) if link == "log" else eta) + 0.5
        with np.errstate(invalid="ignore"):
            return np.where(rate >= 0, stats.poisson.logpmf(label.value, np.maximum(rate, 0)), -np.inf)

    return log_label


def _binomial(link):
    def log_label(values, eta, label, shift):
        share = (stats.logistic if link == "logit" else stats.norm).cdf(eta)
        return stats.binom.logpmf(label.value, label.trials, share)

    return log_label


def _bernoulli(link):
    def log_label(values, eta, label, shift):
        law = stats.logistic if link == "logit" else stats.norm
        return law.logcdf(eta) if label.value == 1 else law.logsf(eta)

    return log_label


FAMILIES = [
    Family("Gaussian", likelihoods.Gaussian, _gaussian, asymmetric=True),
    Family("StudentT", likelihoods.StudentT, _student),
    Family("Laplace", lambda scatter=None, **kw: likelihoods.Laplace(**kw), _laplace),
    Family("OutlierMixture", likelihoods.OutlierMixture, _outliers, asymmetric=True),
    Family("Poisson", lambda: likelihoods.Poisson("log", "time", 0.5), _poisson("log"), counts=True),
    Family(
        "Poisson identity",
        lambda: likelihoods.Poisson("identity", "time", 0.5),
        _poisson("identity"),
        counts=True,
        exact_only=True,
    ),
    Family("Binomial", lambda: likelihoods.Binomial("trials"), _binomial("logit"), counts=True),
    Family("Binomial probit", lambda: likelihoods.Binomial("trials", "probit"), _binomial("probit"), counts=True),
    Family("Bernoulli", likelihoods.Bernoulli, _bernoulli("logit"), counts=True),
    Family("Bernoulli probit", lambda: likelihoods.Bernoulli("probit"), _bernoulli("probit"), counts=True),
]
