"""Weighted draws from a small posterior: importance sampling from a t that is fitted while the likelihood is turned on.

A sampler of the tests' own, which shares nothing with the package but the density: many vectors in few calls,
and an effective size that is known for every posterior.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import gammaln, logsumexp

__all__ = ["Weighted", "weigh"]

DOF = 6.0
#: share of the proposals that come from the prior, so that no weight exceeds likelihood / share
FROM_PRIOR = 0.1
_FEW = 10
N_ADAPT, N_BATCH, MOST_BATCHES, N_KERNELS = 1000, 2000, 300, 40


class Weighted(NamedTuple):
    """Draws (n, D) with log weights (n,) that sum to one, and their effective number."""

    theta: np.ndarray
    log_weight: np.ndarray
    ess: float

    def resample(self, rng, size: int) -> np.ndarray:
        """Return unweighted draws (size, D)."""
        return self.theta[rng.choice(len(self.theta), size, p=np.exp(self.log_weight))]

    def quantiles(self, column: int, levels) -> np.ndarray:
        """Return quantiles of one parameter."""
        order = np.argsort(self.theta[:, column])
        reached = np.cumsum(np.exp(self.log_weight[order]))
        return self.theta[order[np.searchsorted(reached, levels).clip(max=len(order) - 1)], column]

    def mean(self) -> np.ndarray:
        """Return the posterior means (D,)."""
        return np.exp(self.log_weight) @ self.theta


class _Bell(NamedTuple):
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


class _Cloud(NamedTuple):
    """A mixture of t kernels around draws, each as wide as its neighbours are far: for what is not one bell."""

    kernels: list

    def draw(self, rng, size):
        share = rng.multinomial(size, np.full(len(self.kernels), 1 / len(self.kernels)))
        return np.concatenate([kernel.draw(rng, n) for kernel, n in zip(self.kernels, share, strict=True)])

    def log_density(self, z):
        each = np.stack([kernel.log_density(z) for kernel in self.kernels])
        return logsumexp(each, axis=0) - np.log(len(self.kernels))


def _scatter(rng, z, log_weight):
    weight = np.exp(log_weight - logsumexp(log_weight))
    draws = z[rng.choice(len(z), 600, p=weight)]
    draws = draws + 1e-9 * rng.standard_normal(draws.shape)
    unit = draws.std(axis=0)
    kernels = []
    for centre in draws[:N_KERNELS]:
        distance = np.square((draws - centre) / unit).sum(axis=1)
        near = draws[np.argsort(distance)[:120]]
        cov = 0.5 * np.cov(near.T).reshape(len(unit), -1) + np.diag(0.01 * unit**2 + 1e-12)
        kernels.append(_Bell(centre, np.linalg.cholesky(cov)))
    return _Cloud(kernels)


def weigh(target, rng, *, wanted=400.0, start=None) -> Weighted:
    """Return weighted draws of a target whose priors are all proper, ``wanted`` effective ones or more.

    ``start``, the mean (d,) and a factor (d, d) of a first t in walking coordinates, spares the way from the prior.

    Raises
    ------
    RuntimeError
        If they are not reached: a posterior is never left out quietly.
    """
    bell = _adapt(target, rng) if start is None else _Bell(*start)
    points, log_weights = [], []
    for batch in range(MOST_BATCHES):
        z, weight = _propose(target, rng, bell, N_BATCH)
        points.append(z)
        log_weights.append(weight)
        everything = np.concatenate(log_weights)
        if _ess(everything) >= wanted:
            normalised = everything - logsumexp(everything)
            return Weighted(target.natural(np.concatenate(points)), normalised, _ess(everything))
        if batch in (3, 7, 15, 31, 63, 127):  # a proposal that does badly gives way to a better one, with all its draws
            draws, softened = np.concatenate(points), _softened(everything)
            # kernels find no neighbours in many dimensions, where one bell of the right width does better
            bell = _fit(draws, softened) if draws.shape[1] > _FEW or batch == 3 else _scatter(rng, draws, softened)
            points, log_weights = [], []
    raise RuntimeError(f"importance sampling reaches {_ess(everything):.0f} effective draws, not {wanted:.0f}")


def _adapt(target, rng):
    """Turn the likelihood on as fast as a tenth of the proposals allows."""
    z = target.walked(target.parameters.sample_prior(rng, N_ADAPT))
    log_likelihood = target.log_density(z) - _log_prior(target, z)
    offset, power = np.zeros(len(z)), 0.0
    for _ in range(60):
        power = _largest_power(offset, log_likelihood, power)
        bell = _fit(z, offset + power * log_likelihood)
        if power == 1.0:
            return bell
        z = bell.draw(rng, N_ADAPT)
        prior = _log_prior(target, z)
        log_likelihood = target.log_density(z) - prior
        offset = prior - bell.log_density(z)
    return bell


def _largest_power(offset, log_likelihood, least):
    # an impossible draw counts for nothing at any power
    finite = np.isfinite(log_likelihood) & np.isfinite(offset)
    offset, log_likelihood = offset[finite], log_likelihood[finite]
    if _ess(offset + log_likelihood) > 0.1 * N_ADAPT:
        return 1.0
    low, high = least, 1.0
    for _ in range(30):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if _ess(offset + middle * log_likelihood) > 0.1 * N_ADAPT else (low, middle)
    return low


def _propose(target, rng, bell, size):
    """Return points (size, d) of the mixture of t and prior, and their log weights."""
    n_prior = int(FROM_PRIOR * size)
    z = np.concatenate([bell.draw(rng, size - n_prior), target.walked(target.parameters.sample_prior(rng, n_prior))])
    prior = _log_prior(target, z)
    proposal = np.logaddexp(np.log1p(-FROM_PRIOR) + bell.log_density(z), np.log(FROM_PRIOR) + prior)
    return z, target.log_density(z) - proposal


def _log_prior(target, z):
    theta, log_jacobian = target.parameters.constrain(z)
    return target.parameters.log_prior(theta) + log_jacobian


def _softened(log_weight):
    """Cut weights at the size that leaves about fifty effective draws."""
    top = np.sort(log_weight)[-50]
    return np.minimum(log_weight, top)


def _fit(z, log_weight):
    log_weight = np.where(np.isfinite(log_weight), log_weight, -np.inf)
    weight = np.exp(log_weight - logsumexp(log_weight))
    mean = weight @ z
    centred = z - mean
    cov = (weight[:, None] * centred).T @ centred
    ridge = 1e-9 * np.diag(np.maximum(np.diag(cov), 1e-12))
    return _Bell(mean, np.linalg.cholesky(cov + ridge))


def _ess(log_weight):
    return float(np.exp(2 * logsumexp(log_weight) - logsumexp(2 * log_weight)))
