"""A batch of walkers in pieces, worked out by the workers of an executor: for likelihoods that take milliseconds."""

import time
from collections.abc import Iterator
from itertools import count, pairwise

import numpy as np

from bayesfit.sampling.executors import LEAST_SECONDS, n_workers
from bayesfit.sampling.post import Post
from bayesfit.sampling.remote import evaluate

__all__ = ["Spread"]

#: how many times its sending, which others' work hides in part, a piece should take
WORTHWHILE = 1.0
#: sendings of which the fastest counts: on a busy machine most of them wait for their turn
SENDINGS = 4
#: vectors of which the log densities are compared, here and in pieces, before any others are sent
COMPARED = 64
#: the largest piece, and pieces of a batch for each worker, since they do not all take the same time
LARGEST, SHARES = 32, 4


class Spread:
    """A target that is evaluated by an executor's workers where that is faster; for all else it is the target.

    Whether it is faster is measured, which is no matter of chance for the draws: a piece is only ever made where it
    gives each vector the very bits that the whole batch does.  The target says so (`Target.block`), and `COMPARED`
    vectors are asked twice, of this process as one batch and of the workers in pieces of all sizes.

    Parameters
    ----------
    target
        The density.  Without a ``block`` it is never evaluated in pieces.
    post : Post
        The way to the workers.
    """

    def __init__(self, target, post: Post):
        self._target, self._post = target, post
        self._block: int = getattr(target, "block", None) or 0
        self._size: int | None = None if self._block else 0

    def __getattr__(self, name):
        return getattr(self._target, name)

    def log_density(self, z) -> np.ndarray:
        """Return the log densities (W,) of points (W, d)."""
        if not self.in_pieces(z):
            return self._target.log_density(z)
        total = np.concatenate(self._post.send(evaluate, [(piece,) for piece in self._pieces(z)]))
        return self._target.meet_faults(z, total)

    def in_pieces(self, z) -> bool:
        """Return whether batches are evaluated in pieces; found out with the first batch that is finite somewhere."""
        if self._size is None:
            self._size = self._worthwhile(np.asarray(z, dtype=float))
        return bool(self._size)

    def _pieces(self, z) -> list[np.ndarray]:
        """Cut a batch evenly, between blocks."""
        n_blocks = -(-len(z) // self._block)
        n_pieces = min(n_blocks, -(-len(z) // (self._size or 1)), max(SHARES * n_workers(self._post.executor), 1))
        edges = self._block * np.linspace(0, n_blocks, n_pieces + 1).astype(int)
        return [z[start:stop] for start, stop in pairwise(edges)]

    # -- is it worth it, and is it the same ------------------------------------------------------------------------

    def _worthwhile(self, z) -> int | None:
        """Return the least size of a piece, 0 where there should be none, None where these points cannot tell."""
        few = np.resize(z, (max(self._block, 4), z.shape[1]))
        (value, first), (_, second) = _timed(self._target.evaluate, few), _timed(self._target.evaluate, few)
        if not np.isfinite(value).any():
            return None
        each = min(first, second) / len(few)
        if each < LEAST_SECONDS:
            return 0
        # the evaluation above may have taught the target something, such as whether a function broadcasts
        self._post.pack()
        size = self._block * int(np.ceil(max(1.0, WORTHWHILE * self._sending(few, each) / (each * self._block))))
        if size > max(LARGEST, self._block):
            return 0
        return size if self._is_same(np.resize(z, (COMPARED, z.shape[1]))) else 0

    def _sending(self, few, each: float) -> float:
        """Return the seconds that it takes to ask a worker and to hear its answer, work aside."""
        self._post.send(evaluate, [(few,)])  # the first one wakes a worker and brings it the target
        fastest = min(_timed(self._post.send, evaluate, [(few,)])[1] for _ in range(SENDINGS))
        return max(fastest - each * len(few), 0.0)

    def _is_same(self, z) -> bool:
        """Return whether workers find, in pieces of all sizes, bit for bit what this process finds for the batch."""
        edges = np.array([0, *_growing(len(z) // self._block)]) * self._block
        pieces = self._post.send(evaluate, [(z[start:stop],) for start, stop in pairwise(edges)])
        return np.array_equal(np.concatenate(pieces), self._target.evaluate(z), equal_nan=True)


def _growing(n: int) -> Iterator[int]:
    """Yield the ends of pieces of 1, 2, 3, … up to n in all."""
    end = 0
    for size in count(1):
        end = min(end + size, n)
        yield end
        if end == n:
            return


def _timed(function, *arguments):
    began = time.perf_counter()
    return function(*arguments), time.perf_counter() - began
