"""zeus: ensemble slice sampling, all walkers in one call of plain NumPy."""

import numpy as np
import walking

if not hasattr(np, "product"):
    np.product = np.prod  # noqa: NPY003, NPY201 (zeus 2.5 was written for NumPy 1)

import zeus


def supports(problem) -> bool:
    """Return whether it is worth the time."""
    return problem.n_rows <= 100_000


class _Sampler:
    """What `walking.drive` calls of an emcee sampler, and the number of evaluations."""

    def __init__(self, problem, n_dim):
        self.n_evaluations = 0
        self.zeus = zeus.EnsembleSampler(walking.N_WALKERS, n_dim, self._counted, vectorize=True, verbose=False)
        self.problem = problem

    def _counted(self, theta):
        self.n_evaluations += len(theta)
        return self.problem.log_prob(theta)

    def run_mcmc(self, state, n_steps, **_):
        """Go on for some steps."""
        self.zeus.run_mcmc(state, n_steps, progress=False)
        return self.zeus.get_last_sample()

    def get_chain(self):
        """Return the chain (steps, walkers, d)."""
        return self.zeus.get_chain()


def run(problem, seed, settings) -> dict:
    """Return draws and what they cost; a step takes several evaluations."""
    np.random.seed(seed)  # noqa: NPY002
    coords = walking.ball(problem, seed)
    sampler = _Sampler(problem, coords.shape[1])
    found = walking.drive(sampler, coords, settings, 20 if problem.n_rows > 5000 else 100)
    kept = found["chain"].shape[0] * found["chain"].shape[1] / (walking.N_WALKERS * len(sampler.get_chain()))
    return found | {"evaluations": sampler.n_evaluations * kept}
