"""What runs in another process, on the target that it keeps: data travel once to each worker, not with every task."""

from collections import OrderedDict
from collections.abc import Sequence

import numpy as np

from bayesfit.sampling.threads import one_thread
from bayesfit.sampling.walk import Position, Walked, tempered, walk

__all__ = ["call_kept", "evaluate", "forget", "keep", "walk_on"]

#: targets that a worker keeps, those used last
MOST_KEPT = 4

_kept: OrderedDict = OrderedDict()


def keep(token: str, target):
    """Keep a target of this process under a token that no other run has."""
    _kept[token] = target
    _kept.move_to_end(token)
    while len(_kept) > MOST_KEPT:
        _kept.popitem(last=False)


def forget(token: str):
    """Let go of a target."""
    _kept.pop(token, None)


def call_kept(token: str, parcel, function, *arguments):
    """Return ``function(target, *arguments)`` of the target kept under ``token``.

    Parameters
    ----------
    token
        What the target is kept under.
    parcel
        A function that returns the target, or None where it should be here already.
    function, arguments
        What is done with it; never returns None.

    Returns
    -------
    object
        None where there is no target and no ``parcel`` either.
    """
    target = _kept.get(token)
    if target is None:
        if parcel is None:
            return None
        target = parcel()
    keep(token, target)
    return function(target, *arguments)


def walk_on(target, positions: Sequence[Position], moves, n_steps: int, beta: float) -> list[Walked]:
    """Walk on the density to the power ``beta``."""
    return walk(tempered(target, beta), positions, moves, n_steps)


def evaluate(target, z: np.ndarray) -> np.ndarray:
    """Return log densities (W,) of points (W, d) as they come, NaN included: who asked meets their faults."""
    with one_thread():
        return target.evaluate(z)
