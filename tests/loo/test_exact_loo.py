"""Leave-one-out terms against closed forms, and the identity that every refit rests on."""

import numpy as np
import pytest
from scipy.special import logsumexp

from bayesfit import ClassModel, Data, Model, likelihoods, populations, predictors, priors
from bayesfit.loo import hold_out, leave_one_out
from bayesfit.loo.estimate import _Source
from bayesfit.loo.refits import bridge, bridge_error
from bayesfit.results.thinning import theta_of
from bayesfit.sampling import Ensemble

RNG = np.random.default_rng(8)
X = np.linspace(0, 5, 20)
Y = 1 + 2 * X + 0.5 * RNG.normal(size=20)
FLAT = {"intercept": priors.Normal(0, 100), "slope": priors.Normal(0, 100)}


def exact(x, y, cov, sd=100.0):
    """Return ln p(y_i | y_-i) (N,) of a line with normal priors: all labels are jointly normal."""
    design = np.column_stack([np.ones(len(x)), x])
    inverse = np.linalg.inv(cov + sd**2 * design @ design.T)
    variance = 1 / np.diag(inverse)
    residual = (inverse @ y) * variance
    return -0.5 * residual**2 / variance - 0.5 * np.log(2 * np.pi * variance)


def fitted(data, seed=1, model=None):
    model = Model(predictors.Linear(), likelihoods.Gaussian(), priors=FLAT) if model is None else model
    return model.fit(data, seed=seed, progress=False)


@pytest.fixture(scope="module")
def outlying():
    """A label 15 standard errors off, far beyond the end of the line."""
    x, y = X.copy(), 4 * Y
    x[-1], y[-1] = 12.0, 4 * (1 + 2 * 12) + 30.0
    return fitted(Data(x, y, y_err=2.0)), exact(x, y, 4 * np.eye(20))


def test_remedies_give_the_exact_terms_where_psis_does_not(outlying):
    posterior, expected = outlying
    plain, mended = posterior.loo(refits=None), posterior.loo()
    assert plain.warning
    assert not mended.warning
    assert abs(plain.elpd - expected.sum()) > 1
    np.testing.assert_allclose(mended.elpd_i, expected, atol=0.3)
    assert mended.elpd == pytest.approx(expected.sum(), abs=0.4)
    assert set(mended.remedies) == set(np.flatnonzero(plain.pareto_k.to_numpy() > plain.good_k))


def test_a_refit_says_how_far_it_may_be_off(outlying):
    posterior, expected = outlying
    draws = theta_of(posterior.tree["posterior"].to_dataset(), posterior.target.parameters)
    row = np.array([19])
    (held,) = hold_out(posterior.target, [(row, row)], draws, seed=np.random.SeedSequence(3))
    assert held.messages == ()
    assert held.error[0] < 0.5
    assert abs(held.elpd[0] - expected[19]) < 4 * np.hypot(held.error[0], 0.03)


def test_many_doubtful_rows_share_refits(outlying, monkeypatch):
    posterior, _ = outlying
    monkeypatch.setattr("bayesfit.loo.estimate.match_moments", lambda *_: {})
    # five rows for two refits, without another
    shapes = np.sort(posterior.loo(refits=None).pareto_k.to_numpy())
    monkeypatch.setattr("bayesfit.loo.estimate.good_k", lambda _: float(shapes[-6:-4].mean()))
    loo = leave_one_out(posterior.tree, posterior.target, refits=2, seed=np.random.SeedSequence(1))
    assert {"k-fold"} <= set(loo.remedies.values())
    assert len(loo.remedies) == 5


def evidence(x, y, noise, scatter, sd=10.0):
    """Return ln p(y | s) (n,) of a line with normal priors for values of its scatter s (n,)."""
    design = np.column_stack([np.ones(len(x)), x])
    cov = (noise**2 + scatter**2)[:, None, None] * np.eye(len(x)) + sd**2 * design @ design.T
    return normal_log_prob(y, cov)


def normal_log_prob(y, cov):
    root = np.linalg.cholesky(cov)
    white = np.linalg.solve(root, np.broadcast_to(y, (len(cov), len(y)))[..., None])[..., 0]
    log_root = np.log(np.diagonal(root, axis1=1, axis2=2)).sum(axis=1)
    return -0.5 * (white**2).sum(axis=1) - log_root - 0.5 * len(y) * np.log(2 * np.pi)


def test_a_label_that_alone_makes_the_scatter():
    """Without the outlier s lies at its edge: matched draws have k of 0.6 and terms that are one too high."""
    rng = np.random.default_rng(2)
    x, row = rng.uniform(-2, 2, 30), 5
    y = 1 + 0.5 * x + 0.3 * rng.normal(size=30)
    y[row] += 3.5
    given = {"intercept": priors.Normal(0, 10), "slope": priors.Normal(0, 10), "scatter": priors.HalfNormal(5)}
    model = Model(predictors.Linear(), likelihoods.Gaussian(scatter=True), priors=given)
    posterior = fitted(Data(x, y, y_err=0.3), seed=2, model=model)
    grid, rest = np.linspace(1e-4, 12, 2000), np.arange(30) != row
    of_all, of_rest = evidence(x, y, 0.3, grid), evidence(x[rest], y[rest], 0.3, grid)
    prior = -0.5 * (grid / 5) ** 2
    expected = logsumexp(of_all + prior) - logsumexp(of_rest + prior)
    loo = posterior.loo()
    assert loo.elpd_i.to_numpy()[row] == pytest.approx(expected, abs=0.4)
    assert loo.remedies == {row: "refit"}
    matched = posterior.loo(refits=0)
    assert matched.remedies == {row: "moment matching"}
    assert matched.pareto_k.to_numpy()[row] > 0.5


def test_correlated_labels():
    cov = 0.25 * np.exp(-np.abs(X[:, None] - X)) + 0.05 * np.eye(20)
    y = np.random.default_rng(4).multivariate_normal(1 + 2 * X, cov)
    loo = fitted(Data(X, y, y_cov=cov)).loo()
    np.testing.assert_allclose(loo.elpd_i, exact(X, y, cov), atol=0.15)
    assert not loo.warning


def test_blocks_from_the_target_are_the_stored_terms(outlying):
    posterior, _ = outlying
    tree = posterior.tree.copy()
    del tree["log_likelihood"]
    np.testing.assert_allclose(
        _Source(tree, posterior.target).smoothed().elpd, posterior.loo(refits=None).elpd_i, rtol=1e-12
    )


def test_a_limit_that_says_nothing_keeps_its_constant():
    limits = [""] * 19 + ["<"]
    y = np.append(Y[:-1], 1e6)
    loo = fitted(Data(X, y, y_err=0.5, limits=limits)).loo()
    assert loo.elpd_i.to_numpy()[19] == pytest.approx(0, abs=1e-12)
    assert not loo.warning


@pytest.mark.parametrize("shift", [0.0, 2.0, 4.0])
def test_bridge_is_right_where_the_plain_mean_is_not(shift):
    """θ ~ N(0, 1), y = shift ± 0.5: p(y) = N(shift; 0, √1.25)."""
    rng = np.random.default_rng(2)
    without = rng.normal(size=4000)
    given = shift / 1.25 + np.sqrt(0.2) * rng.normal(size=4000)
    found = bridge(*(-2 * (shift - t) ** 2 - 0.5 * np.log(0.5 * np.pi) for t in (without, given)))
    expected = -0.5 * shift**2 / 1.25 - 0.5 * np.log(2.5 * np.pi)
    assert found == pytest.approx(expected, abs=0.12)


LIMITS = [""] * 18 + ["<", ">"]
CASES = {
    "line": (Model(predictors.Linear(), likelihoods.Gaussian(scatter=True)), {"y_err": 0.3}),
    "outliers": (Model(predictors.Linear(), likelihoods.OutlierMixture()), {"y_err": 0.3}),
    "limits": (Model(predictors.Linear(), likelihoods.Gaussian()), {"y_err": 0.3, "limits": LIMITS}),
    "noisy": (Model(predictors.Linear(), likelihoods.Gaussian(scatter=True)), {"y_err": 0.3, "x_err": 0.2}),
    "noisy mixture": (
        Model(predictors.Linear(), likelihoods.Gaussian(scatter=True), population=populations.NormalMixture(2)),
        {"y_err": 0.3, "x_err": 0.2},
    ),
    "correlated": (
        Model(predictors.Linear(), likelihoods.Gaussian(scatter=True)),
        {"y_cov": 0.1 * np.exp(-np.abs(X[:, None] - X)) + 0.05 * np.eye(20)},
    ),
    "logistic": (Model(predictors.Linear(), likelihoods.Bernoulli()), {"y": (Y > 6).astype(int)}),
    "noisy logistic": (Model(predictors.Linear(), likelihoods.Bernoulli()), {"y": (Y > 6).astype(int), "x_err": 0.2}),
    "classes": (ClassModel(), {"y": np.where(Y > 6, "far", "near")}),
}


#: refits that take long: every so many rows only
EVERY = {"noisy mixture": 6, "noisy logistic": 6}


@pytest.mark.parametrize("name", CASES)
def test_a_refit_samples_what_the_terms_say(name):
    """The posterior without a label is the posterior over that label's term, for any θ, up to one constant."""
    model, given = CASES[name]
    data = Data(X, **{"y": Y, **given})
    target = model.target(data)
    theta = target.parameters.sample_prior(np.random.default_rng(3), 12)
    for row in (0, 19):
        difference = target.log_prob(theta) - target.log_likelihood(theta)[:, row]
        rest = target.without_labels([row]).log_prob(theta)
        usable = np.isfinite(difference) & np.isfinite(rest)
        assert usable.sum() > 5
        gap = (rest - difference)[usable]
        np.testing.assert_allclose(gap, gap[0], rtol=1e-6, atol=1e-6 * (1 + np.abs(rest[usable]).max()))


@pytest.mark.calibration
@pytest.mark.parametrize("name", CASES)
def test_loo_is_exact_leave_one_out(name):
    """Rows once more by a refit, all of them or some where that takes long: within four combined errors."""
    model, given = CASES[name]
    posterior = model.fit(Data(X, **{"y": Y, **given}), seed=2, progress=False)
    draws = theta_of(posterior.tree["posterior"].to_dataset(), posterior.target.parameters)
    places = np.arange(0, posterior.target.n_rows, EVERY.get(name, 1))
    folds = [(np.array([row]), np.array([row])) for row in posterior.target.term_rows[places]]
    sampler = Ensemble(target_ess=1000 if name in EVERY else 2000)
    held = hold_out(posterior.target, folds, draws, seed=np.random.SeedSequence(5), sampler=sampler)
    loo, size = posterior.loo(), len(posterior.to_array())
    for found, each in zip(loo.elpd_i.to_numpy()[places], held, strict=True):
        spread = np.sqrt(max(float(loo.p), 1.0) / size)
        assert abs(found - each.elpd[0]) < 4 * np.hypot(each.error[0], 5 * spread)


@pytest.mark.parametrize("label", [0.5, 3.0, 6.0, 9.0])
def test_a_bridge_knows_how_far_it_may_be_off(label):
    """A normal parameter, a label with an error of one, and a hundred pairs of samples: z scores have unit variance."""
    exact = -0.25 * label**2 - 0.5 * np.log(4 * np.pi)
    scores = []
    for seed in range(100):
        rng = np.random.default_rng(seed)
        without, given = rng.normal(size=1000), label / 2 + rng.normal(size=1500) / np.sqrt(2)
        terms = [-0.5 * (label - t) ** 2 - 0.5 * np.log(2 * np.pi) for t in (without, given)]
        found = bridge(*terms)
        scores.append((found - exact) / bridge_error(*terms, found))
    # a variance from a hundred scores has an error of 0.14
    assert 0.6 < np.var(scores) < 1.5
    assert abs(np.mean(scores)) < 0.4
