"""Objects for the tests of catalogues: lines, and peaks that have to be sampled."""

import numpy as np

import bayesfit as bf

LINE = bf.Model(bf.predictors.Linear(), bf.likelihoods.Gaussian())
QUICK = bf.sampling.Ensemble(n_ensembles=2, steps=60, burn_in=30)


def peak(x, height, place):
    """Return a peak of width one."""
    return height * np.exp(-0.5 * (x - place) ** 2)


def broken(x, height, place):
    """Fail for objects that begin at a negative x."""
    if x.min() < 0:
        raise RuntimeError("no spectrum here")
    return peak(x, height, place)


PEAK = {"height": bf.priors.HalfNormal(5), "place": bf.priors.Normal(3, 1)}
PEAKS = bf.Model(bf.predictors.Function(peak), bf.likelihoods.Gaussian(), priors=PEAK)
BROKEN = bf.Model(bf.predictors.Function(broken), bf.likelihoods.Gaussian(), priors=PEAK)


def line_table(n_objects=6, n_rows=8, seed=1, shuffled=True):
    """Return one table of lines, their rows mixed, in the columns "star" and "night"."""
    rng = np.random.default_rng(seed)
    stars = np.repeat(np.arange(n_objects), n_rows)
    if shuffled:
        stars = rng.permutation(stars)
    x = rng.uniform(2455000, 2455100, stars.size)
    y = stars + 0.3 * (x - 2455050) + rng.normal(0, 0.5, stars.size)
    return bf.Data(x, y, y_err=rng.uniform(0.3, 0.7, stars.size), columns={"star": 100 + stars})


def peak_objects(n_objects=4, n_rows=12, seed=2):
    """Yield (key, Data) of peaks."""
    rng = np.random.default_rng(seed)
    x = np.linspace(0, 6, n_rows)
    for k in range(n_objects):
        yield f"p{k}", bf.Data(x, peak(x, 2.0, 2.5 + 0.2 * k) + rng.normal(0, 0.2, n_rows), y_err=0.2)
