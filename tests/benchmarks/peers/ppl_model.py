"""The six problems as PyMC models, and what their samplers have in common."""

import ppl_names
import pymc as pm
import pytensor.tensor as pt


def model(problem) -> pm.Model:
    """Return the problem as a PyMC model."""
    d = problem.columns
    with pm.Model() as built:
        if problem.kind in ("line", "noisy line", "outliers"):
            slope = pm.Normal("b", 0, 10)
            mean = pm.Normal("a", 0, 10) + slope * d["x"]
        if problem.kind == "line":
            pm.Normal("labels", mean, d["y_err"], observed=d["y"])
        elif problem.kind == "noisy line":
            scatter = pm.HalfNormal("s", 2)
            variance = d["y_err"] ** 2 + slope**2 * d["x_err"] ** 2 + scatter**2
            pm.Normal("labels", mean, pt.sqrt(variance), observed=d["y"])
        elif problem.kind == "plane":
            mean = pm.Normal("a", 0, 10) + pt.dot(d["x"], pm.Normal("w", 0, 10, shape=d["x"].shape[1]))
            pm.Normal("labels", mean, pt.sqrt(d["y_err"] ** 2 + pm.HalfNormal("s", 2) ** 2), observed=d["y"])
        elif problem.kind == "logistic":
            odds = pm.Normal("a", 0, 2.5) + pt.dot(d["x"], pm.Normal("w", 0, 2.5, shape=d["x"].shape[1]))
            pm.Bernoulli("labels", logit_p=odds, observed=d["y"].astype(int))
        elif problem.kind == "outliers":
            share, centre, log_v = pm.Uniform("q", 0, 1), pm.Normal("centre", 0, 10), pm.Normal("ln_v", 2, 1.5)
            good = pm.logp(pm.Normal.dist(mean, d["y_err"]), d["y"])
            bad = pm.logp(pm.Normal.dist(centre, pt.sqrt(pt.exp(log_v) + d["y_err"] ** 2)), d["y"])
            pm.Potential("labels", pt.logaddexp(pt.log1p(-share) + good, pt.log(share) + bad).sum())
        else:
            height, centre = pm.Normal("height", 0, 10), pm.Normal("centre", 5, 1)
            width = pt.exp(pm.Normal("ln_width", 0, 0.5))
            mean = height * pt.exp(-0.5 * ((d["x"] - centre) / width) ** 2)
            mean = mean + pm.Normal("level", 0, 10) + pm.Normal("slope", 0, 10) * d["x"]
            pm.Normal("labels", mean, d["y_err"], observed=d["y"])
    return built


def outcome(problem, found, spent) -> dict:
    """Return draws and what they cost, of ``spent`` CPU-seconds the share of the steps that were kept."""
    warm, kept = (float(group["n_steps"].sum()) for group in (found.warmup_sample_stats, found.sample_stats))
    return {
        "chain": ppl_names.coordinates(problem, {name: draws.values for name, draws in found.posterior.items()}),
        "sampling": spent * kept / (warm + kept),
        "evaluations": kept,
        "converged": True,
        "ensemble": False,
    }
