"""The loop shared by all ensemble moves: propose for one half, evaluate it in one batch, accept."""

from abc import abstractmethod

import numpy as np
from emcee.moves import Move
from emcee.state import State

__all__ = ["HalfMove", "accept"]


def accept(model, state: State, walkers: np.ndarray, proposed: np.ndarray, log_factor) -> np.ndarray:
    """Take or leave one proposal per walker by the Metropolis-Hastings rule, in place.

    Parameters
    ----------
    model
        emcee's model: the log density of a batch, and the random stream.
    state
        Coordinates (W, d) and log densities (W,) of the whole ensemble; changed.
    walkers
        Indices (n,) of the walkers that move.
    proposed
        Their proposed coordinates (n, d).
    log_factor
        ln q(old | new) - ln q(new | old), with shape (n,).

    Returns
    -------
    numpy.ndarray
        Indices of the walkers that moved.
    """
    coords, old = state.coords, state.log_prob
    assert old is not None  # emcee has computed it before the first move
    log_prob = model.log_prob_fn(proposed)
    # 1 - u lies in (0, 1], so its logarithm is finite
    threshold = np.log1p(-model.random.random_sample(len(walkers)))
    taken = threshold < log_factor + log_prob - old[walkers]
    moved = walkers[taken]
    coords[moved] = proposed[taken]
    old[moved] = log_prob[taken]
    return moved


class HalfMove(Move):
    """A move of each half of an ensemble that may depend in any way on the other half.

    It differs from emcee's own red-blue loop in that it works on whole arrays, while emcee converts and compares walker
    by walker, which costs more than a small likelihood does; and in that several ensembles may be moved at once, cut in
    the same way, none of which knows of the others.

    Parameters
    ----------
    n_ensembles
        Into how many ensembles, one behind the other, the walkers are divided.
    """

    def __init__(self, n_ensembles: int = 1):
        self.n_ensembles = n_ensembles

    @abstractmethod
    def get_proposal(self, sample, complement, random):
        """Return proposals (E, n, d) for ``sample`` (E, n, d), and the log ratios of proposal densities (E, n).

        ``complement`` (E, m, d) are the other walkers of the same ensembles.
        """

    def propose(self, model, state: State):
        """Move both halves of a random split, one after the other."""
        n_walkers, d = len(state.coords) // self.n_ensembles, state.coords.shape[1]
        accepted = np.zeros(len(state.coords), dtype=bool)
        first = n_walkers * np.arange(self.n_ensembles)[:, None]
        shuffled = first + model.random.permutation(n_walkers)
        halves = shuffled[:, : n_walkers // 2], shuffled[:, n_walkers // 2 :]
        for walkers, others in (halves, halves[::-1]):
            proposed, log_factor = self.get_proposal(state.coords[walkers], state.coords[others], model.random)
            moved = accept(model, state, walkers.ravel(), proposed.reshape(-1, d), log_factor.ravel())
            accepted[moved] = True
        return state, accepted
