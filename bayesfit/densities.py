"""Log densities and log probabilities that keep their digits where the textbook forms lose them.

Everything here works elementwise, broadcasts, lets NaN through and gives no warnings.
"""

from functools import reduce

import numpy as np
from scipy.special import erfcx, gammaln, log_ndtr, stdtr

from bayesfit.logarithms import log_add

__all__ = [
    "HALF_LOG_TWO_PI",
    "log1mexp",
    "log1p_square",
    "log_ndtr_difference",
    "log_normal",
    "log_sum_exp",
    "log_symmetric_difference",
    "normal_laplace_log_cdf",
    "normal_laplace_log_pdf",
    "student_t_log_cdf",
    "student_t_log_pdf",
]

HALF_LOG_TWO_PI = 0.5 * np.log(2 * np.pi)

_ROOT_HALF = np.sqrt(0.5)

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(10)


def log_normal(r, sd) -> np.ndarray:
    """Return the log density of a centred normal, −½ (r/sd)² − ln sd − ½ ln 2π.

    The deviation is never squared before it is divided, so that sd of 1e±200 is as good as any.

    Parameters
    ----------
    r, sd : array_like
        The deviation from the mean and the standard deviation, which must be positive.

    Examples
    --------
    >>> float(log_normal(-3e200, 1e200).round(6))
    -465.935957
    """
    with np.errstate(all="ignore"):
        return -0.5 * np.square(np.divide(r, sd)) - np.log(sd) - HALF_LOG_TWO_PI


def log_sum_exp(terms) -> np.ndarray:
    """Return ln Σ_k exp(term_k), for a few arrays that broadcast; minus infinity where all terms are.

    Notes
    -----
    Whole arrays at a time: several times faster than ``np.logaddexp.reduce``, to the same digits.

    Examples
    --------
    >>> float(log_sum_exp([-1000.0, -1000.0]).round(6))
    -999.306853
    """
    if len(terms) == 1:
        return np.asarray(terms[0])
    top = reduce(np.maximum, terms)
    with np.errstate(all="ignore"):
        level = np.where(np.isfinite(top), top, 0.0)
        total = np.exp(terms[0] - level)
        for term in terms[1:]:
            total = total + np.exp(term - level)
        return level + np.log(total)


def log1mexp(x) -> np.ndarray:
    """Return ln(1 − eˣ) for x ≤ 0; NaN for x > 0.

    Notes
    -----
    The switch of form at −ln 2 follows Mächler (2012), "Accurately computing log(1 − exp(−|a|))".

    Examples
    --------
    >>> float(log1mexp(-1e-20).round(6))
    -46.051702
    """
    x = np.asarray(x, dtype=float)
    with np.errstate(all="ignore"):
        return np.where(x > -np.log(2), np.log(-np.expm1(x)), np.log1p(-np.exp(x)))


def log1p_square(r) -> np.ndarray:
    """Return ln(1 + r²), also where r² overflows.

    Examples
    --------
    >>> float(log1p_square(1e200).round(6))
    921.034037
    """
    r = np.abs(r)
    large = r > 1e8
    with np.errstate(all="ignore"):
        return np.where(large, 2 * np.log(r), np.log1p(np.square(r)))


def student_t_log_pdf(z, dof) -> np.ndarray:
    """Return the log density of the standard Student t distribution.

    ln Γ((ν+1)/2) − ln Γ(ν/2) − ½ ln(νπ) − ½ (ν+1) ln(1 + z²/ν), for any ν > 0, infinity included.

    Parameters
    ----------
    z : array_like
        The deviation in units of the scale.  Subtract ln scale for the density of the deviation itself.
    dof : array_like
        Degrees of freedom ν, positive.

    Notes
    -----
    The difference of the two ln Γ loses all its digits by ν = 1e16; above ν = 40 it is taken from its
    asymptotic series (e.g. Tricomi & Erdélyi 1951).

    Examples
    --------
    >>> float(student_t_log_pdf(0.0, 1.0).round(6))  # 1/π
    -1.14473
    """
    z, dof = np.asarray(z, dtype=float), np.asarray(dof, dtype=float)
    with np.errstate(all="ignore"):
        tail = 0.5 * (dof + 1) * log1p_square(z / np.sqrt(dof))
        tail = np.where(np.isinf(dof), 0.5 * np.square(z), tail)
        return _student_t_log_peak(dof) - tail


def _student_t_log_peak(dof):
    """Return the log density at zero."""
    a = 0.5 * dof
    q = 1 / np.square(a)
    series = (-1 / 8 + q * (1 / 192 + q * (-1 / 640 + q * 17 / 14336))) / a - HALF_LOG_TWO_PI
    if np.all(a > 20):
        return series
    near = np.minimum(a, 20.0)
    exact = gammaln(near + 0.5) - gammaln(near) - 0.5 * np.log(2 * np.pi * near)
    return np.where(a > 20, series, exact)


def log_ndtr_difference(a, b) -> np.ndarray:
    """Return ln[Φ(b) − Φ(a)], the log probability of a standard normal between ``a`` and ``b``.

    Parameters
    ----------
    a, b : array_like
        Lower and upper ends, infinite ones allowed.

    Returns
    -------
    ndarray
        Minus infinity where a = b, NaN where a > b.

    Notes
    -----
    The interval is mirrored into the lower tail, where ln Φ keeps its digits.  An interval over which
    Φ changes little is integrated instead (Gauss-Legendre, ten nodes), since both ends would cancel.

    Examples
    --------
    >>> float(log_ndtr_difference(30.0, 31.0).round(6))
    -454.321244
    """
    a, b = np.broadcast_arrays(np.asarray(a, dtype=float), np.asarray(b, dtype=float))
    with np.errstate(all="ignore"):
        mirrored = a + b > 0
        low, high = np.where(mirrored, -b, a), np.where(mirrored, -a, b)
        top = log_ndtr(high)
        result = np.where(np.isneginf(top) & (low <= high), -np.inf, top + log1mexp(log_ndtr(low) - top))
        narrow = (high - low) * (1 + np.abs(low)) < 0.5
        if narrow.any():
            result[narrow] = _log_integral(low[narrow], high[narrow])
    return result if result.ndim else result[()]


def _log_integral(low, high):
    """Integrate the normal density over an interval so narrow that it changes by less than e."""
    width, middle = high - low, 0.5 * (low + high)
    step = 0.5 * width[..., np.newaxis] * _NODES
    relative = np.exp(-step * (middle[..., np.newaxis] + 0.5 * step)) @ (0.5 * _WEIGHTS)
    return np.log(width) + np.log(relative) - 0.5 * np.square(middle) - HALF_LOG_TWO_PI


_TAIL_NODES, _TAIL_WEIGHTS = np.polynomial.laguerre.laggauss(24)


def student_t_log_cdf(t, dof) -> np.ndarray:
    """Return ln P(T < t) of a standard Student t, digits kept in the far lower tail.

    Notes
    -----
    Where the distribution function itself underflows, the tail is integrated by Gauss-Laguerre nodes scaled
    by the slope of the log density, which falls exponentially there.

    Examples
    --------
    >>> float(student_t_log_cdf(-40.0, 1e6).round(4))
    -803.9683
    """
    t, dof = np.broadcast_arrays(np.asarray(t, dtype=float), np.asarray(dof, dtype=float))
    with np.errstate(all="ignore"):
        probability = stdtr(dof, t)
        log_cdf = np.where(t > 0, np.log1p(-stdtr(dof, -t)), np.log(probability))
        deep = (probability < 1e-290) & np.isfinite(t)
        if deep.any():
            log_cdf = log_cdf.copy()
            log_cdf[deep] = _student_t_deep_tail(-t[deep], dof[deep])
    return log_cdf


def _student_t_deep_tail(t, dof):
    rate = (dof + 1) * t / (dof + t * t)
    peak = student_t_log_pdf(t, dof)
    steps = _TAIL_NODES[:, None]
    ratio = student_t_log_pdf(t + steps / rate, dof) - peak + steps
    return peak - np.log(rate) + np.log((_TAIL_WEIGHTS[:, None] * np.exp(ratio)).sum(axis=0))


def normal_laplace_log_pdf(r, sd, scale) -> np.ndarray:
    """Return the log density of the sum of a normal (``sd`` ≥ 0) and a Laplace (``scale`` b > 0) deviate at ``r``.

    p(r) = [e^{s²/2b² - r/b} Φ(r/s - s/b) + e^{s²/2b² + r/b} Φ(-r/s - s/b)] / 2b.

    Notes
    -----
    Both Φ are written as erfcx of a positive number, which neither overflows nor underflows.  With z = |r|/s - s/b and
    m = min(|r|/s, s/b), p(r) = e^{m²/2 - m|r|/s} {[z ≥ 0] + ½ e^{-max(z, 0)²/2} [erfcx((|r|/s + s/b)/√2) - sign(z)
    erfcx(|z|/√2)]} / 2b, where what is in braces is at least ½ for z ≥ 0, and a sum of positive terms below.

    References
    ----------
    Reed (2006), "The normal-Laplace distribution and its relatives".

    Examples
    --------
    >>> float(normal_laplace_log_pdf(1.0, 0.0, 1.0).round(6))  # a pure Laplace
    -1.693147
    """
    with np.errstate(all="ignore"):
        # a normal so narrow beside the Laplace adds nothing, and zero would be divided by
        size, sd = np.abs(r), np.maximum(sd, _NARROWEST * np.asarray(scale, dtype=float))
        away, ratio = size / sd, sd / scale
        level = 0.5 * np.square(np.minimum(away, ratio)) - size * np.minimum(away / sd, 1 / scale)
        return level + np.log(_laplace_arms(away, ratio)) - np.log(2 * scale)


#: a normal of this many scales of a Laplace does not show in their sum
_NARROWEST = 1e-30


def _laplace_arms(away, ratio):
    """Return what is in braces above, for |r|/s and s/b, in place."""
    arms = np.asarray(away + ratio)
    erfcx(np.multiply(arms, _ROOT_HALF, out=arms), out=arms)
    z = np.asarray(away - ratio)
    near = np.asarray(np.abs(z))
    erfcx(np.multiply(near, _ROOT_HALF, out=near), out=near)
    arms -= np.copysign(near, z, out=near)
    damped = np.maximum(z, 0.0, out=near)
    np.exp(np.multiply(np.square(damped, out=damped), -0.5, out=damped), out=damped)
    arms *= damped
    arms *= 0.5
    arms += z >= 0
    return arms


def normal_laplace_log_cdf(r, sd, scale) -> np.ndarray:
    """Return ln P(X < r) for the sum of a normal and a Laplace deviate, digits kept in the lower tail.

    Examples
    --------
    >>> float(normal_laplace_log_cdf(0.0, 1.0, 2.0).round(6))  # ln ½
    -0.693147
    """
    r, sd, scale = np.broadcast_arrays(r, sd, scale)
    low = -np.abs(r)
    with np.errstate(all="ignore"):
        u = -low / (sd * np.sqrt(2))
        body = -np.square(u) + np.log(0.5 * (erfcx(u) - 0.5 * erfcx(u + sd / (scale * np.sqrt(2)))))
        smooth = log_add(body, _laplace_arm(-low, sd, scale) - np.log(2))
        tail = np.where(sd > 0, smooth, low / scale - np.log(2))
        return np.where(r > 0, log1mexp(tail), tail)


def _laplace_arm(r, sd, scale):
    """Return ln of e^{s²/2b² - r/b} Φ(r/s - s/b)."""
    z = r / sd - sd / scale
    return np.where(
        z < 0,
        -0.5 * np.square(r / sd) + np.log(0.5 * erfcx(-z / np.sqrt(2))),
        0.5 * np.square(sd / scale) - r / scale + log_ndtr(z),
    )


def log_symmetric_difference(log_cdf, log_pdf, a, b) -> np.ndarray:
    """Return ln P(a < X < b) of a variable that is symmetric about zero.

    Parameters
    ----------
    log_cdf, log_pdf : callable
        Of an array; ``log_cdf`` must keep its digits in the lower tail.
    a, b : array_like
        Ends, infinite ones allowed.
    """
    a, b = np.broadcast_arrays(np.asarray(a, dtype=float), np.asarray(b, dtype=float))
    with np.errstate(all="ignore"):
        mirrored = a + b > 0
        low, high = np.where(mirrored, -b, a), np.where(mirrored, -a, b)
        below, above = log_cdf(low), log_cdf(high)
        difference = above + log1mexp(below - above)
        narrow = (np.abs(above - below) < 0.1) & np.isfinite(low) & np.isfinite(high)
        if narrow.any():
            half = 0.5 * (high - low)
            nodes = [log_pdf(low + half * (1 + node)) for node in _NODES]
            mean = np.log(sum(w * np.exp(n - nodes[0]) for w, n in zip(_WEIGHTS, nodes, strict=True))) + nodes[0]
            difference = np.where(narrow, mean + np.log(half), difference)
    return difference
