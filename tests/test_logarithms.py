"""Sums of exponentials against NumPy's and SciPy's slower ones, and at the ends of their range."""

import numpy as np
import pytest
from scipy.special import log_expit

from bayesfit.logarithms import log_add, log_logistic

RNG = np.random.default_rng(1)
ENDS = [-np.inf, -1e307, -800.0, -1e-300, 0.0, 1e-9, 3.0, 800.0, 1e307, np.inf]


def test_sums_are_those_of_logaddexp():
    a, b = RNG.normal(0, 300, (2, 50, 40))
    np.testing.assert_allclose(log_add(a, b), np.logaddexp(a, b), rtol=1e-15)


@pytest.mark.parametrize("a", ENDS)
def test_sums_at_the_ends_are_those_of_logaddexp(a):
    # one infinite element sends the whole array another way
    np.testing.assert_allclose(log_add(a, np.array(ENDS)), np.logaddexp(a, ENDS), rtol=1e-15, atol=1e-300)
    for b in ENDS:
        np.testing.assert_allclose(log_add(a, b), np.logaddexp(a, b), rtol=1e-15, atol=1e-300)


def test_nan_stays_nan():
    np.testing.assert_array_equal(np.isnan(log_add(np.array([np.nan, 1.0, -np.inf]), 0.0)), [True, False, False])
    assert np.isnan(log_logistic(np.nan))


def test_arguments_broadcast_and_stay_as_they_were():
    a, b = RNG.normal(size=(4, 1)), RNG.normal(size=3)
    kept = a.copy(), b.copy()
    assert log_add(a, b).shape == (4, 3)
    log_logistic(a)
    np.testing.assert_array_equal(a, kept[0])
    np.testing.assert_array_equal(b, kept[1])


def test_the_logistic_is_that_of_scipy():
    x = np.concatenate([RNG.normal(0, 30, 1000), ENDS])
    np.testing.assert_allclose(log_logistic(x), log_expit(x), rtol=1e-14, atol=0)
    np.testing.assert_allclose(log_logistic(np.array([1, -2])), log_expit([1.0, -2.0]), rtol=1e-15)
