"""Advance one ensemble by some steps: a pure function, so that any worker gives the same chain."""

from copy import deepcopy
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import emcee
import numpy as np

from bayesfit.sampling.moves import AutoregressiveT, ComplementT, Differential, IndependentT, Stretch
from bayesfit.sampling.student import StudentMixture
from bayesfit.sampling.threads import one_thread

__all__ = ["Plan", "Position", "Tempered", "Walked", "build_moves", "tempered", "walk"]


class Position(NamedTuple):
    """Where an ensemble stands: coordinates (W, d), log densities (W,), and its random stream."""

    coords: np.ndarray
    log_prob: np.ndarray
    random_state: tuple


class Walked(NamedTuple):
    """One ensemble's round: z (n, W, d), log densities (n, W), acceptances (W,), where it is, faults met."""

    z: np.ndarray
    log_prob: np.ndarray
    accepted: np.ndarray
    position: Position
    faults: tuple[str, ...] = ()


class Density(Protocol):
    """What can be walked on."""

    @property
    def faults(self) -> tuple[str, ...]:
        """What went wrong in evaluations so far."""
        ...

    def log_density(self, z: np.ndarray) -> np.ndarray:
        """Return the log densities (W,) of points (W, d)."""
        ...


@dataclass(frozen=True, eq=False)
class Tempered:
    """A target flattened to the power ``beta``: the same shape, wider in every direction."""

    target: Density
    beta: float

    def log_density(self, z):
        """Return β ln p(z)."""
        return self.beta * self.target.log_density(z)

    @property
    def faults(self):
        """What went wrong in evaluations so far."""
        return self.target.faults


def tempered(target: Density, beta: float) -> Density:
    """Return the density to the power ``beta``; the target itself where that is one."""
    return target if beta == 1 else Tempered(target, beta)


@dataclass(frozen=True, eq=False)
class Plan:
    """The adaptive mixture of moves as plain arrays: weights in the order of `Plan.NAMES`, the t mixture."""

    weights: np.ndarray
    proposal: StudentMixture

    @property
    def is_bent(self) -> bool:
        """Whether one ellipse, and a wider one, were too few to describe the posterior."""
        return len(self.proposal.weights) > 2

    NAMES = ("independent t", "autoregressive t", "complement t", "stretch", "differential", "differential jump")


def build_moves(plan: Plan) -> list:
    """Return emcee's list of (move, weight)."""
    moves = (
        IndependentT(plan.proposal),
        AutoregressiveT(plan.proposal),
        ComplementT(),
        Stretch(),
        Differential(shortest=0.03),
        Differential(gamma=1.0),
    )
    weights = np.asarray(plan.weights, dtype=float)
    return [(move, weight) for move, weight in zip(moves, weights, strict=True) if weight > 0]


class _Sampler(emcee.EnsembleSampler):
    """emcee's sampler without the copy of the random state that it makes at every step."""

    @property
    def random_state(self):
        """Nothing: `walk` reads the state once, at the end."""
        return None

    @random_state.setter
    def random_state(self, state):
        if state is not None:
            self._random.set_state(state)


def walk(target, position: Position, moves, n_steps: int) -> Walked:
    """Let emcee advance an ensemble by ``n_steps``.

    Parameters
    ----------
    target
        Anything with ``log_density(z)`` (W, d) -> (W,) and ``faults``.
    position
        Where it stands; not changed.
    moves
        A `Plan`, or emcee's list of (move, weight).
    n_steps
        Number of steps, at least one.
    """
    n_walkers, n_dim = position.coords.shape
    # copies, as a worker has them: a move that remembers something must not tell other ensembles
    moves = build_moves(moves) if isinstance(moves, Plan) else deepcopy(moves)
    sampler = _Sampler(n_walkers, n_dim, target.log_density, moves=moves, vectorize=True)
    # emcee's wrapper prints a traceback of its own for each exception; ours says what it was
    sampler.log_prob_fn = target.log_density
    start = emcee.State(position.coords, log_prob=position.log_prob, random_state=position.random_state, copy=True)
    with one_thread():
        sampler.run_mcmc(start, n_steps, skip_initial_state_check=True)
    backend = sampler.backend
    last = Position(backend.chain[-1].copy(), backend.log_prob[-1].copy(), sampler._random.get_state())
    return Walked(backend.chain, backend.log_prob, backend.accepted.astype(int), last, tuple(target.faults))
