"""Counts about a Gaussian η: slopes against differences, integrals against dense grids, hard ratios included."""

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import logsumexp

from bayesfit import Data
from bayesfit.likelihoods import Binomial, Categorical, Poisson
from bayesfit.likelihoods.concave import Terms
from bayesfit.likelihoods.softmax_normal import _Along

LIKELIHOODS = [Poisson("log", exposure="time"), Binomial("trials"), Binomial("trials", "probit")]


def counts(likelihood, rng, n_rows=30):
    """Rows of few and of very many counts, of exposures and trials that differ by orders of magnitude."""
    time, trials = 10 ** rng.uniform(-3, 3, n_rows), np.ceil(10 ** rng.uniform(0, 3.5, n_rows)).astype(int)
    y = rng.poisson(10 ** rng.uniform(-1, 5, n_rows)) if isinstance(likelihood, Poisson) else rng.binomial(trials, 0.3)
    y[:3] = 0
    return Data(np.zeros(n_rows), y, columns={"time": time, "trials": trials})


def on_a_dense_grid(likelihood, mean, sd, data):
    """ln ∫ p(y | η) N(η; mean, sd²) dη: 4,000 steps where the integrand is, found in three rounds."""
    share = np.linspace(0, 1, 4001)[:, None]
    peak = np.clip((likelihood.peak({}, data) - mean) / sd, -3000, 3000)
    low, high = np.minimum(peak, 0) - 12, np.maximum(peak, 0) + 12
    for _ in range(4):
        t = low + (high - low) * share
        terms = likelihood.log_prob({}, mean + sd * t, data) - 0.5 * t**2
        step, start = (high - low) / 4000, low
        matters = terms > terms.max(axis=0) - 80
        low = start + step * np.maximum(matters.argmax(axis=0) - 2, 0)
        high = start + step * np.minimum(4002 - matters[::-1].argmax(axis=0), 4000)
    return logsumexp(terms, axis=0) + np.log(step) - 0.5 * np.log(2 * np.pi)


@pytest.mark.parametrize("likelihood", LIKELIHOODS, ids=repr)
def test_slopes_are_those_of_the_log_probability(likelihood):
    rng = np.random.default_rng(2)
    data = counts(likelihood, rng)
    assert likelihood.is_concave(data)
    eta, h = rng.normal(0, 2, (5, len(data))), 1e-4
    ends = eta - h, eta + h
    below, above = (likelihood.log_prob({}, each, data) for each in ends)
    first, second = likelihood.slopes({}, eta, data)
    np.testing.assert_allclose(first, (above - below) / (2 * h), rtol=1e-5, atol=1e-5)
    below, above = (likelihood.slopes({}, each, data)[0] for each in ends)
    np.testing.assert_allclose(second, (above - below) / (2 * h), rtol=1e-5, atol=1e-8)
    assert (second <= 0).all()


@pytest.mark.parametrize("likelihood", LIKELIHOODS, ids=repr)
def test_integrals_equal_sums_on_a_dense_grid(likelihood):
    """η known to 0.001 or to 18, and means up to 20 away from where the count would have it."""
    rng = np.random.default_rng(5)
    data = counts(likelihood, rng)
    mean, sd = rng.normal(0, 4, (20, len(data))), 10 ** rng.uniform(-3, 1.25, (20, len(data)))
    found = likelihood.log_prob_noisy({}, mean, np.square(sd), data)
    expected = [on_a_dense_grid(likelihood, m, s, data) for m, s in zip(mean, sd, strict=True)]
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-8)


@pytest.mark.parametrize("likelihood", LIKELIHOODS, ids=repr)
def test_integrals_are_as_good_alone_as_beside_harder_ones(likelihood):
    """Edges in the tail of a wide normal, which two grids may both miss."""
    rng = np.random.default_rng(8)
    data = counts(likelihood, rng, 300)
    mean, sd = likelihood.peak({}, data) + rng.normal(0, 30, 300), 10 ** rng.uniform(0, 1.5, 300)
    for i in range(len(data)):
        row = data[i : i + 1]
        found = likelihood.log_prob_noisy({}, mean[None, i : i + 1], sd[None, i : i + 1] ** 2, row)[0]
        expected = on_a_dense_grid(likelihood, mean[i : i + 1], sd[i : i + 1], row)
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-7, err_msg=str(i))


@pytest.mark.parametrize(
    ("trials", "mean", "sd"),
    [(456, -7.266, 1.524), (10_000, -17.22, 3.917), (1_000_000, -12.93, 2.671), (1_000_000_000, -10.168, 7.816)],
)
def test_many_trials_make_an_edge_steeper_than_a_logistic_one(trials, mean, sd):
    """Φ(-η)^n falls from one to zero near η = -√(2 ln n), within the inverse of that."""
    data = Data([0.0], [0], columns={"trials": [trials]})
    likelihood = Binomial("trials", "probit")
    found = likelihood.log_prob_noisy({}, np.array([[mean]]), np.array([[sd**2]]), data)
    expected = on_a_dense_grid(likelihood, np.array([mean]), np.array([sd]), data)
    np.testing.assert_allclose(found[0], expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize("likelihood", LIKELIHOODS, ids=repr)
def test_modes_a_thousand_units_away_are_found(likelihood):
    """As climbs from anywhere come upon them."""
    rng = np.random.default_rng(6)
    data = counts(likelihood, rng)
    mean, sd = rng.normal(0, 1000, (20, len(data))), 10 ** rng.uniform(0.5, 1.5, (20, len(data)))
    with np.errstate(all="ignore"):
        found = likelihood.log_prob_noisy({}, mean, np.square(sd), data)
        expected = [on_a_dense_grid(likelihood, m, s, data) for m, s in zip(mean, sd, strict=True)]
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-7)


@pytest.mark.parametrize("sd", [1e-14, 1e-12, 1e-9, 1e-3])
def test_terms_whose_rounding_no_exponential_holds(sd):
    """Rates of e^64 beside a handful of counts: ln p is the largest of the integrand, to its digits."""
    data = Data(np.zeros(4), [0, 1, 5, 21])
    with np.errstate(all="ignore"):
        found = Poisson("log").log_prob_noisy({}, np.full((1, 4), 64.0), np.full((1, 4), sd**2), data)[0]
    for count, value in zip(data.y, found, strict=True):
        step = brentq(lambda u, y=count: np.exp(64 + u) - y + u / sd**2, -200, 0, xtol=1e-15)
        largest = count * (64 + step) - np.exp(64 + step) - 0.5 * (step / sd) ** 2
        assert value == pytest.approx(largest, rel=1e-4)


def test_classes_between_which_the_probability_has_an_edge():
    """Log-odds of thousands that change by a hundred within one error of the feature."""
    rng, likelihood = np.random.default_rng(7), Categorical()
    data, n = Data(np.zeros(30), np.arange(30) % 3), np.linspace(-60, 60, 240_001)
    eta = rng.normal(0, 1, (1, 30, 2)) * 10 ** rng.uniform(0, 3.2, (1, 30, 1))
    tilt = rng.normal(0, 1, (1, 30, 2)) * 10 ** rng.uniform(-1, 2, (1, 30, 1))
    found = likelihood.log_prob_along({}, eta, tilt[..., None], data)[0]
    for i in range(30):
        terms = (
            likelihood.log_prob({}, (eta[0, i] + tilt[0, i] * n[:, None])[:, None], data[i : i + 1])[:, 0] - 0.5 * n**2
        )
        if abs(n[terms.argmax()]) < 50:
            expected = logsumexp(terms) + np.log((n[1] - n[0]) / np.sqrt(2 * np.pi))
            assert found[i] == pytest.approx(expected, rel=1e-6, abs=1e-5), i


def test_a_known_background_is_not_concave_and_takes_the_general_way():
    """Counts far above a background beside an η that is far below it: two hills, both of which count."""
    likelihood, data = Poisson("log", background=20.0), Data([0.0], [32])
    assert not likelihood.is_concave(data)
    eta = np.linspace(-40, 15, 400_001)
    terms = likelihood.log_prob({}, eta[:, None], data)[:, 0] - 0.5 * ((eta + 4) / 2.5) ** 2
    expected = logsumexp(terms) + np.log(eta[1] - eta[0]) - np.log(2.5 * np.sqrt(2 * np.pi))
    found = likelihood.log_prob_noisy({}, np.array([[-4.0]]), np.array([[6.25]]), data)[0, 0]
    assert found == pytest.approx(expected, abs=1e-8)


def test_an_edge_between_two_other_classes():
    """They tilt in opposite ways, so that it is twice as steep as their edges with the row's own class."""
    data, t = Data([0.0, 0.0, 0.0], [0, 1, 2]), np.linspace(-40, 40, 80_001)
    for shift, tilt in ((2.2771733, 0.79958189), (-2.2, 0.757293), (0.5, 3.0)):
        eta, tilts = np.array([19.04 + shift, 19.04 - shift]), np.array([tilt, -tilt])
        along = np.tile(tilts[:, None], (1, 3, 1, 1))
        found = Categorical().log_prob_along({}, np.tile(eta, (1, 3, 1)), along, data)[0, 0]
        terms = -logsumexp(np.column_stack([np.zeros(len(t)), eta + tilts * t[:, None]]), axis=1) - 0.5 * t**2
        assert found == pytest.approx(logsumexp(terms) + np.log((t[1] - t[0]) / np.sqrt(2 * np.pi)), abs=1e-9)


def test_products_give_the_sums_that_exponentials_give():
    """Also where odds and weights overflow, and where they vanish."""
    rng, shape = np.random.default_rng(9), (8, 50)
    gaps, tilts = (rng.normal(0, 10 ** rng.uniform(-1, width, shape), (2, *shape)) for width in (3, 2))
    terms, start, step = _Along(gaps, tilts), rng.uniform(-20, 0, shape), 10 ** rng.uniform(-2, 0, shape)
    top = np.max([terms.log_integrand(start + k * step) for k in range(24)], axis=0)
    plain = Terms.total(terms, start, step, 24, top)
    np.testing.assert_allclose(terms.total(start, step, 24, top), plain, rtol=1e-11)
