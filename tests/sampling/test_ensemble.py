import pickle
import warnings
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import emcee
import numpy as np
import pytest
from heldout import ring, two_modes
from toys import Normal, Positive, Toy, banana, bimodal, correlated, fails, funnel, half_normal, nowhere

from bayesfit.errors import BayesfitWarning, SamplingError
from bayesfit.sampling import Ensemble, adaptation, driver, stopping


def _run(target, seed=1, **settings):
    return Ensemble(**settings).run(target, seed=seed, progress=False)


def _normal(d=3, rho=0.9):
    return Toy(Normal(np.zeros(d), correlated(d, rho)), d)


def _error(run, values):
    """Monte Carlo error of the mean of ``values`` (E, S, W), from the spread of the ensembles."""
    return values.mean(axis=(1, 2)).std(ddof=1) / np.sqrt(len(values))


@pytest.mark.parametrize(("d", "efficiency"), [(2, 0.4), (5, 0.3), (12, 0.2)])
def test_a_correlated_normal(d, efficiency):
    run = _run(_normal(d, 0.99))
    assert run.converged, run.diagnostics
    draws = run.z.reshape(-1, d)
    n = min(run.diagnostics.ess.values())
    assert n / len(draws) > efficiency
    # the median of three values of a correlation of 0.99 is one value: five standard errors
    np.testing.assert_array_less(np.abs(draws.mean(axis=0)), 5 / np.sqrt(n))
    np.testing.assert_array_less(np.abs(draws.var(axis=0) - 1), 5 * np.sqrt(2 / n))
    np.testing.assert_allclose(
        run.log_density,
        run.z.dtype.type(1) * Normal(np.zeros(d), correlated(d, 0.99))(draws).reshape(run.log_density.shape),
    )


def test_many_dimensions_are_sampled_from_their_laplace_approximation():
    """A covariance learnt from draws that still drift would leave an acceptance of a few in a hundred."""
    with pytest.warns(BayesfitWarning, match="40 dimensions"):
        run = _run(_normal(40, 0.5), n_ensembles=2)
    assert run.converged, run.diagnostics
    assert run.acceptance.mean() > 0.4
    assert run.z[..., 0].size < 400_000
    np.testing.assert_allclose(run.z.reshape(-1, 40).std(axis=0), 1, atol=0.05)


def test_default_walkers_and_shapes():
    run = _run(_normal())
    ensembles, steps, walkers, d = run.z.shape
    assert (ensembles, walkers, d) == (4, 64, 3)
    assert run.log_density.shape == (4, steps, 64)
    assert run.acceptance.shape == (4, 64)
    assert run.n_evaluations >= 4 * 64 * (steps + run.burn_in)
    assert not run.interrupted
    assert "one maximum" in run.searched


def test_a_fixed_number_of_steps():
    run = _run(_normal(), steps=70, burn_in=30)
    assert (run.n_steps, run.burn_in) == (70, 30)


@pytest.mark.parametrize("burn_in", [0, 1, 24, 55, 56, 80, 200])
def test_burn_in_is_as_said(burn_in):
    assert _run(_normal(), steps=201, burn_in=burn_in).burn_in == burn_in


def test_the_same_seed_gives_the_same_draws():
    one, two, other = (_run(_normal(), seed=seed, steps=60) for seed in (5, 5, 6))
    assert (one.z == two.z).all()
    assert not (one.z == other.z).any()


def test_a_seed_is_recorded_when_none_is_given():
    one = _run(_normal(), seed=None, steps=60)
    assert (_run(_normal(), seed=one.seed, steps=60).z == one.z).all()


def test_ensembles_have_streams_of_their_own():
    z = _run(_normal(), steps=60).z
    assert not (z[0] == z[1]).any()


@pytest.mark.parametrize("pool", [ProcessPoolExecutor, ThreadPoolExecutor])
def test_draws_do_not_depend_on_workers(pool):
    alone = _run(_normal(), steps=60)
    with pool(2) as executor:
        together = Ensemble(steps=60).run(_normal(), seed=1, progress=False, executor=executor)
    assert (alone.z == together.z).all()


def test_progress_is_shown_on_standard_error_only(capsys):
    Ensemble(steps=20, burn_in=0).run(_normal(), seed=1)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "steps" in shown.err


# -- hard shapes: right, or not "converged" -----------------------------------------------------------


def test_separate_modes_get_their_weights():
    run = _run(Toy(bimodal, 3, spread=8))
    share = (run.z[..., 0] > 0).mean(axis=(1, 2))
    assert run.converged
    assert abs(share.mean() - 0.9) < max(5 * share.std(ddof=1) / 2, 0.02)


def test_separate_modes_without_jumps_are_not_converged():
    """Stretch moves never cross: the weights stay what the start made them."""
    run = _run(Toy(bimodal, 3, spread=8), moves=[(emcee.moves.StretchMove(), 1.0)], max_steps=800)
    assert not run.converged


def test_an_edge_in_log_coordinates():
    """E ln x = (ψ(1/2) + ln 2) / 2 and Var ln x = π²/8 for a half-normal x."""
    run = _run(Toy(half_normal, 3, spread=3))
    assert run.converged, run.diagnostics
    values = run.z[..., 0]
    n = min(run.diagnostics.ess.values())
    assert abs(values.mean() + 0.635181) < 5 * np.sqrt(np.pi**2 / 8 / n)
    assert abs(values.std() / np.sqrt(np.pi**2 / 8) - 1) < 0.05


def test_scales_sixteen_decades_apart():
    unit = 10.0 ** np.array([-8, -4, 0, 4, 8])
    run = _run(Toy(Normal(3 * unit, np.diag(unit**2)), 5, spread=30 * unit))
    assert run.converged
    np.testing.assert_allclose(run.z.mean(axis=(0, 1, 2)) / unit, 3, atol=0.06)
    np.testing.assert_allclose(run.z.std(axis=(0, 1, 2)) / unit, 1, atol=0.06)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_banana_is_right_or_not_converged(seed):
    """Mean (0, 1), deviations 1 and √2.01, of which the second hangs on tails that are hard to reach."""
    run = _run(Toy(banana, 2, spread=3), seed=seed)
    deviations = np.array([1, np.sqrt(2.01)])
    mean, sd = run.z.mean(axis=(0, 1, 2)), run.z.std(axis=(0, 1, 2))
    off = np.abs((mean - [0, 1]) / deviations).max(), np.abs(sd / deviations - 1).max()
    assert not run.converged or (off[0] < 0.05 and off[1] < 0.1), off


def test_a_banana_cut_short_is_not_converged():
    run = _run(Toy(banana, 2, spread=3), moves=[(emcee.moves.StretchMove(), 1.0)], steps=400, burn_in=50)
    assert not run.converged


def test_a_funnel_is_not_converged():
    run = _run(Toy(funnel, 8, spread=3), max_steps=800)
    assert not run.converged


def test_stopping_early_is_said():
    run = _run(_normal(), max_steps=40)
    assert run.n_steps + run.burn_in == 40
    assert not run.converged
    assert "raise steps or max_steps" in str(run.diagnostics)


@pytest.mark.parametrize(("burn_in", "d"), [(None, 2), (None, 3), (150, 3)])
def test_a_narrow_mode_far_from_the_rest_gets_its_weight(burn_in, d):
    """Walkers leave it while the density is flattened, and have to find it again."""
    problem = two_modes(6, (0.3, 0.7), (0.1, 1.0), d)
    run = _run(problem, burn_in=burn_in)
    assert run.converged, run.diagnostics
    assert max(problem.errors(run)) < 0.1


def test_a_normal_takes_few_evaluations():
    """A search (30,000 draws), a thousand weights, and four ensembles of 64 walkers for 15 and 40 or 60 steps."""
    run = _run(_normal())
    assert run.converged
    assert min(run.diagnostics.ess.values()) >= 1000
    assert run.burn_in == 15
    assert run.n_evaluations < 48_000


@pytest.mark.parametrize("shape", [banana, half_normal])
def test_what_is_not_normal_is_burnt_in_at_length(shape):
    assert _run(Toy(shape, 2, spread=3), max_steps=600).burn_in > 100


def test_chains_are_short_where_what_was_learnt_covers_the_posterior(monkeypatch):
    short = _run(ring(), seed=1)
    monkeypatch.setattr(adaptation, "covered", lambda *_: None)
    long = _run(ring(), seed=1)
    assert short.converged
    assert long.converged
    assert short.n_steps < 0.8 * long.n_steps


def test_walkers_that_a_user_has_placed_are_not_drawn_anew(monkeypatch):
    def refused(*_):
        raise AssertionError

    monkeypatch.setattr(adaptation, "covered", refused)
    start = 0.1 * np.random.default_rng(1).standard_normal((4, 64, 2))
    assert _run(Toy(banana, 2, spread=3), start=start, max_steps=600).n_steps > 100


def test_chains_that_are_merely_short_go_on(monkeypatch):
    """Twelve parameters at 100 steps: some 30 autocorrelation times, and nothing else is wrong."""
    monkeypatch.setattr(driver, "confirmed", lambda *_: None)
    monkeypatch.setattr(adaptation, "covered", lambda *_: None)
    monkeypatch.setattr(stopping, "RELEARN", (100,))
    run = _run(_normal(12, 0.99), seed=3)
    assert run.converged
    assert run.n_steps > 100
    assert run.burn_in < 200


def test_a_single_ensemble_is_not_converged():
    assert "Only one ensemble" in str(_run(_normal(), n_ensembles=1, steps=300).diagnostics)


# -- settings -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"n_walkers": 33}, "n_walkers=33 is odd"),
        ({"n_walkers": 2}, "n_walkers=2 is below 4"),
        ({"n_walkers": 10.0}, "n_walkers=10.0 is not a whole number"),
        ({"n_ensembles": 0}, "n_ensembles=0"),
        ({"n_ensembles": None}, "n_ensembles=None"),
        ({"steps": 0}, "steps=0"),
        ({"steps": True}, "steps=True"),
        ({"burn_in": -1}, "burn_in=-1"),
        ({"steps": 100, "burn_in": 100}, "burn_in=100 is not below steps=100"),
        ({"burn_in": 300, "max_steps": 200}, "burn_in=300 is not below max_steps=200"),
        ({"target_ess": 0}, "target_ess=0"),
        ({"moves": "stretch"}, "moves='stretch'"),
        ({"moves": []}, "moves is empty"),
        ({"moves": [(emcee.moves.StretchMove(), -1)]}, "weight -1.0 of StretchMove"),
        ({"moves": [("stretch", 1)]}, r"no propose\(\)"),
        ({"moves": [(emcee.moves.DESnookerMove(), 1)]}, "DESnookerMove"),
    ],
)
def test_unusable_settings_are_refused(settings, says):
    with pytest.raises(SamplingError, match=says):
        Ensemble(**settings)


def test_too_few_walkers_for_the_parameters():
    with pytest.raises(SamplingError, match="n_walkers=8 is below 10"):
        _run(_normal(5), n_walkers=8)


@pytest.mark.parametrize("seed", [-1, 1.5, True, "one"])
def test_unusable_seeds_are_refused(seed):
    with pytest.raises(SamplingError, match="seed="):
        _run(_normal(), seed=seed)


def test_many_parameters_warn_and_too_many_are_refused():
    with pytest.warns(BayesfitWarning, match="21 dimensions"):
        _run(_normal(21), steps=5, burn_in=0)
    with pytest.raises(SamplingError, match="51 parameters are too many"):
        _run(_normal(51))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", BayesfitWarning)
        assert _run(_normal(51), n_walkers=104, steps=5, burn_in=0).z.shape[-1] == 51


def test_settings_print_as_their_call():
    assert repr(Ensemble(steps=100)) == "Ensemble(steps=100)"
    assert pickle.loads(pickle.dumps(Ensemble(steps=100))) == Ensemble(steps=100)


# -- starts -------------------------------------------------------------------------------------------


def _positive():
    return Positive(half_normal, 2, spread=1)


@pytest.mark.parametrize("start", [[2.0, 0.5], np.array([2, 1]), {"p0": 2.0, "p1": 0.5}])
def test_a_start_in_natural_units(start):
    run = _run(_positive(), start=start)
    assert run.converged
    assert "start=" in run.searched


def test_every_walker_may_be_given():
    rng = np.random.default_rng(1)
    theta = np.exp(rng.normal(size=(2, 20, 2)))
    flat = _run(_positive(), start=theta.reshape(40, 2), n_ensembles=2, n_walkers=20, steps=1, burn_in=0)
    shaped = _run(_positive(), start=theta, n_ensembles=2, n_walkers=20, steps=1, burn_in=0)
    assert (flat.z == shaped.z).all()
    still = (shaped.acceptance == 0)[:, None, :, None]
    expected = np.stack([np.log(theta[..., 0]), theta[..., 1]], axis=-1)[:, None]
    np.testing.assert_allclose(np.where(still, shaped.z, 0), np.where(still, expected, 0))


@pytest.mark.parametrize(
    ("start", "says"),
    [
        ([-1.0, 0.0], r"p0 lies outside its prior's support for 1 of 1 starting points \(value -1\)"),
        ([1.0, np.nan], "p1 is not finite for 1 of 1"),
        ([1.0], r"start has shape \(1,\)"),
        ({"p0": 1.0}, "no value for p1"),
        ({"p0": 1.0, "p11": 1.0}, "'p11'.*did you mean p1"),
        ("here", "neither numbers nor a mapping"),
        (np.ones((256, 2)), "all walkers have the same p0"),
    ],
)
def test_unusable_starts_are_refused(start, says):
    with pytest.raises(SamplingError, match=says):
        _run(_positive(), start=start)


def test_starts_partly_outside_are_counted():
    theta = np.exp(np.random.default_rng(1).normal(size=(256, 2)))
    theta[:7, 0] = -1
    with pytest.raises(SamplingError, match="7 of 256"):
        _run(_positive(), start=theta)


# -- failures -----------------------------------------------------------------------------------------


def test_a_density_that_is_finite_nowhere():
    with pytest.raises(SamplingError, match="not finite at any"):
        _run(Toy(nowhere, 2))


def test_an_exception_in_the_density_comes_out(capsys):
    with pytest.raises(ZeroDivisionError):
        _run(Toy(fails, 2))
    assert capsys.readouterr().out == ""


def test_a_target_that_cannot_be_pickled():
    target = Toy(lambda z: -0.5 * (z**2).sum(axis=1), 2)
    with (
        ProcessPoolExecutor(1) as executor,
        pytest.raises(SamplingError, match=r"cannot be pickled.*executor=None"),
    ):
        Ensemble().run(target, progress=False, executor=executor)


def test_something_that_is_no_executor():
    with pytest.raises(SamplingError, match=r"no submit\(\)"):
        Ensemble().run(_normal(), progress=False, executor=map)


class _Interrupting(Toy):
    """A normal that is interrupted at a call."""

    def __init__(self, at):
        super().__init__(Normal(np.zeros(2), np.eye(2)), 2)
        self.at, self.calls = at, 0

    def log_density(self, z):
        self.calls += 1
        if self.calls == self.at:
            raise KeyboardInterrupt
        return super().log_density(z)


def test_an_interrupt_keeps_what_there_is():
    run = _run(_Interrupting(1500), steps=5000, burn_in=100)
    assert run.interrupted
    assert not run.converged
    assert 0 < run.n_steps < 5000
    assert "interrupted" in str(run.diagnostics)


def test_an_interrupt_before_anything_was_kept_goes_on():
    with pytest.raises(KeyboardInterrupt):
        _run(_Interrupting(30))


@pytest.mark.calibration
def test_most_fits_converge_and_their_errors_are_as_claimed():
    """60 fits of a normal: false alarms below 5 %, and z-scores of the means of unit width."""
    runs = [_run(_normal(), seed=seed) for seed in range(60)]
    assert sum(not run.converged for run in runs) < 3
    scores = [run.z[..., 0].mean() * np.sqrt(run.diagnostics.ess["p0"]) for run in runs]
    assert 0.6 < np.std(scores) < 1.3
