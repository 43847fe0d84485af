"""Objects in batches, and batches to workers, a few at a time."""

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, wait
from typing import NamedTuple

from bayesfit.catalog.linear_gaussian import may_be_normal
from bayesfit.catalog.parcels import pack, unpack
from bayesfit.data import Data
from bayesfit.errors import SamplingError
from bayesfit.sampling.executors import n_workers, submit

__all__ = ["Batch", "Batches", "run_batches"]

#: objects in closed form, and rows, that make a batch
_CLOSED, _ROWS = 500, 50_000
#: seconds that a batch of sampled objects should take, and the most of them
_SECONDS, _SAMPLED = 2.0, 64
#: batches under way for each worker
_AHEAD = 3


class Batch(NamedTuple):
    """Objects that are sent together: keys, their texts with the data, and fingerprints where wanted."""

    keys: list
    objects: list[tuple[str, Data]]


class Batches:
    """Makes batches of a stream of objects: large ones in closed form, small ones of those to be sampled.

    Batches of sampled objects grow with what objects turn out to cost, so that sending them costs little.
    """

    def __init__(self, model):
        self.model = model
        self._open = {True: Batch([], []), False: Batch([], [])}
        self._rows = 0
        self._n_sampled, self._seconds = 0, 0.0

    def learn(self, rows):
        """Take note of what sampled objects cost."""
        seconds = [row["seconds"] for row in rows if row["status"] != "closed form"]
        self._n_sampled += len(seconds)
        self._seconds += sum(seconds)

    def of(self, stream) -> Iterator[Batch]:
        """Yield batches of (key, text, data)."""
        for key, text, data in stream:
            closed = may_be_normal(self.model, data)
            batch = self._open[closed]
            batch.keys.append(key)
            batch.objects.append((text, data))
            if self._is_full(batch, closed):
                self._open[closed] = Batch([], [])
                yield batch
        yield from (batch for batch in self._open.values() if batch.keys)

    def _is_full(self, batch, closed):
        if closed:
            self._rows = len(batch.objects[-1][1]) + (self._rows if len(batch.keys) > 1 else 0)
            return len(batch.keys) >= _CLOSED or self._rows > _ROWS
        if not self._n_sampled:
            return True
        each = self._seconds / self._n_sampled
        return len(batch.keys) >= min(_SAMPLED, _SECONDS / max(each, 1e-3))


def run_batches(function: Callable, task, batches: Iterator[Batch], executor) -> Iterator[tuple[Batch, list]]:
    """Yield each batch with its rows as they are done, never holding more than a few batches.

    Raises
    ------
    SamplingError
        If a worker died.
    """
    if executor is None:
        for batch in batches:
            yield batch, function(task, batch.objects)
        return
    most, pending = _AHEAD * n_workers(executor), {}
    try:
        for batch in batches:
            pending[submit(executor, _unpacked, function, task, pack(batch.objects))] = batch
            yield from _finished(pending, None if len(pending) >= most else 0)
        while pending:
            yield from _finished(pending)
    finally:
        for future in pending:
            future.cancel()


def _unpacked(function, task, parcel):
    return function(task, unpack(parcel))


def _finished(pending, timeout=None):
    for future in wait(pending, timeout, return_when=FIRST_COMPLETED).done:
        batch = pending.pop(future)
        yield batch, _result(future, batch)


def _result(future, batch):
    try:
        return future.result()
    except BrokenExecutor as error:
        shown = ", ".join(map(repr, batch.keys[:5]))
        raise SamplingError(
            f"executor: a worker died ({error}), perhaps for want of memory, near the objects {shown}; start with "
            "fewer workers. With out= nothing that was done is lost"
        ) from error
    except Exception as error:
        message = f"{type(error).__name__}: {error}"
        return [{"status": "error", "message": message, "n_rows": 0, "seconds": 0.0} for _ in batch.keys]
