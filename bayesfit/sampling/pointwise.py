"""Pointwise terms of the draws that are kept, by the workers of an executor where they take long."""

import time
from concurrent.futures import Executor

import numpy as np

from bayesfit.pieces import in_pieces

__all__ = ["pointwise_terms"]

#: draws that are timed, and the seconds that each of them takes where workers are asked
TIMED, LEAST_SECONDS = 4, 5e-4


def pointwise_terms(target, theta: np.ndarray, executor: Executor | None = None) -> np.ndarray:
    """Return ``target.log_likelihood(theta)``, (draws, rows), of draws (draws, D).

    Workers are asked where one draw takes longer than half a millisecond, as it does with an expensive function, and
    only if they give the bits that this process does (`Target.block`).
    """
    n_rows, block = len(target.term_rows), getattr(target, "block", None)
    if executor is None or not block or len(theta) <= TIMED:
        return in_pieces(target.log_likelihood, theta, n_rows)
    began = time.perf_counter()
    first = in_pieces(target.log_likelihood, theta[:TIMED], n_rows)
    if time.perf_counter() - began < LEAST_SECONDS * TIMED:
        return in_pieces(target.log_likelihood, theta, n_rows)
    return np.concatenate([first, *_by_workers(target, theta[TIMED:], executor)])


def _by_workers(target, theta, executor) -> list[np.ndarray]:
    # they bring emcee, which loads all of scipy.stats
    from bayesfit.sampling.executors import n_workers
    from bayesfit.sampling.post import Post
    from bayesfit.sampling.remote import pointwise
    from bayesfit.sampling.spread import SHARES

    n_pieces = min(len(theta), SHARES * n_workers(executor))
    return Post(target, executor).send(pointwise, [(piece,) for piece in np.array_split(theta, n_pieces)])
