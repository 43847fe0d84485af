"""However few steps are allowed, the end is a posterior and an honest verdict, never an exception."""

from types import SimpleNamespace

import emcee
import numpy as np
import pytest

import bayesfit as bf
from bayesfit import Data, Model, likelihoods, plots, predictors
from bayesfit.diagnostics import Estimates
from bayesfit.sampling import Ensemble, course, driver, stopping

SHORT = [1, 2, 3, 57, 110, 160, 400]


@pytest.fixture(scope="module")
def line():
    rng = np.random.default_rng(1)
    x = np.linspace(0, 10, 30)
    return Data(x, 1 + 2 * x + rng.normal(size=30), y_err=1.0)


def _fit(data, **settings):
    model = Model(predictors.Linear(), likelihoods.Gaussian(scatter=True))
    return model.fit(data, sampler=Ensemble(**settings), seed=1, progress=False)


@pytest.mark.parametrize("max_steps", SHORT)
def test_a_fit_of_few_steps_says_that_it_has_not_converged(line, max_steps):
    posterior = _fit(line, max_steps=max_steps, target_ess=10**9)
    assert not posterior.diagnostics.converged
    steps = posterior.chains.shape[1]
    assert max_steps / 2 <= steps <= max_steps
    assert np.isfinite(posterior.to_array()).all()
    assert "NOT CONVERGED" in str(posterior.diagnostics)


@pytest.mark.parametrize(("max_steps", "asked"), [(135, [135]), (250, [135, 202, 250]), (303, [135, 202, 303])])
def test_chains_are_judged_once_for_as_many_steps(line, max_steps, asked, monkeypatch):
    """Also where steps run out just as a verdict is due."""
    steps, made = [], driver._estimates
    monkeypatch.setattr(driver, "_estimates", lambda *args: (steps.append(args[1].n_steps), made(*args))[1])
    monkeypatch.setattr(stopping, "next_check", lambda n_steps, *_: int(1.5 * n_steps))
    _fit(line, max_steps=max_steps, burn_in=0, target_ess=10**9)
    assert steps == asked


@pytest.mark.parametrize(
    ("times", "n_steps", "n_restarts", "early"),
    [
        (49.0, 250, 0, True),
        (51.0, 250, 0, False),
        (np.nan, 250, 0, True),
        (49.0, 300, 0, False),
        (49.0, 300, 1, True),
        (49.0, 1000, 1, False),
        (49.0, 5000, 3, True),
    ],
)
def test_a_verdict_waits_until_it_may_be_good_or_the_moves_be_learnt_again(times, n_steps, n_restarts, early):
    estimates = SimpleNamespace(times=np.array([times, 80.0]))
    assert stopping.too_early(n_steps, estimates, False, n_restarts) == early


def test_a_verdict_that_waits_estimates_nothing_but_times(line, monkeypatch):
    asked, ess = [], Estimates.ess.func
    monkeypatch.setattr(Estimates, "ess", property(lambda self: (asked.append(self.shape[1]), ess(self))[1]))
    monkeypatch.setattr(stopping, "too_early", lambda *_: True)
    _fit(line, max_steps=303, burn_in=0, target_ess=10**9)
    assert set(asked) == {303}


@pytest.mark.parametrize(("times", "next_one"), [(40.0, 185), (48.0, 155), (10.0, 202), (80.0, 202), (np.nan, 202)])
def test_the_next_verdict_comes_when_the_chains_should_be_long_enough(times, next_one):
    """A tenth more than fifty autocorrelation times; half as many more where these are far, or not what is wrong."""
    estimates = SimpleNamespace(times=np.array([times, times]))
    assert stopping.next_check(135, estimates, False) == next_one


def test_chains_that_are_held_in_part_are_judged_by_the_steps_that_were_walked(line, monkeypatch):
    monkeypatch.setattr(course, "MOST_VALUES", 4 * 64 * 2 * 60)
    posterior = _fit(line, target_ess=30_000, max_steps=600)
    held = posterior.chains.shape[1]
    thin = posterior.diagnostics.n_steps // held
    assert held <= 60
    assert posterior.diagnostics.n_steps == held * thin > 200
    assert min(posterior.diagnostics.tau.values()) >= thin
    assert plots.trace(posterior).axes[0].dataLim.x1 == (held - 1) * thin
    assert plots.autocorrelation(posterior).get_xlim()[1] >= thin


@pytest.mark.parametrize("max_steps", [1, 49, 160])
def test_moves_of_the_user_leave_half_of_the_steps_too(line, max_steps):
    posterior = _fit(line, max_steps=max_steps, moves=[(emcee.moves.StretchMove(), 1.0)])
    assert not posterior.diagnostics.converged
    assert posterior.chains.shape[1] >= max_steps / 2


@pytest.mark.parametrize("steps", [1, 2, 3, 7])
def test_a_fixed_number_of_few_steps(line, steps):
    posterior = _fit(line, steps=steps)
    assert isinstance(posterior, bf.Posterior)
    assert not posterior.diagnostics.converged
