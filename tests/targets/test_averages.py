"""Averages over normal coordinates, and the expected labels that are made of them: against closed forms."""

import numpy as np
import pytest
from scipy import stats

from bayesfit import Data, Model, likelihoods, populations, predictors
from bayesfit.targets.averages import normal_average


@pytest.mark.parametrize("wave", [0.5, 8.0, 8 * np.pi, 60.0, 32 * np.pi, 101.0])
def test_waves(wave):
    """Also those with a whole number of periods between nodes."""
    found = normal_average(lambda t: np.cos(wave * t[0] + 0.3), 1)
    assert found == pytest.approx(np.cos(0.3) * np.exp(-(wave**2) / 2), abs=1e-9)


@pytest.mark.parametrize("wave", [1.5, 8 * np.pi, 30.0])
def test_waves_of_two_coordinates(wave):
    found = normal_average(lambda t: np.cos(wave * t[0] + 0.3) * np.cos(t[1]), 2)
    assert found == pytest.approx(np.cos(0.3) * np.exp(-(wave**2 + 1) / 2), abs=1e-6)


@pytest.mark.parametrize("rate", [0.1, 3.0, 9.0])
def test_exponentials_reach_far(rate):
    assert normal_average(lambda t: np.exp(rate * t[0]), 1) == pytest.approx(np.exp(rate**2 / 2), rel=1e-4)
    assert normal_average(lambda t: np.exp(0.5 * rate * (t[0] + t[1])), 2) == pytest.approx(
        np.exp(rate**2 / 4), rel=1e-4
    )


def test_kinks_and_jumps():
    assert normal_average(lambda t: np.abs(t[0]), 1) == pytest.approx(np.sqrt(2 / np.pi), abs=4e-4)
    assert normal_average(lambda t: 1.0 * (t[0] > 0.37), 1) == pytest.approx(stats.norm.sf(0.37), abs=0.013)


def test_where_a_function_has_no_value_far_out_nothing_is_lost():
    with np.errstate(invalid="ignore"):
        assert np.isfinite(normal_average(lambda t: np.sqrt(t[0] + 8.0), 1))


@pytest.mark.parametrize("period", [3.0, 0.5])
def test_a_time_that_is_missing_leaves_the_mean_of_a_wave(period):
    rng = np.random.default_rng(1)
    x = rng.uniform(0, 10, 60)
    model = Model(predictors.Fourier(period, 1), likelihoods.Gaussian(), population=populations.Normal())
    target = model.target(Data(x, rng.normal(size=60), x_err=0.8, y_err=0.3))
    values = {"weight[1]": 0.2, "weight[cos1]": 1.0, "weight[sin1]": 0.5, "x_mean": 5.0, "x_sd": 3.0}
    theta = np.array([[values[name] for name in target.names]])
    found = target.predict_mean(theta, Data([4.0, np.nan], x_err=0.8))[0]
    wave, gain = 2 * np.pi / period, 9 / (9 + 0.64)
    for mean, variance, label in ((5 - gain, 9 * (1 - gain), found[0]), (5.0, 9.0, found[1])):
        damped = np.exp(-0.5 * wave**2 * variance)
        assert label == pytest.approx(0.2 + damped * (np.cos(wave * mean) + 0.5 * np.sin(wave * mean)), abs=1e-6)
