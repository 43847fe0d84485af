"""A spectral line in every pixel of a cube, fitted on two workers: Dask's if it is installed, else processes.

What the example teaches: `fit_many` fits one model to many objects and returns a row for each.  A line of known
place is linear in its parameters and needs no sampling; one of unknown velocity does, at some half a second each.
"""

import importlib.util
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack

import numpy as np

import bayesfit as bf

V, SIZE = np.linspace(-300.0, 300.0, 40), 16


def profile(v, centre=0.0):
    """Return a line of unit height, 60 km/s wide."""
    return np.exp(-0.5 * ((v - centre) / 60.0) ** 2)


def line(v, amplitude, centre, level):
    """Return a line on a flat continuum."""
    return level + amplitude * profile(v, centre)


def workers(stack):
    """Return two workers that end with ``stack``."""
    if importlib.util.find_spec("distributed") is None:
        return stack.enter_context(ProcessPoolExecutor(2))
    from distributed import Client

    client = Client(n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0")
    return stack.enter_context(client).get_executor()


def main(brightest: int = 6, target_ess: int = 500) -> None:
    """Print a map of the line's height in a rotating disc, and the velocities of the brightest pixels."""
    rng, cube = np.random.default_rng(3), {}
    for key in np.ndindex(SIZE, SIZE):
        down, right = np.array(key) - 0.5 * (SIZE - 1)
        truth = line(V, 5.0 * np.exp(-(down**2 + right**2) / 20), 8.0 * right, 1.0)
        cube[key] = bf.Data(V, truth + rng.normal(0, 0.3, V.size), y_err=0.3, names=["velocity"])
    linear = bf.Model(bf.predictors.Basis((np.ones_like, profile)), bf.likelihoods.Gaussian())
    priors = {"amplitude": bf.priors.HalfNormal(10), "centre": bf.priors.Normal(0, 99), "level": bf.priors.Normal(1, 1)}
    moving = bf.Model(bf.predictors.Function(line), bf.likelihoods.Gaussian(), priors=priors)
    settings = {"sampler": bf.sampling.Ensemble(target_ess=target_ess), "seed": 1, "progress": False}
    with ExitStack() as stack:
        pool = workers(stack)
        heights = bf.fit_many(linear, cube, executor=pool, **settings).set_index("key")["weight[profile]_mean"]
        top = ((key, cube[key]) for key in heights.nlargest(brightest).index)
        fits = bf.fit_many(moving, top, executor=pool, **settings)
    print("height of the line, every other pixel:")
    print(heights.to_numpy().reshape(SIZE, SIZE)[::2, ::2].round(1))
    print(fits[["key", "status", "centre_mean", "centre_sd"]].round(1).to_string(index=False))


if __name__ == "__main__":
    main()
