"""What measured features say of true ones, against rational arithmetic."""

from fractions import Fraction

import numpy as np
import pytest

from bayesfit import Data, Model, likelihoods, populations, predictors
from bayesfit.populations.base import Features
from bayesfit.populations.gaussians import condition_gaussian


def _solved(matrix, right):
    """Return matrix⁻¹ right by Gauss–Jordan elimination, in fractions."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for j in range(len(rows)):
        rows[j] = [entry / rows[j][j] for entry in rows[j]]
        for i in range(len(rows)):
            if i != j:
                rows[i] = [a - rows[i][j] * b for a, b in zip(rows[i], rows[j], strict=True)]
    return [row[-1] for row in rows]


def _exact(slope, mean, cov, errors, x):
    """Return mean and variance of b·ξ given the features that are there."""
    slope, mean, cov, errors = (np.vectorize(Fraction, otypes=[object])(each) for each in (slope, mean, cov, errors))
    here = np.flatnonzero(~np.isnan(x))
    reach, measured = cov @ slope, np.array([Fraction(x[j]) for j in here], dtype=object)
    both = (cov + errors)[np.ix_(here, here)]
    centre, variance = slope @ mean, slope @ reach
    if here.size:
        weights = np.array(_solved(both.tolist(), reach[here].tolist()), dtype=object)
        centre, variance = centre + weights @ (measured - mean[here]), variance - weights @ reach[here]
    return float(centre), float(variance)


@pytest.mark.parametrize("width", [1e-6, 1.0, 1e4, 1e8])
@pytest.mark.parametrize("gaps", [(), (1,), (0, 2), (0, 1, 2)])
def test_errors_small_beside_the_population_keep_their_digits(width, gaps):
    """The variance that errors leave of η is a difference of numbers that may be 1e16 times as large."""
    rng = np.random.default_rng(2)
    root = width * (np.eye(3) + 0.4 * rng.standard_normal((3, 3)))
    mean, cov, slope = rng.normal(0, width, 3), root @ root.T, np.array([2.0, -0.7, 1.3])
    errors = np.diag([1.0, 0.04, 0.3]) + 0.01
    x = mean + root @ rng.standard_normal(3)
    x[list(gaps)] = np.nan
    # the second row keeps the first from being all there is
    features = Features(Data(np.array([x, mean]), x_err=np.array([errors, errors])), np.ones(3, dtype=bool))
    _, component = condition_gaussian(mean[None, None], cov[None], features)
    found = [float(part[0, 0]) for part in component.project(slope[None, None])]
    expected = _exact(slope, mean, cov, features.error_cov[0], x)
    np.testing.assert_allclose(found[1], expected[1], rtol=1e-11)
    np.testing.assert_allclose(found[0], expected[0], rtol=1e-12, atol=1e-12 * np.abs(slope * mean).sum())


@pytest.mark.parametrize("shift", [2000.0, 2.4e6])
@pytest.mark.parametrize("noisy", [("a",), ("a", "b")])
@pytest.mark.parametrize("population", [populations.Normal(), populations.NormalMixture(2)])
def test_the_origin_of_an_exact_feature_does_not_matter(population, noisy, shift):
    """Years and Julian dates: the same posterior density, prior draws and walk, in shifted parameters."""
    rng = np.random.default_rng(1)
    x, years, y = rng.normal(size=(40, len(noisy))), rng.uniform(0, 10, 40), rng.normal(size=40)
    model = Model(predictors.Linear(), likelihoods.Gaussian(scatter=False), population=population)
    settings = {"x_err": dict.fromkeys(noisy, 0.5), "y_err": 0.3, "names": (*noisy, "year")}
    here, there = (model.target(Data(np.column_stack([x, years + by]), y, **settings)) for by in (0.0, shift))
    theta = here.parameters.sample_prior(np.random.default_rng(2), 50)
    columns, moved = dict(zip(here.names, theta.T, strict=True)), theta.copy()
    for column, name in zip(moved.T, here.names, strict=True):
        if name == "intercept":
            column -= shift * columns["slope[year]"]
        elif name.startswith("x_mean"):
            column -= shift * columns[f"x_slope[{name[-2]}, year]"]
    tolerance = 1e-9 * shift
    np.testing.assert_allclose(there.log_prior(moved), here.log_prior(theta), rtol=0, atol=tolerance)
    np.testing.assert_allclose(there.log_prob(moved), here.log_prob(theta), rtol=1e-6, atol=tolerance)
    drawn = there.parameters.sample_prior(np.random.default_rng(2), 50)
    np.testing.assert_allclose(drawn, moved, rtol=1e-12, atol=tolerance)
    z = there.parameters.unconstrain(drawn)
    np.testing.assert_allclose(z, here.parameters.unconstrain(theta), rtol=1e-6, atol=tolerance)
    np.testing.assert_allclose(there.parameters.constrain(z)[0], drawn, rtol=1e-9, atol=tolerance)


UNITS = [(1.0, 1.0, 1.0), (1e-3, 1e-17, 1e3), (1.0, 1e-8, 1e8)]


@pytest.mark.parametrize("units", UNITS)
def test_units_of_features_change_no_covariance(units):
    """Errors, drawn errors, what the label's error owes to them, and the true features given the measured ones."""
    rng, units = np.random.default_rng(3), np.array(units)
    correlation = np.array([[1.0, 0.8, 0.3], [0.8, 1.0, -0.1], [0.3, -0.1, 1.0]])
    x, x_err = rng.normal(size=(20, 3)), np.tile(0.3 * correlation, (20, 1, 1))
    given = {"y": np.zeros(20), "y_err": 0.5, "xy_cov": np.tile([0.05, 0.1, -0.02], (20, 1))}
    found = []
    for unit in (np.ones(3), units):
        scaled = {**given, "xy_cov": given["xy_cov"] * unit, "x_err": x_err * unit * unit[:, None]}
        features = Features(Data(x * unit, **scaled), np.ones(3, dtype=bool))
        cov = (correlation * unit * unit[:, None])[None]
        component = condition_gaussian(np.zeros((1, 1, 3)), cov, features)[1]
        mean, spread = component.moments(3)
        found.append(
            [
                features.draw_errors(np.random.default_rng(1)) / unit,
                features.label_gain * unit,
                mean / unit,
                spread / (unit * unit[:, None]),
            ]
        )
    for plain, other in zip(*found, strict=True):
        np.testing.assert_allclose(other, plain, rtol=1e-9, atol=1e-12)


def test_drawn_errors_have_their_covariance():
    cov = np.array([[4.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 0.0]])
    features = Features(Data(np.zeros((100_000, 3)), x_err=np.tile(cov, (100_000, 1, 1))), np.ones(3, dtype=bool))
    np.testing.assert_allclose(np.cov(features.draw_errors(np.random.default_rng(1)).T), cov, atol=0.05)
