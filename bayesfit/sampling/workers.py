"""Advance all ensembles by one round, here or through an executor."""

import pickle
import uuid
import weakref
from concurrent.futures import Executor
from functools import partial

from bayesfit.errors import SamplingError
from bayesfit.sampling.remote import forget, keep, walk_kept
from bayesfit.sampling.walk import Position, Tempered, Walked, walk

__all__ = ["Workers"]


class Workers:
    """Runs each ensemble's part of a round; counts evaluations.

    Parameters
    ----------
    target
        The density.
    executor
        A `concurrent.futures` executor, or None to run in this process.

    Raises
    ------
    SamplingError
        If the target cannot be sent to the executor.
    """

    def __init__(self, target, executor: Executor | None = None):
        self.target = target
        self.executor = executor
        self.n_evaluations = 0
        self._faults: tuple[str, ...] = ()
        if executor is not None:
            _check_executor(executor)
            self._parcel = partial(pickle.loads, _pickled(target))
            self._token = uuid.uuid4().hex
            # threads, and processes that are forked from here later, find it without its being sent
            keep(self._token, target)
            weakref.finalize(self, forget, self._token)

    def advance(self, positions: list[Position], moves, n_steps: int, beta: float = 1.0) -> list[Walked]:
        """Walk ``n_steps`` with every ensemble, on the density to the power ``beta``; the order is kept."""
        if self.executor is None:
            target = self.target if beta == 1 else Tempered(self.target, beta)
            walked = [walk(target, position, moves, n_steps) for position in positions]
        else:
            walked = self._elsewhere(self.executor, positions, moves, n_steps, beta)
        # a target in another process keeps its faults to itself
        self._faults = next((each.faults for each in walked if each.faults), self._faults)
        self.n_evaluations += n_steps * sum(len(position.coords) for position in positions)
        return walked

    def _elsewhere(self, executor: Executor, positions, moves, n_steps, beta) -> list[Walked]:
        """Let workers walk on the target that they keep; send it with the task to those that do not have it."""
        submit = executor.submit
        found: list[Walked | None] = [None] * len(positions)
        # asked first with nothing in hand: most workers have the target, and to send it may take longer than to walk
        for parcel in (None, self._parcel):
            missing = [i for i, walked in enumerate(found) if walked is None]
            futures = [submit(walk_kept, self._token, parcel, positions[i], moves, n_steps, beta) for i in missing]
            for i, future in zip(missing, futures, strict=True):
                found[i] = future.result()
        return [walked for walked in found if walked is not None]

    @property
    def faults(self) -> tuple[str, ...]:
        """Sentences about what went wrong in evaluations, wherever they ran."""
        return tuple(self.target.faults) or self._faults


def _check_executor(executor):
    if not hasattr(executor, "submit"):
        raise SamplingError(
            f"executor={executor!r} has no submit(); give a concurrent.futures executor "
            "(of a Dask client, client.get_executor()) or executor=None"
        )


def _pickled(target) -> bytes:
    try:
        return pickle.dumps(target)
    except Exception as error:
        raise SamplingError(
            f"executor: the model cannot be pickled ({error}); use a function defined at the top of a "
            "module instead "
            "of a lambda or a nested one, or executor=None"
        ) from error
