"""How the cost of a converged fit grows with rows, parameters and workers: ``python tests/benchmarks/scaling.py``.

Each fit has a process of its own, with one BLAS thread. Prints Markdown tables; seconds are of the CPU but for workers.
"""

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor

import numpy as np
from measure import memory

from bayesfit import Data, Model, likelihoods, populations, predictors, priors

LINEAR, SCATTER, MIXTURE = predictors.Linear(), likelihoods.Gaussian(scatter=True), populations.NormalMixture(2)
#: seconds that one process may take
MOST = 900


def line(n_rows, *, noisy=False):
    """Rows of a straight line with errors that differ, and a scatter of 0.3."""
    rng = np.random.default_rng(1)
    x, y_err = rng.normal(2, 1, n_rows), rng.uniform(0.2, 0.6, n_rows)
    y = 1 + 2 * x + np.hypot(y_err, 0.3) * rng.standard_normal(n_rows)
    x_err = rng.uniform(0.2, 0.4, n_rows) if noisy else None
    return Data(x + x_err * rng.standard_normal(n_rows) if noisy else x, y, x_err=x_err, y_err=y_err)


def classes(n_rows, n_features=1):
    """Rows of two classes, whose log-odds are linear."""
    rng = np.random.default_rng(2)
    x = rng.standard_normal((n_rows, n_features))
    odds = 0.5 + x @ (np.ones(n_features) / np.sqrt(n_features))
    return Data(x, rng.uniform(size=n_rows) < 1 / (1 + np.exp(-odds)))


def plane(n_features, n_rows=1000):
    """Rows of a plane with scatter."""
    rng = np.random.default_rng(3)
    x = rng.standard_normal((n_rows, n_features))
    return Data(x, 1 + x.sum(axis=1) + 0.5 * rng.standard_normal(n_rows), y_err=0.3)


def slow_peak(x, height, place, width):
    """Return a spectral line by some milliseconds of arithmetic, one parameter vector at a time."""
    if height < -1e6:
        return np.zeros_like(x)
    return sum(height * np.exp(-0.5 * ((x - place) / width) ** 2) for _ in range(300)) / 300


def expensive():
    """Rows of a spectral line, and its model."""
    x = np.linspace(0, 6, 30)
    y = 2 * np.exp(-0.5 * ((x - 2.7) / 0.8) ** 2) + 0.2 * np.random.default_rng(4).standard_normal(30)
    own = {"height": priors.Normal(2, 2), "place": priors.Normal(3, 1), "width": priors.LogNormal(0, 0.3)}
    return Model(predictors.Function(slow_peak), likelihoods.Gaussian(), priors=own), Data(x, y, y_err=0.2)


#: what is made of a number of rows, or of parameters
BY_ROWS = {
    "line, errors and scatter": lambda n: (Model(LINEAR, SCATTER), line(n)),
    "logistic": lambda n: (Model(LINEAR, likelihoods.Bernoulli()), classes(n)),
    "outlier mixture": lambda n: (Model(LINEAR, likelihoods.OutlierMixture()), line(n)),
    "errors of both coordinates": lambda n: (Model(LINEAR, SCATTER), line(n, noisy=True)),
    "the same, two populations": lambda n: (Model(LINEAR, SCATTER, population=MIXTURE), line(n, noisy=True)),
}
BY_PARAMETERS = {
    "plane, coefficients integrated out": lambda n: (Model(LINEAR, SCATTER), plane(n)),
    "logistic, all walked in": lambda n: (Model(LINEAR, likelihoods.Bernoulli()), classes(1000, n)),
}
#: the most rows of likelihoods that have no short way to their sum
LARGEST = {"logistic": 1_000_000, "outlier mixture": 100_000, "the same, two populations": 1000}
ROWS, FEATURES, WORKERS = (1000, 10_000, 100_000, 1_000_000, 10_000_000), (1, 5, 10, 20, 40), (0, 1, 2)


def measure(family: str, case: str, n: int) -> dict:
    """Fit once, in this process."""
    if family == "workers":
        model, data = expensive()
        with ProcessPoolExecutor(max(n, 1)) as executor:
            begun = time.perf_counter()
            posterior = model.fit(data, seed=1, progress=False, executor=executor if n else None)
            seconds = time.perf_counter() - begun
        return {"seconds": seconds, "converged": bool(posterior.diagnostics.converged)}
    model, data = (BY_ROWS if family == "rows" else BY_PARAMETERS)[case](n)
    before, begun = memory(), time.process_time()
    posterior = model.fit(data, seed=1, progress=False)
    seconds = time.process_time() - begun
    return {"seconds": seconds, "memory": memory() - before, "converged": bool(posterior.diagnostics.converged)}


def apart(family, case, n) -> str:
    """Return what a process of its own found, as the text of a cell."""
    if n > LARGEST.get(case, n):
        return ""
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    command = [sys.executable, "-W", "ignore", __file__, family, case, str(n)]
    try:
        run = subprocess.run(
            command, capture_output=True, text=True, timeout=MOST, env=os.environ | threads, check=True
        )
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError) as error:
        print(f"{case}, {n}: {str(error.stderr)[-300:]}", file=sys.stderr)
        return "–"
    found = json.loads(run.stdout.splitlines()[-1])
    more = f", {found['memory']:.0f} MiB" if found.get("memory", 0) > 500 else ""
    return f"{found['seconds']:.2g} s{more}{'' if found['converged'] else ' *'}"


def main():
    """Print a table for each kind of size."""
    for family, cases, sizes in (
        ("rows", BY_ROWS, ROWS),
        ("parameters", BY_PARAMETERS, FEATURES),
        ("workers", {"function of milliseconds": None}, WORKERS),
    ):
        print(f"\n| {family} | {' | '.join(f'{n:,}' for n in sizes)} |\n|---|{'---|' * len(sizes)}", flush=True)
        for case in cases:
            print(f"| {case} | {' | '.join(apart(family, case, n) for n in sizes)} |", flush=True)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(measure(sys.argv[1], sys.argv[2], int(sys.argv[3]))))
    else:
        main()
