"""A noisy feature of a predictor that oscillates within its error: against dense sums."""

import numpy as np
import pytest
from scipy import stats
from scipy.special import logsumexp

from bayesfit import Data, Model, likelihoods, populations, predictors, priors

N = 40
RNG = np.random.default_rng(1)
X = RNG.uniform(0, 3, N)


def _dense(log_density, wave):
    """Return ln ∫ N(ξ | x̂) p(y | sin(wave ξ)) dξ of each row."""
    t = np.linspace(-9, 9, 200_001)
    weight = stats.norm.logpdf(t) + np.log(t[1] - t[0])
    gain = 1 / 1.09
    return lambda x, y: logsumexp(
        weight + log_density(y, np.sin(wave * (1.5 + gain * (x - 1.5) + np.sqrt(1 - gain) * t)))
    )


@pytest.mark.parametrize(("wave", "error"), [(2, 0.05), (8, 0.01), (20, 0.05), (20, 0.02), (30, 0.1)])
def test_no_period_is_overlooked(wave, error):
    y = np.sin(wave * (X + 0.3 * RNG.standard_normal(N))) + error * RNG.standard_normal(N)
    model = Model(predictors.Fourier(2 * np.pi / wave, 1), likelihoods.Gaussian(), population=populations.Normal())
    target = model.target(Data(X, y, x_err=0.3, y_err=error))
    values = {"weight[1]": 0.0, "weight[cos1]": 0.0, "weight[sin1]": 1.0, "x_mean": 1.5, "x_sd": 1.0}
    found = target.log_likelihood(np.array([values[name] for name in target.names]))
    dense = _dense(lambda label, eta: stats.norm.logpdf(label, eta, error), wave)
    np.testing.assert_allclose(found, [dense(*row) for row in zip(X, y, strict=True)], rtol=0, atol=1e-6)


TIME_MEAN, TIME_SD = 7.3, 6.0
T = np.linspace(-9, 9, 400_001)


@pytest.mark.parametrize("periods", [1.6, 1.78, 2.7, 3.55, 7.11, 14.2])
def test_whole_periods_between_nodes_are_not_taken_for_none(periods):
    """Of a row without a time nothing is known but its label: periods and overtones in one deviation of the times."""

    def wave(x, speed):
        return np.sin(speed * x)

    data = Data([1.0, 2.0, np.nan], [1.0, 2.0, 0.4], x_err=0.1, y_err=0.1)
    model = Model(predictors.Function(wave), likelihoods.Gaussian(), priors={"speed": priors.Uniform(0, 100)})
    target = model.target(data)
    values = {"speed": 2 * np.pi * periods / TIME_SD, "x_mean": TIME_MEAN, "x_sd": TIME_SD}
    found = target.log_likelihood(np.array([values[name] for name in target.names]))[2]
    eta = np.sin(values["speed"] * (TIME_MEAN + TIME_SD * T))
    dense = np.log(np.trapezoid(stats.norm.pdf(T) * stats.norm.pdf(0.4, eta, 0.1), T))
    np.testing.assert_allclose(found, dense, rtol=0, atol=2e-5)


def test_the_chance_of_selection_goes_over_all_periods():
    low, draws = 0.7, np.random.default_rng(5)
    x = draws.normal(20, 10.6, 60)
    y = 1.5 * np.sin(2 * np.pi / 3 * x) + 0.5 * draws.standard_normal(60)
    data = Data(x[y > low], y[y > low], x_err=0.1)
    gaussian = likelihoods.Gaussian(scatter=True, truncation=(low, None))
    target = Model(predictors.Fourier(3.0, 1), gaussian, population=populations.Normal()).target(data)
    free = Model(predictors.Fourier(3.0, 1), likelihoods.Gaussian(scatter=True), population=populations.Normal())
    for x_sd in (10.2, 10.6, 10.67, 12.0):
        values = {"weight[1]": 0.0, "weight[cos1]": 0.0, "weight[sin1]": 1.5, "scatter": 0.5, "x_mean": 20.0}
        theta = np.array([(values | {"x_sd": x_sd})[name] for name in target.names])
        eta = 1.5 * np.sin(2 * np.pi / 3 * (20 + x_sd * T))
        selected = np.log(np.trapezoid(stats.norm.pdf(T) * stats.norm.sf((low - eta) / 0.5), T))
        without = free.target(data)
        joint = without.log_prob(theta) - without.log_prior(theta)
        found = target.log_prob(theta) - target.log_prior(theta)
        np.testing.assert_allclose(found, joint - len(data) * selected, rtol=0, atol=1e-5 * len(data))


@pytest.mark.parametrize("speed", [8 * np.pi, 25.0, 16 * np.pi])
def test_waves_of_two_noisy_features(speed):
    def ripple(x, speed):
        return 1.5 * np.sin(speed * x[0]) * np.cos(x[1])

    data = Data([[1.0, 0.2], [2.0, 0.1], [np.nan, 0.3]], [0.5, 0.3, 0.2], x_err=0.1, names=["u", "v"])
    model = Model(
        predictors.Function(ripple), likelihoods.Gaussian(scatter=True), priors={"speed": priors.Uniform(0, 60)}
    )
    target = model.target(data)
    values = {"speed": speed, "scatter": 0.5, "x_mean[u]": 20.0, "x_mean[v]": 0.2, "x_sd[u]": 1.0, "x_sd[v]": 0.5}
    found = target.log_likelihood(np.array([values.get(name, 0.0) for name in target.names]))[2]
    u, v = np.linspace(-9, 9, 20_001), np.linspace(-9, 9, 401)
    gain = 0.25 / 0.26
    across = np.cos(0.2 + gain * 0.1 + 0.5 * np.sqrt(1 - gain) * v)
    density = stats.norm.pdf(0.2, 1.5 * np.sin(speed * (20 + u))[:, None] * across, 0.5)
    dense = np.log(np.trapezoid(stats.norm.pdf(u) * np.trapezoid(stats.norm.pdf(v) * density, v, axis=1), u))
    np.testing.assert_allclose(found, dense, rtol=0, atol=1e-6)
