"""Posteriors with chosen draws, no sampler involved."""

import numpy as np
import pytest

from bayesfit import Data, Model, Posterior, likelihoods, predictors
from bayesfit.results.evaluated import evaluate
from bayesfit.results.trees import build_tree


def posterior_of(model, data, theta):
    """Return the posterior of a model whose draws are theta (chain, draw, D)."""
    target = model.target(data)
    log_prob = target.log_prob(theta.reshape(-1, theta.shape[-1])).reshape(theta.shape[:2])
    evaluated = evaluate(target, theta, log_prob, 1)
    return Posterior(build_tree(target, evaluated, diagnostics={}, provenance={}), target, None)


@pytest.fixture(scope="session")
def make_posterior():
    """The function that makes a posterior of chosen draws."""
    return posterior_of


@pytest.fixture(scope="session")
def certain():
    """Logistic regression, P("yes" | x) = expit(x) in all 4 × 500 draws."""
    data = Data(np.linspace(-2, 2, 8), ["no"] * 4 + ["yes"] * 4)
    model = Model(predictors.Linear(), likelihoods.Bernoulli())
    theta = np.broadcast_to([0.0, 1.0], (4, 500, 2)).copy()
    return posterior_of(model, data, theta)


@pytest.fixture(scope="session")
def uncertain():
    """Logistic regression with intercept 0 ± 0.7 and slope 1 ± 0.3, 4 × 500 draws."""
    data = Data(np.linspace(-2, 2, 8), ["no"] * 4 + ["yes"] * 4)
    model = Model(predictors.Linear(), likelihoods.Bernoulli())
    theta = np.random.default_rng(2).normal([0.0, 1.0], [0.7, 0.3], (4, 500, 2))
    return posterior_of(model, data, theta)


@pytest.fixture(scope="session")
def three():
    """Softmax regression, η = (0, x, 2x - 1) for "a", "b" and "c" in all 4 × 500 draws."""
    data = Data(np.linspace(-2, 2, 9), ["a"] * 3 + ["b"] * 3 + ["c"] * 3)
    model = Model(predictors.Linear(), likelihoods.Categorical())
    values = {"intercept[b]": 0.0, "slope[b, x]": 1.0, "intercept[c]": -1.0, "slope[c, x]": 2.0}
    names = model.target(data).names
    theta = np.broadcast_to([values[name] for name in names], (4, 500, 4)).copy()
    return posterior_of(model, data, theta)
