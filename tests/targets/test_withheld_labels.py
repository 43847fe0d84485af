"""What is left of a row whose label is withheld: its features, and that it was selected."""

import numpy as np
import pytest
from scipy import integrate, stats

from bayesfit import Data, Model, likelihoods, predictors, priors

PRIORS = {
    "intercept": priors.Normal(0, 3),
    "slope": priors.Normal(0, 3),
    "scatter": priors.HalfNormal(1),
    "x_mean": priors.Normal(0, 2),
    "x_sd": priors.HalfNormal(2),
}
THETA = np.array([[-0.4, 2.1, 0.6, -0.5, 1.0], [0.2, 1.8, 0.9, 0.4, 0.7]])
LOW, X_ERR = 2.0, 0.7


def target():
    rng = np.random.default_rng(3)
    truth = rng.normal(0, 1, 400)
    y = 2 * truth + 0.5 * rng.standard_normal(400)
    x = truth + X_ERR * rng.standard_normal(400)
    seen = y > LOW
    gaussian = likelihoods.Gaussian(scatter=True, truncation=(LOW, None))
    return Model(predictors.Linear(), gaussian, priors=PRIORS).target(Data(x[seen][:12], y[seen][:12], x_err=X_ERR))


def test_the_density_loses_the_terms_of_withheld_labels_and_nothing_else():
    whole = target()
    left = whole.without_labels([0, 5, 7])
    lost = whole.log_likelihood(THETA)[:, [0, 5, 7]].sum(axis=1)
    np.testing.assert_allclose(whole.log_prob(THETA) - left.log_prob(THETA), lost, rtol=1e-9)
    np.testing.assert_allclose(left.log_likelihood(THETA)[:, [0, 5, 7]], 0.0, atol=1e-12)


@pytest.mark.parametrize("theta", THETA)
def test_features_of_a_withheld_row_are_those_of_a_selected_one(theta):
    """P(x̂, y > L) / P(y > L), both integrals over the true feature."""
    whole = target()
    alone = whole.on(whole.data[[4]]).without_labels([0])
    intercept, slope, scatter, x_mean, x_sd = theta

    def selected(feature):
        return stats.norm.pdf(feature, x_mean, x_sd) * stats.norm.sf(LOW, intercept + slope * feature, scatter)

    observed = whole.data.x[4, 0]
    both = integrate.quad(lambda feature: selected(feature) * stats.norm.pdf(observed, feature, X_ERR), -9, 9)[0]
    expected = np.log(both / integrate.quad(selected, -9, 9)[0])
    found = alone.log_prob(theta) - alone.log_prior(theta)
    np.testing.assert_allclose(found, expected, rtol=1e-7)


def test_exact_features_say_nothing_of_a_withheld_row():
    x = np.linspace(0, 3, 9)
    model = Model(predictors.Linear(), likelihoods.Gaussian(truncation=(-1.0, None)))
    whole = model.target(Data(x, 1 + x, y_err=0.5))
    theta = np.array([[0.5, 1.2], [1.5, 0.8]])
    kept = whole.on(whole.data[np.arange(1, 9)])
    np.testing.assert_allclose(whole.without_labels([0]).log_prob(theta), kept.log_prob(theta), rtol=1e-12)
