"""Walking in another process that keeps the target: data travel once to each worker, not with every task."""

from collections import OrderedDict

from bayesfit.sampling.walk import Position, Tempered, Walked, walk

__all__ = ["forget", "keep", "walk_kept"]

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


def walk_kept(token: str, parcel, position: Position, moves, n_steps: int, beta: float) -> Walked | None:
    """Walk on the target kept under ``token``; None where there is none and no ``parcel`` either.

    Parameters
    ----------
    token
        What the target is kept under.
    parcel
        A function that returns the target, or None where it should be here already.
    position, moves, n_steps
        As for `walk`.
    beta
        Power of the density.
    """
    target = _kept.get(token)
    if target is None:
        if parcel is None:
            return None
        target = parcel()
    keep(token, target)
    return walk(target if beta == 1 else Tempered(target, beta), position, moves, n_steps)
