"""Integrals of class probabilities over several Gaussian coordinates of each row."""

from collections.abc import Callable
from functools import cache
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

from bayesfit.logarithms import log_add
from bayesfit.roots import lower_root

if TYPE_CHECKING:
    from bayesfit.data import Data
    from bayesfit.likelihoods.base import Likelihood

__all__ = ["smooth_expectation"]

#: accuracy wanted in ln of the integral
TOLERANCE = 1e-7
#: nodes of the rules tried one after another: Gauss-Hermite while they are few, which soon stalls where η spreads
#: widely, then the trapezoid rule, whose error goes on falling exponentially
_RULES = {
    1: (("hermite", 8), ("hermite", 16), ("hermite", 32), ("trapezoid", 96), ("trapezoid", 192), ("trapezoid", 384)),
    2: (("hermite", 8), ("hermite", 16), ("hermite", 32), ("trapezoid", 64), ("trapezoid", 128)),
    3: (("hermite", 8), ("hermite", 12), ("trapezoid", 20), ("trapezoid", 32)),
}
_REACH = 7.5
#: points of the lattice where there are four coordinates or more
_LATTICE = 4096


def smooth_expectation(likelihood: "Likelihood", values, eta: Callable, data: "Data", mean, cov) -> np.ndarray:
    """Return ln ∫ N(u; mean_i, cov_i) p(y_i | η(u)) du, (W, N), for a likelihood that is smooth in η.

    Parameters
    ----------
    eta : callable
        Of coordinates u (W, n, r) and the indices of the n rows, returns η (W, n) or (W, n, K).
    mean : ndarray (W, N, r)
    cov : ndarray (W, N, r, r)

    Notes
    -----
    For r ≤ 3 tensor rules grow until two agree to 1e-7, which they do for spreads of η up to about 80 (r = 1), 15
    (r = 2) and 4 (r = 3; beyond, the last rule is taken as it is); for more coordinates an additive recurrence of
    4,096 antithetic points is used, good to some 0.01 where η spreads by 1 to 3.
    """
    size = mean.shape[-1]
    factor = lower_root(cov)
    if size not in _RULES:
        return _sum(likelihood, values, lambda u: eta(u, slice(None)), data, mean, factor, _lattice(size))
    result, rows, previous = np.empty(mean.shape[:2]), np.arange(len(data)), None
    for kind in _RULES[size]:
        rule = _rule(*kind, size)
        some = data if len(rows) == len(data) else data[rows]
        total = _sum(likelihood, values, lambda u, rows=rows: eta(u, rows), some, mean[:, rows], factor[:, rows], rule)
        settled = np.full(len(rows), kind == _RULES[size][-1])
        if previous is not None:
            settled |= (np.abs(total - previous) < TOLERANCE).all(axis=0)
        result[:, rows[settled]] = total[:, settled]
        if settled.all():
            break
        rows, previous = rows[~settled], total[:, ~settled]
    return result


def _sum(likelihood, values, eta, data, mean, factor, rule):
    points, log_weights = rule
    total = np.zeros(mean.shape[:2])
    for point, weight in zip(points, np.exp(log_weights), strict=True):
        total += weight * np.exp(likelihood.log_prob(values, eta(mean + factor @ point), data))
    if (total > 1e-250).all():
        return np.log(total)
    # some probability underflows everywhere: the same in logarithms, which takes longer
    total = np.full(mean.shape[:2], -np.inf)
    for point, log_weight in zip(points, log_weights, strict=True):
        term = likelihood.log_prob(values, eta(mean + factor @ point), data) + log_weight
        total = log_add(total, term)
    return total


@cache
def _rule(kind, n_nodes, size):
    """Return points (M, size) and log weights (M,) of a tensor rule for standard normal coordinates."""
    if kind == "hermite":
        nodes, weights = np.polynomial.hermite_e.hermegauss(n_nodes)
        log_weights = np.log(weights / weights.sum())
    else:
        nodes = np.linspace(-_REACH, _REACH, n_nodes)
        log_weights = -0.5 * nodes**2
        log_weights -= np.log(np.exp(log_weights).sum())
    points = np.array(list(product(nodes, repeat=size)))
    sums = np.array([sum(parts) for parts in product(log_weights, repeat=size)])
    kept = sums > sums.max() - 0.5 * _REACH**2  # corners count for nothing
    return points[kept], sums[kept]


@cache
def _lattice(size):
    """An additive recurrence on the generalised golden ratio (Roberts 2018), mapped to normal coordinates."""
    ratio = 1.5
    for _ in range(64):
        ratio = (1.0 + ratio) ** (1.0 / (size + 1))
    steps = np.arange(1, _LATTICE // 2 + 1)[:, None] * ratio ** -np.arange(1.0, size + 1)
    points = ndtri((steps + 0.5) % 1.0)
    return np.concatenate([points, -points]), np.full(_LATTICE, -np.log(_LATTICE))
