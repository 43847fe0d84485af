"""A Student t as an average of normals: its own density where nothing else varies, and sums on a fine grid."""

import numpy as np
import pytest
from scipy.special import gammaln, log_ndtr, logsumexp, ndtr, stdtr

from bayesfit import Data
from bayesfit.densities import HALF_LOG_TWO_PI, student_t_log_cdf, student_t_log_pdf
from bayesfit.likelihoods import StudentT
from bayesfit.likelihoods.location import Noise
from bayesfit.likelihoods.scale_mixture import student_average

FAR = np.array([[0.0, 0.1, 1.0, 3.0, 10.0, 1e2, 1e4, 1e8]])


def normal(variance, residual):
    return -0.5 * residual**2 / variance - 0.5 * np.log(variance) - HALF_LOG_TWO_PI


@pytest.mark.parametrize("dof", [0.1, 0.7, 1.0, 3.0, 10.0, 50.0, 1e3, 1e6])
def test_the_average_is_the_density_of_a_t_however_far_out(dof):
    found = student_average(lambda v, _, rows: normal(v, FAR[:, rows]), dof, FAR**2, np.zeros_like(FAR), FAR**2 / 2)
    np.testing.assert_allclose(found, student_t_log_pdf(FAR, dof), rtol=0, atol=2e-9)


@pytest.mark.parametrize("dof", [1e-7, 1e-3, 0.1, 0.7, 3.0, 50.0, 1e3])
def test_the_average_of_limits_is_the_distribution_of_a_t(dof):
    """On both sides, and however long the gamma law's tail is, by hundreds of nodes, not millions."""
    n_nodes = []

    def term(variance, _, rows):
        n_nodes.append(variance)
        return log_ndtr(below[:, rows] / np.sqrt(variance))

    below = np.concatenate([FAR, -FAR], axis=1)
    found = student_average(term, dof, np.maximum(-below, 0) ** 2, np.full_like(below, np.inf), below**2 / 2)
    np.testing.assert_allclose(found, student_t_log_cdf(below, dof), rtol=0, atol=2e-9)
    assert len(n_nodes) < 1000


@pytest.mark.parametrize("dof", [1e-3, 0.1, 0.7, 3.0])
def test_the_average_of_wide_intervals_is_a_difference_of_distributions(dof):
    """Intervals of 1 to 1e12 in units of the scale, near and far: the normal law has to be wider than they are."""
    low, width = np.array([[-0.5, 1.0, 30.0, 1e4]]), np.array([[1.0, 1e2, 1e6, 1e12]])

    def term(variance, _, rows):
        sd = np.sqrt(variance)
        return np.log(ndtr(-low[:, rows] / sd) - ndtr(-(low + width)[:, rows] / sd))

    with np.errstate(divide="ignore"):
        found = student_average(term, dof, np.maximum(low, 0) ** 2, width**2, np.maximum(low, 0) ** 2 / 2)
    expected = np.log(stdtr(dof, -low) - stdtr(dof, -(low + width)))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-8)


@pytest.mark.parametrize("dof", [1e10, np.inf])
def test_many_degrees_of_freedom_are_a_normal(dof):
    r = FAR[:, :5]
    found = student_average(lambda v, _, rows: normal(v, r[:, rows]), dof, r**2, np.zeros_like(r), r**2 / 2)
    np.testing.assert_allclose(found, normal(1.0, r), rtol=0, atol=1e-6)


def on_a_fine_grid(dof, spread, residual):
    """The same average by 11,000 terms over the logarithm of the precision."""
    u, a = np.arange(-250.0, 6.0, 0.023)[:, None], 0.5 * dof
    law = a * np.log(a) - gammaln(a) + a * (u - np.exp(u))
    return logsumexp(law + normal(np.exp(-u) + spread, residual), axis=0) + np.log(0.023)


def test_a_wide_or_narrow_eta_beside_near_and_far_labels():
    """Spreads of 1e-6 to 1e6 in units of the row's own, labels up to 1,000 of the wider one away."""
    rng = np.random.default_rng(1)
    dof = np.exp(rng.uniform(np.log(0.2), np.log(300), 100))
    spread = 10 ** rng.uniform(-6, 6, (100, 10))
    residual = 10 ** rng.uniform(-2, 3, (100, 10)) * np.sqrt(1 + spread) ** rng.integers(0, 2, (100, 10))
    away = np.maximum(residual**2 - spread, 0)

    def term(variance, vectors, rows):
        return normal(variance + spread[vectors][:, rows], residual[vectors][:, rows])

    found = student_average(term, dof[:, None], away, spread, 0.5 * residual**2 / (1 + spread))
    expected = [on_a_fine_grid(*each) for each in zip(dof, spread, residual, strict=True)]
    np.testing.assert_allclose(found, expected, rtol=0, atol=2e-9)


def test_a_sharp_limit_without_scatter_sees_the_features_alone():
    """A limit without an error of its own, and a scatter of zero: only η varies."""
    data = Data([0.0, 0.0], [0.3, 1.0], y_err=[np.nan, 0.5], limits=["upper", ""])
    likelihood = StudentT(dof=3.0, scatter=True)
    values = {"scatter": np.array([0.0, 1e-9])}
    found = likelihood.log_prob_noisy(values, np.zeros((2, 2)), np.full((2, 2), 4.0), data)
    np.testing.assert_allclose(np.exp(found[:, 0]), 0.559617692, rtol=1e-8)  # Φ(0.15)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e160])
def test_a_vector_without_a_finite_term_leaves_the_others_alone(bad):
    data, likelihood = Data([0.0, 0.0], [0.3, 1.0], y_err=0.5, limits=["", "upper"]), StudentT(dof=3.0)
    with np.errstate(all="ignore"):
        found = likelihood.log_prob_noisy({}, np.array([[0.1, 0.2], [bad, bad]]), np.full((2, 2), 4.0), data)
    alone = likelihood.log_prob_noisy({}, np.array([[0.1, 0.2]]), np.full((1, 2), 4.0), data)
    np.testing.assert_allclose(found[:1], alone, rtol=1e-9)
    assert np.isnan(found[1, 0]) or found[1, 0] == -np.inf


def test_a_sharp_interval_without_scatter_sees_the_features_alone():
    noise = Noise(np.zeros(1), np.zeros(1), np.zeros((1, 1)), np.ones((1, 2)))
    found = StudentT(dof=3.0).log_interval({}, np.array([-1.0, 0.0]), np.array([1.0, 2.0]), np.zeros((1, 2)), noise)
    np.testing.assert_allclose(np.exp(found[0]), [ndtr(1) - ndtr(-1), ndtr(2) - 0.5], rtol=1e-8)


def test_a_vector_from_far_off_costs_the_others_nothing():
    """Half a million degrees of freedom, an own variance of 1e-12 and labels ten sd of a noisy feature away."""
    n_nodes = []

    def term(variance, vectors, rows):
        n_nodes.append(len(spread[vectors][:, rows].ravel()))
        return normal(variance + spread[vectors][:, rows], residual[vectors][:, rows])

    dof, spread = np.full((40, 1), 5.0), np.ones((40, 6))
    residual = np.random.default_rng(1).standard_normal((40, 6))
    alone = student_average(term, dof, np.maximum(residual**2 - 1, 0), spread, residual**2 / 4)
    before, n_nodes[:] = sum(n_nodes), []
    dof[0], spread[0], residual[0] = 1e6, 1e12, 1e7
    found = student_average(term, dof, np.maximum(residual**2 - spread, 0), spread, residual**2 / (1 + spread) / 2)
    np.testing.assert_allclose(found[1:], alone[1:], rtol=0, atol=1e-9)
    np.testing.assert_allclose(found[0], normal(1 + 1e12, 1e7), rtol=1e-6)
    assert sum(n_nodes) < 1.5 * before
