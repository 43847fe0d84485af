"""Integrals over a Gaussian η of likelihoods whose logarithm is concave: one mode, found first, and nothing hidden."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from bayesfit.densities import HALF_LOG_TWO_PI

if TYPE_CHECKING:
    from bayesfit.data import Data
    from bayesfit.likelihoods.base import Likelihood

__all__ = ["concave_expectation"]

#: ln of what counts as nothing beside the mode, and the widths of the mode at which that is first looked for
_NOTHING, _REACH = 26.0, 7.3
#: the longest Newton step towards the mode in η, since rates are exponential, and the share of a width that is near
#: enough; and the most steps
_LONGEST, _NEAR, _STEPS = 2.0, 0.1, 500
#: intervals between nodes at first and at the most
_FIRST, _MOST = 12, 3072
#: agreement of two grids, of which the finer one errs by about the square
_AGREE = 2e-5
#: vectors × rows of one piece: its arrays stay in the processor's cache
_PIECE = 1 << 13


def concave_expectation(likelihood: "Likelihood", values, mean, variance, data: "Data") -> np.ndarray:
    r"""Return ln ∫ p(y_i | η) N(η; mean_i, variance_i) dη, (W, N), for a likelihood that has `slopes`.

    Notes
    -----
    With η = m + s t, f(t) = ln p(y | m + s t) - t²/2 is concave, so that it has one maximum t*, towards which a few
    steps of Newton's method lead, and falls faster than linearly on both sides: where it is e^{-26} below
    its maximum there is nothing beyond.  Between these ends the trapezoid rule converges exponentially; its step is
    halved until two grids agree to 2e-5, of which the finer errs by the square (Trefethen & Weideman 2014, SIAM
    Review 56, 385).
    """
    shape = np.broadcast_shapes(np.shape(mean), np.shape(variance), (1, len(data)))
    mean, sd = np.broadcast_to(mean, shape), np.broadcast_to(np.sqrt(variance), shape)
    size = max(1, _PIECE // shape[0])
    if shape[1] <= size:
        return _integrals(likelihood, values, mean, sd, data)
    starts = range(0, shape[1], size)
    pieces = [slice(start, start + size) for start in starts]
    return np.concatenate([_integrals(likelihood, values, mean[:, p], sd[:, p], data[p]) for p in pieces], axis=1)


def _integrals(likelihood, values, mean, sd, data):
    def log_integrand(t):
        terms = likelihood.log_prob(values, mean + sd * t, data)
        terms -= 0.5 * t * t
        return terms

    mode, width = _mode(likelihood, values, mean, sd, data)
    top = log_integrand(mode)
    low = mode - _reach(log_integrand, mode, -width, top)
    high = mode + _reach(log_integrand, mode, width, top)
    return top + np.log(_trapezoid(lambda t: np.exp(log_integrand(t) - top), low, high)) - HALF_LOG_TWO_PI


def _mode(likelihood, values, mean, sd, data):
    """Return where the integrand is largest, nearly, and its width there, both (W, N) in units of t."""
    peak = np.broadcast_to(likelihood.peak(values, data), mean.shape)
    information = -likelihood.slopes(values, peak, data)[1] * np.square(sd)
    t = np.divide(peak - mean, sd, out=np.zeros(mean.shape), where=sd > 0) * information / (1.0 + information)
    longest = _LONGEST / np.maximum(sd, 1e-300)
    for _ in range(_STEPS):
        first, second = likelihood.slopes(values, mean + sd * t, data)
        squared_width = 1.0 / (1.0 - np.square(sd) * second)
        step = np.clip((sd * first - t) * squared_width, -longest, longest)
        t = t + step
        if not (np.square(step) > _NEAR**2 * squared_width).any():
            break
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


def _trapezoid(integrand: Callable, low, high):
    """Return the integral (W, N) by the trapezoid rule, its ends being nothing."""
    n, length = _FIRST, high - low
    total = sum(integrand(low + length * (k / n)) for k in range(1, n))
    while True:
        # the midpoints are a grid of their own, and both together the finer one
        between = sum(integrand(low + length * ((k + 0.5) / n)) for k in range(n))
        if n >= _MOST or not (np.abs(between - total) > 2 * _AGREE * (between + total)).any():
            return (between + total) * length / (2 * n)
        total, n = total + between, 2 * n
