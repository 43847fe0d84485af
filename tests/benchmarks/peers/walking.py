"""What the plain ensemble samplers share: a start at the optimum, and rounds until there are enough samples."""

import time

import numpy as np
from emcee.autocorr import integrated_time
from scipy.optimize import minimize

N_WALKERS = 32


def ball(problem, seed) -> np.ndarray:
    """Return walkers (W, d) around the optimum from the user's guess, as tutorials recommend."""
    with np.errstate(all="ignore"):
        found = minimize(lambda t: -problem.log_prob(t)[0], problem.start, method="BFGS", options={"maxiter": 60}).x
    width = 0.1 * problem.scale / np.sqrt(max(problem.n_rows / 20, 1))
    return found + width * np.random.default_rng(seed).standard_normal((N_WALKERS, len(found)))


def drive(sampler, coords, settings, first) -> dict:
    """Run in growing rounds until τ promises the samples asked for, or the time is spent."""
    state, spent, steps, block = coords, 0.0, 0, first
    while True:
        begun = time.process_time()
        state = sampler.run_mcmc(state, block, skip_initial_state_check=True)
        spent, steps = spent + time.process_time() - begun, steps + block
        chain = sampler.get_chain()
        tau = np.max(integrated_time(chain[steps // 4 :], quiet=True, tol=0))
        tau = tau if np.isfinite(tau) else steps
        burn = int(min(steps // 2, max(steps // 10, 8 * tau)))
        enough = (steps - burn) * N_WALKERS / tau >= settings["target"] and steps >= 50 * tau
        if enough or spent > settings["budget"]:
            break
        need = max(settings["target"] * tau / N_WALKERS + burn, 50 * tau) - steps + 20
        block = int(max(20, min(need, steps, (settings["budget"] - spent) * steps / spent + 1)))
    kept = 1 - burn / steps
    return {
        "chain": np.swapaxes(chain[burn:], 0, 1),
        "sampling": spent * kept,
        "evaluations": (steps - burn) * N_WALKERS,
        "converged": bool(enough),
        "ensemble": True,
    }
