"""Draws from a small posterior by sequential Monte Carlo: particles move from the prior to the posterior in stages.

A sampler of the tests' own, which shares nothing with the package but the density (Del Moral, Doucet & Jasra 2006,
JRSS B 68, 411).  Each stage weighs the particles, resamples them and moves all of them at once by Metropolis steps
that leave its density as it is: proposals are a t around all particles, steps along their differences, steps of their
covariance, and long ones of a single coordinate, without which tails along an axis are hardly entered or left.  At the
end they move on until they have forgotten where they were, so that draws owe nothing to the weights; where modes are
too far apart for that, it is said.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import gammaln, logsumexp
from threadpoolctl import ThreadpoolController

__all__ = ["FORGOTTEN", "Bell", "Draws", "Whole", "draw"]

DOF = 6.0
#: least share of effective particles after a change of temperature, and steps at each
SHARE, STEPS = 0.5, 6
#: steps of a last round for each dimension, and the correlation with its start at which it is the last
LAST, FORGOTTEN = 8, 0.25
MOST_STAGES, MOST_ROUNDS = 400, 12
#: threads cost far more than they gain on matrices as small as these
ONE_THREAD = ThreadpoolController()


class Draws(NamedTuple):
    """Draws (n, D) of the last step, all of the last round (steps · n, D), and how much it remembers of its start."""

    theta: np.ndarray
    history: np.ndarray
    memory: float

    def quantiles(self, column: int, levels) -> np.ndarray:
        """Return quantiles of one parameter."""
        return np.quantile(self.history[:, column], levels)

    def mean(self) -> np.ndarray:
        """Return the posterior means (D,)."""
        return self.history.mean(axis=0)


class Bell(NamedTuple):
    """A multivariate t."""

    mean: np.ndarray
    factor: np.ndarray

    def draw(self, rng, size):
        noise = rng.standard_normal((size, len(self.mean)))
        stretch = np.sqrt(DOF / rng.chisquare(DOF, size))[:, None]
        return self.mean + stretch * noise @ self.factor.T

    def log_density(self, z):
        d = len(self.mean)
        square = np.square(np.linalg.solve(self.factor, (z - self.mean).T)).sum(axis=0)
        level = gammaln((DOF + d) / 2) - gammaln(DOF / 2) - 0.5 * d * np.log(DOF * np.pi)
        return level - np.log(np.diag(self.factor)).sum() - 0.5 * (DOF + d) * np.log1p(square / DOF)


class Whole:
    """A target that is walked in all its parameters, also where it could integrate some of them."""

    def __init__(self, target):
        self.target, self.parameters = target, target.parameters

    def natural(self, z):
        return self.parameters.constrain(z)[0]

    def log_density(self, z):
        with np.errstate(all="ignore"):
            theta, log_jacobian = self.parameters.constrain(z)
            return np.nan_to_num(self.target.log_prob(theta) + log_jacobian, nan=-np.inf, posinf=np.inf, neginf=-np.inf)


class _Prior(NamedTuple):
    """The prior of a target in coordinates of all its parameters."""

    target: object

    def draw(self, rng, size):
        return self.target.parameters.unconstrain(self.target.parameters.sample_prior(rng, size))

    def log_density(self, z):
        theta, log_jacobian = self.target.parameters.constrain(z)
        return self.target.parameters.log_prior(theta) + log_jacobian


@ONE_THREAD.wrap(limits=1, user_api="blas")
def draw(target, rng, *, n=510, start=None, rounds=1) -> Draws:
    """Return draws of a target whose priors are all proper.

    Parameters
    ----------
    target
        The density.
    rng
        Source of all randomness.
    n
        Number of particles.
    start : Bell, optional
        Where the particles come from, instead of the prior.
    rounds
        The fewest last rounds: more where corners of the posterior are narrow.

    Returns
    -------
    Draws
        Where their memory is above `FORGOTTEN`, modes do not mix: each particle stayed where the weights had put it.
    """
    origin = _Prior(target) if start is None else start
    z = origin.draw(rng, n)
    first, full = origin.log_density(z), target.log_density(z)
    power = 0.0
    for _ in range(MOST_STAGES):
        power, weight = _next(power, full - first)
        chosen = np.searchsorted(np.cumsum(weight), (np.arange(n) + rng.uniform()) / n).clip(max=n - 1)
        z, first, full = z[chosen], first[chosen], full[chosen]
        z, first, full = _move(target, origin, rng, power, STEPS, z, first, full)
        if power == 1.0:
            break
    else:
        raise RuntimeError(f"the likelihood is turned on to the power {power:.3g} after {MOST_STAGES} stages")
    for done in range(1, MOST_ROUNDS + 1):
        before, history = z, []
        z, first, full = _move(target, origin, rng, 1.0, LAST * z.shape[1], z, first, full, history)
        memory = _memory(before, z)
        if memory < FORGOTTEN and done >= rounds:
            break
    return Draws(target.natural(z), target.natural(np.concatenate(history)), memory)


def _next(power, log_ratio):
    """Return the largest power that leaves enough effective particles, and their weights."""

    def weights(to):
        log_weight = np.where(np.isfinite(log_ratio), (to - power) * log_ratio, -np.inf)
        return np.exp(log_weight - logsumexp(log_weight))

    def share(to):
        return 1 / (len(log_ratio) * np.square(weights(to)).sum())

    if share(1.0) >= SHARE:
        return 1.0, weights(1.0)
    low, high = power, 1.0
    for _ in range(50):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if share(middle) >= SHARE else (low, middle)
    return high, weights(high)  # a little below the share, but always onward


def _move(target, origin, rng, power, n_steps, z, first, full, history=None):
    """Take Metropolis steps that leave origin^(1 - power) · target^power as it is; all shapes are fixed beforehand."""
    n, d = z.shape
    pool = z.copy()
    cov = np.cov(pool.T).reshape(d, d)
    unit = np.sqrt(np.maximum(np.diag(cov), 1e-300))
    factor = unit[:, None] * np.linalg.cholesky(cov / np.outer(unit, unit) + 1e-9 * np.eye(d))
    bell = Bell(pool.mean(axis=0), factor)
    level = bell.log_density(z)
    for step in range(n_steps):
        kind, correction, proposed_level = step % 4, 0.0, None
        if kind == 0:
            trial = bell.draw(rng, n)
            proposed_level = bell.log_density(trial)
            correction = level - proposed_level
        elif kind == 1:
            pair = pool[rng.integers(n, size=n)] - pool[rng.integers(n, size=n)]
            trial = z + rng.choice([1.0, 1.68 / np.sqrt(d), 0.4 / np.sqrt(d)], (n, 1)) * pair
            trial += 1e-4 * rng.standard_normal((n, d)) @ factor.T
        elif kind == 2:
            trial = z + rng.choice([2.4, 0.8, 0.2], (n, 1)) / np.sqrt(d) * (rng.standard_normal((n, d)) @ factor.T)
        else:
            trial, column = z.copy(), rng.integers(d, size=n)
            trial[np.arange(n), column] += unit[column] * np.clip(rng.standard_cauchy(n), -20, 20)
        trial_first, trial_full = origin.log_density(trial), target.log_density(trial)
        with np.errstate(invalid="ignore"):
            gain = (1 - power) * (trial_first - first) + power * (trial_full - full) + correction
        taken = np.log(rng.uniform(size=n)) < np.where(np.isfinite(trial_full), gain, -np.inf)
        z = np.where(taken[:, None], trial, z)
        first, full = np.where(taken, trial_first, first), np.where(taken, trial_full, full)
        level = np.where(taken, bell.log_density(trial) if proposed_level is None else proposed_level, level)
        if history is not None:
            history.append(z)
    return z, first, full


def _memory(before, after) -> float:
    """Return the largest correlation, over coordinates by rank, of where particles are with where they were."""
    d = before.shape[1]
    ranks = np.argsort(np.argsort(np.hstack([before, after]), axis=0), axis=0)
    return float(np.diag(np.corrcoef(ranks.T)[:d, d:]).max())
