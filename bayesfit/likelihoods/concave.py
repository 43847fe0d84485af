"""Integrals over a normal variable of likelihoods whose logarithm is concave: one mode, found first, nothing hidden."""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Self

import numpy as np

from bayesfit.densities import HALF_LOG_TWO_PI

if TYPE_CHECKING:
    from bayesfit.data import Data
    from bayesfit.likelihoods.base import Likelihood

__all__ = ["Terms", "concave_expectation", "concave_integral", "pieces"]

#: ln of what counts as nothing beside the mode, and the widths of the mode at which that is first looked for
_NOTHING, _REACH = 26.0, 7.3
#: the share of a width within which the mode is near enough, the most Newton steps towards it, then halvings of where
#: it may be, and how far away that is at the most
_NEAR, _STEPS, _HALVINGS, _FARTHEST = 0.1, 40, 60, 1e12
#: the longest Newton step in η: where rates are exponential, more would overshoot
_LONGEST = 2.0
#: intervals between nodes at first and at the most
_FIRST, _MOST = 12, 3072
#: agreement of two grids, of which the finer errs by the square where steps are this fine; what is as good as equal
_AGREE, _FINE, _SAME = 4e-5, 0.6, 1e-9
#: terms so far below zero that their rounding shows: their area is taken to be that of a normal density
_ROUNDED = 1e10
#: vectors × rows of one piece: its arrays stay in the processor's cache
_PIECE = 1 << 13


class Terms(ABC):
    """Terms that are concave functions of one coordinate each, for arrays (W, n) of them."""

    @abstractmethod
    def log_term(self, t) -> np.ndarray:
        """Return the terms (W, n) at t (W, n), in an array of their own."""

    @abstractmethod
    def slopes(self, t) -> tuple[np.ndarray, np.ndarray]:
        """Return their first and second derivatives with respect to t, both (W, n)."""

    @abstractmethod
    def only(self, chosen) -> Self:
        """Return the M terms that are True in ``chosen`` (W, n), as an array (1, M)."""

    def log_integrand(self, t) -> np.ndarray:
        """Return f(t) = term(t) - t²/2."""
        found = self.log_term(t)
        found -= 0.5 * t * t
        return found

    def total(self, start, step, n_nodes: int, top) -> np.ndarray:
        """Return Σ e^{f(t) - top} (W, n) over t = start, start + step and so on."""
        return sum(np.exp(self.log_integrand(start + k * step) - top) for k in range(n_nodes))


def concave_expectation(likelihood: "Likelihood", mean, variance, data: "Data") -> np.ndarray:
    """Return ln ∫ p(y_i | η) N(η; mean_i, variance_i) dη, (W, N), for a likelihood that `is_concave`.

    It has no parameters of its own.
    """
    shape = np.broadcast_shapes(np.shape(mean), np.shape(variance), (1, len(data)))
    mean, sd = np.broadcast_to(mean, shape), np.broadcast_to(np.sqrt(variance), shape)
    return np.concatenate([_Labels(likelihood, mean[:, p], sd[:, p], data[p]).expectation() for p in pieces(shape)], 1)


def pieces(shape) -> list[slice]:
    """Return slices of the rows of arrays (W, N), each small enough for the processor's cache."""
    size = max(1, _PIECE // shape[0])
    return [slice(start, start + size) for start in range(0, shape[1], size)]


class _Labels(Terms):
    """ln p(y | mean + sd t) of rows of data, for W means and standard deviations of each."""

    def __init__(self, likelihood, mean, sd, data):
        self.likelihood, self.mean, self.sd, self.data = likelihood, mean, sd, data

    def log_term(self, t):
        return self.likelihood.log_prob({}, self.mean + self.sd * t, self.data)

    def slopes(self, t):
        first, second = self.likelihood.slopes({}, self.mean + self.sd * t, self.data)
        return self.sd * first, np.square(self.sd) * second

    def only(self, chosen):
        return _Labels(
            self.likelihood, self.mean[None, chosen], self.sd[None, chosen], self.data[np.nonzero(chosen)[1]]
        )

    def expectation(self):
        mean, sd = self.mean, self.sd
        peak = np.broadcast_to(self.likelihood.peak({}, self.data), mean.shape)
        information = -self.likelihood.slopes({}, peak, self.data)[1] * np.square(sd)
        # where a normal likelihood of that information would have the mode
        start = np.divide(peak - mean, sd, out=np.zeros(mean.shape), where=sd > 0) * information / (1.0 + information)
        return concave_integral(self, start, sd, sd * self.likelihood.sharpness(self.data))


def concave_integral(terms: Terms, start, pace, sharpness) -> np.ndarray:
    r"""Return ln ∫ N(t; 0, 1) e^{term(t)} dt, (W, n), for concave terms.

    Parameters
    ----------
    terms : Terms
    start : ndarray (W, n)
        A guess of the mode.
    pace : ndarray (W, n)
        How fast η changes with t: steps towards the mode are not longer than 2 in η.
    sharpness : ndarray (W, n)
        How fast the steepest edge of a term is passed, in units in which a logistic function's is one: e^{term} is
        analytic in t, and not large, within about π / (2 sharpness) of the real axis.

    Notes
    -----
    f(t) = term(t) - t²/2 has one maximum t*, towards which a few steps of Newton's method lead; where it is very far
    away, it lies between 0 and the slope of the term there.  f falls faster than linearly on both sides: where it is
    e^{-26} below its maximum there is nothing beyond.  Between these ends the trapezoid rule converges exponentially:
    its step h is halved until two grids agree to 4e-5, of which the finer errs by the square (Trefethen & Weideman
    2014, SIAM Review 56, 385), if that is the error of most of the integral.  Small edges in a tail, which hardly show
    in that difference, are met by a step below 0.6 / sharpness: what is analytic within a of the real axis leaves
    e^{-2π a/h}.  There are at most 6,144 nodes: edges a thousand times as steep as the normal law are met to 1e-5.
    """
    mode, width = _mode(terms.slopes, start, pace)
    top = terms.log_integrand(mode)
    low = mode - _reach(terms, mode, -width, top)
    high = mode + _reach(terms, mode, width, top)
    sound = top > -_ROUNDED
    area = np.where(sound, _trapezoid(terms, low, high, top, sharpness, sound), width * np.exp(HALF_LOG_TWO_PI))
    return top + np.log(area) - HALF_LOG_TWO_PI


def _mode(slopes, t, pace):
    """Return where the integrand is largest, nearly, and its width there, both (W, N) in units of t."""
    longest = _LONGEST / np.maximum(pace, 1e-300)
    for _ in range(_STEPS):
        first, second = slopes(t)
        squared_width = 1.0 / (1.0 - second)
        step = (first - t) * squared_width
        t = t + np.clip(step, -longest, longest)
        # not a NaN, which is what an infinite slope gives
        if (np.square(step) <= _NEAR**2 * squared_width).all():
            return t, np.sqrt(squared_width)
    return _far_mode(slopes, np.zeros_like(t))


def _far_mode(slopes, zero):
    """Return the same by halving where the mode may be: the term's slope falls, and the mode is where it equals t."""
    end = np.clip(slopes(zero)[0], -_FARTHEST, _FARTHEST)
    low, high = np.minimum(end, zero), np.maximum(end, zero)
    for _ in range(_HALVINGS):
        t = 0.5 * (low + high)
        first, second = slopes(t)
        squared_width = 1.0 / (1.0 - second)
        if (np.square(first - t) * squared_width <= _NEAR**2).all():
            break
        below = first > t
        low, high = np.where(below, t, low), np.where(below, high, t)
    return t, np.sqrt(squared_width)


def _reach(terms, mode, width, top):
    """Return how far from the mode the integrand is nothing, in the direction that ``width`` has."""
    distance = _REACH * width
    for _ in range(60):
        near = terms.log_integrand(mode + distance) > top - _NOTHING
        if not near.any():
            break
        distance = np.where(near, 1.5 * distance, distance)
    return np.abs(distance)


def _trapezoid(terms, low, high, top, sharpness, sound):
    """Return ∫ e^{f - top} (W, n) by the trapezoid rule, the ends being nothing; right where it is ``sound``."""
    length, n = high - low, _FIRST
    found = np.empty(top.shape)
    unsettled = np.ones(top.shape, dtype=bool)
    nodes = terms.total(low, length / n, n, top)
    while True:
        # the midpoints are a grid of their own, and both together the finer one
        between = terms.total(low + length / (2 * n), length / n, n, top)
        both, difference = nodes + between, np.abs(between - nodes)
        found[unsettled] = (both * length / (2 * n)).ravel()
        coarse = length * sharpness > 2 * n * _FINE
        more = sound & ((difference > _AGREE * both) | (coarse & (difference > _SAME * both)))
        nodes, n = both, 2 * n
        if n > _MOST or not more.any():
            return found
        if not more.all():
            # few need many nodes: they go on alone
            unsettled[unsettled] = more.ravel()
            terms, parts = terms.only(more), (low, length, top, sharpness, sound, nodes)
            low, length, top, sharpness, sound, nodes = (part[None, more] for part in parts)
