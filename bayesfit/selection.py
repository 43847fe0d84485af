"""Choosing among models: the simplest of those that predict about as well as the best."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from bayesfit.comparison import Comparison, compare, count_text, indistinguishable, refuse_different_data
from bayesfit.data import Data
from bayesfit.errors import ComparisonError
from bayesfit.folds import Blocked
from bayesfit.loo import check_refits
from bayesfit.models import BaseModel
from bayesfit.models.base import as_data, no_model_text
from bayesfit.posterior import Posterior
from bayesfit.seeds import generator

__all__ = ["Blocked", "Selection", "select"]


@dataclass(frozen=True, eq=False)
class Selection:
    """Models fitted to the same data, and which of them to use.

    Attributes
    ----------
    posteriors : dict
    comparison : Comparison
    best : str
        Among the models that cannot be told from the most accurate one (its lead is below 4, or below twice its
        standard error), the one with the fewest parameters; of several the most accurate.  It says nothing where
        ``comparison.reliable`` is False.
    table : DataFrame
        A row per model, simplest first: the number of parameters, the training score (ln of the mean of p(y_i | θ),
        summed; it rises with every parameter), elpd and its standard error se, elpd_diff and dse.
    """

    posteriors: Mapping[str, Posterior]
    comparison: Comparison
    best: str
    table: pd.DataFrame

    def __repr__(self):
        return f"{self.table.round(2).to_string()}\n\n{self.comparison.verdict}\nSimplest of the best: {self.best}."


def select(
    models: Mapping[str, BaseModel], data: Data, *, sampler=None, refits=10, executor=None, seed=None, progress=False
) -> Selection:
    """Fit several models to the same data and choose one.

    Parameters
    ----------
    models : mapping of str to model
        Such as polynomials of several degrees, or mixtures of several components.
    data : Data
    sampler : sampling.Ensemble, optional
    refits : int
        As for `compare`.
    executor : concurrent.futures.Executor, optional
    seed : int, optional
    progress : bool
        Whether to show, on standard error, how many models are fitted.

    Raises
    ------
    ComparisonError
        For fewer than two models, what is no model, or models that cannot be compared.

    Notes
    -----
    The lead of the best of many models is exaggerated by having been chosen (McLatchie & Vehtari 2024), one more
    reason to prefer the simplest of those that are about as good.
    """
    if not isinstance(models, Mapping) or len(models) < 2:
        raise ComparisonError(
            'select needs a mapping of two or more models by name, such as {"line": Model(…), "parabola": Model(…)}; '
            f"got {count_text(models, 'model')}"
        )
    for name, model in models.items():
        if not isinstance(model, BaseModel):
            raise ComparisonError(no_model_text(repr(name), model))
    check_refits(refits)
    refuse_different_data({name: model.target(as_data(data)) for name, model in models.items()})
    rng = generator(seed)
    seeds = rng.integers(2**31, size=len(models) + 1)
    posteriors = {
        name: model.fit(data, sampler=sampler, seed=int(one), progress=False, executor=executor)
        for (name, model), one in zip(_shown(models.items(), progress), seeds, strict=False)
    }
    comparison = compare(posteriors, refits=refits, executor=executor, seed=int(seeds[-1]))
    table = _table(comparison)
    return Selection(posteriors, comparison, _best(table), table)


def _shown(models, progress):
    if not progress:
        return models
    from tqdm import tqdm

    return tqdm(models, desc="models", leave=False)


def _table(comparison: Comparison) -> pd.DataFrame:
    found = comparison.table
    columns = {
        "parameters": [len(comparison.posteriors[name].names) for name in found.index],
        "training": [comparison.loos[name].elpd + comparison.loos[name].p for name in found.index],
    }
    table = pd.DataFrame(columns, index=found.index).join(
        found[["elpd", "se", "elpd_diff", "dse", "weight", "pareto_k"]]
    )
    return table.sort_values("parameters", kind="stable")


def _best(table) -> str:
    close = [indistinguishable(row["elpd_diff"], row["dse"]) for _, row in table.iterrows()]
    candidates = table[np.array(close)]
    fewest = candidates[candidates["parameters"] == candidates["parameters"].min()]
    return fewest["elpd"].idxmax()
