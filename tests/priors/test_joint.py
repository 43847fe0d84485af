import math
import re

import numpy as np
import pytest
from scipy import stats

from bayesfit.errors import PriorError
from bayesfit.priors import LKJ, Dirichlet, Flat, MultivariateNormal, Normal, Ordered, Uniform

COV = np.array([[2.0, 0.6, -0.3], [0.6, 1.0, 0.1], [-0.3, 0.1, 0.5]])
INF = np.inf


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: MultivariateNormal([0, 0], [[1, 2], [2, 1]]), "smallest eigenvalue is -1"),
        (lambda: MultivariateNormal([0, 0], [[1, 1], [1, 1]]), "cov must be positive definite"),
        (lambda: MultivariateNormal([0, 0], [[1, 0.5], [0.4, 1]]), "cov must be symmetric, but cov["),
        (lambda: MultivariateNormal([0, 0], np.eye(3)), "cov must have shape (2, 2) like mean, not (3, 3)"),
        (lambda: MultivariateNormal([0, np.nan], np.eye(2)), "mean must be finite, not nan"),
        (lambda: MultivariateNormal([0, 0], [[1, INF], [INF, 1]]), "cov must be finite, not inf"),
        (lambda: MultivariateNormal(0, 1), "mean must be a vector, not shape ()"),
        (lambda: MultivariateNormal([], np.zeros((0, 0))), "mean must be a vector, not shape (0,)"),
        (lambda: MultivariateNormal(["a"], [[1]]), "mean must be a real number"),
        (lambda: Dirichlet([1, 0]), "concentration must be greater than zero, not 0"),
        (lambda: Dirichlet([1]), "two or more numbers, not shape (1,)"),
        (lambda: Dirichlet(3), "two or more numbers, not shape ()"),
        (lambda: LKJ(1), "dimension must be a whole number of two or more, not 1"),
        (lambda: LKJ(2.5), "dimension must be a whole number"),
        (lambda: LKJ(3, 0), "eta must be greater than zero, not 0"),
        (lambda: LKJ(3, [1, 2]), "eta must be one number"),
    ],
)
def test_malformed_arguments_are_named(make, message):
    with pytest.raises(PriorError, match=re.escape(message)):
        make()


def test_multivariate_normal_is_scipys():
    mean = np.array([1.0, -2.0, 3.0])
    values = np.random.default_rng(1).normal(size=(4, 5, 3)) * 3
    expected = stats.multivariate_normal(mean, COV).logpdf(values)
    np.testing.assert_allclose(MultivariateNormal(mean, COV).log_prob(values), expected, rtol=1e-11)


def test_multivariate_normal_in_very_different_units():
    """Rescaling the parameters shifts the log density by the log of the scales."""
    scales = np.array([1e-30, 1.0, 1e40])
    value = np.array([0.3, -1.0, 2.0])
    scaled = MultivariateNormal(np.zeros(3), COV * np.outer(scales, scales)).log_prob(value * scales)
    plain = MultivariateNormal(np.zeros(3), COV).log_prob(value)
    assert scaled == pytest.approx(plain - np.log(scales).sum(), rel=1e-12)


def test_multivariate_normal_samples_whiten_to_independent_normals():
    draws = MultivariateNormal([1, -2, 3], COV).sample(np.random.default_rng(3), 5000)
    white = np.linalg.solve(np.linalg.cholesky(COV), (draws - [1, -2, 3]).T)
    assert stats.kstest(white.ravel(), stats.norm.cdf).pvalue > 1e-3
    np.testing.assert_allclose(np.corrcoef(white), np.eye(3), atol=0.05)


@pytest.mark.parametrize("concentration", [[0.5, 2, 3], [1, 1], [10, 0.1, 1, 4]])
def test_dirichlet_is_scipys(concentration):
    values = np.random.default_rng(1).dirichlet(np.ones(len(concentration)), 6)
    expected = [stats.dirichlet(concentration).logpdf(value) for value in values]
    np.testing.assert_allclose(Dirichlet(concentration).log_prob(values), expected, rtol=1e-11)


def test_dirichlet_outside_the_simplex():
    values = [[0.5, 0.6], [-0.1, 1.1], [0.5, 0.5 + 1e-6], [0.0, 1.0], [0.25, 0.75]]
    found = Dirichlet([0.5, 1]).log_prob(values)
    np.testing.assert_array_equal(found[:4], -INF)
    assert found[4] == pytest.approx(np.log(0.5) - 0.5 * np.log(0.25))


def test_dirichlet_margins_are_beta():
    draws = Dirichlet([0.7, 2, 3]).sample(np.random.default_rng(4), 4000)
    for k, a in enumerate([0.7, 2, 3]):
        assert stats.kstest(draws[:, k], stats.beta(a, 5.7 - a).cdf).pvalue > 1e-3


@pytest.mark.parametrize("eta", [0.6, 1.0, 3.0])
def test_lkj_of_two_is_a_stretched_beta(eta):
    r = np.linspace(-0.999, 0.999, 11)
    expected = stats.beta(eta, eta, -1, 2).logpdf(r)
    np.testing.assert_allclose(LKJ(2, eta).log_prob(r[:, np.newaxis]), expected, rtol=1e-11)


def test_lkj_of_three_uniform_has_the_known_volume():
    """The 3 × 3 correlation matrices fill π²/2 of the cube's volume 8."""
    assert LKJ(3).log_prob([0.1, 0.2, 0.3]) == pytest.approx(-np.log(np.pi**2 / 2), rel=1e-14)


def test_lkj_of_three_integrates_to_one():
    """The third correlation lies between r₁r₂ ± √((1 − r₁²)(1 − r₂²)); substitute it to the unit interval."""
    prior, (nodes, weights) = LKJ(3, 2.0), np.polynomial.legendre.leggauss(40)
    a, b, t = np.meshgrid(nodes, nodes, nodes, indexing="ij")
    half = np.sqrt((1 - a**2) * (1 - b**2))
    density = np.exp(prior.log_prob(np.stack([a, b, a * b + half * t], axis=-1)))
    total = np.einsum("i,j,k,ijk->", weights, weights, weights, density * half)
    assert total == pytest.approx(1, rel=1e-4)


@pytest.mark.parametrize(("dimension", "eta"), [(3, 1.0), (4, 1.0), (4, 2.5), (5, 0.7)])
def test_lkj_margins_are_beta(dimension, eta):
    """Each correlation follows Beta(η − 1 + p/2) on (−1, 1), whatever its place."""
    prior = LKJ(dimension, eta)
    draws = prior.sample(np.random.default_rng(5), 3000)
    b = eta - 1 + dimension / 2
    for k in range(prior.n_values):
        assert stats.kstest(draws[:, k], stats.beta(b, b, -1, 2).cdf).pvalue > 1e-4


@pytest.mark.parametrize(("dimension", "eta", "other"), [(3, 2.0, 2.5), (4, 1.5, 2.0), (5, 2.0, 2.3)])
def test_lkj_constant_and_samples_agree(dimension, eta, other):
    """Draws at one eta weighted by the ratio of densities average to one."""
    one, two = LKJ(dimension, eta), LKJ(dimension, other)
    draws = one.sample(np.random.default_rng(6), 20_000)
    ratio = np.exp(two.log_prob(draws) - one.log_prob(draws))
    assert abs(ratio.mean() - 1) < 4 * ratio.std() / np.sqrt(len(ratio))


def test_lkj_refuses_what_is_no_correlation_matrix():
    """Two negative eigenvalues make a positive determinant, yet the matrix is not positive definite."""
    values = np.array([[0.9, 0.9, -0.9], [1.0, 0.0, 0.0], [2.0, 0.0, 0.0], [0.1, 0.2, 0.3]])
    found = LKJ(3).log_prob(values)
    np.testing.assert_array_equal(found[:3], -INF)
    assert np.isfinite(found[3])
    blocks = np.kron(np.eye(2), [[1.0, 5.0], [5.0, 1.0]])
    ordered = blocks[np.tril_indices(4, -1)]
    assert LKJ(4).log_prob(ordered) == -INF


def test_lkj_determinant_is_numpys():
    prior, flat = LKJ(4, 3.0), LKJ(4, 1.0)
    draws = prior.sample(np.random.default_rng(7), 5)
    _, log_det = np.linalg.slogdet(prior.support.matrix(draws))
    difference = (prior.log_prob(draws) - flat.log_prob(draws)) - 2 * log_det
    np.testing.assert_allclose(difference, difference[0], rtol=1e-11)


@pytest.mark.parametrize("size", [1, 2, 4])
def test_ordered_density_is_that_of_order_statistics(size):
    """n! times the product where the values rise; the samples' extremes have Φ^n and 1 - (1 - Φ)^n."""
    prior, law = Ordered(Normal(1, 2), size), stats.norm(1, 2)
    values = np.sort(np.random.default_rng(9).normal(1, 2, (5, size)), axis=1)
    expected = np.log(np.prod(law.pdf(values), axis=1) * math.factorial(size))
    np.testing.assert_allclose(prior.log_prob(values), expected, rtol=1e-12)
    if size > 1:
        assert (prior.log_prob(values[:, ::-1]) == -INF).all()
    draws = prior.sample(np.random.default_rng(10), 4000)
    assert stats.kstest(draws[:, -1], lambda v: law.cdf(v) ** size).pvalue > 1e-3
    assert stats.kstest(draws[:, 0], lambda v: 1 - law.sf(v) ** size).pvalue > 1e-3


@pytest.mark.parametrize("prior", [Uniform(0, 1), Flat(), 3.0])
def test_ordered_values_need_a_proper_prior_on_the_whole_line(prior):
    with pytest.raises(PriorError, match="proper prior on the whole real line"):
        Ordered(prior, 2)


def test_fields_are_plain_tuples():
    prior = MultivariateNormal(np.zeros(2), np.eye(2))
    assert repr(prior) == "MultivariateNormal((0, 0), ((1, 0), (0, 1)))"
    assert prior == MultivariateNormal([0, 0], [[1, 0], [0, 1]])
