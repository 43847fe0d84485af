"""Linear algebra in one thread."""

from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from functools import cache
from threading import Lock

from threadpoolctl import ThreadpoolController

__all__ = ["one_thread"]


class _Limit:
    """A limit of the whole process: whoever comes first sets it, whoever leaves last lifts it."""

    def __init__(self):
        self._lock, self._depth, self._set = Lock(), 0, ExitStack()

    def enter(self):
        with self._lock:
            if self._depth == 0:
                self._set.enter_context(_threads().limit(limits=1, user_api="blas"))
            self._depth += 1

    def leave(self):
        with self._lock:
            self._depth -= 1
            if self._depth == 0:
                self._set.close()


_limit = _Limit()


@contextmanager
def one_thread() -> Generator[None]:
    """Return a context in which linear algebra has one thread: on small matrices more of them only wait.

    Contexts may be nested, and overlap in several threads: the process has its threads back when the last one ends.
    """
    _limit.enter()
    try:
        yield
    finally:
        _limit.leave()


@cache
def _threads() -> ThreadpoolController:
    """Find the process's BLAS libraries once: the search takes longer than many a round."""
    return ThreadpoolController()
