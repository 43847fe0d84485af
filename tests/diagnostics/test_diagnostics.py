import re

import numpy as np
import pytest

from bayesfit.diagnostics import diagnose

NAMES = ("a", "b")


def _perfect(seed, steps=200, walkers=32):
    rng = np.random.default_rng(seed)
    chains = rng.normal(size=(4, steps, walkers, 2))
    return chains, -0.5 * (chains**2).sum(axis=-1), np.full((4, walkers), 0.5)


def _judge(chains, log_density, acceptance):
    return diagnose(chains, log_density, NAMES, acceptance)


def test_independent_draws_pass():
    """False alarms on 100 perfect runs of 200 steps: none is expected, a few would be tolerable."""
    verdicts = [_judge(*_perfect(seed)) for seed in range(100)]
    assert sum(not verdict.converged for verdict in verdicts) <= 3
    sizes = [min(verdict.ess.values()) for verdict in verdicts]
    assert 0.6 < np.median(sizes) / (4 * 200 * 32) < 1.1


def test_ess_of_perfect_draws_is_right():
    verdict = _judge(*_perfect(1, steps=1000))
    for value in verdict.ess.values():
        assert 0.7 < value / (4 * 1000 * 32) < 1.1
    assert verdict.ess.keys() == verdict.rhat.keys() == verdict.tau.keys() == set(NAMES)


def test_many_values_are_judged_by_some_of_them():
    """Twelve parameters of 640 walkers: the estimates use a part of the walkers, and speak of all draws."""
    rng = np.random.default_rng(3)
    chains = rng.normal(size=(4, 300, 160, 12))
    names = tuple("abcdefghijkl")
    verdict = diagnose(chains, -0.5 * (chains**2).sum(axis=-1), names, np.full((4, 160), 0.5))
    assert verdict.converged
    for value in (*verdict.ess.values(), *verdict.ess_tail.values()):
        assert 0.6 < value / (4 * 300 * 160) < 1.15


def test_walkers_that_move_together_are_worth_less():
    """Each walker looks independent in time, but all share nine tenths of their variance."""
    rng = np.random.default_rng(2)
    shared = rng.normal(size=(4, 400, 1, 2))
    chains = np.sqrt(0.9) * shared + np.sqrt(0.1) * rng.normal(size=(4, 400, 32, 2))
    verdict = _judge(chains, rng.normal(size=(4, 400, 32)), np.full((4, 32), 0.5))
    assert max(verdict.ess.values()) < 2.5 * 4 * 400


def _one_ensemble(chains, log_density, acceptance):
    return chains[:1], log_density[:1], acceptance[:1]


def _short(chains, log_density, acceptance):
    return chains[:, :40], log_density[:, :40], acceptance


def _stuck(chains, log_density, acceptance):
    chains[1, :, 3] = chains[1, 0, 3]
    log_density[1, :, 3] = log_density[1, 0, 3]
    acceptance[1, 3] = 0
    return chains, log_density, acceptance


def _low(chains, log_density, acceptance):
    """One walker of 128 wanders in a lesser mode."""
    log_density[1, :, 3] -= 15
    chains[1, :, 3] += 10
    return chains, log_density, acceptance


def _shifted(chains, log_density, acceptance):
    chains[2, ..., 0] += 1
    return chains, log_density, acceptance


def _burning_in(chains, log_density, acceptance):
    chains[..., 0] += 3 * np.exp(-np.arange(200) / 30)[:, None]
    return chains, log_density, acceptance


def _bimodal(chains, log_density, acceptance):
    """Every walker stays in its mode; every ensemble has the same share of both."""
    chains[:, :, ::4, 0] += 10
    return chains, log_density, acceptance


def _spreading(chains, log_density, acceptance):
    """The location is right from the start, the spread is not."""
    chains[..., 1] *= np.linspace(0.7, 1.0, 200)[:, None]
    return chains, log_density, acceptance


def _frozen(chains, log_density, acceptance):
    return chains * 0 + chains[:, :1], log_density * 0 + log_density[:, :1], acceptance * 0


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (_one_ensemble, "Only one ensemble"),
        (_short, "shorter than 50"),
        (_stuck, "1 of 128 walkers hardly moved"),
        (_low, "1 of 128 walkers stayed at a lower log density"),
        (_shifted, "The ensembles disagree about a"),
        (_burning_in, "a still drifts"),
        (_bimodal, "Single walkers disagree about a"),
        (_spreading, "b still drifts"),
        (_frozen, "128 of 128 walkers hardly moved"),
    ],
)
def test_each_failure_is_named(spoil, says):
    verdict = _judge(*spoil(*_perfect(3)))
    assert not verdict.converged
    assert re.search(says, str(verdict)), str(verdict)
    assert str(verdict).startswith("NOT CONVERGED")


def test_a_further_reason_is_kept():
    verdict = _judge(*_perfect(4)).with_message("Interrupted.")
    assert not verdict.converged
    assert verdict.messages == ("Interrupted.",)


def test_fewer_times_may_be_asked_for():
    """Forty independent steps: enough for a posterior of known shape, in nearly all runs; errors are still seen."""
    few = {"least_times": 20}
    verdicts = [diagnose(*_with_names(_perfect(seed, steps=40, walkers=64)), **few) for seed in range(60)]
    assert sum(not verdict.converged for verdict in verdicts) <= 3
    for spoil in (_stuck, _low, _shifted, _bimodal, _frozen, _one_ensemble):
        assert not diagnose(*_with_names(spoil(*_perfect(3, steps=40))), **few).converged
    for size in (0.15, 0.3):
        chains, log_density, acceptance = _perfect(4, steps=40, walkers=64)
        chains[2, ..., 0] += size
        assert not diagnose(*_with_names((chains, log_density, acceptance)), **few).converged


def _with_names(run):
    chains, log_density, acceptance = run
    return chains, log_density, NAMES, acceptance


def test_an_even_density_is_no_sign_of_trouble():
    """Flat priors between walls that the data leave as they are: the log density is the same everywhere."""
    chains = np.random.default_rng(1).uniform(size=(4, 300, 32, 2))
    found = diagnose(chains, np.zeros(chains.shape[:3]), ("a", "b"), np.full((4, 32), 0.5))
    assert found.converged, found
