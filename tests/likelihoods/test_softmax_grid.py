"""Class probabilities averaged over two or three normal coordinates, against sums over dense grids."""

import numpy as np
import pytest
from scipy.special import logsumexp

from bayesfit import Data
from bayesfit.likelihoods import Categorical
from bayesfit.likelihoods.cubature import smooth_expectation
from bayesfit.likelihoods.softmax_grid import log_softmax_grid


def _dense(eta, tilts, code, n):
    """Return ln ∫ N(u; 0, 1) p(class | η + tilts u) du by the trapezoid rule around the mode, n points a coordinate."""
    eta, tilts = np.r_[0.0, eta], np.concatenate([np.zeros((1, tilts.shape[1])), tilts])
    eta, tilts = eta - eta[code], tilts - tilts[code]
    r = tilts.shape[1]
    mode = np.zeros(r)
    for _ in range(3000):
        p = np.exp(eta + tilts @ mode - logsumexp(eta + tilts @ mode))
        curvature = np.eye(r) + (tilts.T * p) @ tilts - np.outer(p @ tilts, p @ tilts)
        step = np.linalg.solve(curvature, -(p @ tilts) - mode)
        mode += step * min(1.0, 1.0 / max(np.abs(tilts @ step).max(), 1e-9))
    axis = np.linspace(-8, 8, n)
    parts = []
    for first in axis:
        others = np.meshgrid(*[axis] * (r - 1), indexing="ij")
        u = mode + np.column_stack([np.full(others[0].size, first), *(each.ravel() for each in others)])
        parts.append(logsumexp(-logsumexp(eta + u @ tilts.T, axis=1) - 0.5 * np.square(u).sum(axis=1)))
    return logsumexp(parts) + r * np.log((axis[1] - axis[0]) / np.sqrt(2 * np.pi))


@pytest.mark.parametrize("steepness", [0.1, 0.5, 1.0, 2.0, 4.0, 8.0])
@pytest.mark.parametrize("n_classes", [3, 4, 6])
def test_two_coordinates(steepness, n_classes):
    """Also where the row's own class is improbable by factors of up to e^40."""
    rng = np.random.default_rng([n_classes, int(10 * steepness)])
    for far in (1, 5, 20):
        eta, tilts = far * rng.standard_normal(n_classes - 1), rng.standard_normal((n_classes - 1, 2))
        tilts *= steepness / np.abs(tilts).max()
        codes = np.arange(n_classes)
        shape = (1, n_classes, 1)
        found = log_softmax_grid(np.tile(eta, shape), np.tile(tilts, (*shape, 1)), codes)[0]
        expected = [_dense(eta, tilts, code, 600) for code in codes]
        np.testing.assert_allclose(found, expected, rtol=0, atol=4e-6)


@pytest.mark.parametrize("steepness", [0.3, 1.0, 2.0])
def test_three_coordinates(steepness):
    rng = np.random.default_rng(int(10 * steepness))
    eta, tilts = 4 * rng.standard_normal(4), rng.standard_normal((4, 3))
    tilts *= steepness / np.abs(tilts).max()
    found = log_softmax_grid(np.tile(eta, (1, 2, 1)), np.tile(tilts, (1, 2, 1, 1)), np.array([0, 3]))[0]
    np.testing.assert_allclose(found, [_dense(eta, tilts, code, 121) for code in (0, 3)], rtol=0, atol=4e-6)


def test_probabilities_of_all_classes_add_up_to_one():
    rng = np.random.default_rng(1)
    eta, tilts = 5 * rng.standard_normal((3, 40, 3)), 2 * rng.standard_normal((3, 40, 3, 2))
    each = [log_softmax_grid(eta, tilts, np.full(40, code)) for code in range(4)]
    np.testing.assert_allclose(logsumexp(each, axis=0), 0.0, atol=4e-6)


def test_coordinates_that_change_nothing_and_classes_that_change_alike():
    """One coordinate in two, or two classes with the same tilts: integrals over one coordinate."""
    rng, codes = np.random.default_rng(2), np.arange(30) % 3
    data = Data(np.zeros(30), codes)
    eta, tilt = 3 * rng.standard_normal((2, 30, 2)), 1.5 * rng.standard_normal((2, 30, 2))
    expected = Categorical().log_prob_along({}, eta, tilt[..., None], data)
    none = np.zeros_like(tilt)
    for tilts in ([tilt, none], [none, tilt], [0.6 * tilt, 0.8 * tilt]):
        np.testing.assert_allclose(log_softmax_grid(eta, np.stack(tilts, axis=-1), codes), expected, atol=4e-6)
    alike = np.stack([tilt[..., :1], 0.5 * tilt[..., 1:]], axis=-1)
    alike = np.broadcast_to(alike, (2, 30, 2, 2))
    np.testing.assert_allclose(
        log_softmax_grid(eta, alike, codes), log_softmax_grid(eta, alike[..., ::-1], codes), atol=4e-6
    )
    still = log_softmax_grid(eta, np.zeros((2, 30, 2, 2)), codes)
    np.testing.assert_allclose(still, Categorical().log_prob({}, eta, data), atol=1e-12)


def test_batches_do_not_matter():
    rng = np.random.default_rng(3)
    eta, tilts, codes = rng.standard_normal((5, 70, 2)), 2 * rng.standard_normal((5, 70, 2, 2)), np.arange(70) % 3
    together = log_softmax_grid(eta, tilts, codes)
    alone = np.concatenate([log_softmax_grid(eta[i : i + 1], tilts[i : i + 1], codes) for i in range(5)])
    np.testing.assert_allclose(together, alone, rtol=1e-12)


def test_the_general_rule_says_the_same():
    rng = np.random.default_rng(4)
    data = Data(np.zeros(20), np.arange(20) % 3)
    eta, half = rng.standard_normal((2, 20, 2)), rng.standard_normal((2, 20, 2, 2))
    cov = half @ half.swapaxes(-1, -2)
    expected = smooth_expectation(Categorical(), {}, lambda u, rows: u, data, eta, cov)
    found = Categorical().log_prob_along({}, eta, np.linalg.cholesky(cov), data)
    np.testing.assert_allclose(found, expected, atol=4e-6)


@pytest.mark.parametrize("size", [1e3, 1e8, 1e150])
def test_what_is_absurdly_steep_or_far_is_finite(size):
    rng = np.random.default_rng(5)
    eta, tilts = size * rng.standard_normal((1, 12, 2)), size * rng.standard_normal((1, 12, 2, 2))
    found = log_softmax_grid(eta, tilts, np.arange(12) % 3)
    assert (found <= 1e-6).all()
    assert not np.isnan(found).any()
