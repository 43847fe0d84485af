"""Posteriors with known draws: Gaussian AR(1) chains about chosen values, no sampler involved."""

import dataclasses

import numpy as np

from bayesfit import Posterior
from bayesfit.diagnostics import diagnose
from bayesfit.results.evaluated import evaluate
from bayesfit.results.thinning import thin
from bayesfit.results.trees import build_tree

#: the autocorrelation of the chains at lag t is PHI**t
PHI = 0.6


def chains_about(centre, sd, seed=1, shape=(4, 240, 12)):
    """Return stationary AR(1) chains (ensemble, step, walker, D)."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(size=(*shape, len(centre)))
    walk = noise.copy()
    for step in range(1, shape[1]):
        walk[:, step] = PHI * walk[:, step - 1] + np.sqrt(1 - PHI**2) * noise[:, step]
    return np.asarray(centre) + np.asarray(sd) * walk


def posterior_with(model, data, centre, sd, seed=1):
    """Return the posterior of a model whose draws scatter about ``centre`` by ``sd``."""
    target = model.target(data)
    chains = chains_about(centre, sd, seed)
    log_prob = target.log_prob(chains.reshape(-1, len(centre))).reshape(chains.shape[:3])
    diagnostics = diagnose(chains, log_prob, target.names, np.full((4, chains.shape[2]), 0.5))
    as_plain = dataclasses.asdict(diagnostics)
    evaluated = evaluate(target, thin(chains, 4.0), thin(log_prob, 4.0), 3)
    tree = build_tree(target, evaluated, diagnostics=as_plain, provenance={})
    return Posterior(tree, target, diagnostics, chains)
