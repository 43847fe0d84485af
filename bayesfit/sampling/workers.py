"""Advance all ensembles by one round, here or through an executor."""

from concurrent.futures import FIRST_EXCEPTION, Executor, ThreadPoolExecutor, wait

import numpy as np

from bayesfit.sampling.executors import check_executor
from bayesfit.sampling.post import Post
from bayesfit.sampling.remote import walk_on
from bayesfit.sampling.spread import Spread
from bayesfit.sampling.threads import one_thread
from bayesfit.sampling.walk import Position, Walked

__all__ = ["Workers"]


class Workers:
    """Runs each ensemble's part of a round; counts evaluations.

    Ensembles go to the workers of an executor as a whole.  Where a log density takes milliseconds, batches of walkers
    do instead, and the ensembles stay here: so there is work for more workers than there are ensembles, and for all of
    them during the search.  The draws are the same either way.

    Parameters
    ----------
    target
        The density.
    executor
        A `concurrent.futures` executor, or None to run in this process.

    Raises
    ------
    SamplingError
        If it is no executor, or the target cannot be sent to it.
    """

    def __init__(self, target, executor: Executor | None = None):
        check_executor(executor)
        self.target = target
        self.n_evaluations = 0
        self._post = None if executor is None else Post(target, executor)
        self._spread = None if self._post is None else Spread(target, self._post)
        self._faults: tuple[str, ...] = ()

    @property
    def density(self):
        """The target, to be evaluated by as many workers as is worth while."""
        return self._spread or self.target

    def advance(self, positions: list[Position], moves, n_steps: int, beta: float = 1.0) -> list[Walked]:
        """Walk ``n_steps`` with every ensemble, on the density to the power ``beta``; the order is kept."""
        tasks = [(position, moves, n_steps, beta) for position in positions]
        if self._post is None or self._spread is None:
            walked = [walk_on(self.target, *task) for task in tasks]
        elif self._spread.in_pieces(np.concatenate([position.coords for position in positions])):
            walked = self._side_by_side(tasks, self._post)
        else:
            walked = self._post.send(walk_on, tasks)
        # a target in another process keeps its faults to itself
        self._faults = next((each.faults for each in walked if each.faults), self._faults)
        self.n_evaluations += n_steps * sum(len(position.coords) for position in positions)
        return walked

    def _side_by_side(self, tasks, post: Post) -> list[Walked]:
        """Walk in a thread for each ensemble, so that while one of them moves the others' batches are evaluated."""
        with one_thread(), ThreadPoolExecutor(len(tasks)) as threads:
            futures = [threads.submit(walk_on, self._spread, *task) for task in tasks]
            try:
                done = wait(futures, return_when=FIRST_EXCEPTION).done
                # the error itself rather than what the other threads make of it
                for future in (*done, *futures):
                    future.result()
            except BaseException:
                post.stop()
                raise
        return [future.result() for future in futures]

    @property
    def faults(self) -> tuple[str, ...]:
        """Sentences about what went wrong in evaluations, wherever they ran."""
        return tuple(self.target.faults) or self._faults
