"""The tables of a report, as rows of plain values."""

from bayesfit.comparison import Comparison
from bayesfit.posterior import Posterior

__all__ = ["comparison_rows", "parameter_rows", "prior_rows", "provenance_rows"]


def parameter_rows(posterior: Posterior) -> list[dict]:
    """Return a row for each free element: name, unit, mean, sd, ends of the central 90 %, effective samples, R-hat."""
    table = posterior.summary(ci_prob=0.9)
    keys = {"mean": "mean", "sd": "sd", "eti90_lb": "low", "eti90_ub": "high", "ess_bulk": "ess", "r_hat": "rhat"}
    unit_of = posterior.target.parameters.unit_of
    return [
        {"name": name, "unit": unit_of(name)} | {new: float(row[old]) for old, new in keys.items()}
        for name, row in table.iterrows()
    ]


def prior_rows(posterior: Posterior) -> list[dict]:
    """Return a row for each prior: the elements it is of, its text, and whether it is the default."""
    parameters = posterior.target.parameters
    return [
        {"names": block.names, "prior": parameters.prior_text(block), "default": block.is_default}
        for block in parameters.blocks
    ]


def comparison_rows(comparison: Comparison) -> list[dict]:
    """Return a row for each model, best first."""
    keys = ("elpd", "se", "elpd_diff", "dse", "p", "weight", "pareto_k")
    return [
        {"name": name, "remedies": row["remedies"]} | {key: float(row[key]) for key in keys}
        for name, row in comparison.table.iterrows()
    ]


def provenance_rows(posterior: Posterior) -> list[tuple[str, str]]:
    """Return what is needed to make the fit again, as far as it is known."""
    known = posterior.provenance
    rows = [("Seed", known.get("seed"))]
    if "steps" in known:
        rows.append(("Sampler", _sampler(known, posterior.tree["posterior"].sizes["chain"])))
    if "evaluations" in known:
        rows.append(("Evaluations of the posterior", f"{known['evaluations']:,}"))
    seconds = known.get("seconds") or {}
    if "wall" in seconds:
        rows.append(("Time", f"{seconds['wall']:.1f} s"))
    rows.append(("Start", known.get("searched")))
    versions = known.get("versions") or {}
    rows.append(("Versions", ", ".join(f"{name} {number}" for name, number in versions.items())))
    rows.append(("Fingerprint of the data", posterior.target.data.fingerprint[:16]))
    return [(name, str(value)) for name, value in rows if value]


def _sampler(known, n_ensembles):
    return (
        f"emcee, {n_ensembles} independent ensembles of {known['walkers']} walkers, {known['burn_in']} steps of "
        f"burn-in and {known['steps']} kept steps each"
    )
