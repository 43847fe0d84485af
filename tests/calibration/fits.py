"""Simulate from a cell, fit, and rank the truth among the draws."""

import numpy as np
from cells import CELLS
from particles import FORGOTTEN, Whole, draw
from ranks import ranks

__all__ = ["N_DRAWS", "rank_many", "rank_one"]

N_DRAWS = 255


def rank_one(name: str, seed: int) -> tuple[np.ndarray, float]:
    """Return ranks of one truth by parameter, of its log-likelihood last, and what particles remember (see there)."""
    cell = CELLS[name]
    rng = np.random.default_rng([7, seed])  # another stream than the one data are simulated with
    prior = cell.model.parameters(cell.template)
    truth = prior.sample_prior(rng, 1)
    simulated = cell.model.simulate(truth[0], cell.template, seed=seed)
    target = cell.model.target(cell.observe(simulated))
    found = draw(Whole(target), rng, n=2 * N_DRAWS, rounds=cell.rounds)
    both = np.vstack([truth, found.theta[::2]])
    log_likelihood = target.log_prob(both) - target.log_prior(both)
    quantities = np.column_stack([both, log_likelihood])
    return ranks(quantities[0], quantities[1:]), found.memory


def rank_many(name: str, seeds) -> tuple[dict[str, np.ndarray], float]:
    """Return ranks (len(seeds),) by quantity, and the share of fits whose particles remember their places."""
    found = [rank_one(name, seed) for seed in seeds]
    cell = CELLS[name]
    quantities = (*cell.model.parameters(cell.template).names, "log-likelihood")
    ranks_of = dict(zip(quantities, np.array([rank for rank, _ in found]).T, strict=True))
    return ranks_of, float(np.mean([memory > FORGOTTEN for _, memory in found]))
