"""PyMC's own NUTS."""

import time

import ppl_model
import ppl_names
import pymc as pm


def supports(problem) -> bool:
    """Return whether it is worth the time."""
    return problem.n_rows <= 1000


def run(problem, seed, settings) -> dict:
    """Return draws and what they cost: four chains, one after the other; what is compiled counts as preparation."""
    with ppl_model.model(problem):
        begun = time.process_time()
        found = pm.sample(
            draws=500,
            tune=500,
            chains=4,
            cores=1,
            nuts_sampler="pymc",
            random_seed=seed,
            progressbar=False,
            discard_tuned_samples=False,
            compute_convergence_checks=False,
            initvals=ppl_names.start(problem),
        )
        spent = time.process_time() - begun
    sampling = min(spent, float(found.posterior.attrs["sampling_time"]))
    return ppl_model.outcome(problem, found, sampling)
