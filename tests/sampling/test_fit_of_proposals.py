"""What independence moves propose from: mixtures of t densities, fitted to draws."""

import numpy as np
import pytest
from scipy.stats import multivariate_t

from bayesfit.sampling.fit import _distances, _maximise, _second_order, fit_proposal
from bayesfit.sampling.student import StudentMixture


def _mixture(d, rng):
    half = rng.standard_normal((3, d, d))
    covariances = half @ half.swapaxes(1, 2) + 0.1 * np.eye(d)
    return StudentMixture.from_moments([0.2, 0.5, 0.3], rng.standard_normal((3, d)), covariances, 8.0)


@pytest.mark.parametrize("d", [1, 2, 5, 20])
def test_distances_by_second_order_terms_are_those_of_the_mixture(d):
    rng = np.random.default_rng(d)
    mixture, draws = _mixture(d, rng), rng.standard_normal((200, d))
    found = _distances(_second_order(draws), mixture)
    np.testing.assert_allclose(found, mixture.distances(draws), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("d", [1, 3, 8])
def test_one_component_is_the_maximum_of_the_likelihood(d):
    """Against SciPy's density: nothing near has a larger one."""
    rng = np.random.default_rng(1)
    draws, worth = rng.standard_normal((1500, d)), rng.uniform(0.2, 1.8, 1500)
    first = StudentMixture.from_moments([1.0], [np.full(d, 0.3)], [2 * np.eye(d)], 6.0)
    found = _maximise(_second_order(draws), worth, first, 60)
    scale = found.factors[0] @ found.factors[0].T

    def likelihood(mean, matrix):
        return worth @ multivariate_t(mean, matrix, df=6).logpdf(draws).reshape(-1)

    best = likelihood(found.means[0], scale)
    for sign in (-1, 1):
        assert likelihood(found.means[0] + sign * 0.02, scale) < best
        assert likelihood(found.means[0], (1 + sign * 0.02) * scale) < best


@pytest.mark.parametrize(("dof", "expected"), [(5, 5.0), (200, 50.0)])
def test_tails_decide_on_the_degrees_of_freedom(dof, expected):
    rng = np.random.default_rng(2)
    draws = multivariate_t(np.zeros(3), np.eye(3), df=dof).rvs(8000, random_state=rng)
    modes = StudentMixture.from_moments([1.0], [np.ones(3)], [9 * np.eye(3)], 6.0)
    found = fit_proposal(draws, modes, rng)
    assert len(found.weights) == 1
    assert found.dof == expected


def test_a_narrow_component_keeps_its_width():
    """A thousandth of the spread, where squares cancel to six digits."""
    rng = np.random.default_rng(3)
    draws = rng.standard_normal((6000, 2)) * 0.01
    draws[rng.uniform(size=6000) < 0.5] += [10.0, 0.0]
    modes = StudentMixture.from_moments([0.5, 0.5], [[0.0, 0.0], [10.0, 0.0]], [4e-4 * np.eye(2)] * 2, 6.0)
    found = fit_proposal(draws, modes, rng)
    assert len(found.weights) == 2
    # the ridge is a thousandth of the spread of 5
    np.testing.assert_allclose(found.factors[:, 0, 0], np.hypot(0.01, 0.005), rtol=0.05)
    np.testing.assert_allclose(found.factors[:, 1, 1], 0.01, rtol=0.05)
