"""A polynomial stands in for a sum over many rows only where it is the same, and chains do not notice."""

import numpy as np
import pytest
from toys import Toy

from bayesfit import Data, Model, likelihoods, predictors
from bayesfit.sampling import Ensemble, driver, polynomial
from bayesfit.sampling.polynomial import StandIn, stand_in
from bayesfit.sampling.start import search

N = 20_000


class Many(Toy):
    """A toy that says it is a sum over many rows, and counts what it is asked."""

    n_rows = N
    adds_rows = True
    n_asked = 0

    def log_density(self, z):
        self.n_asked += len(z)
        return super().log_density(z)


def _skewed(z):
    """What N rows make of a density whose logarithm is not a polynomial: -N (e^u - u) for each u = z / √N."""
    u = z / np.sqrt(N)
    return -N * (np.exp(u) - u).sum(axis=1)


def _case(name):
    rng, n = np.random.default_rng(3), N
    x, errors = rng.standard_normal((n, 2)), rng.uniform(0.2, 0.6, n)
    eta = 1 + x @ [0.5, -1.0]
    wide = eta + np.hypot(errors, 0.3) * rng.standard_normal(n)
    line = predictors.Linear()
    if name == "Student t":
        return Model(line, likelihoods.StudentT()), Data(x, eta + errors * rng.standard_t(4, n), y_err=errors)
    if name == "outliers":
        y = eta + errors * rng.standard_normal(n) * np.where(rng.uniform(size=n) < 0.2, 6, 1)
        return Model(predictors.Linear(), likelihoods.OutlierMixture()), Data(x[:, :1], y - eta + x[:, 0], y_err=errors)
    if name == "limits":
        below = wide < 0
        data = Data(x, np.where(below, 0.0, wide), y_err=errors, limits=np.where(below, "upper", ""))
        return Model(line, likelihoods.Gaussian(scatter=True)), data
    return Model(line, likelihoods.Laplace()), Data(x, eta + 0.4 * rng.laplace(size=n))


def _made(density):
    modes = search(density, np.random.default_rng(1)).modes
    return modes, *stand_in(density, modes)


def _points(modes, radius, n=200):
    rng = np.random.default_rng(4)
    direction = rng.standard_normal((n, modes.means.shape[1]))
    direction *= (radius * rng.uniform(0.01, 1, size=n) / np.linalg.norm(direction, axis=1))[:, None]
    return modes.means[0] + direction @ modes.factors[0].T


@pytest.mark.parametrize("name", ["Student t", "outliers", "limits"])
def test_a_polynomial_is_what_the_rows_add_up_to(name):
    target = Model.target(*_case(name))
    modes, found, n_evaluations = _made(target)
    assert isinstance(found, StandIn)
    assert n_evaluations < 3500
    z = _points(modes, np.sqrt(target.n_walked) + 2.9)
    rows = target.log_density(z)
    np.testing.assert_allclose(found.log_density(z), rows, rtol=1e-9, atol=0)
    assert np.abs(found.log_density(z) - rows).max() < 1e-4


def test_outside_of_the_ball_the_density_itself_is_asked():
    target = Many(_skewed, 3)
    modes, found, _ = _made(target)
    z = _points(modes, 40.0)
    before = target.n_asked
    value = found.log_density(z)
    asked = target.n_asked - before
    far = np.linalg.norm(np.linalg.solve(modes.factors[0], (z - modes.means[0]).T), axis=0) > np.sqrt(3) + 3
    assert asked == far.sum() > 100
    np.testing.assert_array_equal(value[far], _skewed(z[far]))
    np.testing.assert_allclose(value, _skewed(z), rtol=1e-9)


def _bump(z):
    """A narrow hill three deviations away, as one very precise row makes it."""
    return _skewed(z) + np.log1p(0.01 * np.exp(-0.5 * ((z[:, 0] - 3) / 0.05) ** 2))


def _step(z):
    return _skewed(z) + np.where(z[:, 0] > 3, -1e-3, 0.0)


def _hole(z):
    return np.where(z[:, 1] > 4, -np.inf, _skewed(z))


@pytest.mark.parametrize("density", [_bump, _step, _hole])
def test_what_is_no_polynomial_is_not_taken_for_one(density):
    assert _made(Many(density, 3))[1] is None


def test_kinks_of_many_rows_are_no_polynomial():
    assert _made(Model.target(*_case("kinks")))[1] is None


def test_nothing_is_made_where_a_density_is_cheap_or_has_a_shorter_way():
    few = Toy(_skewed, 3)
    assert _made(few)[1:] == (None, 0)
    _, data = _case("limits")
    line = Data(data.x, np.where(data.y == 0, 0.1, data.y), y_err=0.3)
    assert _made(Model(predictors.Linear(), likelihoods.Gaussian(scatter=True)).target(line))[1:] == (None, 0)


def test_more_coefficients_than_are_worth_it():
    assert _made(Many(_skewed, 20))[1:] == (None, polynomial.CHECKED)


def test_chains_do_not_notice():
    exact, target = Toy(_skewed, 3, spread=3.0), Many(_skewed, 3, spread=3.0)
    plain = Ensemble().run(exact, seed=1, progress=False)
    run = Ensemble().run(target, seed=1, progress=False)
    assert run.converged
    assert target.n_asked < 0.5 * run.n_evaluations
    # the error of 1e-9 of a log density of 6e4
    np.testing.assert_allclose(run.log_density, _skewed(run.z.reshape(-1, 3)).reshape(run.log_density.shape), atol=1e-4)
    np.testing.assert_allclose(run.chains.mean(axis=(0, 1, 2)), plain.chains.mean(axis=(0, 1, 2)), atol=0.06)
    np.testing.assert_allclose(run.chains.std(axis=(0, 1, 2)), plain.chains.std(axis=(0, 1, 2)), rtol=0.05)


class Interrupted(Many):
    """Interrupts at a call; ``at=None`` never does."""

    def __init__(self, at=None):
        super().__init__(_skewed, 3, spread=3.0)
        self.at, self.calls = at, 0

    def natural(self, z):
        self.calls += 1
        if self.calls == self.at:
            raise KeyboardInterrupt
        return super().natural(z)


def test_a_resumed_run_walks_on_the_same_polynomial(tmp_path):
    path, settings = tmp_path / "run", Ensemble(target_ess=20_000)
    whole = settings.run(Interrupted(), seed=1, progress=False)
    part = settings.run(Interrupted(at=3), seed=1, progress=False, checkpoint=path)
    assert part.interrupted
    resumed = settings.run(Interrupted(), seed=1, progress=False, checkpoint=path)
    assert not resumed.interrupted
    np.testing.assert_array_equal(resumed.z, whole.z)
    np.testing.assert_array_equal(resumed.log_density, whole.log_density)
    assert resumed.n_evaluations == whole.n_evaluations


def test_moves_are_learnt_again_on_the_density_itself(monkeypatch):
    """So that a run which is resumed after that walks on the same."""
    asked, relearn = [], driver.relearn

    def recorded(workers, course):
        before = workers.target.n_asked
        relearn(workers, course)
        asked.append(workers.target.n_asked - before)

    monkeypatch.setattr(driver, "relearn", recorded)
    monkeypatch.setattr(driver, "_relearns", lambda settings, course, *_: course.n_restarts == 0)
    run = Ensemble(target_ess=20_000).run(Many(_skewed, 3, spread=3.0), seed=1, progress=False)
    assert run.converged
    # every step of all 256 walkers
    assert len(asked) == 1
    assert asked[0] > 256 * 40
