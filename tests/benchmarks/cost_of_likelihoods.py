"""What one evaluation of the log density costs: 64 parameter vectors on 1000 rows, best of several.

Run it as a script: python tests/benchmarks/cost_of_likelihoods.py
"""

import time

import numpy as np

from bayesfit import Data, Model, populations
from bayesfit.likelihoods import Gaussian, Laplace, OutlierMixture, Poisson, StudentT
from bayesfit.predictors import Linear

N_VECTORS, N_ROWS = 64, 1000


def rows(n_features=1, *, noisy=False, limits=False):
    rng = np.random.default_rng(n_features)
    x = rng.normal(2, 1, (N_ROWS, n_features))
    y = 1 + 2 * x.sum(axis=1) + 0.6 * rng.standard_normal(N_ROWS)
    x_err = rng.uniform(0.3, 0.8, x.shape) if noisy else None
    kind = np.where(y < 3, "upper", "") if limits else None
    return Data(
        x if x_err is None else x + x_err * rng.standard_normal(x.shape), y, x_err=x_err, y_err=0.3, limits=kind
    )


def counts(*, noisy=False):
    plain = rows(noisy=noisy)
    return Data(plain.x, np.random.default_rng(3).poisson(4, N_ROWS), x_err=plain.x_err)


#: name, likelihood, data, population, goal in milliseconds
CASES = [
    ("Gaussian", Gaussian(scatter=True), rows(), None, 1),
    ("Gaussian, 3 noisy features", Gaussian(scatter=True), rows(3, noisy=True), None, 10),
    ("outlier mixture", OutlierMixture(scatter=True), rows(), None, 5),
    ("Gaussian, limits", Gaussian(scatter=True), rows(limits=True), None, 5),
    ("Gaussian, 1 noisy feature", Gaussian(scatter=True), rows(noisy=True), None, None),
    ("Gaussian, two populations", Gaussian(scatter=True), rows(noisy=True), populations.NormalMixture(2), None),
    ("Student t", StudentT(scatter=True), rows(), None, None),
    ("Laplace", Laplace(), rows(), None, None),
    ("outlier mixture, 1 noisy feature", OutlierMixture(scatter=True), rows(noisy=True), None, None),
    ("Poisson", Poisson(link="log"), counts(), None, None),
    ("Laplace, 1 noisy feature", Laplace(), rows(noisy=True), None, None),
    ("Poisson, 1 noisy feature", Poisson(link="log"), counts(noisy=True), None, None),
    ("Student t, 1 noisy feature", StudentT(scatter=True), rows(noisy=True), None, None),
]


def cost(likelihood, data, population):
    """Return the least time in milliseconds, near the maximum where walkers are."""
    target = Model(Linear(), likelihood, population=population).target(data)
    rng = np.random.default_rng(0)
    middle = target.starts(rng, 2)[0]
    z = middle + 0.02 * rng.standard_normal((N_VECTORS, len(middle)))
    times, begun = [], time.perf_counter()
    while len(times) < 3 or (time.perf_counter() - begun < 1 and len(times) < 50):
        start = time.process_time()
        target.log_density(z)
        times.append(time.process_time() - start)
    return 1e3 * min(times)


def main():
    """Print a table."""
    plain = None
    print(f"{N_VECTORS} vectors, {N_ROWS} rows{'ms':>20s}{'ratio':>8s}{'goal':>8s}")
    for name, likelihood, data, population, goal in CASES:
        found = cost(likelihood, data, population)
        plain = plain or found
        print(f"{name:34s}{found:8.2f}{found / plain:8.1f}{goal or '':>8}", flush=True)


if __name__ == "__main__":
    main()
