"""Advance all ensembles by one round, here or through an executor."""

from concurrent.futures import FIRST_EXCEPTION, Executor, ThreadPoolExecutor, wait

import numpy as np

from bayesfit.sampling.executors import check_executor
from bayesfit.sampling.polynomial import StandIn, stand_in
from bayesfit.sampling.post import Post
from bayesfit.sampling.remote import walk_on
from bayesfit.sampling.spread import Spread
from bayesfit.sampling.student import StudentMixture
from bayesfit.sampling.threads import one_thread
from bayesfit.sampling.walk import Plan, Position, Walked

__all__ = ["Workers"]


class Workers:
    """Runs each ensemble's part of a round; counts evaluations.

    Where a log density is cheap, or its batches can be cut, all ensembles walk as one, in this process; else each goes
    to a worker of the executor as a whole.  Of batches that can be cut the pieces go to the workers where they take
    long: so there is work for more workers than there are ensembles, and for all of them during the search.  The draws
    are the same for any number of workers, and without an executor.

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
        # whether all ensembles walk as one: where that saves time, and where batches can be cut
        self._in_one = getattr(target, "is_cheap", False) or getattr(target, "block", None) is not None
        self.n_evaluations = 0
        self._post = None if executor is None else Post(target, executor)
        self._spread = None if self._post is None else Spread(target, self._post)
        self._faults: tuple[str, ...] = ()
        self._stand_in: StandIn | None = None

    def stand_in(self, proposal: StudentMixture | None):
        """Walk from now on on a polynomial around a proposal, if there is one and it will do, in this process."""
        self._stand_in, n_evaluations = (None, 0) if proposal is None else stand_in(self.density, proposal)
        self.n_evaluations += n_evaluations

    @property
    def density(self):
        """The target, to be evaluated by as many workers as is worth while."""
        return self._spread or self.target

    def advance(self, positions: list[Position], moves, n_steps: int, beta: float = 1.0) -> list[Walked]:
        """Walk ``n_steps`` with every ensemble, on the density to the power ``beta``; the order is kept."""
        # whatever decides on this must not depend on workers, or the draws would
        together = (self._in_one or self._stand_in is not None) and isinstance(moves, Plan)
        groups = [positions] if together else [[position] for position in positions]
        tasks = [(group, moves, n_steps, beta) for group in groups]
        if self._stand_in is not None:
            found = [walk_on(self._stand_in, *task) for task in tasks]
        elif self._post is not None and self._in_pieces(positions):
            found = self._side_by_side(tasks, self._post)
        elif self._post is None or together:
            found = [walk_on(self.target, *task) for task in tasks]
        else:
            found = self._post.send(walk_on, tasks)
        walked = [each for group in found for each in group]
        # a target in another process keeps its faults to itself
        self._faults = next((each.faults for each in walked if each.faults), self._faults)
        self.n_evaluations += n_steps * sum(len(position.coords) for position in positions)
        return walked

    def _in_pieces(self, positions) -> bool:
        return self._spread is not None and self._spread.in_pieces(np.concatenate([each.coords for each in positions]))

    def _side_by_side(self, tasks, post: Post) -> list[list[Walked]]:
        """Walk in a thread for each task, so that while ensembles of one move the others' batches are evaluated."""
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
