"""Integrals over a normal variable of likelihoods whose logarithm is concave: one mode, found first, nothing hidden."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from bayesfit.densities import HALF_LOG_TWO_PI

if TYPE_CHECKING:
    from bayesfit.data import Data
    from bayesfit.likelihoods.base import Likelihood

__all__ = ["concave_expectation", "concave_integral", "pieces"]

#: ln of what counts as nothing beside the mode, and the widths of the mode at which that is first looked for
_NOTHING, _REACH = 26.0, 7.3
#: the share of a width within which the mode is near enough, the most Newton steps towards it, then halvings of where
#: it may be, and how far away that is at the most
_NEAR, _STEPS, _HALVINGS, _FARTHEST = 0.1, 40, 60, 1e12
#: the longest Newton step in η: where rates are exponential, more would overshoot
_LONGEST = 2.0
#: intervals between nodes at first and at the most
_FIRST, _MOST = 12, 3072
#: agreement of two grids, of which the finer one errs by about the square
_AGREE = 2e-5
#: terms so far below zero that their rounding shows: their area is taken to be that of a normal density
_ROUNDED = 1e10
#: vectors × rows of one piece: its arrays stay in the processor's cache
_PIECE = 1 << 13


def concave_expectation(likelihood: "Likelihood", values, mean, variance, data: "Data") -> np.ndarray:
    """Return ln ∫ p(y_i | η) N(η; mean_i, variance_i) dη, (W, N), for a likelihood that `is_concave`."""
    shape = np.broadcast_shapes(np.shape(mean), np.shape(variance), (1, len(data)))
    mean, sd = np.broadcast_to(mean, shape), np.broadcast_to(np.sqrt(variance), shape)
    found = [_counted(likelihood, values, mean[:, p], sd[:, p], data[p]) for p in pieces(shape)]
    return np.concatenate(found, axis=1)


def pieces(shape) -> list[slice]:
    """Return slices of the rows of arrays (W, N), each small enough for the processor's cache."""
    size = max(1, _PIECE // shape[0])
    return [slice(start, start + size) for start in range(0, shape[1], size)]


def _counted(likelihood, values, mean, sd, data):
    def log_term(t):
        return likelihood.log_prob(values, mean + sd * t, data)

    def slopes(t):
        first, second = likelihood.slopes(values, mean + sd * t, data)
        return sd * first, np.square(sd) * second

    peak = np.broadcast_to(likelihood.peak(values, data), mean.shape)
    information = -likelihood.slopes(values, peak, data)[1] * np.square(sd)
    # where a normal likelihood of that information would have the mode
    start = np.divide(peak - mean, sd, out=np.zeros(mean.shape), where=sd > 0) * information / (1.0 + information)
    return concave_integral(log_term, slopes, start, sd)


def concave_integral(log_term: Callable, slopes: Callable, start, pace) -> np.ndarray:
    r"""Return ln ∫ N(t; 0, 1) e^{term(t)} dt, (W, N), for concave terms.

    Parameters
    ----------
    log_term, slopes : callable
        Of t (W, n): the terms, in an array of their own, and their first and second derivatives.
    start : ndarray (W, N)
        A guess of the mode.
    pace : ndarray (W, N)
        How fast η changes with t: steps towards the mode are not longer than 2 in η.

    Notes
    -----
    f(t) = term(t) - t²/2 has one maximum t*, towards which a few steps of Newton's method lead; where it is very far
    away, it lies between 0 and the slope of the term there.  f falls faster than linearly on both sides: where it is
    e^{-26} below its maximum there is nothing beyond.  Between these ends the trapezoid rule converges exponentially;
    its step is halved until two grids agree to 2e-5, of which the finer errs by the square (Trefethen & Weideman 2014,
    SIAM Review 56, 385).
    """

    def log_integrand(t):
        terms = log_term(t)
        terms -= 0.5 * t * t
        return terms

    mode, width = _mode(slopes, start, pace)
    top = log_integrand(mode)
    low = mode - _reach(log_integrand, mode, -width, top)
    high = mode + _reach(log_integrand, mode, width, top)
    sound = top > -_ROUNDED
    area = _trapezoid(lambda t: np.exp(log_integrand(t) - top), low, high, sound)
    area = np.where(sound, area, width * np.exp(HALF_LOG_TWO_PI))
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


def _reach(log_integrand: Callable, mode, width, top):
    """Return how far from the mode the integrand is nothing, in the direction that ``width`` has."""
    distance = _REACH * width
    for _ in range(60):
        near = log_integrand(mode + distance) > top - _NOTHING
        if not near.any():
            break
        distance = np.where(near, 1.5 * distance, distance)
    return np.abs(distance)


def _trapezoid(integrand: Callable, low, high, sound):
    """Return the integral (W, N) by the trapezoid rule, its ends being nothing; right where it is ``sound``."""
    n, length = _FIRST, high - low
    total = sum(integrand(low + length * (k / n)) for k in range(1, n))
    while True:
        # the midpoints are a grid of their own, and both together the finer one
        between = sum(integrand(low + length * ((k + 0.5) / n)) for k in range(n))
        if n >= _MOST or not (sound & (np.abs(between - total) > 2 * _AGREE * (between + total))).any():
            return (between + total) * length / (2 * n)
        total, n = total + between, 2 * n
