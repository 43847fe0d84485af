"""Simulated data sets of a line with known errors and unknown scatter, and the ranks of its truth."""

import numpy as np
from ranks import ranks

from bayesfit import Data, Model
from bayesfit.likelihoods import Gaussian
from bayesfit.predictors import Linear
from bayesfit.priors import HalfNormal, Normal
from bayesfit.sampling import Ensemble

__all__ = ["N_DRAWS", "QUANTITIES", "TEMPLATE", "line", "ranks_of_one", "sampler"]

#: draws that a truth is ranked among: a few hundred, out of some thousands, so that they are independent
N_DRAWS = 255
QUANTITIES = ("intercept", "slope", "scatter", "log-likelihood")
X = np.linspace(-2, 3, 15)
TEMPLATE = Data(X, np.zeros(15), y_err=np.linspace(0.3, 0.8, 15))


def line() -> Model:
    """Return the model with fixed, explicit priors: priors scaled to the data would not be calibrated."""
    priors = {"intercept": Normal(0, 2), "slope": Normal(0, 1), "scatter": HalfNormal(1)}
    return Model(Linear(), Gaussian(scatter=True), priors=priors)


def sampler() -> Ensemble:
    """Return settings of runs that end when they are worth twice what a rank needs."""
    return Ensemble(n_ensembles=2, n_walkers=40, target_ess=400)


def ranks_of_one(seed: int) -> tuple[np.ndarray, float]:
    """Simulate, fit, and rank; also return the least effective sample size."""
    model = line()
    truth = model.sample_prior(1, TEMPLATE, seed=4 * seed + 1)[0]
    data = model.simulate(truth, TEMPLATE, seed=4 * seed + 2)
    target = model.target(data)
    run = sampler().run(target, seed=seed, progress=False)
    walked = run.z.reshape(-1, run.z.shape[-1])
    chosen = np.random.default_rng(4 * seed + 3).choice(len(walked), N_DRAWS, replace=False)
    draws = target.complete(walked[chosen], np.random.default_rng(4 * seed + 4))
    both = np.vstack([truth, draws])
    quantities = np.column_stack([both, target.log_likelihood(both).sum(axis=1)])
    return ranks(quantities[0], quantities[1:]), min(run.diagnostics.ess.values())
