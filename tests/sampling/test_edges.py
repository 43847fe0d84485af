"""Chains that never were in a tail are found out by small steps from where they end; right draws never are."""

from functools import partial

import numpy as np
import pytest
from toys import Normal, Toy, banana, correlated, half_normal

from bayesfit.sampling import driver
from bayesfit.sampling.edges import cost, restless
from bayesfit.sampling.ensemble import Ensemble


def bent(width, n=40_000):
    z0, noise = np.random.default_rng(1).standard_normal((2, n))
    return np.column_stack([z0, z0**2 + width * noise])


def normal(n=40_000):
    return np.random.default_rng(1).multivariate_normal(np.zeros(3), correlated(3), n)


def edged(n=40_000):
    """What `half_normal` looks like in the logarithm of its positive coordinate."""
    z = np.random.default_rng(1).standard_normal((n, 3))
    z[:, 0] = np.log(np.abs(z[:, 0]))
    return z


RIGHT = {
    "normal": (Normal(np.zeros(3), correlated(3)), normal()),
    "banana": (banana, bent(0.1)),
    "thin": (partial(banana, width=0.02), bent(0.02)),
    "edge": (half_normal, edged()),
}


def said(density, z, seed=1):
    target = Toy(density, z.shape[1])
    return restless(target, z, target.log_density(z), np.random.default_rng(seed))


@pytest.mark.parametrize("name", RIGHT)
@pytest.mark.parametrize("seed", range(10))
def test_right_draws_stay_where_they_are(name, seed):
    assert said(*RIGHT[name], seed) == ""


@pytest.mark.parametrize("seed", range(20))
def test_right_draws_of_walkers_that_stay_for_long_stay_where_they_are(seed):
    """A hundred steps of which every twentieth is a new draw: what is far out are a few draws, many times."""
    target, z = Toy(banana, 2), np.repeat(bent(0.1, 1280), 20, axis=0)
    assert restless(target, z, banana(z), np.random.default_rng(seed), covered=True) == ""


@pytest.mark.parametrize("name", ["normal", "banana", "thin"])
@pytest.mark.parametrize("sign", [-1, 1])
def test_draws_without_a_tail_move_into_it(name, sign):
    density, z = RIGHT[name]
    cut = z[sign * z[:, 0] < 1.9]
    assert f"p0 {'above 1.' if sign > 0 else 'below -1.'}" in said(density, cut)


def test_draws_that_are_all_the_same_say_nothing():
    assert said(lambda z: np.zeros(len(z)), np.zeros((500, 2))) == ""


def test_a_bent_posterior_whose_tail_was_not_reached_is_not_called_converged(monkeypatch):
    asked = []

    def always(target, z, log_density, rng, covered):
        asked.append(len(z))
        return "the tail goes on"

    monkeypatch.setattr(driver, "restless", always)
    run = Ensemble(max_steps=1000).run(Toy(half_normal, 3, spread=3.0), seed=1, progress=False)
    assert asked
    assert not run.converged
    assert "the tail goes on" in run.diagnostics.messages
    assert cost(2) == 2 * 2 * 64 * 50
