"""Models with a function of the user's, in the ways in which its log densities may depend on their batch."""

import numpy as np

import bayesfit as bf

PRIORS = {"height": bf.priors.Normal(2, 2), "place": bf.priors.Normal(3, 1), "width": bf.priors.LogNormal(0, 0.3)}


def broadcasting(x, height, place, width):
    """Return a peak, for all walkers in one call."""
    return height * np.exp(-0.5 * ((x - place) / width) ** 2)


def looped(x, height, place, width):
    """Return a peak, for one walker after another."""
    return broadcasting(x, height, place, width) if height > 0 else np.zeros_like(x)


def slow(x, height, place, width):
    """Return a peak as a sum of many: some ten milliseconds for each walker."""
    if height < -1e3:
        return np.zeros_like(x)
    return sum(broadcasting(x, height, place, width) for _ in range(2000)) / 2000


def rows(n_rows=20, seed=1, **errors):
    """Return rows of a peak."""
    rng = np.random.default_rng(seed)
    x = np.linspace(0, 6, n_rows)
    errors = {"y_err": rng.uniform(0.1, 0.3, n_rows)} | errors
    return bf.Data(x, looped(x, 2.0, 2.7, 0.8) + rng.normal(0, 0.2, n_rows), **errors)


def model(function=looped, likelihood=None):
    """Return the model of a peak."""
    return bf.Model(bf.predictors.Function(function), likelihood or bf.likelihoods.Gaussian(), priors=PRIORS)


def covariance(n_rows=20):
    """Return a covariance of labels."""
    return 0.04 * np.eye(n_rows) + 0.01


#: targets by name
TARGETS = {
    "looped": lambda: model().target(rows()),
    "broadcasting": lambda: model(broadcasting).target(rows()),
    "scatter": lambda: model(looped, bf.likelihoods.Gaussian(scatter=True)).target(rows()),
    "Student t": lambda: model(looped, bf.likelihoods.StudentT()).target(rows()),
    "outliers": lambda: model(looped, bf.likelihoods.OutlierMixture()).target(rows()),
    "covariance": lambda: model().target(rows(y_err=None, y_cov=covariance())),
    "noisy features": lambda: model().target(rows(4, x_err=0.1)),
}


def line(likelihood, n_rows=20, labels=None, **errors):
    """Return the target of a straight line, whose batches cannot be cut."""
    rng = np.random.default_rng(5)
    x = rng.uniform(0, 6, n_rows)
    y = 1 + 0.5 * x + rng.normal(0, 0.5, n_rows) if labels is None else labels(rng, x)
    return bf.Model(bf.predictors.Linear(), likelihood).target(bf.Data(x, y, **errors))


def two_classes(rng, x):
    """Return labels."""
    return rng.uniform(size=len(x)) < 1 / (1 + np.exp(3 - x))


#: targets of straight lines by name
LINES = {
    "few rows": lambda: line(bf.likelihoods.Bernoulli(), 40, two_classes),
    "no rows to add up": lambda: line(bf.likelihoods.Gaussian(scatter=True), 5000, y_err=0.3),
    "a polynomial for the rows": lambda: line(bf.likelihoods.Bernoulli(), 3000, two_classes),
    "many rows": lambda: line(bf.likelihoods.Bernoulli(label_noise=True), 3000, two_classes),
    "quadrature": lambda: line(bf.likelihoods.StudentT(), 30, x_err=0.2, y_err=0.3),
    "a covariance": lambda: line(bf.likelihoods.Gaussian(), y_cov=covariance()),
}


def fails(x, height, place, width):
    """Fail where the peak is high."""
    if height > 2.5:
        raise ZeroDivisionError("too high")
    return broadcasting(x, height, place, width)


def undefined(x, height, place, width):
    """Return NaN where the peak is high."""
    return broadcasting(x, height, place, width) if height < 2.5 else np.full_like(x, np.nan)


def deadly(x, height, place, width):
    """End the process if it is not the first one."""
    import multiprocessing
    import os

    if multiprocessing.parent_process() is not None:
        os._exit(3)
    return broadcasting(x, height, place, width)


def interrupting(x, height, place, width):
    """Stand for Ctrl-C while kept steps are under way, as the test says by a file."""
    import os
    import signal
    from pathlib import Path

    flag = Path(os.environ["BAYESFIT_TEST_INTERRUPT"])
    if flag.exists():
        flag.unlink(missing_ok=True)
        os.kill(int(os.environ["BAYESFIT_TEST_PARENT"]), signal.SIGINT)
    return broadcasting(x, height, place, width)
