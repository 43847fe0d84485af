"""Sums of exponentials against NumPy's and SciPy's slower ones, and at the ends of their range."""

import numpy as np
import pytest
from scipy.special import log_expit

from bayesfit.logarithms import log_add, log_logistic, sum_log, sum_log_add, sum_softplus

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


@pytest.mark.parametrize("size", [1, 15, 16, 17, 100, 1024])
@pytest.mark.parametrize("spread", [0.5, 40.0, 150.0])
def test_sums_over_rows_are_those_of_the_terms(size, spread):
    # products of sixteen would overflow and underflow in the wider ones, most of all from numbers that cancel
    x, y = RNG.normal(0, spread, (2, 5, size))
    np.testing.assert_allclose(sum_log(np.exp(x)), x.sum(axis=-1), rtol=1e-12, atol=1e-12 * spread * size)
    np.testing.assert_allclose(sum_softplus(x), np.logaddexp(0, x).sum(axis=-1), rtol=1e-13, atol=3e-16 * size)
    np.testing.assert_allclose(
        sum_log_add(x, y), np.logaddexp(x, y).sum(axis=-1), rtol=1e-12, atol=1e-14 * spread * size
    )


@pytest.mark.parametrize("pair", [(1e-300, 1e300), (1e-160, 1e-160), (1e160, 1e160), (1e-320, 1.0)])
def test_a_sum_of_logarithms_never_leaves_the_range_of_numbers(pair):
    x = np.resize(pair, (2, 64))
    np.testing.assert_allclose(sum_log(x), np.log(x).sum(axis=-1), rtol=1e-13)
    np.testing.assert_allclose(sum_log(x.T[:, ::2]), np.log(x.T[:, ::2]).sum(axis=-1), rtol=1e-13)


@pytest.mark.parametrize("end", ENDS)
def test_one_term_at_an_end_does_not_spoil_a_sum(end):
    x = np.zeros((2, 17))
    x[0, 3] = end
    np.testing.assert_allclose(sum_softplus(x), np.logaddexp(0, x).sum(axis=-1), rtol=1e-13)
    np.testing.assert_allclose(sum_log_add(x, np.full((2, 17), end)), np.logaddexp(x, end).sum(axis=-1), rtol=1e-13)
    x[0, 3] = np.nan
    assert np.isnan(sum_log_add(x, 0.0)).tolist() == [True, False]
    assert np.isnan(sum_softplus(x)).tolist() == [True, False]
