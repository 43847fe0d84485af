"""Integrals of class probabilities over several Gaussian coordinates of each row."""

from collections.abc import Callable
from functools import cache
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

if TYPE_CHECKING:
    from bayesfit.data import Data
    from bayesfit.likelihoods.base import Likelihood

__all__ = ["smooth_expectation"]

#: accuracy wanted in ln of the integral, and the Gauss-Hermite rules tried one after another
TOLERANCE = 1e-7
_RULES = (8, 16, 32, 64)
#: points of the lattice where there are three coordinates or more
_LATTICE = 1024


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
    For r ≤ 2 tensor Gauss-Hermite rules are doubled until two agree to 1e-7; for more coordinates an additive
    recurrence of 1,024 antithetic points is used, good to about 1e-3 for spreads of η up to 3.
    """
    size = mean.shape[-1]
    factor = _factor(cov)
    if size > 2:
        return _sum(likelihood, values, lambda u: eta(u, slice(None)), data, mean, factor, _lattice(size))
    result, rows, previous = np.empty(mean.shape[:2]), np.arange(len(data)), None
    for n_nodes in _RULES:
        some = data if len(rows) == len(data) else data[rows]
        rule = _hermite(n_nodes, size)
        total = _sum(likelihood, values, lambda u, rows=rows: eta(u, rows), some, mean[:, rows], factor[:, rows], rule)
        settled = np.full(len(rows), n_nodes == _RULES[-1])
        if previous is not None:
            settled |= (np.abs(total - previous) < TOLERANCE).all(axis=0)
        result[:, rows[settled]] = total[:, settled]
        if settled.all():
            break
        rows, previous = rows[~settled], total[:, ~settled]
    return result


def _sum(likelihood, values, eta, data, mean, factor, rule):
    total = np.full(mean.shape[:2], -np.inf)
    for point, log_weight in zip(*rule, strict=True):
        term = likelihood.log_prob(values, eta(mean + factor @ point), data) + log_weight
        np.logaddexp(total, term, out=total)
    return total


@cache
def _hermite(n_nodes, size):
    nodes, weights = np.polynomial.hermite_e.hermegauss(n_nodes)
    log_weights = np.log(weights / weights.sum())
    points = np.array(list(product(nodes, repeat=size)))
    return points, np.array([sum(parts) for parts in product(log_weights, repeat=size)])


@cache
def _lattice(size):
    """An additive recurrence on the generalised golden ratio (Roberts 2018), mapped to normal coordinates."""
    ratio = 1.5
    for _ in range(64):
        ratio = (1.0 + ratio) ** (1.0 / (size + 1))
    steps = np.arange(1, _LATTICE // 2 + 1)[:, None] * ratio ** -np.arange(1.0, size + 1)
    points = ndtri((steps + 0.5) % 1.0)
    return np.concatenate([points, -points]), np.full(_LATTICE, -np.log(_LATTICE))


def _factor(cov):
    """Return square roots of positive semi-definite matrices."""
    widths, axes = np.linalg.eigh(cov)
    return axes * np.sqrt(np.maximum(widths, 0.0))[..., None, :]
