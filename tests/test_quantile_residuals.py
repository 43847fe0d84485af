"""Quantile residuals of single rows against laws in closed form."""

import numpy as np
import pytest

from bayesfit import Data, Model, likelihoods, predictors
from bayesfit.quantile_residuals import quantile_residuals


@pytest.fixture(scope="module")
def still():
    """The line y = x with errors of 2, known exactly."""
    data = Data(np.arange(5.0), np.arange(5.0), y_err=2.0)
    return Model(predictors.Linear(), likelihoods.Gaussian()).target(data), np.tile([0.0, 1.0], (50, 1))


def test_distances_in_sd_near_and_far(still):
    target, theta = still
    z = np.array([-40.0, -12.0, -2.5, -1.0, 0.0, 1.0, 2.5, 12.0, 40.0])
    labels = target.data.x[:, 0] + 2.0 * z[:, None]
    r = quantile_residuals(target, theta, target.data, labels)
    np.testing.assert_allclose(r, np.broadcast_to(z[:, None], r.shape), rtol=0.06, atol=0.04)


def test_they_rise_with_the_label_and_the_seed_repeats_them(still):
    target, theta = still
    labels = target.data.x[:, 0] + np.linspace(-30, 30, 400)[:, None]
    r = quantile_residuals(target, theta, target.data, labels, seed=3)
    # one label in 20,000 more or less
    assert np.diff(r, axis=0).min() > -1e-9
    np.testing.assert_array_equal(r, quantile_residuals(target, theta, target.data, labels, seed=3))


def test_infinite_labels_are_infinitely_far(still):
    target, theta = still
    r = quantile_residuals(target, theta, target.data, np.array([np.full(5, -np.inf), np.full(5, np.inf)]))
    np.testing.assert_array_equal(r, [[-np.inf] * 5, [np.inf] * 5])


def test_many_rows_are_taken_in_parts():
    data = Data(np.zeros(3000), np.linspace(-3, 3, 3000), y_err=1.0)
    target = Model(predictors.Linear(), likelihoods.Gaussian()).target(data)
    r = quantile_residuals(target, np.zeros((10, 2)), data, data.y[None])[0]
    np.testing.assert_allclose(r[np.abs(data.y) < 2], data.y[np.abs(data.y) < 2], atol=0.2)
    assert np.abs(r - data.y).mean() < 0.05
