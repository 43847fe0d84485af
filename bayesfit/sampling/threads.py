"""Linear algebra in one thread."""

from functools import cache

from threadpoolctl import ThreadpoolController

__all__ = ["one_thread"]


def one_thread():
    """Return a context in which linear algebra has one thread: on small matrices more of them only wait."""
    return _threads().limit(limits=1, user_api="blas")


@cache
def _threads() -> ThreadpoolController:
    """Find the process's BLAS libraries once: the search takes longer than many a round."""
    return ThreadpoolController()
