"""Fits that walk in the scatter alone: the same posterior, judged, stored and predicted from as any other."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from closed_forms import log_evidence, moments_over_scatter
from scipy.special import logsumexp

import bayesfit as bf
from bayesfit import Data, Model, priors
from bayesfit.errors import SamplingError
from bayesfit.likelihoods import Gaussian
from bayesfit.loo.refits import SMALL_ERROR, hold_out
from bayesfit.predictors import Linear
from bayesfit.sampling import Ensemble, checkpoint, course
from bayesfit.targets import RegressionTarget

SCATTERED = Model(Linear(), Gaussian(scatter=True))
SCATTERS = np.geomspace(1e-9, 50, 500)


def _rows(n_rows, n_features, *, errors=True, shift=0.0):
    rng = np.random.default_rng([n_rows, n_features])
    x = rng.standard_normal((n_rows, n_features))
    x[:, 1:] += 0.4 * x[:, :1]
    y_err = np.exp(rng.normal(-0.5, 0.5, n_rows))
    y = 0.5 + x @ np.linspace(-1, 1, n_features) + 0.7 * rng.standard_normal(n_rows)
    if errors:
        y = y + y_err * rng.standard_normal(n_rows)
    return Data(x + shift, y, y_err=y_err if errors else None)


def _agrees(posterior, mean, sd):
    """Within four Monte Carlo errors; the fourth moment of a normal distribution for the sd."""
    chains = posterior.chains.reshape(-1, len(posterior.names))
    ess = np.array([posterior.diagnostics.ess[name] for name in posterior.names])
    assert (np.abs(chains.mean(axis=0) - mean) < 4 * sd / np.sqrt(ess)).all()
    # the scatter's tail is a little heavier than a normal one
    assert (np.abs(chains.std(axis=0) / sd - 1) < 4 * np.sqrt(1.0 / ess)).all()


@pytest.mark.parametrize(("n_rows", "n_features", "errors"), [(200, 10, True), (15, 1, False), (1000, 3, True)])
def test_the_posterior_is_that_of_numerical_integration_over_the_scatter(n_rows, n_features, errors):
    """Ten features and scatter as in the benchmarks; so few rows that the scatter is skew; more rows than a table's."""
    data = _rows(n_rows, n_features, errors=errors)
    posterior = SCATTERED.fit(data, seed=1, progress=False)
    assert posterior.diagnostics.converged
    assert posterior.provenance["walked"] == ["scatter"]
    assert posterior.chains.shape[-1] == n_features + 2
    _agrees(posterior, *moments_over_scatter(posterior.target, SCATTERS))


def test_the_posterior_is_that_of_the_walk_in_everything(monkeypatch):
    data = _rows(20, 2, shift=2000.0)
    integrated = SCATTERED.fit(data, seed=1, progress=False)
    monkeypatch.setattr(RegressionTarget, "_marginal", None)
    plain = SCATTERED.fit(data, seed=2, progress=False)
    assert plain.provenance["walked"] == list(plain.names)
    one, other = integrated.summary(), plain.summary()
    error = np.hypot(one["mcse_mean"], other["mcse_mean"])
    assert (np.abs(one["mean"] - other["mean"]) < 4 * error).all()
    assert np.abs(one["sd"] / other["sd"] - 1).max() < 0.1


def test_every_parameter_is_judged_from_its_own_chains():
    posterior = SCATTERED.fit(_rows(60, 3), seed=3, progress=False)
    found = posterior.diagnostics
    for by_name in (found.rhat, found.ess, found.ess_tail, found.tau):
        assert tuple(by_name) == posterior.names
    again = bf.diagnostics.diagnose(
        posterior.chains,
        np.zeros(posterior.chains.shape[:3]) + np.arange(posterior.chains.shape[2]),
        posterior.names,
        np.full(posterior.chains.shape[::2][:2], found.acceptance),
    )
    # what is drawn anew at every step is worth nearly a sample each
    assert again.ess == found.ess
    assert min(found.ess[name] for name in posterior.names[:-1]) > 0.5 * posterior.chains[..., 0].size


def test_stored_densities_are_those_of_the_completed_draws(tmp_path):
    posterior = SCATTERED.fit(_rows(60, 3), seed=4, progress=False)
    theta = posterior.to_array()
    stored = posterior.tree["sample_stats"]["lp"].to_numpy().ravel()
    # the sampler's coordinate is ln s
    np.testing.assert_allclose(stored, posterior.target.log_prob(theta) + np.log(theta[:, -1]), rtol=1e-9)
    posterior.save(tmp_path / "fit.nc")
    back = bf.load(tmp_path / "fit.nc")
    assert back.target.walked_names == ("scatter",)
    np.testing.assert_array_equal(back.to_array(), theta)
    assert back.summary().equals(posterior.summary())


def test_the_draws_do_not_depend_on_the_workers():
    data = _rows(60, 3)
    alone = SCATTERED.fit(data, seed=5, progress=False)
    with ThreadPoolExecutor(2) as pool:
        together = SCATTERED.fit(data, seed=5, progress=False, executor=pool)
    np.testing.assert_array_equal(alone.chains, together.chains)


def test_a_checkpoint_goes_on_and_is_not_mistaken_for_one_of_another_walk(tmp_path, monkeypatch):
    data, short = _rows(60, 3), Ensemble(steps=60)
    monkeypatch.setattr(checkpoint, "WAIT", 0.0)
    whole = SCATTERED.fit(data, sampler=short, seed=6, progress=False)
    for name in ("integrated", "plain"):
        fitted = SCATTERED.fit(data, sampler=short, seed=6, progress=False, checkpoint=tmp_path / name)
        monkeypatch.setattr(RegressionTarget, "_marginal", None)
    assert fitted.provenance["walked"] == list(fitted.names)
    with pytest.raises(SamplingError, match="belongs to another run: walked parameters"):
        SCATTERED.fit(data, sampler=short, seed=6, progress=False, checkpoint=tmp_path / "integrated")
    monkeypatch.undo()
    with pytest.raises(SamplingError, match="belongs to another run: walked parameters"):
        SCATTERED.fit(data, sampler=short, seed=6, progress=False, checkpoint=tmp_path / "plain")
    again = SCATTERED.fit(data, sampler=short, seed=6, progress=False, checkpoint=tmp_path / "integrated")
    np.testing.assert_array_equal(again.chains, whole.chains)


@pytest.mark.parametrize("shape", ["mapping", "vector", "walkers"])
def test_a_start_speaks_of_all_parameters(shape):
    centre = np.array([0.5, -1.0, 0.0, 1.0, 0.7])
    names = ("intercept", "slope[x0]", "slope[x1]", "slope[x2]", "scatter")
    walkers = centre * np.random.default_rng(1).uniform(0.8, 1.2, (128, 5))
    start = {"mapping": dict(zip(names, centre, strict=True)), "vector": centre, "walkers": walkers}[shape]
    sampler = Ensemble(n_ensembles=2, n_walkers=64, start=start, steps=200)
    posterior = SCATTERED.fit(_rows(60, 3), sampler=sampler, seed=7, progress=False)
    assert posterior.names == names
    assert posterior.diagnostics.converged
    with pytest.raises(SamplingError, match="start has no value for scatter"):
        SCATTERED.fit(_rows(60, 3), sampler=Ensemble(start=dict.fromkeys(names[:-1], 0.0)), progress=False)
    outside = Ensemble(start=[*centre[:-1], -1.0])
    with pytest.raises(SamplingError, match=r"scatter lies outside its prior's support .* \(value -1\)"):
        SCATTERED.fit(_rows(60, 3), sampler=outside, progress=False)


def test_many_coefficients_cost_no_more_steps():
    """The walk in 27 parameters took 535,000 evaluations of such data, and 60 of them were refused."""
    for n_features in (25, 60):
        posterior = SCATTERED.fit(_rows(400, n_features), seed=8, progress=False)
        assert posterior.diagnostics.converged
        assert posterior.provenance["evaluations"] < 60_000
        _agrees(posterior, *moments_over_scatter(posterior.target, np.geomspace(0.3, 2, 40)))


def test_chains_that_are_thinned_make_room_for_all_parameters(monkeypatch):
    monkeypatch.setattr(course, "MOST_VALUES", 200_000)
    sampler = Ensemble(n_ensembles=2, n_walkers=64, steps=1000)
    posterior = SCATTERED.fit(_rows(60, 3), sampler=sampler, seed=9, progress=False)
    assert 100_000 < posterior.chains.size <= 200_000


# -- leave-one-out ------------------------------------------------------------------------------------


def _exact_term(target, row):
    """Return ln p(y_i | y_-i) as a ratio of evidences, summed over scatters."""

    def level(some):
        names = [name for name in some.names if name != "scatter"]
        theta = np.zeros((len(SCATTERS), len(some.names)))
        theta[:, -1] = SCATTERS
        return logsumexp([log_evidence(some, each, names) + np.log(each[-1]) for each in theta])

    return level(target) - level(target.without_labels([row]))


def test_leave_one_out_is_that_of_the_evidence():
    """Terms are stored with all coefficients; without any row far out, weighing the draws is enough."""
    posterior = SCATTERED.fit(_rows(60, 2), seed=10, progress=False)
    found = posterior.loo()
    assert found.remedies == {}
    exact = [_exact_term(posterior.target, row) for row in (0, 3, 7)]
    assert found.elpd_i.to_numpy()[[0, 3, 7]] == pytest.approx(np.array(exact), abs=0.05)


def test_a_refit_integrates_what_the_fit_does():
    # a row so far out that no weighing of the draws with it tells what is expected without it
    data = _rows(30, 2)
    y = data.y.copy()
    y[3] += 8.0
    posterior = SCATTERED.fit(data.replace(y=y), seed=10, progress=False)
    target, draws = posterior.target, posterior.to_array().reshape(4, -1, 4)
    (held,) = hold_out(target, [(np.array([3]), np.array([3]))], draws, seed=np.random.SeedSequence(1))
    assert held.messages == ()
    assert held.theta.shape[-1] == 4
    assert held.error[0] < SMALL_ERROR
    assert abs(held.elpd[0] - _exact_term(target, 3)) < 4 * max(held.error[0], 0.005)
    left = target.without_labels([3])
    assert left.walked_names == ("scatter",)
    mean, sd = moments_over_scatter(left, SCATTERS)
    flat = held.theta.reshape(-1, 4)
    # some hundreds of effective draws are asked of a refit
    assert (np.abs(flat.mean(axis=0) - mean) < 5 * sd / np.sqrt(500)).all()


def test_a_refit_may_have_to_walk_in_more_than_the_fit():
    """Without one row the columns depend on each other: only the priors tell the slopes apart."""
    data = _rows(60, 2)
    x = data.x.copy()
    x[:, 1] = x[:, 0]
    x[5, 1] += 2.0
    posterior = SCATTERED.fit(Data(x, data.y, y_err=data.y_err), seed=11, progress=False)
    assert posterior.target.walked_names == ("scatter",)
    assert posterior.target.without_labels([5]).walked_names == posterior.names
    draws = posterior.to_array().reshape(4, -1, 4)
    fold = [(np.array([5]), np.array([5]))]
    (held,) = hold_out(posterior.target, fold, draws, seed=np.random.SeedSequence(2))
    assert held.messages == ()
    assert abs(held.elpd[0] - _exact_term(posterior.target, 5)) < 4 * held.error[0]


def test_priors_that_are_not_normal_still_reach_the_scatter():
    """Only the scatter's prior is left to the walk: a tight one holds it, whatever the labels say."""
    model = Model(Linear(), Gaussian(scatter=True), priors={"scatter": priors.LogNormal(0, 0.01)})
    posterior = model.fit(_rows(60, 3), seed=12, progress=False)
    assert posterior.target.walked_names == ("scatter",)
    _agrees(posterior, *moments_over_scatter(posterior.target, np.geomspace(0.9, 1.1, 400)))
