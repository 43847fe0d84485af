"""Pointwise terms of the draws that are kept, by the workers of an executor where they take long."""

import time
from concurrent.futures import Executor

import numpy as np

from bayesfit.pieces import in_pieces
from bayesfit.sampling.executors import LEAST_SECONDS, n_workers
from bayesfit.sampling.threads import one_thread

__all__ = ["pointwise", "pointwise_terms"]

#: draws that are timed
TIMED = 4


def pointwise_terms(target, theta: np.ndarray, executor: Executor | None = None) -> np.ndarray:
    """Return ``target.log_likelihood(theta)``, (draws, rows), of draws (draws, D).

    Workers are asked where one draw takes longer than a tenth of a millisecond, as it does with an expensive function,
    and only if they give the bits that this process does (`Target.block`).
    """
    if executor is None or not target.block or len(theta) <= TIMED:
        return pointwise(target, theta)
    began = time.perf_counter()
    first = pointwise(target, theta[:TIMED])
    if time.perf_counter() - began < LEAST_SECONDS * TIMED:
        return pointwise(target, theta)
    return np.concatenate([first, *_by_workers(target, theta[TIMED:], executor)])


@one_thread()
def pointwise(target, theta: np.ndarray) -> np.ndarray:
    """Return the pointwise log-likelihood (draws, rows) of draws (draws, D), evaluated in this process."""
    return in_pieces(target.log_likelihood, theta, len(target.term_rows))


def _by_workers(target, theta, executor) -> list[np.ndarray]:
    # they bring emcee, which loads all of scipy.stats
    from bayesfit.sampling.post import Post
    from bayesfit.sampling.spread import SHARES

    n_pieces = min(len(theta), SHARES * n_workers(executor))
    return Post(target, executor).send(pointwise, [(piece,) for piece in np.array_split(theta, n_pieces)])
