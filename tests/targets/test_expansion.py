"""The sum over rows as a polynomial is the sum over rows, wherever it is used."""

import numpy as np
import pytest

from bayesfit import Data, Model, likelihoods, predictors, priors
from bayesfit.parameters import Parameter
from bayesfit.targets import regression
from bayesfit.targets.expansion import expansion_of
from bayesfit.targets.monomials import monomials, permutations

N = 4000


def _features(d=1, n=N):
    return np.random.default_rng(1).standard_normal((n, d))


def _eta(x):
    return -0.5 + x @ np.linspace(1.0, 0.5, x.shape[1])


def _case(name):
    """Return a model and its data."""
    rng, x = np.random.default_rng(2), _features(2, 40_000) if name == "two features" else _features()
    eta = _eta(x)
    classes = (rng.uniform(size=len(x)) < 1 / (1 + np.exp(-eta))).astype(float)
    counts = rng.poisson(2 * np.exp(eta) + 3).astype(float)
    line = predictors.Linear()
    return {
        "logit": lambda: (Model(line, likelihoods.Bernoulli()), Data(x, classes)),
        "probit": lambda: (Model(line, likelihoods.Bernoulli("probit")), Data(x, classes)),
        "labels sometimes wrong": lambda: (Model(line, likelihoods.Bernoulli(label_noise=0.1)), Data(x, classes)),
        "counts": lambda: (Model(line, likelihoods.Poisson("log")), Data(x, counts)),
        "counts with a background": lambda: (
            Model(line, likelihoods.Poisson("log", exposure=2.0, background=3.0)),
            Data(x, counts),
        ),
        "rates": lambda: (Model(line, likelihoods.Poisson()), Data(x**2, rng.poisson(5 + x[:, 0] ** 2).astype(float))),
        "shares": lambda: (
            Model(line, likelihoods.Binomial(trials=20)),
            Data(x, rng.binomial(20, 1 / (1 + np.exp(-eta))).astype(float)),
        ),
        "two features": lambda: (Model(line, likelihoods.Bernoulli()), Data(x, classes)),
        "a parabola": lambda: (Model(predictors.Polynomial(2), likelihoods.Poisson("log")), Data(x, counts)),
        "a slope that is known": lambda: (
            Model(line, likelihoods.Bernoulli(), priors={"slope": 1.0}),
            Data(x, classes),
        ),
    }[name]()


CASES = (
    "logit",
    "probit",
    "labels sometimes wrong",
    "counts",
    "counts with a background",
    "rates",
    "shares",
    "two features",
    "a parabola",
    "a slope that is known",
)


def _theta(target, expansion, reach):
    """Return vectors at distances ``reach`` from the centre of the ball, in units of its radius."""
    d = len(target.names)
    v = np.random.default_rng(3).standard_normal((len(reach), d))
    v *= reach[:, None] / np.linalg.norm(v, axis=1, keepdims=True)
    names = target.coefficient_names()
    return expansion.coefficients(v)[:, [names.index(name) for name in target.names]]


@pytest.mark.parametrize("name", CASES)
def test_the_sum_is_that_of_the_rows(name):
    model, data = _case(name)
    target = model.target(data)
    expansion = expansion_of(target)
    values = target.parameters.unpack(_theta(target, expansion, np.linspace(0, 0.9999, 60)))
    np.testing.assert_allclose(expansion.log_likelihood_total(values), target.add_up(values), rtol=1e-9)


@pytest.mark.parametrize("name", CASES)
def test_outside_the_ball_the_rows_are_asked(name):
    model, data = _case(name)
    target = model.target(data)
    theta = _theta(target, expansion_of(target), np.array([0.5, 1.001, 3.0, 0.2]))
    values = target.parameters.unpack(theta)
    known = np.isfinite(target._total.log_likelihood_total(values))
    assert known.tolist() == [True, False, False, True]
    expected = target.log_prior(theta) + target.add_up(values)
    np.testing.assert_allclose(target.log_prob(theta), expected, rtol=1e-9)


def test_the_gradient_at_the_centre_is_nearly_nought_and_the_curvature_one():
    """In units of the radius: v measures standard deviations."""
    model, data = _case("logit")
    target = model.target(data)
    expansion = expansion_of(target)
    radius = np.sqrt(2) + 12
    # at the rounding of second differences
    np.testing.assert_allclose(radius**2 * expansion.metric @ expansion.metric.T, _information(target, expansion), 1e-3)
    assert np.abs(expansion.tensors[1]).max() / radius < 0.15
    np.testing.assert_allclose(expansion.tensors[2] / radius**2, [-0.5, 0, -0.5], atol=1e-3)


def _information(target, expansion):
    """Fisher's information of a logistic regression, by its formula."""
    design = target.predictor.design(target.rows.x)
    p = 1 / (1 + np.exp(-design @ expansion.centre))
    return (design * (p * (1 - p))[:, None]).T @ design


def _none(name):
    x, rng = _features(), np.random.default_rng(2)
    eta = _eta(x)
    classes, line = (rng.uniform(size=N) < 1 / (1 + np.exp(-eta))).astype(float), predictors.Linear()
    return {
        "few rows": lambda: (Model(line, likelihoods.Bernoulli()), Data(x[:1000], classes[:1000])),
        "noisy features": lambda: (Model(line, likelihoods.Bernoulli()), Data(x, classes, x_err=0.1)),
        "a rate of wrong labels": lambda: (Model(line, likelihoods.Bernoulli(label_noise=True)), Data(x, classes)),
        "scatter": lambda: (Model(line, likelihoods.StudentT(scatter=True)), Data(x, eta, y_err=0.1)),
        "classes that are separable": lambda: (Model(line, likelihoods.Bernoulli()), Data(x, (x[:, 0] > 0) * 1.0)),
        "three classes": lambda: (
            Model(line, likelihoods.Categorical()),
            Data(x, classes + (rng.uniform(size=N) < 0.3)),
        ),
        "a kink": lambda: (
            Model(line, likelihoods.Laplace(), priors={"scale": 1.0}),
            Data(x, eta + rng.laplace(size=N)),
        ),
        "peaks that hide": lambda: (
            Model(
                line,
                likelihoods.OutlierMixture(scatter=False),
                priors={"outlier_fraction": 0.1, "outlier_mean": 0.0, "outlier_scale": 10.0},
            ),
            Data(x, eta + rng.standard_normal(N), y_err=np.where(np.arange(N) < 3, 1e-5, 1.0)),
        ),
        "nothing free": lambda: (
            Model(line, likelihoods.Bernoulli(), priors={"intercept": 0.0, "slope": 1.0}),
            Data(x, classes),
        ),
        "a slope of two features": lambda: (Model(_Shared(), likelihoods.Bernoulli()), Data(_features(2), classes)),
        "a coefficient that is no parameter": lambda: (
            Model(_Shifted(), likelihoods.Bernoulli()),
            Data(x, classes),
        ),
        "a curve": lambda: (
            Model(predictors.Function(_curve), likelihoods.Poisson(), priors={"rate": priors.Normal(1, 1)}),
            Data(x, rng.poisson(3.0, N).astype(float)),
        ),
    }[name]()


class _Shared(predictors.LinearPredictor):
    """One slope for both features."""

    def parameters(self, data, outputs):
        return Parameter("level", priors.Normal(0, 1)), Parameter("slope", priors.Normal(0, 1))

    def design(self, x):
        return np.column_stack([np.ones(len(x)), x])

    def coefficients(self, values):
        return np.stack([values["level"], values["slope"], values["slope"]], axis=1)


class _Shifted(predictors.LinearPredictor):
    """A coefficient that is three less than a parameter."""

    def parameters(self, data, outputs):
        return Parameter("level", priors.Normal(0, 1)), Parameter("slope", priors.Normal(0, 1))

    def design(self, x):
        return np.column_stack([np.ones(len(x)), x])

    def coefficients(self, values):
        return np.stack([values["level"] - 3.0, values["slope"]], axis=1)


def _curve(x, rate):
    return np.exp(rate) + 0 * x


@pytest.mark.parametrize(
    "name",
    [
        "few rows",
        "noisy features",
        "a rate of wrong labels",
        "scatter",
        "classes that are separable",
        "three classes",
        "a kink",
        "peaks that hide",
        "nothing free",
        "a slope of two features",
        "a coefficient that is no parameter",
        "a curve",
    ],
)
def test_there_is_none(name):
    model, data = _none(name)
    target = model.target(data)
    assert expansion_of(target) is None
    theta = target.parameters.sample_start(np.random.default_rng(1), 20)
    assert np.isfinite(target.log_prob(theta)).any()


def test_what_is_left_out_is_small_beside_one_however_large_the_sum():
    """Rows of a thousand million counts, which no line meets, and five faint ones that tell the slope."""
    rng, bright = np.random.default_rng(1), 3000
    time = np.r_[np.full(bright, 1e9), np.ones(5)]
    counts = np.r_[np.round(1e9 * np.exp(0.1 * rng.standard_normal(bright))), 0.0, 1.0, 2.0, 1.0, 1.0]
    x = np.r_[np.zeros(bright), np.ones(5)]
    model = Model(predictors.Linear(), likelihoods.Poisson("log", exposure="time"))
    target = model.target(Data(x, counts, columns={"time": time}))
    expansion = target._total
    if expansion is not None:
        values = target.parameters.unpack(_theta(target, expansion, np.linspace(0, 0.9999, 60)))
        difference = expansion.log_likelihood_total(values) - target.add_up(values)
        assert np.abs(difference).max() < 1e-3


def test_a_rate_that_turns_negative_at_the_edge_of_the_ball_is_impossible_there():
    """Of one row without counts, whose term is straight as far as it goes."""
    rng = np.random.default_rng(1)
    for edge in np.linspace(0.05, 0.35, 25):
        x = np.r_[rng.uniform(1, 2, N), 0.0]
        counts = np.r_[rng.poisson(edge + 5 * x[:-1]), 0.0].astype(float)
        target = Model(predictors.Linear(), likelihoods.Poisson()).target(Data(x, counts))
        expansion = expansion_of(target)
        if expansion is not None:
            values = target.parameters.unpack(_theta(target, expansion, np.full(200, 0.99999)))
            np.testing.assert_allclose(expansion.log_likelihood_total(values), target.add_up(values), rtol=1e-9)


def test_a_prior_far_from_the_maximum_has_the_rows_asked():
    """The posterior lies where the polynomial does not reach."""
    x, (_, data) = _features(), _case("logit")
    narrow = {"intercept": priors.Normal(3.0, 1e-3), "slope": priors.Normal(-2.0, 1e-3)}
    model = Model(predictors.Linear(), likelihoods.Bernoulli(), priors=narrow)
    posterior = model.fit(data, seed=1, progress=False)
    assert posterior.diagnostics.converged
    target, theta = posterior.target, posterior.to_array()
    assert np.isnan(target._total.log_likelihood_total(target.parameters.unpack(theta[:5]))).all()
    # Newton's step from the priors' centre, whose curvature hardly matters beside theirs
    design, at = target.predictor.design(x), np.array([3.0, -2.0])
    p = 1 / (1 + np.exp(-design @ at))
    information = (design * (p * (1 - p))[:, None]).T @ design + 1e6 * np.eye(2)
    expected = at + np.linalg.solve(information, design.T @ (data.y - p))
    np.testing.assert_allclose(theta.mean(axis=0), expected, atol=1e-4)


def test_a_fit_is_the_same_with_and_without(monkeypatch):
    model, data = _case("counts")
    short = model.fit(data, seed=1, progress=False)
    assert short.target._total is not None
    monkeypatch.setattr(regression, "expansion_of", lambda target: None)
    long = model.fit(data, seed=2, progress=False)
    assert long.target._total is None
    one, other = short.to_array(), long.to_array()
    np.testing.assert_allclose((one.mean(axis=0) - other.mean(axis=0)) / other.std(axis=0), 0.0, atol=0.1)
    np.testing.assert_allclose(one.std(axis=0) / other.std(axis=0), 1.0, atol=0.1)


@pytest.mark.parametrize(("d", "degree"), [(1, 5), (2, 4), (5, 6), (12, 3)])
def test_monomials_add_up_as_the_multinomial_theorem_says(d, degree):
    v = np.random.default_rng(1).uniform(-1, 1, (d, 7))
    found = zip(permutations(d, degree), monomials(v, degree), strict=True)
    for k, (times, each) in enumerate(found):
        np.testing.assert_allclose(times @ each, v.sum(axis=0) ** k, rtol=1e-12, atol=1e-12)
