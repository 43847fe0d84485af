"""Integrals of a row's likelihood over one standard normal coordinate, to a stated accuracy.

∫ N(t; 0, 1) p(y_i | η_i(t)) dt by the trapezoid rule, whose error for smooth integrands falls exponentially
with the number of nodes.  Each row and parameter vector has a window of its own, which is widened while its ends matter
and narrowed onto where the integrand is; nodes are added until two steps agree and no peak of the likelihood can
hide between them.  Where η may come to the label anywhere, no window is narrowed before the likelihood's peak, could
it be just outside, would be nothing there beside what is inside.  Of waves the sum over another lattice must agree.
What would need many nodes goes to panels.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bayesfit.densities import HALF_LOG_TWO_PI, log_sum_exp
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
#: steps within which η is asked; turns from which on it is a wave, whose sums over lattices of so many nodes more must
#: be so much alike, and the most nodes to see that; the bound of its error, by far too high, from which on panels count
_ASKED, _TURNS, _OTHER_PARTS, _ALIKE, _FASTEST, _CERTAIN = 8, 6, (0.786, 0.618), 1e-6, 8192, 1e-3
#: vectors × rows of one piece, whose nodes stay in the processor's cache, and how many more take as long as one call
_PIECE, _SMALL = 1 << 12, 400
#: vectors × rows × nodes held at once
_VALUES = 1 << 22


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

    def settle(self, vectors, rows, low, high, n_steps, level=0, most=_MOST):
        """Find the integrals of V vectors and n rows, from windows ``low`` to ``high`` (V, n) onwards."""
        if len(vectors) * len(rows) * n_steps > _VALUES and len(vectors) * len(rows) > 1:
            # by halves, or nodes of all would not fit into memory
            for v, r in _halves(len(vectors), len(rows)):
                self.settle(vectors[v], rows[r], low[v, r], high[v, r], n_steps, level, most)
            return
        part = self._part(vectors, rows)
        if n_steps > most or level == _LEVELS:
            found, _ = panel_expectation(*part, low, high, max(8, n_steps // 16))
            self._keep(vectors, rows, found, np.ones(low.shape, dtype=bool))
            return
        # narrower windows of what is seen well enough are seen even better
        asked = not self.straight and (level == 0 or most > _MOST)
        grid = _Grid(*part, low, high, n_steps, analytic=self.straight and self.likelihood.smooth, asked=asked)
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
            self.settle(vectors[v], rows[r], low[place], high[place], 2 * n_steps, level + 1, _FINEST)
        self._keep(vectors, rows, grid.integral, grid.settled & ~rough & ~grid.waves)
        self._settle_waves(vectors, rows, low, high, grid, level, grid.waves & grid.ended & ~rough)
        low, high, moved = grid.next_window()
        # a window that has come to rest needs more nodes; the others try again with as many
        for some, n in ((~moved, 2 * n_steps), (moved, n_steps)):
            for v, r in _rectangles(some & ~self.settled[np.ix_(vectors, rows)]):
                self.settle(vectors[v], rows[r], low[np.ix_(v, r)], high[np.ix_(v, r)], n, level + 1, most)

    def _settle_waves(self, vectors, rows, low, high, grid, level, waves):
        """Settle what the sum over another lattice agrees with; for the rest take more nodes, and then panels.

        With a whole number of periods of a wave, or of one of its overtones in the likelihood, in a step, nodes are no
        fair sample, and half of them look the same.  Of lattices without a common measure hardly two have that, so that
        where peaks are too many for panels the middle of three is taken.
        """
        for v, r in _rectangles(waves & ~self.settled[np.ix_(vectors, rows)]):
            place, n = np.ix_(v, r), grid.n_steps
            window, some = (low[place], high[place]), self._part(vectors[v], rows[r])
            first, second = grid.integral[place], _lattice_sum(*some, *window, int(_OTHER_PARTS[0] * n))
            # nothing on both is the same, too
            alike = (np.abs(first - second) < _ALIKE) | (first == second)
            self._keep(vectors[v], rows[r], first, alike & waves[place])
            if n < _FASTEST:
                for w, q in _rectangles(waves[place] & ~alike):
                    inner = np.ix_(w, q)
                    ends = (each[inner] for each in window)
                    self.settle(vectors[v][w], rows[r][q], *ends, 2 * n, level + 1, _FASTEST)
            elif not alike.all():
                third = _lattice_sum(*some, *window, int(_OTHER_PARTS[1] * n))
                found, error = panel_expectation(*some, *window, n // 16)
                middle = np.median([first, second, third], axis=0)
                self._keep(vectors[v], rows[r], np.where(error < _CERTAIN, found, middle), waves[place])

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


def _halves(n_vectors: int, n_rows: int):
    """Yield slices of vectors and rows that halve the longer of both."""
    if n_vectors >= n_rows:
        yield from ((slice(0, n_vectors // 2), slice(None)), (slice(n_vectors // 2, None), slice(None)))
    else:
        yield from ((slice(None), slice(0, n_rows // 2)), (slice(None), slice(n_rows // 2, None)))


def _lattice_sum(likelihood, values, eta, data, low, high, n_steps):
    """Return ln of the integral by the midpoint rule."""
    step = (high - low) / n_steps
    _, terms = integrand(likelihood, values, eta, data, low + (np.arange(n_steps)[:, None, None] + 0.5) * step)
    return log_sum_exp(terms) + np.log(step) - HALF_LOG_TWO_PI


class _Grid:
    """The integrand on n + 1 equidistant nodes of each row's window."""

    def __init__(self, likelihood, values, eta, data, low, high, n_steps, *, analytic, asked):
        self.low, self.step, self.n_steps = low, (high - low) / n_steps, n_steps
        nodes = low + np.arange(n_steps + 1)[:, None, None] * self.step
        etas, self.terms = integrand(likelihood, values, eta, data, nodes)
        steps = np.diff(etas, axis=0)
        bends = np.abs(np.diff(steps, axis=0))
        visible = bends.max(axis=0) > _ROUNDING * np.abs(etas).max(axis=0)
        self.rough = visible & (bends.sum(axis=0) > _BENT * np.abs(steps).sum(axis=0))
        up = np.sign(steps)
        turns = (up[1:] * up[:-1] < 0).sum(axis=0)
        self.waves = visible & (turns >= _TURNS)
        if asked:
            unseen = self._unseen(eta, etas, np.abs(steps))
            self.rough, self.waves = self.rough | unseen, self.waves | unseen
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
        self.ended = ((ends < self.top - _ENDS) & (self.highest < self.top + 1.0)) | empty
        self.settled = (agree & self.ended) | empty

    def _unseen(self, eta, etas, steps):
        """Whether η between nodes is not what those nodes say: a wave with whole periods in a step looks flat on them.

        It is asked in the middle third of a few steps, nowhere at the same part of one.
        """
        first = np.linspace(1, self.n_steps - 2, _ASKED).astype(int)
        along = (1 + (np.arange(_ASKED) * 0.618034 % 1.0)[:, None, None]) / 3
        found = eta(self.low + (first[:, None, None] + along) * self.step)
        # the cubic through four nodes
        weights = (
            -along * (along - 1) * (along - 2) / 6,
            (along + 1) * (along - 1) * (along - 2) / 2,
            -(along + 1) * along * (along - 2) / 2,
            (along + 1) * along * (along - 1) / 6,
        )
        cubic = sum(weight * etas[first + place] for place, weight in zip((-1, 0, 1, 2), weights, strict=True))
        # not of the largest: a kink or a jump is met once
        off = np.sort(np.abs(found - cubic), axis=0)[3 * _ASKED // 4 - 1]
        return (off > _BENT * steps.mean(axis=0)) & (off > _ROUNDING * np.abs(etas).max(axis=0))

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
        matters = (self.bounds >= self.highest - _NOTHING) | (self.seen >= self.top - _NOTHING)
        first = np.argmax(matters, axis=0)
        last = self.n_steps - np.argmax(matters[::-1], axis=0)
        pad = np.maximum(1, (last - first) // 6)
        left = np.where(first == 0, -self.n_steps // 2, np.maximum(first - pad, 0))
        right = np.where(last == self.n_steps, self.n_steps + self.n_steps // 2, np.minimum(last + pad, self.n_steps))
        moved = ((right - left) < 0.7 * self.n_steps) | (first == 0) | (last == self.n_steps)
        return self.low + left * self.step, self.low + right * self.step, moved
