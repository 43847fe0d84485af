"""The same seed gives the same draws for any number of workers; another seed, the same answer."""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest
from references import moments

from bayesfit import Data, Model
from bayesfit.likelihoods import Gaussian
from bayesfit.predictors import Linear
from bayesfit.sampling import Ensemble

X = np.linspace(0, 4, 12)
DATA = Data(X, 1 + 2 * X + 0.3 * np.sin(40 * X), y_err=0.3)
MODEL = Model(Linear(), Gaussian(scatter=True))


def fit(seed, executor=None, **settings):
    sampler = Ensemble(**(settings or {"n_walkers": 16, "steps": 40}))
    return MODEL.fit(DATA, sampler=sampler, seed=seed, progress=False, executor=executor)


@pytest.mark.parametrize("n_workers", [1, 2])
def test_any_number_of_workers_gives_the_same_draws(n_workers):
    alone = fit(7)
    with ProcessPoolExecutor(n_workers, mp_context=get_context("spawn")) as pool:
        shared = fit(7, pool)
    np.testing.assert_array_equal(shared.chains, alone.chains)
    np.testing.assert_array_equal(shared.to_array(), alone.to_array())


def test_the_same_seed_gives_the_same_draws_and_another_seed_others():
    one, again, other = fit(7), fit(7), fit(8)
    np.testing.assert_array_equal(one.chains, again.chains)
    assert not np.isin(one.chains.ravel(), other.chains.ravel()).any()


def test_different_seeds_give_the_same_answer():
    first, *others = [moments(fit(seed, target_ess=2000)) for seed in (11, 12, 13)]
    for other in others:
        for what in ("mean", "sd"):
            error = np.hypot(first[f"{what}_error"], other[f"{what}_error"])
            assert (np.abs(first[what] - other[what]) < 4 * error).all()
