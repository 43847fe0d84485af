"""Known noise and Normal priors: the posterior is Gaussian, and known to the last digit."""

import numpy as np
import pytest
from references import check_exact

from bayesfit import Data, Model
from bayesfit.likelihoods import Gaussian
from bayesfit.predictors import Linear, Polynomial
from bayesfit.priors import Normal
from bayesfit.sampling import Ensemble

ENOUGH = Ensemble(target_ess=2000)


def conjugate(design, y, covariance, prior_mean, prior_sd):
    """Mean and sd of each coefficient: (Aᵀ C⁻¹ A + P)⁻¹ (Aᵀ C⁻¹ y + P m), P = diag 1/sd²."""
    weighted = np.linalg.solve(covariance, design)
    precision = design.T @ weighted + np.diag(1 / np.square(prior_sd))
    mean = np.linalg.solve(precision, weighted.T @ y + prior_mean / np.square(prior_sd))
    return list(zip(mean, np.sqrt(np.diag(np.linalg.inv(precision))), strict=True))


def fit(predictor, data, priors, seed):
    return Model(predictor, Gaussian(), priors=priors).fit(data, sampler=ENOUGH, seed=seed, progress=False)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_straight_line(seed):
    rng = np.random.default_rng(seed)
    x, y_err = rng.uniform(-3, 8, 12), rng.uniform(0.2, 1.5, 12)
    y = 1 + 2 * x + y_err * rng.standard_normal(12)
    # priors narrow enough to pull: a posterior that ignored them would be wrong
    priors = {"intercept": Normal(0, 0.3), "slope": Normal(1.5, 0.1)}
    posterior = fit(Linear(), Data(x, y, y_err=y_err), priors, seed)
    design = np.column_stack([np.ones(12), x])
    exact = conjugate(design, y, np.diag(y_err**2), np.array([0, 1.5]), np.array([0.3, 0.1]))
    check_exact(posterior, dict(zip(["intercept", "slope"], exact, strict=True)))


def test_a_polynomial_of_degree_five():
    rng = np.random.default_rng(3)
    x = np.linspace(-2, 3, 30)
    y = np.polynomial.polynomial.polyval(x, [1, -2, 0.5, 1, -0.3, 0.05]) + 0.4 * rng.standard_normal(30)
    priors = {"coefficient": Normal(0, 5)}
    posterior = fit(Polynomial(5), Data(x, y, y_err=0.4), priors, 3)
    design = np.vander(x, 6, increasing=True)
    exact = conjugate(design, y, 0.16 * np.eye(30), np.zeros(6), np.full(6, 5.0))
    check_exact(posterior, {f"coefficient[{k}]": pair for k, pair in enumerate(exact)})


def test_five_features():
    rng = np.random.default_rng(4)
    x = rng.standard_normal((40, 5)) @ rng.standard_normal((5, 5)) + rng.uniform(-5, 5, 5)
    y_err = rng.uniform(0.5, 2, 40)
    y = 3 + x @ [1, -1, 0.5, 0, 2] + y_err * rng.standard_normal(40)
    sd = np.array([2, 1, 2, 3, 0.5, 1])
    priors = {
        "intercept": Normal(0, 2),
        "slope": {name: Normal(0, s) for name, s in zip("abcde", sd[1:], strict=True)},
    }
    posterior = fit(Linear(), Data(x, y, y_err=y_err, names=list("abcde")), priors, 4)
    exact = conjugate(np.column_stack([np.ones(40), x]), y, np.diag(y_err**2), np.zeros(6), sd)
    check_exact(posterior, dict(zip(["intercept", *(f"slope[{c}]" for c in "abcde")], exact, strict=True)))


def test_correlated_labels():
    rng = np.random.default_rng(5)
    x = np.sort(rng.uniform(0, 10, 25))
    covariance = 0.8 * np.exp(-0.5 * np.subtract.outer(x, x) ** 2) + 0.1 * np.eye(25)
    y = 1 - 0.5 * x + np.linalg.cholesky(covariance) @ rng.standard_normal(25)
    priors = {"intercept": Normal(0, 1), "slope": Normal(0, 1)}
    posterior = fit(Linear(), Data(x, y, y_cov=covariance), priors, 5)
    design = np.column_stack([np.ones(25), x])
    exact = conjugate(design, y, covariance, np.zeros(2), np.ones(2))
    check_exact(posterior, dict(zip(["intercept", "slope"], exact, strict=True)))
    ignoring = conjugate(design, y, np.diag(np.diag(covariance)), np.zeros(2), np.ones(2))
    assert ignoring[1][1] < 0.8 * exact[1][1]  # the oracle tells the two apart
