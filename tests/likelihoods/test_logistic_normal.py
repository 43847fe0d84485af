"""The logistic function averaged over a normal variable, against adaptive integration."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import log_expit

from bayesfit.likelihoods.logistic_normal import log_logistic_normal


def by_integration(mean, sd):
    """The integral with its largest value taken out, from one landmark of the integrand to the next."""

    def log_term(t):
        return log_expit(mean + sd * t) - 0.5 * t * t

    grid = np.linspace(-12, sd + 12, 20001)
    values = log_term(grid)
    top, peak = values.max(), grid[values.argmax()]
    width = 1 / np.sqrt(1 + sd * sd / 4)
    marks = np.unique(peak + np.outer(width, [-300, -30, -10, -3, -1, 0, 1, 3, 10, 30, 300]).ravel())
    marks = np.unique(np.clip(np.append(marks, [-12, sd + 12]), -12, sd + 12))
    parts = [
        quad(lambda t: np.exp(log_term(t) - top), a, b, epsabs=0, epsrel=1e-12, limit=200)[0]
        for a, b in pairwise(marks)
        if max(log_term(a), log_term(b)) > top - 60 or a <= peak <= b
    ]
    return top + np.log(np.sum(parts) / np.sqrt(2 * np.pi))


@pytest.mark.parametrize("sd", [1e-3, 0.3, 1.0, 1.3, 2.9, 3.1, 6.5, 13.0, 40.0, 59.0, 61.0, 150.0])
def test_equals_adaptive_integration(sd):
    means = np.array([-60.0, -8.0, -1.0, 0.0, 0.4, 5.0, 30.0])
    wanted = [by_integration(mean, sd) for mean in means]
    assert log_logistic_normal(means, np.full(7, sd)) == pytest.approx(wanted, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(("mean", "sd"), [(-1000.0, 15.0), (-1600.0, 39.0), (-5000.0, 59.0), (-900.0, 2.5)])
def test_far_below_zero_neither_factor_is_lost(mean, sd):
    """The integrand's pole is e^-2000 of what is summed."""
    assert log_logistic_normal(mean, sd) == pytest.approx(by_integration(mean, sd), rel=1e-9)


def test_without_spread_it_is_the_logistic_function():
    means = np.linspace(-700, 700, 29)
    assert log_logistic_normal(means, np.zeros(29)) == pytest.approx(log_expit(means), rel=1e-12, abs=1e-300)


def test_the_two_classes_share_the_probability():
    rng = np.random.default_rng(1)
    mean, sd = rng.normal(0, 5, 1000), rng.exponential(3, 1000)
    total = np.exp(log_logistic_normal(mean, sd)) + np.exp(log_logistic_normal(-mean, sd))
    assert total == pytest.approx(np.ones(1000), abs=1e-9)
