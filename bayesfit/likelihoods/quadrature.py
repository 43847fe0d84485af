"""Integrals of a row's likelihood over one standard normal coordinate, to a stated accuracy.

∫ N(t; 0, 1) p(y_i | η_i(t)) dt by the trapezoid rule, whose error for smooth integrands falls exponentially
with the number of nodes.  The window is widened while its ends matter and narrowed onto where the
integrand is; nodes are added until two steps agree and no peak of the likelihood can hide between nodes.
Rows that have settled are not evaluated again; those that would need many nodes go to panels.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from bayesfit.densities import HALF_LOG_TWO_PI
from bayesfit.likelihoods.panels import panel_expectation
from bayesfit.logarithms import log_add

if TYPE_CHECKING:
    from bayesfit.data import Data
    from bayesfit.likelihoods.base import Likelihood

__all__ = ["gaussian_expectation", "normal_expectation", "plane_expectation"]

#: standard deviations beyond which a standard normal is nothing
REACH = 9.0
#: ln of what counts as nothing beside the largest term
_NOTHING = 40.0
#: accuracy wanted in ln of the integral
TOLERANCE = 1e-9
_FIRST, _MOST, _LEVELS = 32, 128, 30


def gaussian_expectation(likelihood: "Likelihood", values, mean, variance, data: "Data") -> np.ndarray:
    """Return ln ∫ p(y_i | η) N(η; mean_i, variance_i) dη, (W, N)."""
    shape = np.broadcast_shapes(np.shape(mean), np.shape(variance), (1, len(data)))
    mean, sd = np.broadcast_to(mean, shape), np.broadcast_to(np.sqrt(variance), shape)
    centre = np.broadcast_to(likelihood.peak(values, data), shape)
    start = np.clip(np.divide(centre - mean, sd, out=np.zeros(shape), where=sd > 0), -1e3, 1e3)

    def eta(t, rows):
        return mean[:, rows] + sd[:, rows] * t

    return normal_expectation(likelihood, values, eta, data, start)


def normal_expectation(likelihood: "Likelihood", values, eta: Callable, data: "Data", start) -> np.ndarray:
    """Return ln ∫ N(t) p(y_i | eta(t)) dt, (W, N).

    Parameters
    ----------
    likelihood : Likelihood
    values : mapping
    eta : callable
        Of t (W, n) and the indices of the n rows, returns η (W, n).
    data : Data
    start : ndarray (W, N)
        A guess of the t at which the likelihood peaks, by which the first window is widened.
    """
    result = np.empty(start.shape)
    rows = np.arange(len(data))
    low, high = np.minimum(start, 0.0) - REACH, np.maximum(start, 0.0) + REACH
    n_steps = max(_FIRST, min(_MOST, 2 * int(np.median(high - low))))
    for level in range(_LEVELS):
        some = data if len(rows) == len(data) else data[rows]
        grid = _Grid(likelihood, values, lambda t, rows=rows: eta(t, rows), some, low, high, n_steps)
        settled = grid.settled.all(axis=0)
        result[:, rows[settled]] = grid.integral[:, settled]
        if settled.all():
            break
        rows = rows[~settled]
        low, high, moved = grid.next_window(~settled)
        n_steps = n_steps if moved else 2 * n_steps
        if n_steps > _MOST or level == _LEVELS - 1:
            some = data[rows]
            result[:, rows] = panel_expectation(
                likelihood, values, lambda t, chosen, rows=rows: eta(t, rows[chosen]), some, low, high
            )
            break
    return result


class _Grid:
    """The integrand on n + 1 equidistant nodes of each row's window."""

    def __init__(self, likelihood, values, eta, data, low, high, n_steps):
        self.low, self.step, self.n_steps = low, (high - low) / n_steps, n_steps
        nodes = [low + k * self.step for k in range(n_steps + 1)]
        etas = [eta(t) for t in nodes]
        self.terms = np.stack(
            [likelihood.log_prob(values, e, data) - 0.5 * t * t for e, t in zip(etas, nodes, strict=True)]
        )
        self.terms[np.isnan(self.terms)] = -np.inf
        self.top = self.terms.max(axis=0)
        self._bound(likelihood, values, data, nodes, etas)
        fine, coarse = _log_sum(self.terms), _log_sum(self.terms[::2]) + np.log(2.0)
        self.integral = fine + np.log(self.step) - HALF_LOG_TWO_PI
        agree = np.abs(fine - coarse) < (1e3 if likelihood.smooth else 1e2) * TOLERANCE
        ends = np.maximum(self.terms[0], self.terms[-1])
        empty = ~np.isfinite(self.top)
        self.settled = (agree & (ends < self.top - 36.0) & (self.highest < self.top + 1.0)) | empty

    def _bound(self, likelihood, values, data, nodes, etas):
        """The most that the integrand can be anywhere in each step: at its ends, or at a peak between them."""
        peak = np.broadcast_to(likelihood.peak(values, data), self.top.shape)
        at_peak = likelihood.log_prob(values, peak.copy(), data)
        self.bounds = np.maximum(self.terms[1:], self.terms[:-1])
        for k in range(self.n_steps):
            between = (np.minimum(etas[k], etas[k + 1]) < peak) & (peak < np.maximum(etas[k], etas[k + 1]))
            nearest = np.where(nodes[k] * nodes[k + 1] < 0, 0.0, np.minimum(np.abs(nodes[k]), np.abs(nodes[k + 1])))
            hidden = np.where(between, at_peak - 0.5 * nearest**2, -np.inf)
            np.maximum(self.bounds[k], hidden, out=self.bounds[k])
        self.highest = self.bounds.max(axis=0)

    def next_window(self, chosen):
        """Return the window of the chosen rows that holds all that matters, and whether it is another one."""
        matters = self.bounds[:, :, chosen] > self.highest[:, chosen] - _NOTHING
        first = np.argmax(matters, axis=0)
        last = self.n_steps - np.argmax(matters[::-1], axis=0)
        low, step = self.low[:, chosen], self.step[:, chosen]
        pad = np.maximum(1, (last - first) // 4)
        left = np.where(first == 0, -self.n_steps // 4, np.maximum(first - pad, 0))
        right = np.where(last == self.n_steps, self.n_steps + self.n_steps // 4, np.minimum(last + pad, self.n_steps))
        new_low, new_high = low + left * step, low + right * step
        narrowed = ((right - left) < 0.6 * self.n_steps).all()
        widened = (first == 0).any() or (last == self.n_steps).any()
        return new_low, new_high, bool(narrowed or widened)


def _log_sum(terms):
    top = terms.max(axis=0)
    safe = np.where(np.isfinite(top), top, 0.0)
    return safe + np.log(np.exp(terms - safe).sum(axis=0))


def plane_expectation(likelihood: "Likelihood", values, eta: Callable, data: "Data", mean, cov) -> np.ndarray:
    """Return ln ∫ N(ξ; mean_i, cov_i) p(y_i | η(ξ)) dξ over two features, (W, N).

    Parameters
    ----------
    eta : callable
        Of true features (W, n, 2) and the indices of the n rows, returns η (W, n).
    mean : ndarray (W, N, 2)
    cov : ndarray (W, N, 2, 2)

    Notes
    -----
    The trapezoid rule over whitened coordinates, the nodes doubled until two grids agree; a row whose
    likelihood is much narrower than its features' errors takes many.
    """
    factor = np.linalg.cholesky(cov + 1e-300 * np.eye(2))
    result = np.empty(mean.shape[:2])
    rows, n_steps, previous = np.arange(len(data)), _PLANE_FIRST, None
    while True:
        some = data if len(rows) == len(data) else data[rows]
        total = _plane_sum(
            likelihood, values, lambda true, rows=rows: eta(true, rows), some, mean[:, rows], factor[:, rows], n_steps
        )
        last = n_steps >= _PLANE_MOST
        settled = np.full(len(rows), last)
        if previous is not None:
            settled |= (np.abs(total - previous) < _PLANE_TOLERANCE).all(axis=0)
        result[:, rows[settled]] = total[:, settled]
        if settled.all():
            return result
        rows, previous, n_steps = rows[~settled], total[:, ~settled], 2 * n_steps


_PLANE_FIRST, _PLANE_MOST, _PLANE_TOLERANCE = 24, 384, 1e-7


def _plane_sum(likelihood, values, eta, data, mean, factor, n_steps):
    nodes = np.linspace(-REACH, REACH, n_steps + 1)
    total = np.full(mean.shape[:2], -np.inf)
    for first in nodes:
        for second in nodes:
            weight = -0.5 * (first * first + second * second)
            if weight < -0.5 * REACH**2:
                continue
            true = mean + factor[..., 0] * first + factor[..., 1] * second
            term = likelihood.log_prob(values, eta(true), data) + weight
            total = log_add(total, np.where(np.isnan(term), -np.inf, term))
    return total + 2 * np.log(nodes[1] - nodes[0]) - 2 * HALF_LOG_TWO_PI
