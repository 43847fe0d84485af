"""Linear coefficients integrated out: equal to the integral done in other ways, or not done."""

import pickle

import numpy as np
import pytest
from closed_forms import conditional, given, log_evidence
from scipy.stats import chi2, kstest, multivariate_normal

from bayesfit import Data, Model, populations, priors
from bayesfit.likelihoods import Gaussian, StudentT
from bayesfit.predictors import Fourier, Linear, Polynomial

N_ROWS = 60


def _rows(n_features=1, n_rows=N_ROWS, shift=0.0):
    rng = np.random.default_rng(n_features)
    x = rng.normal(5, 3, (n_rows, n_features))
    y = 1 + x @ np.linspace(1, 2, n_features) + 0.7 * rng.standard_normal(n_rows)
    return x + shift, y


def _errors(kind, n_rows=N_ROWS):
    rng = np.random.default_rng(9)
    return {
        "none": None,
        "equal": np.full(n_rows, 0.4),
        "known": np.exp(rng.normal(-0.5, 0.5, n_rows)),
        "two decades": 10 ** rng.uniform(-1, 1, n_rows),
    }[kind]


def _target(model, n_features=1, errors="known", n_rows=N_ROWS, shift=0.0):
    x, y = _rows(n_features, n_rows, shift)
    return model.target(Data(x, y, y_err=_errors(errors, n_rows)))


def _line(given=None, predictor=None, scatter=True):
    return Model(predictor or Linear(), Gaussian(scatter=scatter), priors=given)


TILTED = priors.MultivariateNormal([0, 1], [[2.0, 0.5], [0.5, 1.0]])
WIDE = priors.Normal(0, 10)
#: model, features, and what is left to walk in
MODELS = {
    "default priors": (_line(), 1, ("scatter",)),
    "the user's priors": (_line({"intercept": WIDE, "slope": priors.Normal(1, 0.1)}), 3, ("scatter",)),
    "a tight prior far away": (_line({"slope": priors.Normal(5, 1e-6)}), 1, ("scatter",)),
    "a pivot": (_line(predictor=Linear(pivot=5.0)), 1, ("scatter",)),
    "a joint prior": (_line({("slope[x1]", "intercept"): TILTED}), 3, ("scatter",)),
    "a fixed coefficient": (_line({"slope[x1]": 1.3}), 3, ("scatter",)),
    "a fixed intercept": (_line({"intercept": 0.5}), 1, ("scatter",)),
    "interactions": (_line(predictor=Linear(interaction=True)), 3, ("scatter",)),
    "a cubic": (_line(predictor=Polynomial(3)), 1, ("scatter",)),
    "waves": (_line(predictor=Fourier(3.0, 2)), 1, ("scatter",)),
    "one slope is not normal": (_line({"slope[x1]": priors.LogNormal(0, 1)}), 7, ("slope[x1]", "scatter")),
    "a fixed scatter": (_line({"slope[x2]": priors.FlatAngle(), "scatter": 0.7}), 7, ("slope[x2]",)),
    "known errors": (_line({"slope[x2]": priors.FlatAngle()}, scatter=None), 7, ("slope[x2]",)),
}
INTEGRATED = [
    (name, errors)
    for name in MODELS
    for errors in ("none", "equal", "known", "two decades")
    if not (name == "known errors" and errors == "none")
]


def _own(target):
    return [name for name in target.names if name not in target.walked_names]


def _log_jacobian(target, theta):
    return target.parameters.constrain(target.parameters.unconstrain(theta))[1]


@pytest.mark.parametrize(("name", "errors"), INTEGRATED)
@pytest.mark.parametrize("n_rows", [N_ROWS, 650])
def test_the_density_is_the_joint_one_without_the_coefficients(name, errors, n_rows):
    """At scatters from the prior and around the truth."""
    model, n_features, left = MODELS[name]
    target = _target(model, n_features, errors, n_rows)
    assert target.walked_names == left
    n_vectors = 8 if n_rows == N_ROWS else 2
    theta = target.parameters.sample_prior(np.random.default_rng(1), 2 * n_vectors)
    if "scatter" in left:
        theta[n_vectors:, -1] = np.linspace(0.4, 1.0, n_vectors)
    expected = [log_evidence(target, each, _own(target)) for each in theta] + _log_jacobian(target, theta)
    np.testing.assert_allclose(target.log_density(target.walked(theta)), expected, rtol=1e-9)


@pytest.mark.parametrize("errors", ["none", "equal", "known"])
def test_the_density_is_that_of_all_labels_together(errors):
    """ln N(y; A m, V + A C Aᵀ) by a dense covariance of the labels."""
    target = _target(_line(MODELS["the user's priors"][0].priors), 3, errors)
    for scatter in (0.2, 0.7, 3.0):
        theta = np.array([0.0, 0.0, 0.0, 0.0, scatter])
        law = given(target, theta, _own(target))
        labels = multivariate_normal(law.design @ law.mean, np.diag(law.variance) + law.design @ law.cov @ law.design.T)
        expected = labels.logpdf(law.rest) + target.parameters.prior_of("scatter").log_prob(scatter) + np.log(scatter)
        assert target.log_density(target.walked(theta[None]))[0] == pytest.approx(float(expected), rel=1e-10)


@pytest.mark.parametrize(("name", "errors"), INTEGRATED)
def test_the_joint_density_is_that_of_what_is_left_times_the_conditional(name, errors):
    model, n_features, _ = MODELS[name]
    target = _target(model, n_features, errors)
    z = target.walked(target.parameters.sample_prior(np.random.default_rng(2), 12))
    theta = target.complete(z, np.random.default_rng(3))
    columns = [target.names.index(name) for name in _own(target)]
    given = []
    for each in theta:
        mean, cov = conditional(target, each, _own(target))
        away = np.linalg.solve(np.linalg.cholesky(cov), each[columns] - mean)
        log_det = np.linalg.slogdet(2 * np.pi * cov)[1]
        given.append(-0.5 * (away @ away + log_det))
    np.testing.assert_allclose(target.walked(theta), z, rtol=1e-12)
    joint = target.log_prob(theta) + _log_jacobian(target, theta)
    np.testing.assert_allclose(joint, target.log_density_at(theta), rtol=1e-13)
    np.testing.assert_allclose(joint, target.log_density(z) + given, rtol=1e-9)


@pytest.mark.parametrize("errors", ["none", "known"])
@pytest.mark.parametrize("free", ["intercept", "slope", "both"])
def test_the_density_is_the_joint_one_summed_over_a_grid(errors, free):
    """The trapezoid rule on the plain density, which for a normal integrand is exact to all digits."""
    fixed = {"intercept": {"slope": 1.1}, "slope": {"intercept": 0.8}, "both": {}}[free]
    target = _target(_line(fixed), 1, errors, 20)
    names = [name for name in target.names if name != "scatter"]
    for scatter in (0.3, 0.7, 2.0):
        theta = np.array([0.0] * len(names) + [scatter])
        mean, cov = conditional(target, theta, names)
        steps = np.meshgrid(*[np.linspace(-9, 9, 73)] * len(names))
        white = np.stack([each.ravel() for each in steps], axis=1)
        b = mean + white @ np.linalg.cholesky(cov).T
        joint = target.log_prob(np.column_stack([b, np.full(len(b), scatter)]))
        volume = 0.25 ** len(names) * np.sqrt(np.linalg.det(cov))
        expected = np.log(np.sum(np.exp(joint - joint.max())) * volume) + joint.max() + np.log(scatter)
        assert target.log_density(target.walked(theta[None]))[0] == pytest.approx(expected, rel=1e-11)


@pytest.mark.parametrize("name", ["default priors", "a joint prior", "one slope is not normal"])
def test_what_is_drawn_back_follows_the_conditional(name):
    model, n_features, _ = MODELS[name]
    target = _target(model, n_features)
    theta = target.parameters.sample_prior(np.random.default_rng(3), 1)
    z = np.repeat(target.walked(theta), 4000, axis=0)
    columns = [target.names.index(name) for name in _own(target)]
    mean, cov = conditional(target, theta[0], _own(target))
    drawn = target.complete(z, np.random.default_rng(4))
    white = np.linalg.solve(np.linalg.cholesky(cov), (drawn[:, columns] - mean).T).T
    assert min(kstest(column, "norm").pvalue for column in white.T) > 1e-3
    assert kstest(np.square(white).sum(axis=1), chi2(len(columns)).cdf).pvalue > 1e-3
    np.testing.assert_allclose(target.complete(z[:1], None)[0, columns], mean, rtol=1e-9)


@pytest.mark.parametrize(("predictor", "shift"), [(Linear(), 2000.0), (Linear(), 2_459_000.5), (Polynomial(2), 2000.0)])
def test_years_and_julian_dates_lose_nothing(predictor, shift):
    """Default priors speak of the middle of the data, so that the same rows elsewhere have the same density."""
    here, there = (_target(_line(predictor=predictor), shift=s) for s in (0.0, shift))
    z = np.log(np.linspace(0.2, 3, 20))[:, None]
    assert there.walked_names == ("scatter",)
    # what a date is rounded to costs more digits than the integral
    np.testing.assert_allclose(there.log_density(z), here.log_density(z), rtol=1e-10)
    eta = [t.predict_mean(t.complete(z, np.random.default_rng(1)), t.data) for t in (here, there)]
    np.testing.assert_allclose(eta[1], eta[0], rtol=3e-8)


def test_a_batch_gives_what_single_vectors_give_whatever_came_before():
    targets = [_target(_line()) for _ in range(2)]
    z = np.linspace(-3, 3, 20)[:, None]
    forwards = np.concatenate([targets[0].log_density(each[None]) for each in z])
    backwards = np.concatenate([targets[1].log_density(each[None]) for each in z[::-1]])[::-1]
    np.testing.assert_array_equal(forwards, backwards)
    np.testing.assert_allclose(targets[0].log_density(z), forwards, rtol=1e-13)
    sent = pickle.loads(pickle.dumps(targets[0]))
    np.testing.assert_array_equal(sent.log_density(z), targets[0].log_density(z))


@pytest.mark.parametrize("errors", ["none", "equal", "known"])
def test_any_scatter_has_a_density_or_none(errors):
    """Far outside, where a search may look: finite or minus infinity, and as far as it is finite the right one."""
    target = _target(_line(), errors=errors)
    z = np.array([-300.0, -100.0, -20.0, 20.0, 100.0, 300.0, 800.0])[:, None]
    density = target.log_density(z)
    assert target.faults == ()
    assert not np.isnan(density).any()
    assert density[-1] == -np.inf
    # rows without errors have residuals that a scatter of 1e-9 makes impossible, but not infinitely so
    theta = np.array([[0.0, 0.0, np.exp(-20.0)]])
    expected = log_evidence(target, theta[0], _own(target)) - 20.0
    assert density[2] == pytest.approx(expected, rel=1e-6)


def _collinear():
    x, y = _rows(2)
    x[:, 1] = x[:, 0] * (1 + 1e-12) + 1e-9 * x[:, 1]
    return {"x": x, "y": y, "y_err": _errors("known")}


def _limits():
    x, y = _rows()
    return {"x": x, "y": y, "y_err": 0.3, "limits": np.where(np.arange(N_ROWS) < 5, "upper", "")}


_X, _Y = _rows()
_SCATTERED = Gaussian(scatter=True)


@pytest.mark.parametrize(
    ("model", "feed"),
    [
        (_line(scatter=None), {"y_err": 0.3}),
        (_line({"intercept": priors.StudentT(3, 0, 1)}), {"y_err": 0.3}),
        (_line({"slope": priors.FlatAngle()}), {"y_err": 0.3}),
        (_line({"slope": priors.Cauchy(0, 1), "intercept": priors.Uniform(-9, 9)}), {"y_err": 0.3}),
        (Model(Linear(), StudentT(4.0)), {}),
        (Model(Linear(), Gaussian(scatter=True, truncation=(-100, None))), {"y_err": 0.3}),
        (_line(), _limits()),
        (_line(), {"y_err": np.full((N_ROWS, 2), [0.3, 0.4])}),
        (_line(), {"y_err": 0.3, "x_err": 0.1}),
        (Model(Linear(), _SCATTERED, population=populations.Flat()), {"y_err": 0.3, "x_err": 0.1}),
        (_line(), {"y_cov": 0.1 * np.eye(N_ROWS)}),
        (_line(), _collinear()),
        (_line(), {"x": _X[:1], "y": _Y[:1]}),
        (_line(), {"y_err": np.r_[1e-9, np.full(N_ROWS - 1, 0.4)]}),
        (_line(), {"y": _Y + 1e9, "y_err": 0.3}),
    ],
    ids=[
        "nothing is left",
        "others are centred on the slope",
        "few beside another coefficient",
        "none is normal",
        "Student t",
        "truncation",
        "limits",
        "asymmetric",
        "noisy x",
        "noisy x, flat",
        "covariance",
        "collinear",
        "fewer rows than coefficients",
        "one row may outweigh all",
        "labels far from zero",
    ],
)
def test_what_is_not_plainly_normal_is_walked_in(model, feed):
    target = model.target(Data(**{"x": _X, "y": _Y} | feed))
    assert target.walked_names == target.names
    theta = target.parameters.sample_prior(np.random.default_rng(1), 5)
    z = target.walked(theta)
    np.testing.assert_allclose(target.log_density(z), target.log_density_at(theta), rtol=1e-12)
    np.testing.assert_array_equal(target.complete(z, np.random.default_rng(1)), target.natural(z))


def test_flat_priors_are_normal_ones_without_an_end():
    """The evidence of ever wider normal priors, less that of their width, is the flat one."""
    names, width = ("intercept", "slope"), 1e6
    wide, flat = (_target(_line(dict.fromkeys(names, prior))) for prior in (priors.Normal(0, width), priors.Flat()))
    z = np.log(np.linspace(0.3, 2, 10))[:, None]
    assert flat.walked_names == ("scatter",)
    level = 2 * (np.log(width) + 0.5 * np.log(2 * np.pi))
    np.testing.assert_allclose(flat.log_density(z), wide.log_density(z) + level, rtol=1e-8)
