"""A Student t as a mixture of normals: terms averaged over the gamma law of the precision, to rounding."""

from collections.abc import Callable

import numpy as np
from scipy.special import gammaln

from bayesfit.counts import poisson_log_peak
from bayesfit.densities import log_sum_exp

__all__ = ["student_average"]

#: ln of what counts as nothing beside the largest term, and how far left of where it can rise a term is constant
_NOTHING, _CONSTANT = 23.0, 48.0
#: nodes added up at a time, and vectors x rows of one piece: what is in flight stays in the processor's cache
_AT_ONCE, _PIECE = 12, 1 << 13


def student_average(term: Callable, dof, away, wide) -> np.ndarray:
    r"""Return ln ∫ Gamma(λ; ν/2, ν/2) e^{term(1/λ)} dλ, (W, n).

    Parameters
    ----------
    term : callable
        Of 1/λ (W, 1), by which the row's own variance is multiplied, and a slice or indices of m rows, returns the log
        density or log probability (W, m) of the label under that normal law.
    dof : ndarray (W, 1) or float
        ν > 0, infinity included.
    away : ndarray (W, n)
        How far the label lies outside of what the further variance explains, squared, in units of the row's own
        variance: tails of the t are reached by λ down to its inverse.
    wide : ndarray (W, n)
        The further variance in the same units, from where on the term falls as √λ; infinite where it does not.

    Notes
    -----
    The trapezoid rule in u = ln λ: the integrand is analytic within π/2 of the real axis, where V = v + s²/λ has a
    positive real part, so that the error falls exponentially with the number of nodes; its step follows the
    width √(2/ν) of the gamma law.  Steps are counted from the right end, beyond which the gamma law has nothing, to
    where u is so low that the integrand has fallen by e^{-23} from the last place at which it can rise: rows that need
    no more than the gamma law itself are evaluated together, the others after.  Where the term does not fall it comes
    to a constant as √λ goes to zero, and what is left is the gamma law's, a geometric series: that law has
    a long tail where ν is small.

    References
    ----------
    Andrews & Mallows (1974), Journal of the Royal Statistical Society B 36, 99.
    """
    shape = np.broadcast_shapes(np.shape(dof), np.shape(away), np.shape(wide))
    half = 0.5 * np.minimum(np.broadcast_to(dof, (shape[0], 1)), 1e15)
    right, step = _right(_NOTHING / half), 0.38 / np.sqrt(1.0 + half / 5.0)
    lowest = _lowest(half, np.broadcast_to(away, shape), np.broadcast_to(wide, shape))
    depth = np.ceil((right - lowest) / step)
    # what is not finite has no integral, and needs no nodes
    depth = np.where(np.isfinite(depth), depth, 0.0).max(axis=0)
    result, constant = np.empty(shape), np.broadcast_to(np.isinf(wide), shape)
    for rows, n_nodes in _groups(depth, shape[0]):
        result[:, rows] = _sum(
            lambda share, rows=rows: term(share, rows), half, right, step, int(n_nodes), constant[:, rows]
        )
    return result


def _sum(term, half, right, step, n_nodes, constant):
    log_norm = np.log(step) + _log_norm(half)
    total = None
    for first in range(0, n_nodes + 1, _AT_ONCE):
        terms = [] if total is None else [total]
        for j in range(first, min(first + _AT_ONCE, n_nodes + 1)):
            u = right - j * step
            part = term(np.exp(-u))
            part += log_norm - half * _excess(u)
            terms.append(part)
        total = log_sum_exp(terms)
    if not constant.any():
        return total
    # e^{part} (r + r² + …) of a ratio r = e^{-half step}
    rest = part - half * step - np.log(-np.expm1(-half * step))
    return log_sum_exp([total, np.where(constant, rest, -np.inf)])


def _groups(depth, n_vectors):
    """Yield indices of rows that take about as many nodes, and how many."""
    order = np.argsort(depth, kind="stable")
    size = max(1, _PIECE // n_vectors)
    for start in range(0, len(order), size):
        rows = order[start : start + size]
        yield rows, depth[rows[-1]]


def _lowest(half, away, wide):
    """The u (W, n) below which there is nothing, by bounds on the slope of the integrand's logarithm.

    Left of u₀ = -ln(away) the term cannot rise with falling u, so that the gamma law alone makes it fall, and far left
    of it is constant; left of -ln(wide), where the variance is all but s²/λ, it falls as √λ besides; and wherever the
    gamma law has lost more than the term can ever win, which is some away/2, there is nothing either.
    """
    turn = -np.log(np.maximum(away, 1.0))
    slow = turn - np.minimum(_left(_NOTHING / half), np.where(np.isinf(wide), _CONSTANT, np.inf))
    fast = np.minimum(turn, -np.log(np.maximum(wide, 1.0))) - 2.0 - _NOTHING / (0.38 + 0.86 * half)
    lost = (_NOTHING + 8.0 + 0.5 * away) / half
    return np.maximum(np.maximum(slow, fast), -(lost + np.sqrt(2.0 * lost)))


def _right(level):
    """The root u > 0 of e^u - 1 - u = level."""
    u = np.log1p(level + np.sqrt(2.0 * level))
    for _ in range(6):
        u = u - (_excess(u) - level) / np.expm1(u)
    return u


def _left(level):
    """The root d > 0 of e^-d - 1 + d = level."""
    d = level + np.sqrt(2.0 * level)
    for _ in range(6):
        d = d + (_excess(-d) - level) / np.expm1(-d)
    return d


def _excess(u):
    """Return e^u - 1 - u, digits kept near zero."""
    series = u * u * (1 / 2 + u * (1 / 6 + u * (1 / 24 + u * (1 / 120 + u / 720))))
    return np.where(np.abs(u) < 0.02, series, np.expm1(u) - u)


def _log_norm(half):
    """Return a ln a - a - ln Γ(a), the logarithm of the gamma law of ln λ at zero."""
    few = np.minimum(half, 20.0)
    return np.where(half > 20.0, poisson_log_peak(half) + np.log(half), few * np.log(few) - few - gammaln(few))
