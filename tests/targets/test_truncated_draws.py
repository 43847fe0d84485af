"""Labels drawn inside a window of selection, however rarely they fall into it: against the truncated laws."""

import numpy as np
import pytest
from scipy import stats

from bayesfit import Data, Model, likelihoods, populations, predictors
from bayesfit.errors import DataError

DRAWS = 2000
#: true features, from those whose labels are hardly ever inside the window to those whose labels always are
X = np.array([-6.0, -1.0, 0.0, 1.2, 5.0])
RNG = np.random.default_rng(1)
FITTED = Data(np.linspace(1.1, 1.3, 20), np.linspace(1.1, 1.3, 20))
NOISY = Data(np.linspace(1.1, 1.3, 20), np.linspace(1.1, 1.3, 20), x_err=0.5)
OWN = {"scatter": 0.5, "outlier_fraction": 0.1, "outlier_mean": 0.0, "outlier_scale": 2.0, "scale": 0.5}
LAWS = {
    likelihoods.Gaussian: lambda eta: stats.norm(eta, 0.5).cdf,
    likelihoods.StudentT: lambda eta: stats.t(3, eta, 0.5).cdf,
    likelihoods.Laplace: lambda eta: stats.laplace(eta, 0.5).cdf,
    likelihoods.OutlierMixture: lambda eta: (
        lambda y: 0.9 * stats.norm(eta, 0.5).cdf(y) + 0.1 * stats.norm(0, np.sqrt(4.25)).cdf(y)
    ),
}


def _drawn(model, fitted, new, **values):
    target = model.target(fitted)
    theta = np.tile([(OWN | values)[name] for name in target.names], (DRAWS, 1))
    return target.predict_observed(theta, new, np.random.default_rng(2))


@pytest.mark.parametrize("window", [(1.0, None), (None, 1.4), (1.0, 1.4)])
@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_labels_have_the_truncated_law(law, window):
    settings = {"dof": 3.0} if law is likelihoods.StudentT else {}
    if law is not likelihoods.Laplace:
        settings["scatter"] = True
    model = Model(predictors.Linear(), law(truncation=window, **settings))
    drawn = _drawn(model, FITTED, Data(X), intercept=0.0, slope=1.0)
    low, high = -np.inf if window[0] is None else window[0], np.inf if window[1] is None else window[1]
    for x, labels in zip(X, drawn.T, strict=True):
        assert ((labels >= low) & (labels <= high)).all()
        assert len(np.unique(labels)) == DRAWS
        cdf = LAWS[law](x)
        if cdf(high) - cdf(low) > 1e-9 and cdf(low) < 1 - 1e-7:  # else scipy's own tails have no digits
            uniform = (cdf(labels) - cdf(low)) / (cdf(high) - cdf(low))
            assert stats.kstest(uniform, "uniform").pvalue > 1e-4


def test_noisy_features_take_part():
    model = Model(
        predictors.Linear(), likelihoods.Gaussian(scatter=True, truncation=(1.0, None)), population=populations.Flat()
    )
    x = np.array([-2.0, 0.0, 1.2])
    drawn = _drawn(model, NOISY, Data(x, x_err=0.5), intercept=0.0, slope=1.0)
    for eta, labels in zip(x, drawn.T, strict=True):
        law = stats.truncnorm((1 - eta) / np.sqrt(0.5), np.inf, loc=eta, scale=np.sqrt(0.5))
        assert stats.kstest(law.cdf(labels), "uniform").pvalue > 1e-4


def test_a_noisy_feature_of_a_curve_takes_part():
    model = Model(
        predictors.Polynomial(2, pivot=0.0),
        likelihoods.Gaussian(scatter=True, truncation=(1.0, None)),
        population=populations.Normal(),
    )
    values = {"coefficient[0]": 0.0, "coefficient[1]": 1.0, "coefficient[2]": 0.2, "x_mean": 0.0, "x_sd": 2.0}
    drawn = _drawn(model, NOISY, Data([-1.0, 1.2], x_err=0.5), **values)
    gain = 4.0 / 4.25
    for x, labels in zip([-1.0, 1.2], drawn.T, strict=True):
        true = gain * x + 0.5 * np.sqrt(gain) * RNG.standard_normal(400_000)
        expected = true + 0.2 * true**2 + 0.5 * RNG.standard_normal(true.size)
        assert stats.ks_2samp(labels, expected[expected > 1.0]).pvalue > 1e-4


@pytest.mark.parametrize("law", [likelihoods.Gaussian, likelihoods.OutlierMixture])
def test_errors_that_differ_on_both_sides_have_no_window(law):
    data = Data([0.0, 1.0, 2.0], [2.0, 3.0, 2.5], y_err=[[0.1, 0.1], [0.3, 1.0], [0.2, 0.2]])
    with pytest.raises(DataError, match="truncation takes one error a row, unlike row 1"):
        Model(predictors.Linear(), law(truncation=(1.0, None))).target(data)
