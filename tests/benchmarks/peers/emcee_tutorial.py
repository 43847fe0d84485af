"""emcee as in its tutorial: a Python function called walker by walker."""

import emcee
import walking


def supports(problem) -> bool:
    """Return whether it is worth the time."""
    return problem.n_rows <= 100_000


def run(problem, seed, settings) -> dict:
    """Return draws and what they cost."""
    coords = walking.ball(problem, seed)
    sampler = emcee.EnsembleSampler(walking.N_WALKERS, coords.shape[1], lambda t: float(problem.log_prob(t)[0]))
    sampler._random.seed(seed)
    return walking.drive(sampler, coords, settings, 20 if problem.n_rows > 5000 else 200)
