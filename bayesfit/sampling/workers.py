"""Advance all ensembles by one round, here or through an executor."""

import pickle
from concurrent.futures import Executor

from bayesfit.errors import SamplingError
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
            _check_picklable(target)

    def advance(self, positions: list[Position], moves, n_steps: int, beta: float = 1.0) -> list[Walked]:
        """Walk ``n_steps`` with every ensemble, on the density to the power ``beta``; the order is kept."""
        target = self.target if beta == 1 else Tempered(self.target, beta)
        if self.executor is None:
            walked = [walk(target, position, moves, n_steps) for position in positions]
        else:
            futures = [self.executor.submit(walk, target, position, moves, n_steps) for position in positions]
            walked = [future.result() for future in futures]
        # a target in another process keeps its faults to itself
        self._faults = next((each.faults for each in walked if each.faults), self._faults)
        self.n_evaluations += n_steps * sum(len(position.coords) for position in positions)
        return walked

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


def _check_picklable(target):
    try:
        pickle.dumps(target)
    except Exception as error:
        raise SamplingError(
            f"executor: the model cannot be pickled ({error}); use a function defined at the top of a "
            "module instead "
            "of a lambda or a nested one, or executor=None"
        ) from error
