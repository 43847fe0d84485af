"""Errors of the features do not bias the slope: the population model recovers it, the shortcut does not."""

import numpy as np
import pytest
from dilution import SLOPE, correlated_sizes, noisy_line, selected_line
from particles import FORGOTTEN, Bell, draw

from bayesfit import Data, Model, populations
from bayesfit.likelihoods import Gaussian
from bayesfit.predictors import Linear, Polynomial
from bayesfit.sampling.start import search


def coverage(n_sets, n_features, first_seed):
    """Return in how many data sets of 200 rows the 90 % interval holds the slope, and the mean slopes (n_sets,)."""
    hits, means = 0, []
    for seed in range(first_seed, first_seed + n_sets):
        rng = np.random.default_rng(seed)
        target = Model(Linear(), Gaussian(scatter=True)).target(noisy_line(rng, 200, n_features))
        modes = search(target, rng).modes
        found = draw(target, rng, n=128, start=Bell(modes.means[0], modes.factors[0]))
        assert found.memory < FORGOTTEN
        low, high = found.quantiles(1, [0.05, 0.95])
        hits += low < SLOPE < high
        means.append(found.mean()[1])
    return hits, np.array(means)


def peak(model, data, name="slope", seed=1):
    """Return the parameter's value at the maximum: with thousands of rows that is the posterior's mean too."""
    target = model.target(data)
    return target.natural(search(target, np.random.default_rng(seed)).modes.means)[0, target.names.index(name)]


def mean_and_error(values):
    return np.mean(values), np.std(values, ddof=1) / np.sqrt(len(values))


@pytest.mark.parametrize(("n_features", "n_sets", "least"), [(1, 20, 13), (3, 4, 1)])
def test_intervals_hold_the_slope(n_features, n_sets, least):
    """Fewer than 13 of 20, or none of 4, has a probability below 1/2000 when nine in ten are right."""
    hits, means = coverage(n_sets, n_features, 0)
    assert hits >= least
    mean, error = mean_and_error(means)
    assert abs(mean - SLOPE) < 3 * error + 0.02  # at 200 rows posterior means lie .02 high


@pytest.mark.calibration
@pytest.mark.parametrize("n_features", [1, 3])
def test_intervals_hold_the_slope_as_often_as_they_say(n_features):
    """167 to 193 of 200: 90 % within three standard deviations."""
    hits, means = coverage(200, n_features, 1000)
    mean, error = mean_and_error(means)
    print(f"| {n_features} | {hits} of 200 | {mean:.4f} ± {error:.4f} |")
    assert 167 <= hits <= 193


def test_the_slope_is_recovered_at_any_number_of_rows():
    """The shortcut's answer for the same data is 1.57, and more rows do not help it."""
    data = [noisy_line(np.random.default_rng(seed), 2000) for seed in range(4)]
    mean, error = mean_and_error([peak(Model(Linear(), Gaussian(scatter=True)), one) for one in data])
    assert error < 0.03
    assert abs(mean - SLOPE) < 3 * error
    shortcut = Model(Linear(), Gaussian(scatter=True), population=populations.Flat())
    biased, error = mean_and_error([peak(shortcut, one) for one in data])
    assert biased == pytest.approx(1.572, abs=0.02 + 3 * error)


def test_selection_with_noisy_features():
    """Rows enter only where the measured label is above 0.5: ignoring it flattens the slope."""
    data = [selected_line(np.random.default_rng(seed), 1500, 0.5) for seed in range(3)]
    corrected = Model(Linear(), Gaussian(scatter=True, truncation=(0.5, None)))
    mean = np.mean([peak(corrected, one) for one in data])
    error = 0.052 / np.sqrt(3)  # the posterior's sd of one slope; three values say too little of their own spread
    assert abs(mean - 1.5) < 3 * error
    ignoring = np.mean([peak(Model(Linear(), Gaussian(scatter=True)), one) for one in data])
    assert ignoring < 1.5 - 5 * error


def test_errors_whose_size_goes_with_the_feature():
    """One Gaussian is biased upwards here; three are nearly right."""
    data = correlated_sizes(np.random.default_rng(0), 1500)
    one = peak(Model(Linear(), Gaussian(scatter=True)), data)
    three = Model(Linear(), Gaussian(scatter=True), population=populations.NormalMixture(3))
    better = peak(three, data)
    assert one > 1.8
    assert abs(better - 1.5) < 0.35 * abs(one - 1.5)


def test_missing_features():
    """Two correlated features, a third of one missing where the other is large: both slopes are recovered."""
    slopes = []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        x = rng.standard_normal((1000, 2)) @ np.linalg.cholesky([[1, 0.7], [0.7, 1]]).T
        y = 1 + x @ [2, -1] + 0.5 * rng.standard_normal(1000)
        x[x[:, 1] > 0.4, 0] = np.nan
        model, data = Model(Linear(), Gaussian()), Data(x, y)
        slopes.append([peak(model, data, name) for name in ("slope[x0]", "slope[x1]")])
    mean, error = np.mean(slopes, axis=0), np.std(slopes, axis=0, ddof=1) / np.sqrt(4)
    assert (error < 0.05).all()
    assert (np.abs(mean - [2, -1]) < 3.5 * error).all()


@pytest.mark.calibration
def test_a_parabola_with_noisy_features():
    """The integral over the true features is done for each row: no dilution of the curvature."""
    found = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        true = rng.standard_normal(150)
        y = 1 + 0.5 * true + 0.8 * true**2 + 0.3 * rng.standard_normal(150)
        data = Data(true + 0.4 * rng.standard_normal(150), y, x_err=0.4, y_err=0.3)
        found.append(peak(Model(Polynomial(2), Gaussian()), data, "coefficient[2]"))
    mean, error = mean_and_error(found)
    assert abs(mean - 0.8) < 3 * error
