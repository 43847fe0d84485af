"""The sampler that judges calibration, against posteriors that are known."""

import numpy as np
import pytest
from particles import Bell, draw
from scipy.stats import kstest, norm

from bayesfit import Data, Model, likelihoods, priors
from bayesfit.predictors import Linear


class Peaks:
    """Σ_k w_k N(c_k, s_k) in two dimensions that walk as they are, under a wide normal prior that is ignored."""

    def __init__(self, centres, widths, weights):
        self.centres, self.widths, self.weights = map(np.asarray, (centres, widths, weights))

    def log_density(self, z):
        each = norm.logpdf(z[:, None], self.centres, self.widths[:, None]).sum(axis=2)
        return np.logaddexp.reduce(each + np.log(self.weights), axis=1)

    def natural(self, z):
        return z


@pytest.mark.parametrize("sd", [1.0, 1e-4])
def test_a_line_with_known_errors(sd):
    """The posterior is normal in closed form; with errors of 1e-4 it is a needle in its prior."""
    x = np.linspace(-1, 2, 12)
    design = np.column_stack([np.ones(12), x])
    y = 0.3 - 0.7 * x + sd * np.random.default_rng(1).standard_normal(12)
    given = {"intercept": priors.Normal(0, 1), "slope": priors.Normal(0, 1)}
    target = Model(Linear(), likelihoods.Gaussian(), priors=given).target(Data(x, y, y_err=sd))
    cov = np.linalg.inv(design.T @ design / sd**2 + np.eye(2))
    mean = cov @ design.T @ y / sd**2
    found = draw(target, np.random.default_rng(2))
    for column in range(2):
        score = (found.theta[:, column] - mean[column]) / np.sqrt(cov[column, column])
        assert kstest(score, "norm").pvalue > 1e-3
    assert np.corrcoef(found.history.T)[0, 1] == pytest.approx(cov[0, 1] / np.sqrt(cov[0, 0] * cov[1, 1]), abs=0.05)


def test_two_peaks_keep_their_shares():
    peaks = Peaks([[-3.0, 0.0], [3.0, 1.0]], [0.5, 1.0], [0.3, 0.7])
    found = draw(peaks, np.random.default_rng(1), n=2000, start=Bell(np.zeros(2), 4 * np.eye(2)))
    left = found.history[:, 0] < 0
    assert left.mean() == pytest.approx(0.3, abs=0.04)
    assert found.history[left].std(axis=0) == pytest.approx(0.5, rel=0.1)
    assert found.history[~left].std(axis=0) == pytest.approx(1.0, rel=0.1)


def test_particles_that_cannot_move_say_so():
    sinking = Peaks([[0.0, 0.0]], [1.0], [1.0])
    levels = iter(range(0, -(10**9), -1000))
    sinking.log_density = lambda z: np.full(len(z), float(next(levels)))
    assert draw(sinking, np.random.default_rng(1), n=64, start=Bell(np.zeros(2), np.eye(2))).memory > 0.99
