"""Many rows, many fits, many threads: memory stays what the data need, and nothing is left behind."""

import gc
import json
import resource
import subprocess
import sys
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from bayesfit import Data, Model, likelihoods, predictors, sampling
from bayesfit.sampling import one_thread
from bayesfit.targets import RegressionTarget

GB, MB = 2**30, 2**20
X = np.linspace(0.0, 4.0, 30)
DATA = Data(X, 1 + 2 * X + 0.3 * np.sin(40 * X), y_err=0.3)
MODEL = Model(predictors.Linear(), likelihoods.Gaussian())
SHORT = sampling.Ensemble(n_ensembles=2, n_walkers=16, steps=40, burn_in=20)


def fit(seed=1, executor=None):
    return MODEL.fit(DATA, sampler=SHORT, seed=seed, progress=False, executor=executor)


# -- many rows ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("n_rows", "most"), [(20_000, GB), pytest.param(10**7, 4 * GB, marks=pytest.mark.calibration)])
def test_memory_of_a_linear_fit_is_bounded(n_rows, most):
    """Peak resident memory above the start, in a process of its own; what is constant is some 0.5 GB."""
    command = [sys.executable, str(Path(__file__).with_name("linear_fit.py")), str(n_rows)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=3000)
    found = json.loads(done.stdout)
    print(found)
    assert found["fit"] < most
    np.testing.assert_allclose(found["mean"], [1.0, 1.0, -2.0, 0.5], atol=20 * 0.1 / np.sqrt(n_rows))


# -- many fits ----------------------------------------------------------------------------------------------------


def live_bytes() -> int:
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


@pytest.mark.parametrize("n_fits", [10, pytest.param(200, marks=pytest.mark.calibration)])
def test_fits_leave_no_memory_and_no_figure_behind(n_fits):
    """What Python holds grows by less a fit than half of the draws that each fit made."""
    for seed in range(max(6, n_fits // 10)):
        draws = fit(seed).chains.nbytes
    tracemalloc.start()
    try:
        fit()
        before, peak = live_bytes(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for seed in range(n_fits):
            fit(seed)
        held, higher = live_bytes() - before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak
    finally:
        tracemalloc.stop()
    print(f"{n_fits} fits: {held} bytes held, peak {higher} kB higher")
    assert held < n_fits * draws / 2
    # what an allocator keeps back does not grow with the fits
    assert higher * 1024 < 30 * MB
    assert plt.get_fignums() == []


# -- many threads -------------------------------------------------------------------------------------------------


def blas_threads() -> set[int]:
    return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}


def test_a_fit_uses_one_blas_thread_and_gives_the_others_back(monkeypatch):
    """Threads on matrices this small cost more than they gain, in the search too, and fight with worker processes."""
    seen, whole = [], RegressionTarget.log_density

    def watched(self, z):
        seen.append(blas_threads())
        return whole(self, z)

    monkeypatch.setattr(RegressionTarget, "log_density", watched)
    with threadpool_limits(limits=2, user_api="blas"):
        before = blas_threads()
        fit()
        assert blas_threads() == before
    assert seen
    assert all(threads == {1} for threads in seen)


def test_fits_that_overlap_give_the_threads_back_when_the_last_one_ends():
    with threadpool_limits(limits=2, user_api="blas"):
        before = blas_threads()
        first, second = one_thread(), one_thread()
        first.__enter__()
        second.__enter__()
        first.__exit__(None, None, None)
        assert blas_threads() == {1}
        second.__exit__(None, None, None)
        assert blas_threads() == before


def test_an_error_in_a_chain_gives_the_threads_back(monkeypatch):
    def broken(self, z):
        raise KeyboardInterrupt

    monkeypatch.setattr(RegressionTarget, "log_density", broken)
    with threadpool_limits(limits=2, user_api="blas"):
        before = blas_threads()
        with pytest.raises(KeyboardInterrupt):
            fit()
        assert blas_threads() == before


def test_threads_give_the_same_draws():
    """Processes: see the oracles' test of reproducibility."""
    alone = fit(7)
    with ThreadPoolExecutor(2) as pool:
        shared = fit(7, pool)
    np.testing.assert_array_equal(shared.chains, alone.chains)
    np.testing.assert_array_equal(shared.to_array(), alone.to_array())
