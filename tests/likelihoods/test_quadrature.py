"""A noisy feature of a predictor that is curved, jumps or has kinks: against dense sums."""

import numpy as np
import pytest
from scipy import stats
from scipy.special import logsumexp

from bayesfit import Data, Model, likelihoods, populations, predictors, priors
from bayesfit.likelihoods.quadrature import normal_expectation

LAWS = {
    "gaussian": (likelihoods.Gaussian(), {}, lambda y, eta: stats.norm.logpdf(y, eta, 0.1)),
    "student": (
        likelihoods.StudentT(dof=3.0, scatter=False),
        {},
        lambda y, eta: stats.t.logpdf(y, 3.0, eta, 0.1),
    ),
    "laplace": (
        likelihoods.Laplace(),
        {"scale": 0.2},
        lambda y, eta: (
            logsumexp(
                stats.norm.logpdf(STEPS[:, None], 0.0, 0.1) + stats.laplace.logpdf(y, eta + STEPS[:, None], 0.2), axis=0
            )
            + np.log(STEPS[1] - STEPS[0])
        ),
    ),
}
STEPS = np.linspace(-1.0, 1.0, 401)
#: the label, the bend of the parabola, and how far off its nearer side is, in deviations of the true feature
PLACES = [(1.5, 0.7), (12.0, 0.7), (34.0, 0.7), (34.0, 0.21), (-8.0, 0.7), (-40.0, 0.02)]


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize(("label", "bend"), PLACES)
def test_both_sides_of_a_parabola_are_found(law, label, bend):
    likelihood, own, log_density = LAWS[law]
    data = Data([0.4, -1.0], [label, 1.0], x_err=0.3, y_err=0.1)
    target = Model(predictors.Polynomial(2, pivot=0.0), likelihood).target(data)
    values = {"coefficient[0]": 1.0, "coefficient[1]": 0.5, "coefficient[2]": bend, "x_mean": 0.0, "x_sd": 1.8, **own}
    found = target.log_likelihood(np.array([values[name] for name in target.names]))[0]
    gain = 1.8**2 / (1.8**2 + 0.3**2)
    pieces = []
    for start in np.arange(-60.0, 60.0, 0.5):  # a piece at a time: the label's law may be an integral of its own
        t = np.linspace(start, start + 0.5, 251 if law == "laplace" else 4001)
        eta = np.polyval([bend, 0.5, 1.0], gain * 0.4 + 0.3 * np.sqrt(gain) * t)
        terms = stats.norm.logpdf(t) + log_density(label, eta)
        terms[[0, -1]] -= np.log(2.0)
        pieces.append(logsumexp(terms) + np.log(t[1] - t[0]))
    assert found == pytest.approx(logsumexp(pieces), abs=1e-6)


def _first_term(function, label, error, **values):
    """Return ln p of a row of x = -0.1 ± 0.4, with the mean and variance of its true feature."""
    anything = dict.fromkeys(values, priors.Normal(0.0, 9.0))
    model = Model(
        predictors.Function(function), likelihoods.Gaussian(), priors=anything, population=populations.Normal()
    )
    target = model.target(Data([-0.1, 0.6], [label, 1.0], x_err=0.4, y_err=error))
    values |= {"x_mean": 0.1, "x_sd": 1.2}
    gain = 1.2**2 / (1.2**2 + 0.4**2)
    found = target.log_likelihood(np.array([values[name] for name in target.names]))[0]
    return found, 0.1 + gain * (-0.1 - 0.1), 0.4**2 * gain


@pytest.mark.parametrize("label", [3.0, 2.7, 0.2])
def test_a_jump_past_the_label_is_no_peak(label):
    # closed form: the true feature is on one side of the jump or on the other
    found, mean, variance = _first_term(lambda x, a, b: a * (x > b), label, 0.02, a=3.0, b=0.2)
    true = stats.norm(mean, np.sqrt(variance))
    above, below = (stats.norm.logpdf(label, height, 0.02) for height in (3.0, 0.0))
    assert found == pytest.approx(np.logaddexp(true.logsf(0.2) + above, true.logcdf(0.2) + below), abs=1e-6)


@pytest.mark.parametrize("error", [0.05, 0.4])
def test_a_kink(error):
    # closed form: the true feature is positive or negative, and on each side everything is normal
    found, mean, variance = _first_term(lambda x, a: a * np.abs(x), 0.3, error, a=2.0)
    sides = []
    for slope in (2.0, -2.0):
        total = slope**2 * variance + error**2
        centre = mean + slope * variance * (0.3 - slope * mean) / total
        share = stats.norm.logcdf(np.sign(slope) * centre / np.sqrt(variance * error**2 / total))
        sides.append(stats.norm.logpdf(0.3, slope * mean, np.sqrt(total)) + share)
    assert found == pytest.approx(np.logaddexp(*sides), abs=1e-7)


WAVES = {
    "slow": (lambda x: np.sin(2 * x), 1e-3),
    "fast": (lambda x: np.sin(8 * x), 3e-3),
    "on a slope": (lambda x: 3 * x + np.sin(8 * x), 0.01),
    "damped": (lambda x: np.exp(-0.5 * x**2) * np.sin(20 * x), 0.01),
}


@pytest.mark.parametrize("name", WAVES)
def test_no_peak_of_precise_labels_on_a_wave_is_lost(name):
    wave, error = WAVES[name]
    rng, t = np.random.default_rng(5), np.linspace(-9, 9, 600_001)
    x = rng.normal(size=12)
    y, middle = wave(x) + error * rng.normal(size=12), x + rng.normal(size=12)
    data = Data(x, y, y_err=error)

    def eta(nodes, vectors, rows):
        return wave(middle[rows] + nodes)

    found = normal_expectation(likelihoods.Gaussian(), {"none": np.zeros(1)}, eta, data)[0]
    weight = stats.norm.logpdf(t) + np.log(t[1] - t[0])
    dense = [logsumexp(weight + stats.norm.logpdf(y[i], wave(middle[i] + t), error)) for i in range(12)]
    np.testing.assert_allclose(found, dense, rtol=0, atol=2e-5)


def test_waves_do_not_depend_on_what_is_evaluated_beside_them():
    rng = np.random.default_rng(6)
    data = Data(np.zeros(3), [0.1, -0.4, 0.95], y_err=0.02)
    speed, middle = rng.uniform(1, 25, 30), rng.normal(size=30)

    def evaluate(chosen):
        def eta(nodes, vectors, rows):
            own = chosen[vectors][:, None]
            return np.sin(speed[own] * (middle[own] + nodes)) + 0 * rows

        return normal_expectation(likelihoods.Gaussian(), {"none": np.zeros(len(chosen))}, eta, data, None)

    together = evaluate(np.arange(30))
    alone = np.concatenate([evaluate(np.array([i])) for i in range(30)])
    np.testing.assert_allclose(together, alone, rtol=0, atol=1e-6)
