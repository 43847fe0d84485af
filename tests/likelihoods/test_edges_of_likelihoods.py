"""Edges that the contracts leave open: each of these tests catches a fault that they let through."""

import numpy as np
import pytest
from scipy import integrate, stats
from scipy.special import logsumexp

from bayesfit import Data
from bayesfit.counts import binomial_log_pmf
from bayesfit.errors import DataError
from bayesfit.likelihoods import Categorical, Gaussian, OutlierMixture, Poisson, StudentT

VALUES = {"outlier_fraction": np.full(20_000, 1e-9), "outlier_mean": np.zeros(20_000), "outlier_scale": np.ones(20_000)}


@pytest.mark.parametrize("likelihood", [Gaussian(), OutlierMixture()])
@pytest.mark.parametrize(("minus", "plus"), [(1.0, 3.0), (2.0, 0.5)])
def test_draws_fall_on_the_two_sides_of_the_truth_as_often_as_their_widths_say(likelihood, minus, plus):
    """Below η with probability σ+ / (σ- + σ+), half-normal of width σ+ there, and of σ- above."""
    data = Data([0.0], [0.0], y_err=[[minus, plus]])
    drawn = likelihood.simulate(VALUES, np.zeros((20_000, 1)), data, np.random.default_rng(1))[:, 0]
    share = plus / (minus + plus)
    assert (drawn < 0).mean() == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / 20_000))
    for side, width in ((-drawn[drawn < 0], plus), (drawn[drawn > 0], minus)):
        assert stats.kstest(side, stats.halfnorm(scale=width).cdf).pvalue > 1e-3


@pytest.mark.parametrize("variance", [0.3, 4.0])
def test_student_t_about_a_gaussian_eta_in_a_window(variance):
    """ln ∫ t(y | η) N(η) dη - ln ∫ P(low < y < high | η) N(η) dη, by adaptive quadrature."""
    likelihood, data = StudentT(dof=3.0, truncation=(-1.0, 2.5)), Data([0.0], [1.2], y_err=0.7)
    found = likelihood.log_prob_noisy({}, np.array([[0.4]]), np.array([[variance]]), data)[0, 0]
    eta, law = stats.norm(0.4, np.sqrt(variance)), stats.t(3.0, scale=0.7)

    def mean_of(f):
        return integrate.quad(lambda e: f(e) * eta.pdf(e), -40, 40, points=[-1, 0.4, 1.2, 2.5], limit=200)[0]

    inside = mean_of(lambda e: law.cdf(2.5 - e) - law.cdf(-1.0 - e))
    assert found == pytest.approx(np.log(mean_of(lambda e: law.pdf(1.2 - e))) - np.log(inside), abs=1e-7)


def test_student_t_of_a_tenth_of_a_degree_about_an_eta_that_may_be_anywhere():
    """Precisions down to e^-80 still count: ln ∫ Gamma(λ) N(y; η, σ²/λ + v) dλ, summed over ln λ far beyond them."""
    dof, variance, y = 0.1, np.full((1, 1), 1e20), 1.2
    found = StudentT(dof=dof).log_prob_noisy({}, np.zeros((1, 1)), variance, Data([0.0], [y], y_err=1.0))[0, 0]
    u = np.linspace(-600.0, 12.0, 400_001)
    law = stats.gamma(dof / 2, scale=2 / dof).logpdf(np.exp(u)) + u
    terms = law + stats.norm.logpdf(y, scale=np.sqrt(np.exp(-u) + variance[0, 0]))
    assert found == pytest.approx(logsumexp(terms) + np.log(u[1] - u[0]), abs=1e-7)


def test_a_rate_of_zero_gives_no_counts_for_certain():
    likelihood, data, eta = Poisson(), Data([0.0, 0.0], [0, 3]), np.zeros((1, 2))
    np.testing.assert_array_equal(likelihood.log_prob({}, eta, data), [[0.0, -np.inf]])
    np.testing.assert_array_equal(likelihood.simulate({}, eta, data, np.random.default_rng(1)), [[0.0, 0.0]])


def test_what_is_certain_has_probability_one():
    """Also where ln(1 - p), or ln p, is minus infinity."""
    assert binomial_log_pmf(3, 3, 0.0, -np.inf) == 0.0
    assert binomial_log_pmf(0, 3, -np.inf, 0.0) == 0.0
    assert binomial_log_pmf(1, 3, -np.inf, 0.0) == -np.inf


def test_wrong_labels_are_any_of_the_other_classes_alike():
    """Of objects that are surely of the first class, a share of 0.3 bears another one's label."""
    data, eta = Data(np.zeros(3), ["a", "b", "c"]), np.full((20_000, 3, 2), -1e3)
    codes = Categorical(label_noise=0.3).simulate({}, eta, data, np.random.default_rng(1))
    for code, share in enumerate((0.7, 0.15, 0.15)):
        assert (codes == code).mean() == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / codes.size))


@pytest.mark.parametrize("label", [-1.0, 2.0])
def test_a_label_at_the_end_of_its_window_could_not_have_entered(label):
    with pytest.raises(DataError, match="truncation: the labels of row 1 lie outside"):
        Gaussian(truncation=(-1.0, 2.0)).check(Data([0.0, 0.0], [0.0, label], y_err=1.0))


@pytest.mark.parametrize("label", [-1e200, 1e200])
def test_labels_that_cannot_be_squared_are_refused_on_both_sides(label):
    with pytest.raises(DataError, match=r"y row 1: -?1e\+200 is too large"):
        Gaussian().check(Data([0.0, 0.0], [0.0, label], y_err=1.0))
