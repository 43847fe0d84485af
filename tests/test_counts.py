"""Reference values are from 60-digit arithmetic on the exact binary inputs."""

import numpy as np
import pytest
from scipy import stats
from scipy.special import log_expit

from bayesfit.counts import binomial_log_pmf, poisson_log_peak, poisson_log_pmf


@pytest.mark.parametrize(
    ("count", "rate", "expected"),
    [
        (0, 1e-320, -9.9998886718268300541e-321),
        (1000000, 1e6, -7.8266938955201431272),
        (0, 800.0, -800.0),
    ],
)
def test_poisson_reference_values(count, rate, expected):
    assert float(poisson_log_pmf(count, rate)) == pytest.approx(expected, rel=1e-12)


def test_poisson_agrees_with_scipy_for_few_counts_and_broadcasts():
    count, rate = np.arange(40), np.array([[0.01], [1.0], [17.3], [200.0]])
    np.testing.assert_allclose(poisson_log_pmf(count, rate), stats.poisson.logpmf(count, rate), rtol=1e-11)


@pytest.mark.parametrize("count", [45, 49, 50, 51, 52, 1000, 10**9])
def test_ratios_of_neighbouring_counts_are_exact(count):
    """p(k + 1) / p(k) = λ / (k + 1), on both sides of the changes of form."""
    rate = count * np.array([0.5, 0.79, 0.83, 0.99, 1.0, 1.01, 1.2, 1.25, 2.0])
    step = poisson_log_pmf(count + 1, rate) - poisson_log_pmf(count, rate)
    size = np.abs(poisson_log_pmf(count, rate))
    np.testing.assert_array_less(np.abs(step - np.log(rate / (count + 1))), 1e-12 * size + 1e-13)


def test_impossible_rates_and_counts():
    found = poisson_log_pmf(np.array([0, 1, 0, 3]), np.array([0.0, 0.0, -1.0, -1.0]))
    np.testing.assert_array_equal(found, [0.0, -np.inf, -np.inf, -np.inf])


def test_a_rate_that_underflows_keeps_its_logarithm():
    assert float(poisson_log_pmf(2, 0.0, log_rate=-800.0)) == pytest.approx(-1600.0 - np.log(2.0), rel=1e-14)


def test_the_peak_is_the_value_at_the_rate_that_equals_the_count():
    count = np.array([1, 14, 15, 16, 17, 40])
    np.testing.assert_allclose(poisson_log_peak(count), stats.poisson.logpmf(count, count), rtol=1e-12)
    assert poisson_log_peak(0) == 0.0


@pytest.mark.parametrize("trials", [1, 7, 500, 501, 800])
def test_binomial_agrees_with_scipy(trials):
    count = np.unique(np.linspace(0, trials, 9).astype(int))
    eta = np.array([[-4.0], [-0.3], [0.0], [2.0]])
    expected = stats.binom.logpmf(count, trials, 1 / (1 + np.exp(-eta)))
    found = binomial_log_pmf(count, trials, log_expit(eta), log_expit(-eta))
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-12)


def test_binomial_keeps_the_digits_of_certain_outcomes_and_of_many_trials():
    certain = binomial_log_pmf(0, 1, log_expit(-30.0), log_expit(30.0))
    assert float(certain) == pytest.approx(-np.log1p(np.exp(-30.0)), rel=1e-14)
    # p(k + 1) / p(k) = (n - k) / (k + 1) · p / q
    n, k, eta = 10**9, 400_000_000, -0.4
    step = binomial_log_pmf(k + 1, n, log_expit(eta), log_expit(-eta)) - binomial_log_pmf(
        k, n, log_expit(eta), log_expit(-eta)
    )
    size = abs(float(binomial_log_pmf(k, n, log_expit(eta), log_expit(-eta))))
    assert float(step) == pytest.approx(np.log((n - k) / (k + 1)) + eta, abs=1e-12 * size)
