"""Errors of the features do not bias the weights of a classifier, and its intervals hold the truth."""

import numpy as np
import pytest
from noisy_classes import WEIGHT, noisy_classes
from particles import FORGOTTEN, Bell, draw

from bayesfit import Data, Model, populations
from bayesfit.likelihoods import Bernoulli
from bayesfit.predictors import Linear
from bayesfit.sampling.laplace import climb

N_ROWS = 1000
NEAR = {"intercept": 0.0, "slope": 1.5, "x_weight[0]": 0.5, "x_mean[0]": -0.8, "x_mean[1]": 0.8, "x_mean": 0.0}


def drawn(model, data, rng):
    """Return draws, from one climb onwards, and the column of the weight."""
    target = model.target(data)
    near = target.walked(np.array([[NEAR.get(name, 0.8) for name in target.names]]))
    found = climb(target.log_density, near, np.full(near.shape[1], 3.0))
    start = Bell(found.points[0], np.linalg.cholesky(found.covariances[0]))
    return draw(target, rng, n=128, start=start), target.names.index("slope")


def coverage(n_sets, link, *, two_groups, first_seed, ignoring=False):
    """Return in how many data sets the 90 % interval holds the weight, and the posterior means."""
    hits, means = 0, []
    for seed in range(first_seed, first_seed + n_sets):
        rng = np.random.default_rng(seed)
        data = noisy_classes(rng, N_ROWS, two_groups=two_groups, link=link)
        data = Data(data.x, data.labels) if ignoring else data
        found, slope = drawn(Model(Linear(), Bernoulli(link)), data, rng)
        assert found.memory < FORGOTTEN
        low, high = found.quantiles(slope, [0.05, 0.95])
        hits += low < WEIGHT < high
        means.append(found.mean()[slope])
    return hits, np.mean(means), np.std(means, ddof=1) / np.sqrt(n_sets)


@pytest.mark.parametrize("two_groups", [False, True])
def test_intervals_hold_the_weight(two_groups):
    """Fewer than 4 of 6 has a probability near 1/60 when nine in ten are right; the seeds are fixed."""
    hits, mean, error = coverage(6, "probit", two_groups=two_groups, first_seed=0)
    assert hits >= 4
    assert abs(mean - WEIGHT) < 3 * error + 0.1  # the posterior of a weight leans to large values


@pytest.mark.parametrize("link", ["logit", "probit"])
def test_ignoring_the_errors_halves_the_weight(link):
    hits, mean, _ = coverage(4, link, two_groups=False, first_seed=0, ignoring=True)
    assert hits == 0
    assert mean < 0.6 * WEIGHT


def test_a_flat_population_is_biased_towards_zero():
    rng = np.random.default_rng(3)
    data = noisy_classes(rng, 4 * N_ROWS, two_groups=False)
    found, slope = drawn(Model(Linear(), Bernoulli("probit"), population=populations.Flat()), data, rng)
    assert found.mean()[slope] < 0.8 * WEIGHT


#: a probit weight of 2 is as steep as a logit one of 3.4: with 1000 rows the posterior leans to large values
STEEP = pytest.mark.xfail(reason="81 of 100: the posterior mean is 2.4, its mode 2.1", strict=True)


@pytest.mark.calibration
@pytest.mark.parametrize(
    ("link", "two_groups"),
    [("logit", False), ("logit", True), ("probit", False), pytest.param("probit", True, marks=STEEP)],
)
def test_intervals_hold_the_weight_as_often_as_they_say(link, two_groups):
    """82 to 98 of 100: 90 % within three standard deviations."""
    hits, mean, error = coverage(100, link, two_groups=two_groups, first_seed=1000)
    print(f"| {link}, {'two groups' if two_groups else 'Gaussian'} | {hits} of 100 | {mean:.3f} ± {error:.3f} |")
    assert 82 <= hits <= 98
