"""Posteriors that are normal, drawn from without a sampler, and the leave-one-out answers that go with them."""

import dataclasses

import numpy as np

from bayesfit import Posterior
from bayesfit.diagnostics import diagnose
from bayesfit.results.evaluated import evaluate
from bayesfit.results.thinning import thin
from bayesfit.results.trees import build_tree

#: ensembles, steps, walkers
SHAPE = (4, 250, 4)


def normal_priors(target):
    """Return means and standard deviations (D,) of a target's priors, all of which are normal."""
    priors = [prior for parameter in target.parameters.parameters for prior in np.ravel(parameter.default)]
    return np.array([prior.mean for prior in priors]), np.array([prior.sd for prior in priors])


def solved(target):
    """Return mean (D,) and covariance (D, D) of a posterior linear in θ with normal priors and errors."""
    design, sigma = target.predictor.design(target.data.x), target.data.y_err
    mean, sd = normal_priors(target)
    whitened = np.vstack([design / sigma[:, None], np.diag(1 / sd)])
    labels = np.concatenate([target.data.y / sigma, mean / sd])
    q, r = np.linalg.qr(whitened)
    root = np.linalg.inv(r)
    return root @ (q.T @ labels), root @ root.T


def drawn(model, data, seed) -> Posterior:
    """Return the posterior of a model linear in θ with normal priors and known errors, of independent draws."""
    target = model.target(data)
    mean, cov = solved(target)
    rng = np.random.default_rng(seed)
    chains = rng.multivariate_normal(mean, cov, SHAPE, method="cholesky")
    log_prob = target.log_prob(chains.reshape(-1, len(mean))).reshape(SHAPE)
    diagnostics = diagnose(chains, log_prob, target.names, np.full((SHAPE[0], SHAPE[2]), 0.5))
    diagnostics = dataclasses.replace(diagnostics, messages=())
    said = {"diagnostics": dataclasses.asdict(diagnostics), "provenance": {"seed": seed}}
    tree = build_tree(target, evaluate(target, thin(chains, 1.0), thin(log_prob, 1.0), seed), **said)
    return Posterior(tree, target, diagnostics, chains)


def left_out(target):
    """Return mean and standard deviation (N,) of each label given all others: all labels are jointly normal."""
    design, sigma = target.predictor.design(target.data.x), target.data.y_err
    mean, sd = normal_priors(target)
    inverse = np.linalg.inv(np.diag(sigma**2) + (design * sd**2) @ design.T)
    variance = 1 / np.diag(inverse)
    return target.data.y - (inverse @ (target.data.y - design @ mean)) * variance, np.sqrt(variance)
