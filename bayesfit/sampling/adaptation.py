"""Burn-in: learn the shape of the posterior and which moves do best, then freeze both."""

from typing import NamedTuple

import numpy as np

from bayesfit.sampling.course import Course
from bayesfit.sampling.fit import fit_proposal
from bayesfit.sampling.student import StudentMixture
from bayesfit.sampling.walk import Plan, Position, Walked
from bayesfit.sampling.witness import COVERING_DRAWS, covered
from bayesfit.sampling.workers import Workers

__all__ = ["Adapted", "adapt", "relearn", "settle", "warm_up"]

#: weights before anything is known, in the order of Plan.NAMES
FIRST_WEIGHTS = np.array([0.2, 0.1, 0.3, 0.1, 0.2, 0.1])
#: share that each move keeps whatever its efficiency
LEAST_WEIGHTS = np.array([0.02, 0.05, 0.05, 0.05, 0.05, 0.05])
#: weights where the posterior is known to be nearly its Laplace approximation
KNOWN_WEIGHTS = np.array([0.73, 0.05, 0.07, 0.05, 0.05, 0.05])
#: power of the efficiencies in proportion to which the rest is shared
LEAN = 4
#: steps of the first round of adaptation, and of all rounds together at the most
ROUND, LONGEST = 20, 800
#: change from one round to the next, in standard deviations or of their logarithm, that counts as none
STILL = 0.12
#: power of the density that is explored first, so that walkers come from outside, whatever the shape: in few
#: dimensions, and in more, where a much wider density would hardly share its volume with the posterior
BETAS, FEW = (0.25, 0.5), 3
#: share of proposals drawn from the fit to that wider density, so that tails are reached: for one ellipse,
#: of which the tails are known, and for a posterior that took several
WIDE_SHARES = (0.1, 0.25)
#: share of proposals drawn from the maxima that the search found, where there are several: on a flattened density
#: walkers leave narrow ones, and nobody would know of these any more
KNOWN_SHARE = 0.1
#: a walker is lost where the density is so many deviations of its logarithm below what is usual, and so much (in
#: logarithms) above what the proposal makes of it that it would stay for tens of thousands of steps
FAR_BELOW, UNKNOWN = 8.0, 10.0
#: steps in which each move is tried alone
PROBE = 4
#: steps between the freezing of the moves and the first kept step
SETTLE = 15


class Adapted(NamedTuple):
    """The frozen plan (None for a user's moves), where the ensembles stand, the steps it took, and what is known."""

    plan: Plan | None
    positions: tuple[Position, ...]
    n_steps: int
    confirmed: bool = False
    covered: bool = False


def settle(workers: Workers, positions, proposal: StudentMixture, modes: StudentMixture, most: int) -> Adapted:
    """Let walkers forget their starts by moves that need no learning.

    Parameters
    ----------
    workers, positions, most
        As for `adapt`.
    proposal
        What importance sampling has found to be nearly the posterior.
    modes
        The Laplace approximation; a wider one reaches what is farther out.
    """
    wide = modes.scaled(_beta(modes.means.shape[1]) ** -0.5)
    plan, n_steps = Plan(KNOWN_WEIGHTS, _widened(proposal, wide)), min(SETTLE, most)
    if n_steps:
        positions = [each.position for each in workers.advance(positions, plan, n_steps)]
    return Adapted(plan, tuple(positions), n_steps, confirmed=True)


def adapt(
    workers: Workers, positions, modes: StudentMixture, rng, n_steps: int | None, most: int, *, given: bool = False
) -> Adapted:
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
    most
        The longest burn-in where no length is given.
    given
        Whether a user has placed the walkers: where they are may be all that is known of some maximum.
    """
    if n_steps is None and most < _probing() + SETTLE + 4 * ROUND:
        n_steps = most
    free = n_steps is None
    total = most if n_steps is None else n_steps
    room = min(LONGEST, max(0, total - _probing() - SETTLE))
    beta = _beta(modes.means.shape[1])
    plan = Plan(FIRST_WEIGHTS, modes.scaled(beta**-0.5))
    plan, positions, wide_steps = _learn(workers, _scaled(positions, beta), plan, modes, rng, free, room // 2, beta)
    wide = plan.proposal
    plan = Plan(plan.weights, wide.mixed_with(wide.scaled(beta**0.5), 0.5))
    plan, positions, steps = _learn(
        workers, _scaled(positions, 1 / beta), plan, modes, rng, free, room - wide_steps, 1.0
    )
    plan, done = Plan(plan.weights, _widened(plan.proposal, wide)), wide_steps + steps
    positions = _recalled(positions, plan.proposal, rng)
    if total >= _probing() + SETTLE:
        plan, positions = _choose_weights(workers, positions, plan)
        done += _probing()
    known = None
    if free and not given:
        known = _drawn_anew(workers, positions, plan.proposal, rng)
        workers.n_evaluations += COVERING_DRAWS
    last = SETTLE if n_steps is None else n_steps - done
    if last:
        positions = [each.position for each in workers.advance(known or positions, plan, last)]
    return Adapted(plan, tuple(positions), done + last, covered=known is not None)


def _learn(workers, positions, plan, modes, rng, free, most, beta, known=True):
    """Walk and refit the proposal, on the density to the power ``beta``, until nothing changes any more.

    ``modes`` approximate the density itself, and flattened with it are the first candidates; if they are ``known``
    from a search, none of them is given up.
    """
    previous, done, length, modes = None, 0, ROUND, modes.scaled(beta**-0.5)
    several = known and len(modes.weights) > 1
    while done + length <= most:
        walked = workers.advance(positions, plan, length, beta)
        positions, done = [each.position for each in walked], done + length
        proposal = fit_proposal(_recent(walked).reshape(-1, modes.means.shape[1]), modes, rng)
        plan = Plan(plan.weights, proposal.mixed_with(modes, KNOWN_SHARE) if several else proposal)
        if free and _settled(previous, walked):
            break
        previous, length = walked, max(ROUND, done // 2) if free else ROUND
    return plan, positions, done


def _scaled(positions, beta: float) -> list[Position]:
    """Return the same places, their log densities times ``beta``."""
    return [position._replace(log_prob=beta * position.log_prob) for position in positions]


def _recalled(positions, proposal: StudentMixture, rng) -> list[Position]:
    """Put lost walkers where others of their ensemble are.

    On the flattened density walkers cross to maxima of no account, an alias of a period for one; on the density itself
    nothing would ever bring them back.
    """
    coords, log_prob = _stacked(positions)
    low, middle, high = np.quantile(log_prob, [0.25, 0.5, 0.75])
    news = log_prob - proposal.log_density(coords.reshape(-1, coords.shape[-1])).reshape(log_prob.shape)
    lost = (log_prob < middle - FAR_BELOW * (high - low) / 1.35) & (news > np.median(news) + UNKNOWN)
    for walkers, levels, away in zip(coords, log_prob, lost, strict=True):
        if away.any() and not away.all():
            others = rng.choice(np.flatnonzero(~away), away.sum())
            walkers[away], levels[away] = walkers[others], levels[others]
    return _placed(positions, coords, log_prob)


def _drawn_anew(workers: Workers, positions, proposal: StudentMixture, rng) -> list[Position] | None:
    """Return draws of the posterior in place of walkers, if importance sampling is good enough for them."""
    coords, log_prob = _stacked(positions)
    found = covered(workers.density, proposal, coords.reshape(-1, coords.shape[-1]), log_prob.ravel(), rng)
    if found is None:
        return None
    return _placed(positions, found[0].reshape(coords.shape), found[1].reshape(log_prob.shape))


def _stacked(positions) -> tuple[np.ndarray, np.ndarray]:
    """Return where all walkers are (E, W, d), and their log densities (E, W)."""
    return np.stack([each.coords for each in positions]), np.stack([each.log_prob for each in positions])


def _placed(positions, coords, log_prob) -> list[Position]:
    """Return the ensembles elsewhere, at places (E, W, d) of log densities (E, W)."""
    return [
        each._replace(coords=there, log_prob=levels)
        for each, there, levels in zip(positions, coords, log_prob, strict=True)
    ]


def warm_up(workers: Workers, positions, moves, n_steps: int | None, most: int) -> Adapted:
    """Burn in with a user's moves: for as long as said, or until the log density has settled."""
    if n_steps is None and most < 2 * ROUND:
        n_steps = most
    if n_steps is not None:
        if n_steps:
            positions = [each.position for each in workers.advance(positions, moves, n_steps)]
        return Adapted(None, tuple(positions), n_steps)
    previous, done, length = None, 0, 2 * ROUND
    while done + length <= min(LONGEST, most):
        walked = workers.advance(positions, moves, length)
        positions, done = [each.position for each in walked], done + length
        if _settled(previous, walked):
            break
        previous, length = walked, max(length, done // 2)
    return Adapted(None, tuple(positions), done)


def relearn(workers: Workers, course: Course):
    """Make all kept steps burn-in: fit the proposal to them, weigh the moves again, and keep afresh."""
    kept, learnt = course.joined(), course.plan
    if learnt is None:
        raise ValueError("a user's moves have nothing to learn")
    rng = np.random.default_rng([course.entropy, course.n_restarts])
    draws = _by_walker(kept.z[:, kept.z.shape[1] // 2 :])
    beta, modes, cost = _beta(kept.z.shape[-1]), learnt.proposal, workers.n_evaluations
    plan = Plan(learnt.weights, fit_proposal(draws, modes, rng))
    plan, positions, steps = _learn(
        workers, _scaled(course.now, beta), plan, modes, rng, True, course.n_steps // 2, beta, known=False
    )
    wide, positions = plan.proposal, _scaled(positions, 1 / beta)
    positions = [each.position for each in workers.advance(positions, plan, course.n_steps // 4)]
    plan = Plan(plan.weights, _widened(fit_proposal(draws, modes, rng), wide))
    plan, positions = _choose_weights(workers, positions, plan)
    positions = [each.position for each in workers.advance(positions, plan, SETTLE)]
    steps += course.n_steps // 4 + _probing() + SETTLE
    course.restart(plan, tuple(positions), course.n_steps + steps, workers.n_evaluations - cost)


def _beta(d: int) -> float:
    return BETAS[0] if d <= FEW else BETAS[1]


def _widened(proposal: StudentMixture, wide: StudentMixture) -> StudentMixture:
    return proposal.mixed_with(wide, WIDE_SHARES[len(proposal.weights) > 1])


def _probing() -> int:
    return PROBE * len(FIRST_WEIGHTS)


def _recent(walked: list[Walked]) -> np.ndarray:
    """Return the second half of a round of all ensembles, (ensemble, n, d), walker after walker."""
    return np.stack([_by_walker(each.z[None, len(each.z) // 2 :]) for each in walked])


def _by_walker(z: np.ndarray) -> np.ndarray:
    """Return draws (ensemble, step, walker, d) as (n, d): those at the end are of walkers that are nowhere else."""
    return z.swapaxes(1, 2).reshape(-1, z.shape[-1])


def _settled(previous: list[Walked] | None, walked: list[Walked]) -> bool:
    """Whether the log density has stopped rising, and the cloud of walkers moving and growing."""
    if previous is None:
        return False
    before, now = (np.stack([each.log_prob[len(each.log_prob) // 2 :] for each in part]) for part in (previous, walked))
    spread = np.median(now.std(axis=(1, 2)))
    risen = now.mean() - before.mean() > 0.15 * spread
    climbing = np.quantile(now, 0.001) - np.quantile(before, 0.001) > 2 * spread
    old, new = (_recent(part).reshape(-1, walked[0].z.shape[2]) for part in (previous, walked))
    with np.errstate(all="ignore"):
        moved = np.abs(new.mean(axis=0) - old.mean(axis=0)) / new.std(axis=0) > STILL
        grown = np.log(new.std(axis=0) / old.std(axis=0)) > STILL
    return not (risen or climbing or moved.any() or grown.any())


def _choose_weights(workers, positions, plan):
    """Try each move alone and weigh it by how far it carries walkers."""
    efficiency = np.zeros(len(FIRST_WEIGHTS))
    for index in range(len(efficiency)):
        alone = Plan(np.eye(len(efficiency))[index], plan.proposal)
        before = np.stack([position.coords for position in positions])
        walked = workers.advance(positions, alone, PROBE)
        positions = [each.position for each in walked]
        efficiency[index] = _carried(np.concatenate([before[:, None], np.stack([w.z for w in walked])], axis=1))
    weights = efficiency**LEAN
    weights /= max(weights.sum(), np.finfo(float).tiny)
    return Plan(LEAST_WEIGHTS + (1 - LEAST_WEIGHTS.sum()) * weights, plan.proposal), positions


def _carried(z: np.ndarray) -> float:
    """Mean squared jump over twice the variance, in the worst coordinate: 1 for independent draws."""
    jump = np.square(np.diff(z, axis=1)).mean(axis=(0, 1, 2))
    spread = z.var(axis=(0, 1, 2))
    return float(np.min(jump / np.maximum(2 * spread, np.finfo(float).tiny)))
