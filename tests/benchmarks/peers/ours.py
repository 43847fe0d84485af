"""bayesfit with its defaults: search, burn-in, convergence checks and leave-one-out."""

import time

import numpy as np

_begun = time.process_time()
# what a fit loads when it is first needed, so that the clock of the fit does not see it; all of SciPy that it takes
import emcee  # noqa: E402, F401

#: CPU-seconds of loading SciPy and emcee, which every ensemble sampler needs
IMPORTS = time.process_time() - _begun

import bayesfit as bf  # noqa: E402
import bayesfit.models  # noqa: E402
from bayesfit import likelihoods, populations, predictors, priors  # noqa: E402
from bayesfit.sampling import workers  # noqa: E402

WIDE = priors.Normal(0, 10)


def supports(problem) -> bool:
    """Return whether the problem can be posed."""
    return True


def run(problem, seed, settings) -> dict:
    """Return draws in the problem's coordinates and what they cost."""
    rounds = []

    def timed(self, positions, moves, n_steps, beta=1.0):
        begun = time.process_time()
        walked = advance(self, positions, moves, n_steps, beta)
        rounds.append((n_steps, time.process_time() - begun))
        return walked

    advance = workers.Workers.advance
    begun, clock = time.process_time(), time.perf_counter()
    model, data, to_theta = _posed(problem)
    workers.Workers.advance = timed
    posterior = model.fit(data, seed=seed, progress=False)
    workers.Workers.advance = advance
    fitted, wall = time.process_time() - begun, time.perf_counter() - clock
    answered = _leave_one_out(posterior) if settings["loo"] else None
    ensembles, steps, walkers, _ = posterior.chains.shape
    # the rounds that were kept are the last ones
    counts = np.cumsum([n for n, _ in reversed(rounds)])
    kept = sum(seconds for _, seconds in rounds[len(rounds) - int(np.searchsorted(counts, steps)) - 1 :])
    chain = np.swapaxes(posterior.chains, 1, 2).reshape(ensembles * walkers, steps, -1)
    return {
        "chain": to_theta(chain),
        "sampling": kept,
        "evaluations": steps * walkers * ensembles,
        "fitted": fitted,
        "finished": fitted + answered[0] if answered else None,
        "wall": wall + answered[1] if answered else None,
        "converged": bool(posterior.diagnostics.converged),
        "ensemble": True,
    }


def _leave_one_out(posterior):
    """Return CPU-seconds and wall seconds of leave-one-out, without those of loading ArviZ and xarray."""
    import arviz_stats.utils  # noqa: F401
    import xarray as xr

    xr.DataArray(np.zeros(1))
    begun, clock = time.process_time(), time.perf_counter()
    posterior.loo(refits=None)
    return time.process_time() - begun, time.perf_counter() - clock


def _posed(problem):
    """Return the model, its data, and the map from natural values (…, D) to the problem's coordinates."""
    columns = dict(problem.columns)
    x, y = columns.pop("x"), columns.pop("y")
    given = {"intercept": WIDE, "slope": WIDE}
    gaussian, line = likelihoods.Gaussian, predictors.Linear()
    if problem.kind == "line":
        return bf.Model(line, gaussian(), priors=given), bf.Data(x, y, **columns), lambda t: t
    if problem.kind in ("noisy line", "plane"):
        flat = populations.Flat() if "x_err" in columns else None
        given["scatter"] = priors.HalfNormal(2)
        return (
            bf.Model(line, gaussian(scatter=True), priors=given, population=flat),
            bf.Data(x, y, **columns),
            _log_last,
        )
    if problem.kind == "logistic":
        narrow = {"intercept": priors.Normal(0, 2.5), "slope": priors.Normal(0, 2.5)}
        return bf.Model(line, likelihoods.Bernoulli(), priors=narrow), bf.Data(x, y), lambda t: t
    if problem.kind == "outliers":
        given |= {"outlier_fraction": priors.Uniform(0, 1), "outlier_mean": WIDE}
        given["outlier_scale"] = priors.LogNormal(1, 0.75)
        return bf.Model(line, likelihoods.OutlierMixture(), priors=given), bf.Data(x, y, **columns), _outliers
    own = {"height": WIDE, "centre": priors.Normal(5, 1), "ln_width": priors.Normal(0, 0.5)}
    own |= {"level": WIDE, "slope": WIDE}
    return bf.Model(predictors.Function(_peak), gaussian(), priors=own), bf.Data(x, y, **columns), lambda t: t


def _peak(x, height, centre, ln_width, level, slope):
    return height * np.exp(-0.5 * ((x - centre) / np.exp(ln_width)) ** 2) + level + slope * x


def _log_last(t):
    return np.concatenate([t[..., :-1], np.log(t[..., -1:])], axis=-1)


def _outliers(t):
    a, b, q, centre, scale = np.moveaxis(t, -1, 0)
    return np.stack([a, b, np.log(q) - np.log1p(-q), centre, 2 * np.log(scale)], axis=-1)
