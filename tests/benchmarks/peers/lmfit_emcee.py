"""lmfit's front end to emcee, with the exact log posterior as objective."""

import time

import lmfit
import numpy as np
import walking


def supports(problem) -> bool:
    """Return whether it is worth the time."""
    return problem.n_rows <= 1000


class _Sampler:
    """The two methods of an emcee sampler that `walking.drive` calls."""

    def __init__(self, problem, seed):
        self.parameters, self.seed = lmfit.Parameters(), seed
        for name, value in zip(problem.names, problem.start, strict=True):
            self.parameters.add(name, value=value, min=-1e3, max=1e3)
        names = problem.names
        self.minimizer = lmfit.Minimizer(
            lambda q: float(problem.log_prob(np.array([q[name].value for name in names]))[0]), self.parameters
        )

    def run_mcmc(self, state, n_steps, **_):
        """Go on for some steps."""
        started = hasattr(self.minimizer, "sampler")
        self.minimizer.emcee(
            steps=n_steps,
            nwalkers=walking.N_WALKERS,
            burn=0,
            thin=1,
            progress=False,
            seed=self.seed,
            pos=None if started else state,
            reuse_sampler=started,
            float_behavior="posterior",
        )
        return state

    def get_chain(self):
        """Return the chain (steps, walkers, d)."""
        return self.minimizer.sampler.get_chain()


def run(problem, seed, settings) -> dict:
    """Return draws and what they cost."""
    begun = time.process_time()
    sampler = _Sampler(problem, seed)
    found = walking.drive(sampler, walking.ball(problem, seed), settings, 20 if problem.n_rows > 5000 else 200)
    return found | {"total": time.process_time() - begun}
