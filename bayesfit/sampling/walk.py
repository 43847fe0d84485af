"""Advance ensembles by some steps: a pure function, so that any worker gives the same chains."""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
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


def build_moves(plan: Plan, n_ensembles: int = 1) -> list:
    """Return emcee's list of (move, weight), for ensembles that stand one behind the other."""
    moves = (
        IndependentT(plan.proposal),
        AutoregressiveT(plan.proposal),
        ComplementT(n_ensembles),
        Stretch(n_ensembles),
        Differential(n_ensembles, shortest=0.03),
        Differential(n_ensembles, gamma=1.0),
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


def walk(target, positions: Sequence[Position], moves, n_steps: int) -> list[Walked]:
    """Let emcee advance some ensembles by ``n_steps``, all by the same kinds of move.

    Parameters
    ----------
    target
        Anything with ``log_density(z)`` (W, d) -> (W,) and ``faults``.
    positions
        Where the ensembles stand; not changed.  All go by the random stream of the first.
    moves
        A `Plan`; for one ensemble alone also emcee's list of (move, weight).
    n_steps
        Number of steps, at least one.
    """
    coords = np.concatenate([position.coords for position in positions])
    log_prob = np.concatenate([position.log_prob for position in positions])
    # copies, as a worker has them: a move that remembers something must not tell other ensembles
    moves = build_moves(moves, len(positions)) if isinstance(moves, Plan) else deepcopy(moves)
    sampler = _Sampler(*coords.shape, target.log_density, moves=moves, vectorize=True)
    # emcee's wrapper prints a traceback of its own for each exception; ours says what it was
    sampler.log_prob_fn = target.log_density
    start = emcee.State(coords, log_prob=log_prob, random_state=positions[0].random_state)
    with one_thread():
        sampler.run_mcmc(start, n_steps, skip_initial_state_check=True)
    backend, streams = sampler.backend, [position.random_state for position in positions]
    streams[0], faults = sampler._random.get_state(), tuple(target.faults)
    cut = partial(np.split, indices_or_sections=len(positions))
    z, log_prob = cut(backend.chain, axis=1), cut(backend.log_prob, axis=1)
    accepted = cut(backend.accepted.astype(int))
    return [
        Walked(z, log_prob, accepted, Position(z[-1].copy(), log_prob[-1].copy(), stream), faults)
        for z, log_prob, accepted, stream in zip(z, log_prob, accepted, streams, strict=True)
    ]
