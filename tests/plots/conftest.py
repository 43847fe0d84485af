"""Posteriors to draw, and what every test of a plot leaves behind: nothing."""

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from known_posteriors import posterior_with

from bayesfit import Data, Model, Posterior, likelihoods, predictors
from bayesfit.results.evaluated import evaluate
from bayesfit.results.trees import build_tree

matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def leave_no_trace():
    """No plot changes the settings; figures are closed after each test."""
    before = dict(matplotlib.rcParams)
    yield
    plt.close("all")
    assert dict(matplotlib.rcParams) == before


@pytest.fixture(scope="session")
def one():
    """The slope of a line through the origin."""
    x = np.arange(1.0, 11.0)
    model = Model(predictors.Linear(), likelihoods.Gaussian(), priors={"intercept": 0})
    return posterior_with(model, Data(x, 2 * x + 0.3 * np.sin(7 * x), y_err=0.5), [2.0], [0.03])


@pytest.fixture(scope="session")
def line():
    """Intercept 1, slope 2, scatter 0.5, in units."""
    x = np.linspace(0.0, 9.0, 25)
    y = 1 + 2 * x + 0.5 * np.sin(40 * x)
    data = Data(x, y, y_err=0.3, units={"x": "s", "y": "m"})
    model = Model(predictors.Linear(), likelihoods.Gaussian(scatter=True))
    return posterior_with(model, data, [1.0, 2.0, 0.5], [0.2, 0.04, 0.06])


@pytest.fixture(scope="session")
def other(line):
    """A line without scatter through the data of `line`: the errors are too small for it."""
    model = Model(predictors.Linear(), likelihoods.Gaussian())
    return posterior_with(model, line.target.data, [1.0, 2.0], [0.12, 0.025], seed=2)


@pytest.fixture(scope="session")
def many():
    """Ten features: twelve parameters."""
    rng = np.random.default_rng(4)
    x = rng.normal(size=(60, 10))
    weights = np.linspace(-2, 2, 10)
    data = Data(x, 1 + x @ weights + 0.4 * rng.normal(size=60), names=[f"f{i}" for i in range(10)])
    model = Model(predictors.Linear(), likelihoods.Gaussian())
    return posterior_with(model, data, [1.0, *weights, 0.4], [0.05] * 11 + [0.03])


@pytest.fixture(scope="session")
def stars():
    """Two classes over two features: η = -1 + 1.5 colour + 0.5 size."""
    rng = np.random.default_rng(6)
    x = rng.normal(size=(80, 2))
    probability = 1 / (1 + np.exp(1 - x @ [1.5, 0.5]))
    labels = np.where(rng.uniform(size=80) < probability, "star", "galaxy")
    data = Data(x, labels, names=["colour", "size"], units={"colour": "mag"})
    model = Model(predictors.Linear(), likelihoods.Bernoulli())
    return posterior_with(model, data, [-1.0, 1.5, 0.5], [0.15, 0.1, 0.1])


@pytest.fixture(scope="session")
def make_posterior():
    """A function that makes a posterior of draws near a typical vector of the prior."""

    def make(model, data):
        target = model.target(data)
        centre = np.median(target.parameters.sample_prior(np.random.default_rng(3), 400), axis=0)
        z = target.walked(centre[None]) + 0.05 * np.random.default_rng(4).normal(size=(400, target.n_walked))
        theta = target.complete(z, np.random.default_rng(5)).reshape(4, 100, -1)
        log_prob = target.log_prob(theta.reshape(400, -1)).reshape(4, 100)
        evaluated = evaluate(target, theta, log_prob, 1)
        return Posterior(build_tree(target, evaluated, diagnostics={}, provenance={}), target, None)

    return make
