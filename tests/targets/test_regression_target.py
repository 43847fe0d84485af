"""The log posterior density: its parts, batches, blocks of rows, refits."""

import numpy as np
import pytest
from scipy import stats

from bayesfit import Data, Model, likelihoods, predictors, priors
from bayesfit.errors import SamplingError
from bayesfit.targets import regression

RNG = np.random.default_rng(1)
X = RNG.normal([3, -1], [1, 2], (9, 2))
Y = 1 + X @ [2.0, -1.0] + RNG.normal(0, 0.4, 9)
Y_ERR = RNG.uniform(0.2, 0.6, 9)
ROOT = RNG.normal(size=(9, 12))
Y_COV = ROOT @ ROOT.T / 9
PRIORS = {
    "intercept": priors.Normal(0, 5),
    "slope": priors.StudentT(4, 0, 2),
    "scatter": priors.HalfNormal(1),
}
MODEL = Model(predictors.Linear(), likelihoods.Gaussian(scatter=True), priors=PRIORS)
THETA = np.column_stack([RNG.normal(size=(5, 3)), RNG.uniform(0.1, 2, 5)])


def log_prior(theta):
    return (
        stats.norm(0, 5).logpdf(theta[:, 0])
        + stats.t(4, 0, 2).logpdf(theta[:, 1:3]).sum(axis=1)
        + stats.halfnorm(scale=1).logpdf(theta[:, 3])
    )


def eta(theta):
    return theta[:, :1] + theta[:, 1:3] @ X.T


def test_the_parts_are_those_of_bayes_theorem():
    target = MODEL.target(Data(X, Y, y_err=Y_ERR))
    assert target.names == ("intercept", "slope[x0]", "slope[x1]", "scatter")
    pointwise = stats.norm(eta(THETA), np.hypot(Y_ERR, THETA[:, 3:])).logpdf(Y)
    np.testing.assert_allclose(target.log_prior(THETA), log_prior(THETA))
    np.testing.assert_allclose(target.log_likelihood(THETA), pointwise)
    np.testing.assert_array_equal(target.log_population(THETA), np.zeros(5))
    np.testing.assert_allclose(target.log_prob(THETA), log_prior(THETA) + pointwise.sum(axis=1))


def test_with_correlated_labels_the_joint_density_is_not_the_sum_of_the_terms():
    target = MODEL.target(Data(X, Y, y_cov=Y_COV))
    joint = [
        stats.multivariate_normal(e, Y_COV + s**2 * np.eye(9)).logpdf(Y)
        for e, s in zip(eta(THETA), THETA[:, 3], strict=True)
    ]
    np.testing.assert_allclose(target.log_prob(THETA), log_prior(THETA) + joint)
    assert not np.allclose(target.log_likelihood(THETA).sum(axis=1), joint)


@pytest.mark.parametrize("errors", [{"y_err": Y_ERR}, {"y_cov": Y_COV}], ids=["y_err", "y_cov"])
@pytest.mark.parametrize("method", ["log_prior", "log_likelihood", "log_population", "log_prob"])
def test_a_vector_gives_what_a_batch_gives_without_its_axis(method, errors):
    function = getattr(MODEL.target(Data(X, Y, **errors)), method)
    batch = function(THETA)
    for theta, expected in zip(THETA, batch, strict=True):
        one = function(theta)
        assert np.shape(one) == np.shape(expected)
        np.testing.assert_allclose(one, expected, rtol=1e-12)


@pytest.mark.parametrize("shape", [(3,), (5, 3), (2, 5, 4), ()])
def test_theta_of_another_shape_is_refused_with_the_names(shape):
    with pytest.raises(SamplingError, match=r"intercept, slope\[x0\], slope\[x1\], scatter"):
        MODEL.target(Data(X, Y, y_err=Y_ERR)).log_prob(np.ones(shape))


def test_outside_the_prior_the_density_is_zero():
    theta = THETA.copy()
    theta[2, 3] = -0.5
    found = MODEL.target(Data(X, Y, y_err=Y_ERR)).log_prob(theta)
    assert found[2] == -np.inf
    assert np.isfinite(np.delete(found, 2)).all()


# -- missing labels ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("errors", [{"y_err": Y_ERR}, {"y_cov": Y_COV}], ids=["y_err", "y_cov"])
def test_rows_without_a_label_count_for_nothing_when_the_features_are_exact(errors):
    keep = [0, 1, 3, 4, 6, 7, 8]
    rest = {name: e[keep] if e.ndim == 1 else e[np.ix_(keep, keep)] for name, e in errors.items()}
    without = MODEL.target(Data(X, Y, **errors)).without_labels([2, 5])
    fewer = MODEL.target(Data(X[keep], Y[keep], **rest))
    assert without.n_rows == 7
    assert len(without.data) == 9
    np.testing.assert_allclose(without.log_likelihood(THETA), fewer.log_likelihood(THETA))
    np.testing.assert_allclose(without.log_prob(THETA), fewer.log_prob(THETA))


def test_refits_keep_the_default_priors_of_the_full_data():
    data = Data(X, Y, y_err=Y_ERR)
    full = Model(predictors.Linear(), likelihoods.Gaussian()).target(data)
    theta = THETA[:, :3]
    np.testing.assert_array_equal(full.without_labels([0, 8]).log_prior(theta), full.log_prior(theta))
    np.testing.assert_array_equal(full.log_likelihood(theta)[:, 1:8], full.without_labels([0, 8]).log_likelihood(theta))
    resolved_anew = Model(predictors.Linear(), likelihoods.Gaussian()).target(data[1:8])
    assert not np.allclose(resolved_anew.log_prior(theta), full.log_prior(theta))


# -- blocks of rows ---------------------------------------------------------------------------------------


def test_blocks_of_rows_are_one_sum(monkeypatch):
    rng = np.random.default_rng(2)
    x = rng.normal(size=10_000)
    data = Data(x, 1 + 2 * x + rng.normal(0, 0.5, 10_000), y_err=rng.uniform(0.3, 0.8, 10_000))
    model = Model(predictors.Polynomial(2), likelihoods.Gaussian(scatter=True))
    theta = np.column_stack([rng.normal(size=(3, 3)), [0.1, 0.2, 0.3]])
    blocks = model.target(data)
    monkeypatch.setattr(regression, "BLOCK_ROWS", 10**9)
    whole = model.target(data)
    np.testing.assert_allclose(blocks.log_likelihood(theta), whole.log_likelihood(theta), rtol=1e-13)
    np.testing.assert_allclose(blocks.log_prob(theta), whole.log_prob(theta), rtol=1e-13)
    line = theta[:, :1] + theta[:, 1:2] * x + theta[:, 2:3] * x**2
    pointwise = stats.norm(line, np.hypot(data.y_err, theta[:, 3:])).logpdf(data.y)
    np.testing.assert_allclose(blocks.log_likelihood(theta), pointwise)


# -- the sampler's side -----------------------------------------------------------------------------------


def test_the_walked_density_is_the_natural_one_times_the_jacobian():
    """ln p(z) - ln p(theta) = ln |dtheta/dz|, here that of scatter = exp(z)."""
    target = MODEL.target(Data(X, Y, y_err=Y_ERR))
    z = target.walked(THETA)
    np.testing.assert_allclose(target.natural(z), THETA)
    np.testing.assert_allclose(target.log_density(z), target.log_prob(THETA) + np.log(THETA[:, 3]))


def test_a_line_at_julian_dates_loses_no_digits():
    """The likelihood of a line does not depend on where the zero of time is."""
    t = np.linspace(-20, 20, 30)
    y = 5 + 0.1 * t + np.random.default_rng(4).normal(0, 0.3, 30)
    near = Model(predictors.Linear(), likelihoods.Gaussian()).target(Data(t, y, y_err=0.3))
    far = Model(predictors.Linear(), likelihoods.Gaussian()).target(Data(t + 2460000.5, y, y_err=0.3))
    z = np.random.default_rng(5).normal([5, 0.1], [0.05, 0.005], (20, 2))
    np.testing.assert_allclose(far.log_density(z), near.log_density(z), rtol=1e-7)


def test_starts_begin_at_the_least_squares_line():
    x = np.linspace(0, 9, 10)
    data = Data(x, 1 + 2 * x + 0.1 * np.cos(5 * x), y_err=np.linspace(0.1, 0.5, 10))
    target = Model(predictors.Linear(), likelihoods.Gaussian()).target(data)
    starts = target.natural(target.starts(np.random.default_rng(6), 20))
    slope, intercept = np.polyfit(x, data.y, 1, w=1 / data.y_err)
    np.testing.assert_allclose(starts[:10], np.tile([intercept, slope], (10, 1)), rtol=1e-9)
    assert np.isfinite(target.log_prob(starts)).all()


def test_starts_know_fixed_coefficients():
    x = np.linspace(1, 9, 9)
    data = Data(x, 3 + 2 * x + 0.1 * np.cos(5 * x), y_err=0.3)
    target = Model(predictors.Linear(), likelihoods.Gaussian(), priors={"intercept": 3}).target(data)
    starts = target.natural(target.starts(np.random.default_rng(6), 10))
    np.testing.assert_allclose(starts[:5, 0], (x * (data.y - 3)).sum() / (x**2).sum())


# -- identity ---------------------------------------------------------------------------------------------


def test_fingerprints_tell_models_priors_and_data_apart():
    data = Data([1.0, 2.0, 3.0], [1.0, 2.0, 4.0], y_err=0.1)

    def marks(predictor=predictors.Linear(), given=data, slope_sd=1.0):  # noqa: B008
        chosen = {"slope": priors.Normal(0, slope_sd)}
        return Model(predictor, likelihoods.Gaussian(), priors=chosen).target(given).fingerprints

    base = marks()
    assert marks() == base
    assert marks(predictors.Linear(pivot=2460000.5))["model"] != marks(predictors.Linear(pivot=2460001.5))["model"]
    assert marks(slope_sd=1 + 1e-9)["priors"] != base["priors"]
    assert marks(given=data[:2])["data"] != base["data"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (lambda x, a: a * np.sin(x), lambda x, a: a * np.cos(x)),
        (lambda x, a: a * x + 1, lambda x, a: a * x + 2),
        (lambda x, a: a * x, lambda x, a: a + x),
        (lambda x, a, b=1.0: a * x + b, lambda x, a, b=2.0: a * x + b),
    ],
)
def test_functions_of_one_name_and_other_bodies_are_other_models(one, other):
    data = Data([1.0, 2.0, 3.0], [1.0, 2.0, 4.0], y_err=0.1)
    first, second = (
        Model(predictors.Function(f), likelihoods.Gaussian(), priors={"a": priors.Normal(0, 1)}).target(data)
        for f in (one, other)
    )
    assert first.fingerprint != second.fingerprint
