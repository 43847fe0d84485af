"""The same model fitted to every object of a table, or of a stream of them."""

import json
import pickle
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from importlib.metadata import version
from itertools import count

import numpy as np
import pandas as pd

from bayesfit.catalog.batches import Batches, run_batches
from bayesfit.catalog.fits import Task, fit_objects
from bayesfit.catalog.keys import key_text, read_objects
from bayesfit.catalog.rows import column_order
from bayesfit.catalog.store import Store
from bayesfit.data import Data
from bayesfit.errors import ModelError, SamplingError
from bayesfit.models import BaseModel
from bayesfit.sampling import Ensemble, one_thread
from bayesfit.sampling.executors import check_executor
from bayesfit.seeds import generator
from bayesfit.targets import model_fingerprint

__all__ = ["fit_many"]


def fit_many(
    model: BaseModel, data, *, by=None, sampler=None, executor=None, out=None, seed=None, progress=True
) -> pd.DataFrame:
    """Fit one model to many objects, each on its own.

    Parameters
    ----------
    model : Model, ClassModel or MixtureModel
        Default priors are scaled to each object's own data, as `Model.fit` does.
    data : Data, or iterable of (key, Data)
        One table in which ``by`` tells objects apart, or objects one after another; an iterable (or a generator) is
        read as it is fitted, and never held as a whole.  A mapping of keys to Data will do too.
    by : str, optional
        The column of the data that names each row's object.
    sampler : sampling.Ensemble, optional
    executor : concurrent.futures.Executor, optional
        Processes, threads, `mpi4py.futures.MPIPoolExecutor`, or ``client.get_executor()`` of a Dask client.  Without
        one the objects are fitted in this process.
    out : path, optional
        A folder of Parquet files, which `pandas.read_parquet` reads as one table at any time.  The same call goes on
        where a run was interrupted: objects that are there, with an error or without, are not fitted again.
    seed : int, optional
        With an object's key it makes that object's seed: results depend neither on the order of the objects nor on
        the number of workers.
    progress : bool
        Whether to show a progress bar on standard error.

    Returns
    -------
    DataFrame
        A row per object, in the order of the data:

        - key; status: "converged", "not converged", "closed form" or "error"; message: what is wrong; n_rows that
          have a label (of all rows, for an error);
        - of each parameter, such as slope: slope_mean, slope_sd, slope_q05, slope_q16, slope_q50, slope_q84, slope_q95;
        - rhat, the worst, and ess, the least of all parameters; NaN for the closed form;
        - elpd and its standard error elpd_se, the effective number of parameters p_loo and the worst Pareto k, by
          leave-one-out importance sampling as ``posterior.loo(refits=None)``, or exactly for the closed form; NaN
          above 100,000 rows;
        - seconds.

        What an object does not have is NaN.

    Raises
    ------
    DataError
        If the objects cannot be told apart, or the iterable yields something else than pairs.
    ModelError, SamplingError, ResultFileError
        Before any fit, if an argument is unusable, or ``out`` belongs to another run, or is being written by one.
    ResultFileError
        If ``out`` cannot keep a key as it is, since those before it are of another kind.

    Notes
    -----
    An object that cannot be fitted, whatever the reason, has its error in its row, and the others go on.

    Where the predictor is linear in θ, the label errors are known, symmetric and all there is (`Gaussian`, no
    scatter, no limits), the features exact and the priors normal, flat or fixed, the posterior is normal: mean,
    standard deviation, quantiles and leave-one-out terms are then worked out in closed form, with no sampling and
    no Monte Carlo error.

    Examples
    --------
    >>> from bayesfit import Data, Model, likelihoods, predictors
    >>> stars = Data([0, 1, 2, 0, 1, 2], [1.0, 3.1, 4.9, 5.0, 4.1, 2.9], y_err=0.1, columns={"star": list("aaabbb")})
    >>> model = Model(predictors.Linear(), likelihoods.Gaussian())
    >>> table = fit_many(model, stars, by="star", progress=False)
    >>> table[["key", "status", "slope_mean", "slope_sd"]].round(3)
      key       status  slope_mean  slope_sd
    0   a  closed form        1.95     0.071
    1   b  closed form       -1.05     0.071
    """
    task = _checked_task(model, sampler, executor, seed)
    objects, total = read_objects(data, by)
    store = None
    if out is not None:
        store = Store(out, _identity(task, data, by), seed, task.entropy)
        task = task._replace(entropy=store.entropy)
    stream = _Stream(objects, store, marked=not isinstance(data, Data))
    batches = Batches(model)
    rows: list[dict] = []
    with _bar(progress, total) as bar, one_thread(), _written(store):
        for batch, found in run_batches(fit_objects, task, batches.of(stream), executor):
            batches.learn(found)
            found = stream.named(batch, found)
            store.add(found) if store else rows.extend(found)
            bar(found, stream)
        repeated = stream.repeated_rows()
        store.add(repeated) if store else rows.extend(repeated)
    return _table(store.rows() if store else rows, stream.places)


class _Stream:
    """Objects that are to be fitted, with the text of their keys, and what became of the others."""

    def __init__(self, objects, store, *, marked: bool):
        self._objects, self._store, self._marked = objects, store, marked
        self.n_skipped = 0
        self.places: dict[str, int] = {}
        self._again: Counter[str] = Counter()
        self._keys: dict[str, object] = {}
        self._marks: dict[str, str] = {}

    def __iter__(self):
        for place, (key, data) in zip(count(), self._objects, strict=False):
            text = key_text(key)
            if text in self.places:
                self._again[text] += 1
                self._keys[text] = key
                continue
            self.places[text] = place
            if self._store is not None and self._is_done(key, text, data):
                self.n_skipped += 1
                continue
            yield key, text, data

    def _is_done(self, key, text, data) -> bool:
        mark = data.fingerprint[:16] if self._marked and isinstance(data, Data) else ""
        if self._store.done[text]:
            self._store.check_same(key, text, mark)
            return True
        self._store.check_kind(key)
        self._marks[text] = mark
        return False

    def named(self, batch, rows) -> list[dict]:
        """Return the rows with their keys, and for a store with the marks of their data."""
        found = [{"key": key, **row} for key, row in zip(batch.keys, rows, strict=True)]
        if self._store is None:
            return found
        return [{**row, "mark": self._marks.pop(text)} for row, (text, _) in zip(found, batch.objects, strict=True)]

    def repeated_rows(self) -> list[dict]:
        """Return a row for each key that came again, and was not fitted again."""
        found = []
        for text, times in self._again.items():
            known = max(self._store.done[text] - 1, 0) if self._store else 0
            row = {"key": self._keys[text], "status": "error", "n_rows": 0, "seconds": 0.0}
            row["message"] = "DataError: this key came before; give each object a key of its own"
            if self._store is not None:
                row["mark"] = ""
            found += [dict(row) for _ in range(times - known)]
        return found


def _checked_task(model, sampler, executor, seed) -> Task:
    if not isinstance(model, BaseModel):
        raise ModelError(f"model should be a Model, a ClassModel or a MixtureModel, got {model!r}")
    sampler = Ensemble() if sampler is None else sampler
    if isinstance(sampler, type) or not hasattr(sampler, "run"):
        raise SamplingError(f"sampler should be a sampling.Ensemble(…), got {sampler!r}")
    generator(seed)  # refuses what is no seed
    check_executor(executor)
    entropy = int(np.random.default_rng().integers(2**63)) if seed is None else int(seed)
    task = Task(model, sampler, entropy)
    if isinstance(executor, ProcessPoolExecutor):
        _check_picklable(task)
    return task


def _check_picklable(task):
    try:
        pickle.dumps(task)
    except Exception as error:
        raise SamplingError(
            f"executor: the model cannot be sent to another process ({error}); use a function defined at the top of a "
            "module instead of a lambda or a nested one, or executor=None"
        ) from error


def _identity(task, data, by) -> dict:
    """Return what must agree, part by part, before a run may go on."""
    settings = task.sampler.described() if hasattr(task.sampler, "described") else {"sampler": repr(task.sampler)}
    parts = {"version": version("bayesfit-toolkit"), "model": model_fingerprint(task.model)}
    parts |= {"data": data.fingerprint, "by": by} if isinstance(data, Data) else {}
    return parts | {f"setting {name}": json.loads(json.dumps(value)) for name, value in settings.items()}


@contextmanager
def _written(store):
    """Write what is left in any case, also where the run ends with an error or by hand."""
    try:
        yield
    finally:
        if store is not None:
            store.close()


@contextmanager
def _bar(progress, total):
    if not progress:
        yield lambda rows, stream: None
        return
    counts: Counter[str] = Counter()
    with import_module("tqdm").tqdm(total=total, unit=" objects", desc="fit_many", leave=False) as bar:

        def update(rows, stream):
            counts.update(str(row["status"]) for row in rows)
            bar.set_postfix_str(", ".join(f"{n} {status}" for status, n in counts.items() if status != "converged"))
            bar.update(counts.total() + stream.n_skipped - bar.n)

        yield update


def _table(rows, places) -> pd.DataFrame:
    columns = column_order(dict.fromkeys(name for row in rows for name in row if name != "mark"))
    order = sorted(range(len(rows)), key=lambda i: places.get(key_text(rows[i]["key"]), len(places)))
    table = pd.DataFrame.from_records([rows[i] for i in order], columns=columns)
    numbers = [name for name in columns if name not in ("key", "status", "message", "n_rows")]
    return table.astype(dict.fromkeys(numbers, float) | {"n_rows": int})
