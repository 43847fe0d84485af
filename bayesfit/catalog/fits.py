"""Fitting a few objects: what a worker does."""

import hashlib
import time
from typing import NamedTuple

import numpy as np

from bayesfit.audit import audit
from bayesfit.catalog.closed_form import closed_form_rows
from bayesfit.catalog.rows import QUANTILES, CatalogRow, parameter_columns
from bayesfit.data import Data
from bayesfit.errors import BayesfitError, DataError
from bayesfit.models import BaseModel
from bayesfit.posterior import Posterior
from bayesfit.sampling import one_thread, sample

__all__ = ["Task", "fit_objects", "seed_of"]

#: rows of one object above which its leave-one-out terms are not worked out
MOST_LOO_ROWS = 100_000


class Task(NamedTuple):
    """What is done with every object.

    Parameters
    ----------
    model : BaseModel
    sampler : Ensemble
    entropy : int
        Of which, with an object's key, its seed is made.
    """

    model: BaseModel
    sampler: object
    entropy: int


def seed_of(entropy: int, text: str) -> int:
    """Return the seed of an object: the same on every machine, whatever else is fitted, and in whatever order.

    Examples
    --------
    >>> seed_of(1, "int:7") == seed_of(1, "int:7"), seed_of(1, "int:7") == seed_of(1, "int:8")
    (True, False)
    """
    return int.from_bytes(hashlib.sha256(f"{entropy}/{text}".encode()).digest()[:8], "big")


def fit_objects(task: Task, objects: list[tuple[str, Data]]) -> list[CatalogRow]:
    """Return the rows of some objects, given with the text of their keys; an object's error is its row."""
    with one_thread():
        rows = closed_form_rows(task.model, [data for _, data in objects])
        return [
            row if row is not None else _fit(task, data, seed_of(task.entropy, text))
            for row, (text, data) in zip(rows, objects, strict=True)
        ]


def _fit(task, data, seed) -> CatalogRow:
    began = time.perf_counter()
    n_rows = len(data) if isinstance(data, Data) else 0
    try:
        if not isinstance(data, Data):
            raise DataError(f"an object should be a bayesfit.Data, got {type(data).__name__}")
        row = _sampled(task, data, seed)
    except Exception as error:
        row = {"status": "error", "message": f"{type(error).__name__}: {error}", "n_rows": n_rows}
    return {**row, "seconds": time.perf_counter() - began}


def _sampled(task, data, seed) -> CatalogRow:
    target = task.model.target(data)
    findings = audit(target)
    run = sample(task.sampler, target, seed=seed, progress=False)
    if run.interrupted:
        raise KeyboardInterrupt
    posterior = Posterior.from_run(target, run, tuple(finding.text for finding in findings))
    draws, verdict = posterior.to_array(), posterior.diagnostics
    texts = [*verdict.messages, *(finding.text for finding in findings if finding.suspicious)]
    moments = draws.mean(axis=0), draws.std(axis=0, ddof=1), np.quantile(draws, QUANTILES, axis=0)
    return {
        "status": "converged" if verdict.converged else "not converged",
        "message": " ".join(texts),
        "n_rows": target.n_rows,
        **parameter_columns(posterior.names, *moments),
        "rhat": max(verdict.rhat.values()),
        "ess": min(verdict.ess.values()),
        **_scores(posterior),
    }


def _scores(posterior) -> CatalogRow:
    if posterior.target.n_rows > MOST_LOO_ROWS:
        return {}
    try:
        loo = posterior.loo(refits=None)
    except BayesfitError:  # a fit without a score is still a fit
        return {}
    k = float(loo.pareto_k.max())
    return {"elpd": loo.elpd, "elpd_se": loo.se, "p_loo": loo.p, "pareto_k": k}
