"""Which model predicts better: PSIS-LOO, its differences and stacking, with a verdict in words."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from bayesfit.errors import ComparisonError, rows_text
from bayesfit.posterior import Posterior
from bayesfit.prediction import Prediction
from bayesfit.seeds import generator

__all__ = ["Comparison", "compare"]

#: a difference below this is no difference, whatever its standard error (Sivula et al. 2020)
LEAST_DIFFERENCE = 4.0
LEAST_ERRORS = 2.0


@dataclass(frozen=True, eq=False)
class Comparison:
    """Models ranked by expected log predictive density (elpd).

    Attributes
    ----------
    table : DataFrame
        A row per model, best first: elpd and its standard error se, elpd_diff and its standard error dse (to the
        best), p (effective number of parameters), weight (stacking), and the largest Pareto k.
    verdict : str
    reliable : bool
        Whether every leave-one-out term can be trusted.
    """

    table: pd.DataFrame
    posteriors: Mapping[str, Posterior]
    verdict: str
    reliable: bool

    @property
    def weights(self) -> dict[str, float]:
        """Stacking weights by model; not evidence for a model where the verdict names no winner."""
        return {name: float(weight) for name, weight in self.table["weight"].items()}

    def predict(self, x, *, x_err=None, kind="mean", seed=None) -> Prediction:
        """Return predictive draws of the models mixed by their stacking weights."""
        rng = generator(seed)
        members = {name: weight for name, weight in self.weights.items() if weight > 0}
        parts = {
            name: self.posteriors[name].predict(x, x_err=x_err, kind=kind, seed=int(rng.integers(2**31)))
            for name in members
        }
        first = next(iter(parts.values()))
        flat = {
            name: part.draws.stack(sample=("chain", "draw")).transpose("sample", "row") for name, part in parts.items()
        }
        size = min(part.sizes["sample"] for part in flat.values())
        shares = np.array(list(members.values()))
        chosen = rng.choice(len(shares), size=size, p=shares / shares.sum())
        mixed = np.stack([part.to_numpy()[:size] for part in flat.values()])[chosen, np.arange(size)]
        return Prediction(_as_chains(mixed), first.extrapolated)

    def __repr__(self):
        return f"{self.table.round(2).to_string()}\n\n{self.verdict}"


def _as_chains(draws):
    import xarray as xr

    return xr.DataArray(draws[None], dims=("chain", "draw", "row"), name="y")


def compare(posteriors: Mapping[str, Posterior]) -> Comparison:
    """Compare posteriors of the same labels by leave-one-out cross-validation.

    Parameters
    ----------
    posteriors : mapping of str to Posterior

    Raises
    ------
    ComparisonError
        For fewer than two posteriors, or posteriors of different rows or labels.
    """
    if not isinstance(posteriors, Mapping) or len(posteriors) < 2:
        raise ComparisonError("compare needs a mapping of two or more posteriors by name")
    _refuse_different_data(posteriors)
    import arviz as az

    with warnings.catch_warnings():
        # ArviZ warns of large Pareto k; the verdict says it, with the rows
        warnings.simplefilter("ignore")
        loos = {name: posterior.loo() for name, posterior in posteriors.items()}
        table = az.compare(loos, method="stacking", round_to="none")
    table = table.assign(pareto_k=[float(np.max(loos[name].pareto_k)) for name in table.index])
    table.index.name = "model"
    # terms are those of the labelled rows
    labelled = np.flatnonzero(next(iter(posteriors.values())).target.data.labelled)
    bad = {name: labelled[np.asarray(loo.pareto_k) > loo.good_k] for name, loo in loos.items()}
    bad = {name: rows for name, rows in bad.items() if rows.size}
    return Comparison(table, dict(posteriors), _verdict(table, bad), not bad)


def _refuse_different_data(posteriors):
    (first_name, first), *others = posteriors.items()
    for name, other in others:
        a, b = first.target.data, other.target.data
        if a.size != b.size or (a.labelled != b.labelled).any():
            raise ComparisonError(
                f"{first_name!r} and {name!r} are fits of different rows "
                f"({a.labelled.sum()} and {b.labelled.sum()} labels)"
            )
        if a.kind != b.kind:
            raise ComparisonError(f"{first_name!r} and {name!r} are fits of different labels: {a.kind} and {b.kind}")
        differing = [u != v for u, v in zip(_labels(a), _labels(b), strict=True)]
        rows = np.flatnonzero(a.labelled & np.any(differing, axis=0))
        if rows.size:
            raise ComparisonError(
                f"{first_name!r} and {name!r} are fits of different labels: {rows_text(rows)}; transform labels with "
                "Data.transform, which keeps track of the Jacobian"
            )


def _labels(data):
    """Return what was seen of the labels: a limit is another observation than a measurement of its value."""
    return [data.y] if data.limits is None else [data.y, data.limits]


def _verdict(table, bad):
    best, *rest = table.index
    runner = rest[0]
    difference, error = abs(table.loc[runner, "elpd_diff"]), table.loc[runner, "dse"]
    size = f"Δelpd {difference:.1f} ± {error:.1f}"
    if difference < LEAST_DIFFERENCE or difference < LEAST_ERRORS * error:
        text = f"No clear winner: {best} and {runner} predict about equally well ({size})."
    else:
        text = f"{best} predicts better than {runner} ({size})."
    for name, rows in bad.items():
        text += f" The estimate for {name} is unreliable: Pareto k is too large at {rows_text(rows)}."
    return text
