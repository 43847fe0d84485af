"""A Student t as a mixture of normals: terms averaged over the gamma law of the precision, to rounding."""

from collections.abc import Callable

import numpy as np
from scipy.special import gammaln

from bayesfit.counts import poisson_log_peak
from bayesfit.densities import log_sum_exp

__all__ = ["student_average"]

#: ln of what counts as nothing beside the largest term, and how far left of where it can rise a term is constant
_NOTHING, _CONSTANT = 23.0, 48.0
#: the most nodes of an integral, beyond which they are set wider apart (the label is thousands of nats off there), and
#: how many are so few that vectors which need fewer are worked on together
_MOST_NODES, _FEW_NODES = 30_000, 64
#: nodes added up at a time, and vectors x rows of one piece: what is in flight stays in the processor's cache
_AT_ONCE, _PIECE = 12, 1 << 13


def student_average(term: Callable, dof, away, wide, gain) -> np.ndarray:
    r"""Return ln ∫ Gamma(λ; ν/2, ν/2) e^{term(1/λ)} dλ, (W, n).

    Parameters
    ----------
    term : callable
        Of 1/λ (w, 1), by which the row's own variance is multiplied, and of slices or indices of w vectors and m rows,
        returns the log density or log probability (w, m) of the label under that normal law.
    dof : ndarray (W, 1) or float
        ν > 0, infinity included.
    away : ndarray (W, n)
        How far the label lies outside of what the further variance explains, squared, in units of the row's own
        variance: tails of the t are reached by λ down to its inverse.
    wide : ndarray (W, n)
        The further variance in the same units, from where on the term falls as √λ; infinite where it does not.
    gain : ndarray (W, n)
        The most that the term can rise by above its value at λ = 1.

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
    shape = np.broadcast_shapes(np.shape(dof), np.shape(away), np.shape(wide), np.shape(gain))
    half = 0.5 * np.minimum(np.broadcast_to(dof, (shape[0], 1)), 1e15)
    right = _right(_NOTHING / half)
    lowest = _lowest(half, *(np.broadcast_to(each, shape) for each in (away, wide, gain)))
    # what is not finite has no integral, and needs no nodes
    reach, step = np.where(np.isfinite(lowest), right - lowest, 0.0), 0.38 / np.sqrt(1.0 + half / 5.0)
    result, constant = np.empty(shape), np.broadcast_to(np.isinf(wide), shape)
    for vectors, rows in _groups(reach / step):
        far = reach[vectors][:, rows].max(axis=1, keepdims=True)
        wider = np.maximum(step[vectors], far / _MOST_NODES)
        found = _sum(
            lambda share, where=(vectors, rows): term(share, *where),
            half[vectors],
            right[vectors],
            wider,
            int(np.ceil(far / wider).max()),
            constant[vectors][:, rows],
        )
        result[np.ix_(vectors, rows) if isinstance(vectors, np.ndarray) else (vectors, rows)] = found
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


def _groups(depth):
    """Yield indices of vectors and of rows that take about as many nodes (W, n)."""
    # a few vectors from far off may need a thousand times the nodes of all others
    size_class = np.ceil(np.log2(np.maximum(depth.max(axis=1), _FEW_NODES)))
    for each in np.unique(size_class):
        same = size_class == each
        vectors = slice(None) if same.all() else np.flatnonzero(same)
        most = depth[vectors].max(axis=0)
        order = np.argsort(most, kind="stable")
        size, n_fine = max(1, _PIECE // int(same.sum())), int((most <= _MOST_NODES).sum())
        # rows whose nodes are too many spare the others
        for rows in (order[:n_fine], order[n_fine:]):
            for start in range(0, len(rows), size):
                yield vectors, rows[start : start + size]


def _lowest(half, away, wide, gain):
    """The u (W, n) below which there is nothing, by bounds on the slope of the integrand's logarithm.

    Left of u₀ = -ln(away) the term cannot rise with falling u, so that the gamma law alone makes it fall, and far left
    of it is constant; left of -ln(wide), where the variance is all but s²/λ, it falls as √λ besides; and wherever the
    gamma law has lost more than the term can ever win there is nothing either; nor is there where it has lost more than
    the term wins at the steepest, d ln / du = gain.
    """
    turn = -np.log(np.maximum(away, 1.0))
    slow = turn - np.minimum(_left(_NOTHING / half), np.where(np.isinf(wide), _CONSTANT, np.inf))
    fast = np.minimum(turn, -np.log(np.maximum(wide, 1.0))) - 2.0 - _NOTHING / (0.38 + 0.86 * half)
    enough = _NOTHING + 8.0
    lost, slope = (enough + gain) / half, gain / half
    # e^u - 1 - u is more than u²/3 down to u = -1
    near = -1.5 * (slope + np.sqrt(slope**2 + 4 / 3 * enough / half))
    lowest = np.maximum(np.maximum(slow, fast), -(lost + np.sqrt(2.0 * lost)))
    return np.where(near > -1.0, np.maximum(lowest, near), lowest)


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
