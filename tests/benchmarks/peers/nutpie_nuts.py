"""nutpie's NUTS on a PyMC model."""

import time

import nutpie
import ppl_model
import ppl_names


def supports(problem) -> bool:
    """Return whether it is worth the time."""
    return problem.n_rows <= 100_000


def run(problem, seed, settings) -> dict:
    """Return draws and what they cost; four chains in one process, whose threads are all counted."""
    compiled = nutpie.compile_pymc_model(
        ppl_model.model(problem), initial_points=ppl_names.start(problem), jitter_rvs=set()
    )
    tune, draws = 400, 500 if problem.n_rows <= 1000 else 250
    begun = time.process_time()
    found = nutpie.sample(
        compiled, draws=draws, tune=tune, chains=4, cores=2, seed=seed, progress_bar=False, save_warmup=True
    )
    spent = time.process_time() - begun
    return ppl_model.outcome(problem, found, spent)
