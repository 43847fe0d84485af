"""What errors of the features do to a slope: the shortcut beside the population model, on lines of slope 2.

Run it with the number of data sets and of rows: python examples/regression_dilution.py 10 200
"""

import sys

import numpy as np

from bayesfit import Data, Model, likelihoods, populations, predictors, sampling

SLOPE = 2.0


def simulate(rng: np.random.Generator, n_rows: int) -> Data:
    """Return x ~ N(2, 1), y = 1 + 2 x with scatter 0.5, both measured with known errors."""
    x = rng.normal(2, 1, n_rows)
    x_err, y_err = rng.uniform(0.3, 0.8, n_rows), rng.uniform(0.1, 0.4, n_rows)
    y = 1 + SLOPE * x + 0.5 * rng.standard_normal(n_rows)
    return Data(
        x + x_err * rng.standard_normal(n_rows), y + y_err * rng.standard_normal(n_rows), x_err=x_err, y_err=y_err
    )


def main(n_sets: int, n_rows: int) -> None:
    """Fit every data set both ways and print a table."""
    sampler = sampling.Ensemble(n_ensembles=2, target_ess=400)
    print(f"{n_sets} data sets of {n_rows} rows, true slope {SLOPE:g}")
    print(f"{'true features':24s} {'mean slope':>10s} {'±':>6s} {'90 % interval holds 2':>22s}")
    for name, population in (("flat (the shortcut)", populations.Flat()), ("one Gaussian", populations.Normal())):
        model = Model(predictors.Linear(), likelihoods.Gaussian(scatter=True), population=population)
        means, hits = [], 0
        for seed in range(n_sets):
            data = simulate(np.random.default_rng(seed), n_rows)
            slope = model.fit(data, sampler=sampler, seed=seed, progress=False).to_array(["slope"])
            low, high = np.quantile(slope, [0.05, 0.95])
            means.append(slope.mean())
            hits += low < SLOPE < high
        error = np.std(means, ddof=1) / np.sqrt(n_sets)
        print(f"{name:24s} {np.mean(means):10.3f} {error:6.3f} {f'{hits} of {n_sets}':>22s}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3] or (10, 200)))
