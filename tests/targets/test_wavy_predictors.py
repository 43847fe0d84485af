"""A noisy feature of a predictor that oscillates within its error: against dense sums."""

import numpy as np
import pytest
from scipy import stats
from scipy.special import logsumexp

from bayesfit import Data, Model, likelihoods, populations, predictors

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
