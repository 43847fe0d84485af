"""PyMC's own NUTS."""

import time

import ppl_model
import ppl_names
import pymc as pm


def supports(problem) -> bool:
    """Return whether it is worth the time."""
    return problem.n_rows <= 1000


def run(problem, seed, settings) -> dict:
    """Return draws and what they cost: four chains, one after the other."""
    with ppl_model.model(problem):
        begun = time.process_time()
        found = pm.sample(
            draws=500,
            tune=500,
            chains=4,
            cores=1,
            random_seed=seed,
            progressbar=False,
            discard_tuned_samples=False,
            compute_convergence_checks=False,
            initvals=ppl_names.start(problem),
        )
        spent = time.process_time() - begun
    return ppl_model.outcome(problem, found, spent)
