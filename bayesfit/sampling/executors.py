"""What is asked of an executor that a user brings."""

from concurrent.futures import BrokenExecutor, Executor, Future

from bayesfit.errors import SamplingError

__all__ = ["LEAST_SECONDS", "check_executor", "n_workers", "submit"]

#: seconds below which what is asked of one parameter vector is not worth sending
LEAST_SECONDS = 1e-4

#: workers of an executor that does not say how many it has
UNKNOWN = 32


def check_executor(executor):
    """Raise `SamplingError` if it is neither an executor nor None."""
    # a client of Dask submits too, but its futures are of another kind
    if executor is not None and (not hasattr(executor, "submit") or hasattr(executor, "get_executor")):
        raise SamplingError(
            f"executor={executor!r} has no submit() like a concurrent.futures.Executor; give such an executor "
            "(of a Dask client, client.get_executor()) or executor=None"
        )


def submit(executor: Executor, function, *arguments) -> Future:
    """Hand a call to an executor.

    Raises
    ------
    SamplingError
        If it was shut down.
    """
    try:
        return executor.submit(function, *arguments)
    except BrokenExecutor:
        raise
    except RuntimeError as error:
        raise SamplingError(f"executor={executor!r} takes no more work: {error}; give one that is running") from error


def n_workers(executor: Executor) -> int:
    """Return the number of workers, or a guess where the executor does not say.

    Examples
    --------
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> with ThreadPoolExecutor(3) as executor:
    ...     n_workers(executor)
    3
    """
    found = getattr(executor, "_max_workers", None) or getattr(executor, "num_workers", None)
    return found if isinstance(found, int) and found > 0 else UNKNOWN
