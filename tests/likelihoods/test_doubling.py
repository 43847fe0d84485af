"""Two noisy features of which one enters linearly: integrals of one dimension less, the same as sums over a plane."""

import numpy as np
import pytest
from scipy import stats
from scipy.special import logsumexp

from bayesfit import Data, Model, likelihoods, populations, predictors
from bayesfit.likelihoods.doubling import doubled_expectation
from bayesfit.predictors import Terms

N = 5
RNG = np.random.default_rng(3)
X = RNG.standard_normal((N, 2))
Y = 1 + X[:, 0] + X[:, 0] * X[:, 1] + 0.2 * RNG.standard_normal(N)
MEAN, COV, ERRORS = np.array([0.1, -0.2]), np.array([[1.21, 0.396], [0.396, 0.81]]), np.array([0.5, 0.3])
POPULATION = [*MEAN, 1.1, 0.9, 0.4]
COEFFICIENTS = [1.0, 1.0, 0.3, 1.2]


def _plane(log_prob, eta, size=801):
    """Return ln ∫ N(ξ | x̂) p(y | η(ξ)) dξ for each row, by a dense sum over the plane."""
    gain = COV @ np.linalg.inv(COV + np.diag(ERRORS**2))
    factor = np.linalg.cholesky(COV - gain @ COV)
    nodes = np.linspace(-8, 8, size)
    u = np.stack(np.meshgrid(nodes, nodes, indexing="ij")).reshape(2, -1)
    weights = stats.norm.logpdf(u).sum(axis=0) + 2 * np.log(nodes[1] - nodes[0])
    found = []
    for x, y in zip(X, Y, strict=True):
        true = (MEAN + gain @ (x - MEAN))[:, None] + factor @ u
        found.append(logsumexp(weights + log_prob(y, eta(*true))))
    return np.array(found)


def _bilinear(a, b):
    return COEFFICIENTS[0] + COEFFICIENTS[1] * a + COEFFICIENTS[2] * b + COEFFICIENTS[3] * a * b


CASES = {
    "normal": (likelihoods.Gaussian(scatter=True), [0.3], lambda y, eta: stats.norm.logpdf(y, eta, np.hypot(0.1, 0.3))),
    "Student t": (
        likelihoods.StudentT(dof=3.0, scatter=False),
        [],
        lambda y, eta: stats.t.logpdf((y - eta) / 0.1, 3.0) - np.log(0.1),
    ),
    "outliers": (
        likelihoods.OutlierMixture(scatter=False),
        [0.2, 0.5, 2.0],
        lambda y, eta: np.logaddexp(
            np.log(0.8) + stats.norm.logpdf(y, eta, 0.1),
            np.log(0.2) + stats.norm.logpdf(y, 0.5, np.hypot(0.1, 2.0)),
        ),
    ),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("predictor", [predictors.Linear(interaction=True), "y ~ a * b"], ids=["plain", "formula"])
def test_it_is_the_sum_over_the_plane(name, predictor):
    likelihood, own, log_prob = CASES[name]
    data = Data(X, Y, x_err=dict(zip("ab", ERRORS, strict=True)), y_err=0.1, names=("a", "b"))
    if isinstance(predictor, str):
        predictor = predictors.Linear.from_formula(predictor, {"a": X[:, 0], "b": X[:, 1], "y": Y})
    target = Model(predictor, likelihood, population=populations.Normal()).target(data)
    own = dict(zip((p.name for p in likelihood.parameters(data)), own, strict=True))
    values = dict(zip(target.names, [*COEFFICIENTS, *own.values(), *POPULATION], strict=True))
    theta = np.array([own.get(name, values[name]) for name in target.names])
    np.testing.assert_allclose(target.log_likelihood(theta), _plane(log_prob, _bilinear), rtol=0, atol=2e-8)


@pytest.mark.parametrize("name", ["normal", "Student t"])
def test_two_features_that_are_both_bent(name):
    likelihood, own, log_prob = CASES[name]
    table = {"a": X[:, 0], "b": X[:, 1], "y": Y}
    predictor = predictors.Linear.from_formula("y ~ I(a**2) + a:b + I(b**3)", table)
    data = Data(X, Y, x_err=dict(zip("ab", ERRORS, strict=True)), y_err=0.1, names=("a", "b"))
    target = Model(predictor, likelihood, population=populations.Normal()).target(data)
    theta = np.array([1.0, 0.5, 0.8, -0.3, *own, *POPULATION])
    found = _plane(log_prob, lambda a, b: 1 + 0.5 * a**2 + 0.8 * a * b - 0.3 * b**3)
    order = [target.names.index(f"slope[{term}]") for term in ("I(a ** 2)", "a:b", "I(b ** 3)")]
    theta[order] = 0.5, 0.8, -0.3
    np.testing.assert_allclose(target.log_likelihood(theta), found, rtol=0, atol=1e-6)


def test_labels_far_from_what_the_features_allow():
    """Without the product it is a plane, whose integral is in closed form however far off a label is."""
    y = Y + np.array([0, 10, 25, 40, -60])
    data = Data(X, y, x_err=np.ones((N, 2)), y_err=0.01, names=("a", "b"))
    values = dict(zip(("intercept", "slope[a]", "slope[b]", "slope[a:b]"), [1.0, 2.0, -1.0, 0.0], strict=True))
    found = []
    for interaction in (False, True):
        target = Model(predictors.Linear(interaction), likelihoods.Gaussian(scatter=False)).target(data)
        own = dict(zip(target.names[-5:], POPULATION, strict=True)) | values
        found.append(target.log_likelihood(np.array([own[name] for name in target.names])))
    np.testing.assert_allclose(found[1], found[0], rtol=1e-9)


def test_one_noisy_feature_beside_an_exact_one_has_a_closed_form():
    """Given b, η is normal: mean a + c ξ and deviation c sd(ξ), with a and c of that row."""
    data = Data(X, Y, x_err={"a": 0.5}, y_err=0.1, names=("a", "b"))
    model = Model(
        predictors.Linear(interaction=True), likelihoods.Gaussian(scatter=False), population=populations.Flat()
    )
    target = model.target(data)
    slope = COEFFICIENTS[1] + COEFFICIENTS[3] * X[:, 1]
    expected = stats.norm.logpdf(Y, _bilinear(*X.T), np.hypot(0.1, 0.5 * slope))
    np.testing.assert_allclose(target.log_likelihood(np.array(COEFFICIENTS)), expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("formula", "straight"),
    [("y ~ a + b", "ab"), ("y ~ a:b", "ab"), ("y ~ log10(a) + b", "b"), ("y ~ a + I(a**2) + a:b", "b")],
)
def test_what_a_formula_is_affine_in(formula, straight):
    table = {"a": X[:, 0] + 9, "b": X[:, 1], "y": Y}
    terms = predictors.Linear.from_formula(formula, table)
    assert isinstance(terms, Terms)
    assert [terms.affine_in(j) for j in range(2)] == [name in straight for name in "ab"]


@pytest.mark.parametrize(
    ("shift", "width"), [(0, 0.01), (0, 0.3), (0, 5), (5, 0.01), (5, 0.3), (5, 5), (60, 0.3), (60, 5)]
)
def test_a_normal_term_wherever_it_is(shift, width):
    def term(t, vectors, rows):
        assert t.shape == (len(vectors), 1)
        return stats.norm.logpdf(t, shift * (1 + rows), width) + 0 * vectors[:, None]

    found = doubled_expectation(term, (3, 2))
    expected = stats.norm.logpdf(0, shift * np.array([1, 2]), np.hypot(1, width))
    np.testing.assert_allclose(found, np.tile(expected, (3, 1)), rtol=1e-9, atol=1e-8)


def test_what_has_no_density_anywhere_has_none():
    found = doubled_expectation(lambda t, vectors, rows: np.full((len(vectors), len(rows)), -np.inf), (2, 2))
    assert np.isneginf(found).all()
