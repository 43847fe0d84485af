"""Tasks for the workers of an executor, and the target for those of them that lack it."""

import pickle
import uuid
import weakref
from concurrent.futures import BrokenExecutor, CancelledError, Executor
from functools import partial
from threading import Event

from bayesfit.errors import SamplingError
from bayesfit.sampling.executors import submit
from bayesfit.sampling.remote import call_kept, forget, keep

__all__ = ["Post"]


class Post:
    """Has functions of a target worked out by an executor.

    Parameters
    ----------
    target
        The density.
    executor
        A `concurrent.futures` executor.

    Raises
    ------
    SamplingError
        If the target cannot be sent.
    """

    def __init__(self, target, executor: Executor):
        self.executor = executor
        self._target = target
        self._token = uuid.uuid4().hex
        self._stopped = Event()
        self.pack()
        # threads, and processes that are forked from here later, find it without its being sent
        keep(self._token, target)
        weakref.finalize(self, forget, self._token)

    def pack(self):
        """Pack the target as it is now, with what evaluations may have taught it."""
        self._parcel = partial(pickle.loads, _pickled(self._target))

    def send(self, function, tasks: list[tuple]) -> list:
        """Return ``function(target, *task)`` of each task, in their order; may be called by several threads.

        Raises
        ------
        SamplingError
            If a worker died; what a function raised is raised here.
        """
        found: list = [None] * len(tasks)
        # asked first with nothing in hand: most workers have the target, and to send it may take longer than the task
        for parcel in (None, self._parcel):
            missing = [i for i, result in enumerate(found) if result is None]
            futures = []
            try:
                for i in missing:
                    futures.append(submit(self.executor, call_kept, self._token, parcel, function, *tasks[i]))
                for i, future in zip(missing, futures, strict=True):
                    found[i] = future.result()
                    if self._stopped.is_set():
                        raise CancelledError
            except BrokenExecutor as error:
                raise SamplingError(
                    f"executor: a worker died ({error}), perhaps for want of memory, or because the model's code ended "
                    "its process; start with fewer workers, or try executor=None. With checkpoint= nothing that was "
                    "saved is lost"
                ) from error
            finally:
                for future in futures:
                    future.cancel()
        return found

    def stop(self):
        """Let threads that wait for workers give up."""
        self._stopped.set()


def _pickled(target) -> bytes:
    try:
        return pickle.dumps(target)
    except Exception as error:
        raise SamplingError(
            f"executor: the model cannot be pickled ({error}); use a function defined at the top of a "
            "module instead of a lambda or a nested one, or executor=None"
        ) from error
