"""Fit a plane to many rows in a process of its own, and print what it took as JSON."""

import json
import resource
import sys
import time

import numpy as np

from bayesfit import Data, Model, likelihoods, predictors, sampling


def peak() -> int:
    """Return the peak resident memory of this process in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main(n_rows: int):
    """Simulate, fit, and print peak memory above the start after each part, seconds, and the slopes."""
    rng = np.random.default_rng(1)
    x = rng.standard_normal((n_rows, 3))
    y = 1 + x @ [1.0, -2.0, 0.5] + 0.1 * rng.standard_normal(n_rows)
    Data(x[:10], y[:10], y_err=0.1)
    found, start, began = {}, peak(), time.perf_counter()
    data = Data(x, y, y_err=0.1)
    found["data"] = peak() - start
    model = Model(predictors.Linear(), likelihoods.Gaussian())
    model.target(data)
    found["target"] = peak() - start
    # few steps: what they take does not grow with their number
    sampler = sampling.Ensemble(n_ensembles=2, n_walkers=8, steps=20, burn_in=10)
    posterior = model.fit(data, sampler=sampler, seed=1, progress=False)
    found["fit"] = peak() - start
    found["seconds"] = time.perf_counter() - began
    found["evaluations"] = posterior.provenance["evaluations"]
    found["mean"] = posterior.to_array().mean(axis=0).tolist()
    print(json.dumps(found))


if __name__ == "__main__":
    main(int(sys.argv[1]))
