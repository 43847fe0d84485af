"""Generative classes and mixtures of Gaussians, against scipy's normal densities row by row."""

import numpy as np
import pytest
from scipy.special import logsumexp
from scipy.stats import kstest, multivariate_normal, norm

from bayesfit import ClassModel, Data, MixtureModel, priors
from bayesfit.audit import audit
from bayesfit.targets import ClassTarget

LABELS = np.array(["crow", "cat", "dog"] * 10, dtype=object)


def measured(n_features, *, errors=True, gaps=True, unlabelled=True, seed=0):
    """Thirty rows, with covariances of errors, gaps and rows without a label."""
    rng = np.random.default_rng(seed)
    x, labels, x_err = rng.normal(0, 1, (30, n_features)), LABELS.copy(), None
    x[:, 0] += np.arange(30) % 3
    if errors:
        root = rng.normal(0, 0.4, (30, n_features, n_features))
        x_err = root @ np.swapaxes(root, 1, 2) + 0.05 * np.eye(n_features)
    if gaps and n_features > 1:
        x[[2, 7, 8], [0, 1, 1]] = np.nan
    if unlabelled:
        labels[[4, 11]] = None
    return Data(x, labels, x_err=x_err)


def random_theta(target, size=2, seed=1):
    return target.parameters.sample_prior(np.random.default_rng(seed), size)


def populations_of(values, n_features, parts):
    """Mean and covariance of each class or component."""
    found = []
    for k in range(parts):
        mean, sd = np.atleast_1d(values["x_mean"][k]), values["x_sd"]
        own = sd[k] if np.ndim(sd) == np.ndim(values["x_mean"]) else sd
        correlation = np.eye(n_features)
        if n_features > 1:
            r = values["x_corr"]
            lower = np.tril_indices(n_features, -1)
            correlation[lower] = correlation[lower[::-1]] = r[k] if r.ndim == 2 else r
        found.append((mean, correlation * np.outer(own, own)))
    return found


def log_densities(data, pieces):
    """ln N(x̂_i; μ_k, Σ_k + S_i) over the features that are there, (N, K)."""
    errors = data.x_cov()
    table = np.empty((len(data), len(pieces)))
    for i, row in enumerate(data.x):
        known = np.isfinite(row)
        block = np.ix_(known, known)
        for k, (mean, cov) in enumerate(pieces):
            total = cov[block] if errors is None else cov[block] + errors[i][block]
            table[i, k] = multivariate_normal.logpdf(row[known], mean[known], total)
    return table


CASES = [
    (n_features, shared, options)
    for n_features in (1, 2, 3)
    for shared in (False, True)
    for options in ({}, {"errors": False}, {"errors": False, "gaps": False, "unlabelled": False}, {"gaps": False})
]


@pytest.mark.parametrize(("n_features", "shared", "options"), CASES)
def test_class_densities_equal_scipy(n_features, shared, options):
    data = measured(n_features, **options)
    target = ClassModel(shared_covariance=shared).target(data)
    theta = random_theta(target)
    joint, terms = target.log_prob(theta) - target.log_prior(theta), target.log_likelihood(theta)
    population = target.log_population(theta)
    for w in range(len(theta)):
        values = {name: array[w] for name, array in target.parameters.unpack(theta).items()}
        table = log_densities(data, populations_of(values, n_features, 3)) + np.log(values["class_fraction"])
        chosen = [None if label is None else data.classes.index(label) for label in data.labels]
        rows = [table[i, k] if k is not None else logsumexp(table[i]) for i, k in enumerate(chosen)]
        conditional = [table[i, k] - logsumexp(table[i]) for i, k in enumerate(chosen) if k is not None]
        # densities of random parameters reach thousands
        np.testing.assert_allclose(joint[w], sum(rows), rtol=1e-11)
        np.testing.assert_allclose(terms[w], conditional, rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(population[w], logsumexp(table, axis=1).sum(), rtol=1e-11)


def test_moments_of_exact_rows_stand_for_all_of_them():
    data = measured(3, errors=False, gaps=False, unlabelled=False)
    fast = ClassModel().target(data)
    plain = ClassModel().target(data.replace(x_err=1e-30))
    theta = random_theta(fast, 20)
    slow = ClassTarget(plain.data, fast.parameters, fast.model, classes=fast.classes)
    np.testing.assert_allclose(fast.log_prob(theta), slow.log_prob(theta), rtol=1e-10)


@pytest.mark.parametrize("options", [{}, {"errors": False, "gaps": False}])
def test_classes_one_by_one_are_the_whole(options):
    """The product of the parts and of the Dirichlet posterior of the fractions, up to a constant."""
    target = ClassModel().target(measured(2, unlabelled=False, **options))
    theta = random_theta(target, 12)
    z = target.walked(theta)
    parts = sum(part.log_density(z[:, [target.names.index(name) for name in part.names]]) for part in target.factors())
    columns = [target.names.index(f"class_fraction[{label}]") for label in target.classes[:-1]]
    shares = theta[:, columns]
    shares = np.column_stack([shares, 1 - shares.sum(axis=1)])
    # ten rows a class, a flat Dirichlet, and the Jacobian of the walking coordinates of K shares, Π v
    constant = target.log_density(z) - parts - (10 + 1) * np.log(shares).sum(axis=1)
    np.testing.assert_allclose(constant, constant[0], rtol=0, atol=1e-7)


def test_classes_that_share_anything_are_sampled_together():
    complete = measured(2, unlabelled=False)
    assert len(ClassModel().target(complete).factors()) == 3
    assert ClassModel(shared_covariance=True).target(complete).factors() == []
    assert ClassModel().target(measured(2)).factors() == []


@pytest.mark.parametrize("n_features", [1, 2, 3])
@pytest.mark.parametrize("n_components", [1, 2, 3])
def test_mixture_densities_equal_scipy(n_features, n_components):
    data = measured(n_features).replace(y=None)
    target = MixtureModel(n_components).target(data)
    theta = random_theta(target)
    terms, shares = target.log_likelihood(theta), target.class_probabilities(theta, data)
    for w in range(len(theta)):
        values = {name: array[w] for name, array in target.parameters.unpack(theta).items()}
        if n_components == 1:
            values = {name: array[None] for name, array in values.items()} | {"x_weight": np.ones(1)}
        table = log_densities(data, populations_of(values, n_features, n_components)) + np.log(values["x_weight"])
        np.testing.assert_allclose(terms[w], logsumexp(table, axis=1), rtol=1e-9, atol=1e-9)
        expected = np.exp(table - logsumexp(table, axis=1, keepdims=True))
        np.testing.assert_allclose(shares[w], expected, rtol=1e-8, atol=1e-10)
    total = target.log_prior(theta) + terms.sum(axis=1)
    np.testing.assert_allclose(target.log_prob(theta), total, rtol=1e-12)


def test_a_missing_feature_is_integrated_over():
    """p(k | x̂ without one) is the mean of p(k | x̂) over what that one might have been measured as."""
    target = ClassModel().target(measured(2, gaps=False))
    theta = random_theta(target, 1)
    row = Data(np.array([[0.4, np.nan]]), x_err=np.array([[0.3, 0.3]]))
    found = target.class_probabilities(theta, row)[0, 0]
    grid = np.linspace(-60, 60, 24001)
    filled = Data(np.column_stack([np.full(len(grid), 0.4), grid]), x_err=np.full((len(grid), 2), 0.3))
    density = np.exp(target.log_feature_density(theta, filled)[0])
    expected = density @ target.class_probabilities(theta, filled)[0] / density.sum()
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("model", [ClassModel(), MixtureModel(2)])
def test_simulated_features_follow_the_density(model):
    """One feature, every row with its own error: the distribution function at each draw is uniform."""
    rng = np.random.default_rng(8)
    x_err = rng.uniform(0.1, 1.0, 2000)
    data = Data(rng.normal(0, 1, 2000), np.array(["a", "b"] * 1000), x_err=x_err)
    target = model.target(data)
    theta = random_theta(target, 1, seed=4)[0]
    values = {name: array[0] for name, array in target.parameters.unpack(theta[None]).items()}
    drawn = model.simulate(theta, data, seed=9)
    share = values.get("class_fraction", values.get("x_weight"))
    widths = np.hypot(values["x_sd"], x_err[:, None])
    uniform = norm.cdf(drawn.x, values["x_mean"], widths) @ share
    assert kstest(uniform, "uniform").pvalue > 1e-3
    if isinstance(model, ClassModel):
        own = np.array([data.classes.index(label) for label in drawn.labels])
        seen = np.mean(own)
        assert abs(seen - share[1]) < 4 * np.sqrt(share[0] * share[1] / 2000)
        rows = np.arange(2000)
        within = norm.cdf(drawn.x[:, 0], values["x_mean"][own], widths[rows, own])
        assert kstest(within, "uniform").pvalue > 1e-3


@pytest.mark.parametrize(
    ("prior", "is_warned"),
    [
        ({}, False),
        ({"x_mean": priors.Uniform(-9, 9)}, True),
        ({"x_mean": priors.Normal(0, 9)}, False),
        ({"x_mean": {0: priors.Uniform(-9, 0), 1: priors.Uniform(0, 9)}}, False),
    ],
)
def test_components_that_nothing_tells_apart_are_warned_of(prior, is_warned):
    rows = Data(np.linspace(-4, 4, 20))
    findings = audit(MixtureModel(2, priors=prior).target(rows))
    assert any("nothing tells them apart" in finding.text for finding in findings if finding.suspicious) == is_warned
