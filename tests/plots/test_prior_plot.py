"""Prior densities against their formulas."""

import numpy as np
import pytest
from known_posteriors import posterior_with
from scipy.stats import halfnorm, norm

from bayesfit import Data, Model, likelihoods, plots, predictors, priors


def curves(ax):
    return {str(a.get_label()): a for a in ax.lines}


def fitted(given, centre=(1.0, 2.0, 0.5), sd=(0.2, 0.04, 0.06)):
    x = np.linspace(0.0, 9.0, 25)
    data = Data(x, 1 + 2 * x + 0.5 * np.sin(40 * x))
    model = Model(predictors.Linear(), likelihoods.Gaussian(), priors=given)
    return posterior_with(model, data, list(centre), list(sd))


def test_own_priors_are_drawn_by_formula():
    posterior = fitted({"slope": priors.Normal(1.9, 0.1), "scatter": priors.HalfNormal(0.7)})
    axes = plots.prior_posterior(posterior, names=["slope", "scatter"]).axes
    for ax, law in zip(axes, (norm(1.9, 0.1), halfnorm(0, 0.7)), strict=True):
        prior = curves(ax)["prior"]
        np.testing.assert_allclose(prior.get_ydata(), law.pdf(prior.get_xdata()), rtol=1e-9)


def test_default_prior_of_the_intercept_is_that_of_the_centred_value():
    """The intercept is a centred value minus slope × centre of x: its prior is a convolution of the two."""
    posterior = fitted({})
    parameters = posterior.target.parameters
    draws = parameters.sample_prior(np.random.default_rng(7), 200_000)[:, 0]
    prior = curves(plots.prior_posterior(posterior, names="intercept").axes[0])["prior"]
    middle = prior.get_ydata()[len(prior.get_ydata()) // 2]
    expected = np.mean(np.abs(draws - 1.0) < 2.0) / 4.0
    assert middle == pytest.approx(expected, rel=0.15)


def test_improper_priors_are_said_to_have_no_density():
    posterior = fitted({"slope": priors.Flat()})
    ax = plots.prior_posterior(posterior, names="slope").axes[0]
    assert ax.get_title(loc="left") == "the prior has no density"
    assert len(curves(ax)["prior"].get_xdata()) == 0


def test_improper_prior_elsewhere_does_not_stop_the_plot():
    posterior = fitted({"slope": priors.Flat()})
    fig = plots.prior_posterior(posterior)
    assert len(fig.axes) == 3


def test_posterior_has_area_one_and_stays_in_its_support():
    posterior = fitted({"scatter": priors.HalfNormal(0.7)}, centre=(1.0, 2.0, 0.06), sd=(0.2, 0.04, 0.01))
    ax = plots.prior_posterior(posterior, names="scatter").axes[0]
    curve = next(a for a in ax.lines if str(a.get_label()).startswith("_"))
    assert curve.get_xdata().min() >= 0.0
    assert np.trapezoid(curve.get_ydata(), curve.get_xdata()) == pytest.approx(1.0, abs=1e-9)


def test_widths_are_compared():
    """A Normal of sd 0.4 is ten times as wide as a posterior of sd 0.04."""
    posterior = fitted({"slope": priors.Normal(2.0, 0.4)})
    title = plots.prior_posterior(posterior, names="slope").axes[0].get_title(loc="left")
    width = float(title.removeprefix("prior ").removesuffix(" × as wide"))
    assert width == pytest.approx(10.0, rel=0.1)
