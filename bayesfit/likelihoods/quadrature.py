"""Integrals of a row's likelihood over one standard normal coordinate, to a stated accuracy.

∫ N(t; 0, 1) p(y_i | η_i(t)) dt by the trapezoid rule, whose error for smooth integrands falls exponentially
with the number of nodes.  Each row and parameter vector has a window of its own, which is widened while its ends matter
and narrowed onto where the integrand is; nodes are added until two steps agree and no peak of the likelihood can
hide between them.  Where η may come to the label anywhere, no window is narrowed before the likelihood's peak, could
it be just outside, would be nothing there beside what is inside.  What would need many nodes goes to panels.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bayesfit.densities import HALF_LOG_TWO_PI
from bayesfit.likelihoods.panels import integrand, panel_expectation

if TYPE_CHECKING:
    from bayesfit.data import Data
    from bayesfit.likelihoods.base import Likelihood

__all__ = ["gaussian_expectation", "normal_expectation"]

#: standard deviations beyond which a standard normal is nothing
REACH = 9.0
#: and where even the best of labels is nothing beside any other
_FARTHEST = 1e4
#: ln of what counts as nothing beside the largest term, in choosing a window and in being content with it
_NOTHING, _ENDS = 34.0, 28.0
#: accuracy wanted in ln of the integral
TOLERANCE = 1e-9
#: intervals between nodes, and how often a window is changed
_FIRST, _MOST, _LEVELS = 32, 256, 30
#: the most that η may bend from step to step, in units of what it changes by (some twenty nodes in a period); the least
#: that counts, in units of η; and the most intervals to see that
_BENT, _ROUNDING, _FINEST = 0.3, 1e-9, 2048
#: vectors × rows of one piece, whose nodes stay in the processor's cache, and how many more take as long as one call
_PIECE, _SMALL = 1 << 12, 400


def gaussian_expectation(likelihood: "Likelihood", values, mean, variance, data: "Data") -> np.ndarray:
    """Return ln ∫ p(y_i | η) N(η; mean_i, variance_i) dη, (W, N)."""
    shape = np.broadcast_shapes(np.shape(mean), np.shape(variance), (1, len(data)))
    mean, sd = np.broadcast_to(mean, shape), np.broadcast_to(np.sqrt(variance), shape)
    centre = np.broadcast_to(likelihood.peak(values, data), shape)
    start = np.clip(np.divide(centre - mean, sd, out=np.zeros(shape), where=sd > 0), -1e3, 1e3)

    def eta(t, vectors, rows):
        return mean[vectors][:, rows] + sd[vectors][:, rows] * t

    return normal_expectation(likelihood, values, eta, data, start)


def normal_expectation(likelihood: "Likelihood", values, eta: Callable, data: "Data", start=None) -> np.ndarray:
    """Return ln ∫ N(t) p(y_i | eta(t)) dt, (W, N).

    Parameters
    ----------
    likelihood : Likelihood
    values : mapping
    eta : callable
        Of t (…, V, n), the indices of V parameter vectors (or a slice) and those of n rows, returns η (…, V, n).
    data : Data
    start : ndarray (W, N), optional
        The t at which the likelihood peaks, by which the first window is widened; without it η is taken to come to the
        peak anywhere, and more than once.
    """
    n_vectors = len(next(iter(values.values()))) if start is None else len(start)
    shape = n_vectors, len(data)
    problem = _Problem(likelihood, values, eta, data, np.empty(shape), np.zeros(shape, dtype=bool), start is not None)
    centre = np.zeros((1, 1)) if start is None else start
    low, high = (
        np.broadcast_to(each, shape) for each in (np.minimum(centre, 0) - REACH, np.maximum(centre, 0) + REACH)
    )
    size = max(1, _PIECE // n_vectors)
    for first in range(0, len(data), size):
        rows = np.arange(first, min(first + size, len(data)))
        problem.settle(np.arange(n_vectors), rows, low[:, rows], high[:, rows], _FIRST)
    return problem.found


class _Problem(NamedTuple):
    """The integrals of all rows, which of them are settled, both (W, N), and whether η comes to a label only once."""

    likelihood: "Likelihood"
    values: dict
    eta: Callable
    data: "Data"
    found: np.ndarray
    settled: np.ndarray
    straight: bool

    def settle(self, vectors, rows, low, high, n_steps, level=0, *, fine=False):
        """Find the integrals of V vectors and n rows, from windows ``low`` to ``high`` (V, n) onwards."""
        part = self._part(vectors, rows)
        if n_steps > (_FINEST if fine else _MOST) or level == _LEVELS:
            found = panel_expectation(*part, low, high, max(8, n_steps // 16))
            self._keep(vectors, rows, found, np.ones(low.shape, dtype=bool))
            return
        grid = _Grid(*part, low, high, n_steps, analytic=self.straight and self.likelihood.smooth)
        if level == 0 and not self.straight:
            # before any window is narrowed: twice as wide wherever the likelihood's peak might be outside
            for v, r in _rectangles((grid.outside > grid.highest - _NOTHING) & (high < _FARTHEST)):
                place = np.ix_(v, r)
                wide = 2 * low[place], 2 * high[place], min(2 * n_steps, _MOST)
                self.settle(vectors[v], rows[r], *wide)
            if self.settled[np.ix_(vectors, rows)].all():
                return
        # peaks between nodes that do not follow η are not known of: the same window again
        rough = grid.rough & (n_steps < _FINEST)
        for v, r in _rectangles(rough & ~self.settled[np.ix_(vectors, rows)]):
            place = np.ix_(v, r)
            self.settle(vectors[v], rows[r], low[place], high[place], 2 * n_steps, level + 1, fine=True)
        self._keep(vectors, rows, grid.integral, grid.settled & ~rough)
        low, high, moved = grid.next_window()
        # a window that has come to rest needs more nodes; the others try again with as many
        for some, n in ((~moved, 2 * n_steps), (moved, n_steps)):
            for v, r in _rectangles(some & ~self.settled[np.ix_(vectors, rows)]):
                self.settle(vectors[v], rows[r], low[np.ix_(v, r)], high[np.ix_(v, r)], n, level + 1, fine=fine)

    def _part(self, vectors, rows):
        values = {name: array[vectors] for name, array in self.values.items()}
        return self.likelihood, values, lambda t: self.eta(t, vectors, rows), self.data[rows]

    def _keep(self, vectors, rows, found, settled):
        place = np.ix_(vectors, rows)
        new = settled & ~self.settled[place]
        self.found[place] = np.where(new, found, self.found[place])
        self.settled[place] |= new


def _rectangles(marked):
    """Yield (vectors, rows) of rectangles that hold all marked places of an array (V, n): one, or one for each row."""
    rows = np.flatnonzero(marked.any(axis=0))
    if not rows.size:
        return
    vectors = np.flatnonzero(marked.any(axis=1))
    if len(vectors) * len(rows) - marked.sum() < _SMALL * len(rows):
        yield vectors, rows
        return
    for row in rows:
        yield np.flatnonzero(marked[:, row]), np.array([row])


class _Grid:
    """The integrand on n + 1 equidistant nodes of each row's window."""

    def __init__(self, likelihood, values, eta, data, low, high, n_steps, *, analytic):
        self.low, self.step, self.n_steps = low, (high - low) / n_steps, n_steps
        nodes = low + np.arange(n_steps + 1)[:, None, None] * self.step
        etas, self.terms = integrand(likelihood, values, eta, data, nodes)
        steps = np.diff(etas, axis=0)
        bends = np.abs(np.diff(steps, axis=0))
        visible = bends.max(axis=0) > _ROUNDING * np.abs(etas).max(axis=0)
        self.rough = visible & (bends.sum(axis=0) > _BENT * np.abs(steps).sum(axis=0))
        self.top = self.terms.max(axis=0)
        self._bound(likelihood, values, data, nodes, etas)
        level = np.where(np.isfinite(self.top), self.top, 0.0)
        parts = np.exp(self.terms - level)
        coarse, rest = parts[::2].sum(axis=0), parts[1::2].sum(axis=0)
        self.integral = level + np.log(coarse + rest) + np.log(self.step) - HALF_LOG_TWO_PI
        # of one peak without kinks the sum of both halves is far better than each
        agree = np.abs(rest - coarse) < (2e4 if analytic else 1e2) * TOLERANCE * (coarse + rest)
        ends = np.maximum(self.terms[0], self.terms[-1])
        empty = ~np.isfinite(self.top)
        self.settled = (agree & (ends < self.top - _ENDS) & (self.highest < self.top + 1.0)) | empty

    def _bound(self, likelihood, values, data, nodes, etas):
        """The most that the integrand can be in each step, at its ends or at a peak between them, and outside."""
        peak = np.broadcast_to(likelihood.peak(values, data), self.top.shape)
        # what rises for ever is a probability
        finite = np.isfinite(peak)
        at_peak = np.where(finite, likelihood.log_prob(values, np.where(finite, peak, 0.0), data), 0.0)
        self.outside = at_peak - 0.5 * np.minimum(np.abs(self.low), np.abs(nodes[-1])) ** 2
        self.seen = np.maximum(self.terms[1:], self.terms[:-1])
        self.bounds = self.seen.copy()
        above = etas > peak
        between = above[1:] != above[:-1]
        if between.any():
            magnitude = np.minimum(np.abs(nodes[1:]), np.abs(nodes[:-1]))
            nearest = np.where(nodes[1:] * nodes[:-1] < 0, 0.0, magnitude)
            np.maximum(self.bounds, at_peak - 0.5 * nearest**2, out=self.bounds, where=between)
        self.highest = self.bounds.max(axis=0)

    def next_window(self):
        """Return windows that hold all that matters, and whether each is another one."""
        # a jump of η over the peak looks as if there were a peak, and is none: what is seen stays inside
        matters = (self.bounds > self.highest - _NOTHING) | (self.seen > self.top - _NOTHING)
        first = np.argmax(matters, axis=0)
        last = self.n_steps - np.argmax(matters[::-1], axis=0)
        pad = np.maximum(1, (last - first) // 6)
        left = np.where(first == 0, -self.n_steps // 2, np.maximum(first - pad, 0))
        right = np.where(last == self.n_steps, self.n_steps + self.n_steps // 2, np.minimum(last + pad, self.n_steps))
        moved = ((right - left) < 0.7 * self.n_steps) | (first == 0) | (last == self.n_steps)
        return self.low + left * self.step, self.low + right * self.step, moved
