"""Random numbers from a seed that was checked."""

import numpy as np

from bayesfit.errors import SamplingError

__all__ = ["generator"]


def generator(seed: int | None) -> np.random.Generator:
    """Return a generator of random numbers; the same seed gives the same numbers.

    Raises
    ------
    SamplingError
        If the seed is neither a non-negative whole number nor None.

    Examples
    --------
    >>> float(generator(1).uniform()) == float(generator(1).uniform())
    True
    """
    whole = isinstance(seed, int | np.integer) and not isinstance(seed, bool)
    if seed is not None and not (whole and seed >= 0):
        raise SamplingError(f"seed={seed!r} is not a non-negative whole number")
    return np.random.default_rng(seed)
