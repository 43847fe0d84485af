"""Poisson and Binomial: what they ask of the data, default priors, starting points."""

import numpy as np
import pytest

from bayesfit import Data, DataError, Model, ModelError
from bayesfit.likelihoods import Binomial, Poisson
from bayesfit.predictors import Basis, Linear, Spline

X = np.linspace(0, 10, 25)
RNG = np.random.default_rng(8)


def target(likelihood, y, predictor=None, **arguments):
    return Model(predictor or Linear(), likelihood).target(Data(X[: len(y)], y, **arguments))


@pytest.mark.parametrize(
    ("likelihood", "y", "columns", "match"),
    [
        (Poisson(), [1, -1, 2], {}, "row 1 .*-1"),
        (Poisson(), [1, 2, 2.5], {}, "row 2 .*2.5"),
        (Poisson(), ["a", "b", "a"], {}, "class labels"),
        (Poisson(exposure="t"), [1, 2, 3], {"t": [1.0, 0.0, 2.0]}, "exposure: 0 in row 1"),
        (Poisson(exposure=-2), [1, 2, 3], {}, "exposure: -2"),
        (Poisson(exposure="t"), [1, 2, 3], {}, "no column 't'"),
        (Poisson(exposure="t"), [1, 2, 3], {"t": ["a", "b", "c"]}, "column 't'"),
        (Poisson(background="b"), [1, 2, 3], {"b": [0.0, 1.0, -1.0]}, "background: -1 in row 2"),
        (Binomial(2), [1, 2, 3], {}, "row 2 .*3 of 2"),
        (Binomial("n"), [1, 1, 0], {"n": [1, 2.5, 1]}, "trials: 2.5 in row 1"),
        (Binomial("n"), [1, 1, 0], {"n": [1, 2, 0]}, "trials: 0 in row 2"),
    ],
)
def test_impossible_rows_are_named(likelihood, y, columns, match):
    with pytest.raises(DataError, match=match):
        target(likelihood, y, columns=columns)


@pytest.mark.parametrize("make", [lambda: Poisson("sqrt"), lambda: Binomial(3, "log"), lambda: Poisson(link=1)])
def test_unknown_links_are_refused(make):
    with pytest.raises(ModelError, match="link"):
        make()


def test_a_negative_rate_has_no_probability_and_gives_no_counts():
    likelihood, data = Poisson(), Data([0.0, 1.0], [0, 1])
    eta = np.array([[1.0, -0.5]])
    assert likelihood.log_prob({}, eta, data)[0, 1] == -np.inf
    assert np.isnan(likelihood.simulate({}, eta, data, RNG)[0, 1])


def test_rates_beyond_the_generator_still_give_counts():
    drawn = Poisson("log").simulate({}, np.full((1, 400), 60.0), Data(np.zeros(400)), RNG)
    rate = np.exp(60.0)
    assert abs(drawn.mean() - rate) < 5 * np.sqrt(rate / 400)


def test_default_priors_lie_where_the_rates_are():
    exposure = RNG.uniform(1, 5, 25)
    y = RNG.poisson(3.0 * exposure + 2.0)
    data = Data(X, y, columns={"t": exposure})
    identity = Poisson(exposure="t", background=2.0).outputs(data)
    assert identity.centre == pytest.approx((y - 2.0).sum() / exposure.sum())
    assert identity.width == pytest.approx(10 * np.std((y - 2.0) / exposure))
    assert Poisson("log", "t", 2.0).outputs(data).centre == pytest.approx(np.log(identity.centre))


@pytest.mark.parametrize(
    "likelihood", [Poisson(), Poisson("log"), Poisson("log", background=1.0), Binomial(50), Binomial(50, "probit")]
)
@pytest.mark.parametrize("y", [np.zeros(25, int), np.r_[np.zeros(24, int), 40], np.arange(25), np.full(25, 50)])
def test_counts_at_the_edge_still_have_finite_defaults_and_starts(likelihood, y):
    built = target(likelihood, y)
    points = built.starts(np.random.default_rng(1), 64)
    assert np.isfinite(built.log_density(points)).sum() >= 32


@pytest.mark.parametrize("predictor", [Linear(), Spline((0, 5, 10)), Basis((lambda x: 1.0, np.sqrt))])
def test_a_falling_rate_can_be_started_with_the_identity_link(predictor):
    """Least squares goes negative at the far end, where only a flatter guess is possible."""
    y = np.r_[40, 30, 20, np.zeros(22, int)]
    built = target(Poisson(), y, predictor)
    assert np.isfinite(built.log_density(built.starts(np.random.default_rng(1), 64))).sum() >= 32


@pytest.mark.parametrize("likelihood", [Poisson("log"), Binomial(400), Binomial(400, "probit")])
def test_the_first_guess_is_near_the_truth(likelihood):
    eta = -0.8 + 0.1 * X if isinstance(likelihood, Binomial) else 2.0 + 0.3 * X
    y = likelihood.simulate({}, eta[None], Data(X), np.random.default_rng(3))[0]
    guess = target(likelihood, y).start_guess()
    truth = {"intercept": eta[0], "slope": (eta[-1] - eta[0]) / 10}
    assert guess["intercept"] == pytest.approx(truth["intercept"], abs=0.2)
    assert guess["slope"] == pytest.approx(truth["slope"], abs=0.03)


def test_exposure_and_background_follow_their_rows():
    columns = {"t": np.array([1.0, 2.0, 4.0]), "b": np.array([0.5, 0.0, 1.0])}
    data = Data([0.0, 1.0, 2.0], [1, 2, 3], columns=columns)
    built = Model(Linear(), Poisson("log", "t", "b")).target(data)
    theta = np.array([[0.3, 0.2]])
    expected = built.predict_mean(theta, data)
    np.testing.assert_allclose(expected[0], columns["t"] * np.exp(0.3 + 0.2 * data.x[:, 0]) + columns["b"])
    np.testing.assert_array_equal(built.predict_mean(theta, data[[2, 0]]), expected[:, [2, 0]])
    with pytest.raises(DataError, match=r"exposure"):
        built.predict_mean(theta, Data([0.0]))
