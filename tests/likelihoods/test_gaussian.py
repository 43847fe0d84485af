"""Gaussian noise, against scipy's normal and multivariate normal."""

import numpy as np
import pytest
from scipy import stats

from bayesfit import Data, likelihoods
from bayesfit.errors import DataError, PriorError
from bayesfit.parameters import Parameters

N, W = 6, 4
RNG = np.random.default_rng(1)
X = np.arange(float(N))
Y = RNG.normal(size=N)
Y_ERR = RNG.uniform(0.2, 2, N)
ETA = RNG.normal(size=(W, N))
SCATTER = {"scatter": np.array([0.1, 0.5, 1.0, 30.0])}
ROOT = RNG.normal(size=(N, N + 2))
Y_COV = ROOT @ ROOT.T / N
GAUSSIAN = likelihoods.Gaussian()


def test_label_errors_alone():
    expected = stats.norm(ETA, Y_ERR).logpdf(Y)
    np.testing.assert_allclose(GAUSSIAN.log_prob({}, ETA, Data(X, Y, y_err=Y_ERR)), expected)


def test_scatter_alone():
    expected = stats.norm(ETA, SCATTER["scatter"][:, None]).logpdf(Y)
    np.testing.assert_allclose(GAUSSIAN.log_prob(SCATTER, ETA, Data(X, Y)), expected)


def test_scatter_adds_to_label_errors_in_quadrature():
    sd = np.hypot(Y_ERR, SCATTER["scatter"][:, None])
    found = likelihoods.Gaussian(scatter=True).log_prob(SCATTER, ETA, Data(X, Y, y_err=Y_ERR))
    np.testing.assert_allclose(found, stats.norm(ETA, sd).logpdf(Y))


@pytest.mark.parametrize("values", [{}, SCATTER], ids=["errors", "scatter"])
def test_noise_in_eta_adds_its_variance(values):
    variance = np.random.default_rng(3).uniform(0, 2, (W, N))
    own = Y_ERR**2 + np.square(values.get("scatter", np.zeros(W)))[:, None]
    found = likelihoods.Gaussian(scatter=bool(values)).log_prob_noisy(values, ETA, variance, Data(X, Y, y_err=Y_ERR))
    np.testing.assert_allclose(found, stats.norm(ETA, np.sqrt(own + variance)).logpdf(Y))


def test_the_caller_keeps_its_eta():
    eta = ETA.copy()
    GAUSSIAN.log_prob({}, eta, Data(X, Y, y_err=Y_ERR))
    np.testing.assert_array_equal(eta, ETA)


def test_far_out_and_tiny_errors_stay_finite():
    data = Data([0.0, 1.0], [1e150, 0.0], y_err=[1.0, 1e-150])
    found = GAUSSIAN.log_prob({}, np.zeros((1, 2)), data)
    np.testing.assert_allclose(found, stats.norm(0, data.y_err).logpdf(data.y)[None], rtol=1e-12)


# -- correlated labels ------------------------------------------------------------------------------------


@pytest.mark.parametrize("values", [{}, SCATTER], ids=["covariance", "covariance and scatter"])
def test_joint_density_of_correlated_labels(values):
    scatter = values.get("scatter", np.zeros(W))
    expected = [
        stats.multivariate_normal(eta, Y_COV + s**2 * np.eye(N)).logpdf(Y) for eta, s in zip(ETA, scatter, strict=True)
    ]
    found = likelihoods.Gaussian(scatter=bool(values)).log_joint(values, ETA, Data(X, Y, y_cov=Y_COV))
    np.testing.assert_allclose(found, expected)


@pytest.mark.parametrize("values", [{}, SCATTER], ids=["covariance", "covariance and scatter"])
def test_pointwise_terms_of_correlated_labels_are_conditional_on_all_others(values):
    """ln p(y_i | y_-i) = ln p(y) - ln p(y_-i)."""
    scatter = values.get("scatter", np.zeros(W))
    expected = np.empty((W, N))
    for w in range(W):
        cov = Y_COV + scatter[w] ** 2 * np.eye(N)
        for i in range(N):
            rest = np.delete(np.arange(N), i)
            without = stats.multivariate_normal(ETA[w, rest], cov[np.ix_(rest, rest)]).logpdf(Y[rest])
            expected[w, i] = stats.multivariate_normal(ETA[w], cov).logpdf(Y) - without
    found = likelihoods.Gaussian(scatter=bool(values)).log_prob(values, ETA, Data(X, Y, y_cov=Y_COV))
    np.testing.assert_allclose(found, expected)


def test_a_diagonal_covariance_is_the_same_as_label_errors():
    with_errors, with_cov = Data(X, Y, y_err=Y_ERR), Data(X, Y, y_cov=np.diag(Y_ERR**2))
    expected = GAUSSIAN.log_prob({}, ETA, with_errors)
    np.testing.assert_allclose(GAUSSIAN.log_prob({}, ETA, with_cov), expected)
    np.testing.assert_allclose(GAUSSIAN.log_joint({}, ETA, with_cov), expected.sum(axis=1))
    np.testing.assert_allclose(GAUSSIAN.log_joint({}, ETA, with_errors), expected.sum(axis=1))


# -- batches and simulation -------------------------------------------------------------------------------


@pytest.mark.parametrize("errors", [{"y_err": Y_ERR}, {"y_cov": Y_COV}, {}], ids=["y_err", "y_cov", "none"])
def test_a_batch_equals_a_loop(errors):
    data, likelihood = Data(X, Y, **errors), likelihoods.Gaussian(scatter=True)
    batch = likelihood.log_prob(SCATTER, ETA, data)
    joint = likelihood.log_joint(SCATTER, ETA, data)
    for w in range(W):
        one = {"scatter": SCATTER["scatter"][w : w + 1]}
        np.testing.assert_allclose(likelihood.log_prob(one, ETA[w : w + 1], data)[0], batch[w], rtol=1e-12)
        np.testing.assert_allclose(likelihood.log_joint(one, ETA[w : w + 1], data)[0], joint[w], rtol=1e-12)


@pytest.mark.parametrize("scatter", [False, True])
def test_simulated_labels_follow_the_density(scatter):
    size, data = 5000, Data(X, Y, y_err=Y_ERR)
    values = {"scatter": np.full(size, 0.7)} if scatter else {}
    eta = np.broadcast_to(ETA[0], (size, N))
    likelihood = likelihoods.Gaussian(scatter=scatter)
    labels = likelihood.simulate(values, eta, data, np.random.default_rng(7))
    sd = np.hypot(Y_ERR, 0.7 * scatter)
    for i in range(N):
        assert stats.kstest(labels[:, i], stats.norm(ETA[0, i], sd[i]).cdf).pvalue > 1e-3


@pytest.mark.parametrize("scatter", [False, True])
def test_simulated_correlated_labels_have_the_covariance(scatter):
    size, data = 20000, Data(X, Y, y_cov=Y_COV)
    values = {"scatter": np.full(size, 0.5)} if scatter else {}
    likelihood = likelihoods.Gaussian(scatter=scatter)
    labels = likelihood.simulate(values, np.zeros((size, N)), data, np.random.default_rng(8))
    cov = Y_COV + 0.25 * scatter * np.eye(N)
    whitened = np.linalg.solve(np.linalg.cholesky(cov), labels.T)
    assert stats.kstest(whitened.ravel(), stats.norm.cdf).pvalue > 1e-3
    error = np.sqrt((cov**2 + np.outer(np.diag(cov), np.diag(cov))) / size)  # of a Wishart's entries
    assert (np.abs(np.cov(labels.T) - cov) < 5 * error).all()


# -- parameters and refusals ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scatter", "errors", "names"),
    [
        (None, {}, ("scatter",)),
        (None, {"y_err": 1.0}, ()),
        (None, {"y_cov": Y_COV}, ()),
        (True, {"y_err": 1.0}, ("scatter",)),
        (True, {}, ("scatter",)),
        (False, {"y_err": 1.0}, ()),
    ],
)
def test_the_scatter_is_inferred_only_without_errors_unless_asked_for(scatter, errors, names):
    data = Data(X, Y, **errors, units={"y": "mag"})
    parameters = Parameters(likelihoods.Gaussian(scatter=scatter).parameters(data))
    assert parameters.names == names
    if names:
        assert parameters.unit_of("scatter") == "mag"
        expected = stats.halfnorm(scale=2 * np.std(Y)).logpdf(0.3)
        assert parameters.log_prior(np.array([0.3])) == pytest.approx(expected)


def test_neither_errors_nor_scatter_is_refused():
    with pytest.raises(DataError, match="y_err is missing and scatter=False"):
        likelihoods.Gaussian(scatter=False).check(Data(X, Y))


def test_class_labels_are_refused():
    with pytest.raises(DataError, match=r"class labels.*Bernoulli"):
        GAUSSIAN.check(Data([1.0, 2.0], ["cat", "dog"]))


def test_the_scatter_cannot_be_negative():
    with pytest.raises(PriorError, match="scatter"):
        Parameters(GAUSSIAN.parameters(Data(X, Y)), {"scatter": -1.0})
