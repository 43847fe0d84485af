"""Burn-in: learn the shape of the posterior and which moves do best, then freeze both."""

from typing import NamedTuple

import numpy as np

from bayesfit.sampling.course import Course
from bayesfit.sampling.fit import fit_proposal
from bayesfit.sampling.student import StudentMixture
from bayesfit.sampling.walk import Plan, Position, Walked
from bayesfit.sampling.workers import Workers

__all__ = ["Adapted", "adapt", "relearn", "warm_up"]

#: weights before anything is known, in the order of Plan.NAMES
FIRST_WEIGHTS = np.array([0.25, 0.35, 0.1, 0.2, 0.1])
#: share that each move keeps whatever its efficiency
LEAST_WEIGHTS = np.array([0.02, 0.06, 0.04, 0.04, 0.04])
#: steps of a round of adaptation, and the most rounds
ROUND, MOST_ROUNDS = 25, 16
#: steps in which each move is tried alone
PROBE = 6
#: steps between the freezing of the moves and the first kept step
SETTLE = 25


class Adapted(NamedTuple):
    """The frozen plan (None for a user's moves), where the ensembles stand, and the steps it took."""

    plan: Plan | None
    positions: tuple[Position, ...]
    n_steps: int


def adapt(workers: Workers, positions, modes: StudentMixture, rng, n_steps: int | None) -> Adapted:
    """Burn in with the adaptive mixture of moves.

    Parameters
    ----------
    workers
        Advances the ensembles.
    positions
        Their starts.
    modes
        The Laplace approximation: the first proposal.
    rng
        For the fit of the proposal.
    n_steps
        The length of the burn-in, or None to go on until the log density has settled.
    """
    plan, previous, done = Plan(FIRST_WEIGHTS, modes), None, 0
    most = ROUND * MOST_ROUNDS if n_steps is None else n_steps - _probing() - SETTLE
    while done + ROUND <= most:
        walked = workers.advance(positions, plan, ROUND)
        positions, done = [each.position for each in walked], done + ROUND
        plan = Plan(plan.weights, fit_proposal(_recent(walked), modes, rng))
        level = np.stack([each.log_prob[ROUND // 2 :] for each in walked])
        if n_steps is None and _settled(previous, level):
            break
        previous = level
    if n_steps is None or most >= 0:
        plan, positions = _choose_weights(workers, positions, plan)
        done += _probing()
    last = SETTLE if n_steps is None else n_steps - done
    if last:
        positions = [each.position for each in workers.advance(positions, plan, last)]
    return Adapted(plan, tuple(positions), done + last)


def warm_up(workers: Workers, positions, moves, n_steps: int | None) -> Adapted:
    """Burn in with a user's moves: for as long as said, or until the log density has settled."""
    if n_steps is not None:
        if n_steps:
            positions = [each.position for each in workers.advance(positions, moves, n_steps)]
        return Adapted(None, tuple(positions), n_steps)
    previous, done = None, 0
    for _ in range(MOST_ROUNDS):
        walked = workers.advance(positions, moves, 2 * ROUND)
        positions, done = [each.position for each in walked], done + 2 * ROUND
        level = np.stack([each.log_prob[ROUND:] for each in walked])
        if _settled(previous, level):
            break
        previous = level
    return Adapted(None, tuple(positions), done)


def relearn(workers: Workers, course: Course):
    """Make all kept steps burn-in: fit the proposal to them, weigh the moves again, and start keeping afresh."""
    kept = course.joined()
    rng = np.random.default_rng([course.entropy, course.n_restarts])
    draws = kept.z[:, kept.z.shape[1] // 2 :].reshape(-1, kept.z.shape[-1])
    plan = Plan(course.plan.weights, fit_proposal(draws, course.plan.proposal, rng))
    cost = workers.n_evaluations
    plan, positions = _choose_weights(workers, course.now, plan)
    positions = [each.position for each in workers.advance(positions, plan, SETTLE)]
    course.restart(plan, tuple(positions), course.n_kept + _probing() + SETTLE, workers.n_evaluations - cost)


def _probing() -> int:
    return PROBE * len(FIRST_WEIGHTS)


def _recent(walked: list[Walked]) -> np.ndarray:
    """The second half of a round of all ensembles, pooled: (n, d)."""
    n_dim = walked[0].z.shape[2]
    return np.concatenate([each.z[len(each.z) // 2 :].reshape(-1, n_dim) for each in walked])


def _settled(previous, level) -> bool:
    """Whether the log density of all ensembles has stopped rising."""
    if previous is None:
        return False
    spread = np.median(level.std(axis=(1, 2)))
    rise = level.mean() - previous.mean()
    lowest = np.quantile(level, 0.001) - np.quantile(previous, 0.001)
    return rise < 0.15 * spread and lowest < 2 * spread


def _choose_weights(workers, positions, plan):
    """Try each move alone and weigh it by how far it carries walkers."""
    efficiency = np.zeros(len(FIRST_WEIGHTS))
    for index in range(len(efficiency)):
        alone = Plan(np.eye(len(efficiency))[index], plan.proposal)
        before = np.stack([position.coords for position in positions])
        walked = workers.advance(positions, alone, PROBE)
        positions = [each.position for each in walked]
        efficiency[index] = _carried(np.concatenate([before[:, None], np.stack([w.z for w in walked])], axis=1))
    weights = efficiency**2
    weights /= max(weights.sum(), np.finfo(float).tiny)
    return Plan(LEAST_WEIGHTS + (1 - LEAST_WEIGHTS.sum()) * weights, plan.proposal), positions


def _carried(z: np.ndarray) -> float:
    """Mean squared jump over twice the variance, in the worst coordinate: 1 for independent draws."""
    jump = np.square(np.diff(z, axis=1)).mean(axis=(0, 1, 2))
    spread = z.var(axis=(0, 1, 2))
    return float(np.min(jump / np.maximum(2 * spread, np.finfo(float).tiny)))
