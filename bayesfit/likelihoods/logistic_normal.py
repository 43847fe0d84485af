"""The logistic function averaged over a normal variable, to rounding, at the price of some thirty exponentials."""

from functools import partial

import numpy as np
from scipy.special import expit, log_expit, log_ndtr, logsumexp

__all__ = ["log_logistic_normal"]

#: step of the trapezoid rule in standard deviations, and how far from the peak its nodes reach
_STEP, _REACH = 0.7, 8.4
#: the widest normal, in units of the logistic's scale, for which one corrected pole leaves 1e-10 with that step
_WIDEST = 3.0
#: from here on exponentials would overflow
_HUGE = 60.0
_ROOT_TWO_PI = np.sqrt(2.0 * np.pi)
_PIECE = 1 << 15


def log_logistic_normal(mean: np.ndarray, sd: np.ndarray) -> np.ndarray:
    r"""Return ln ∫ N(t; 0, 1) / (1 + e^{-(m + s t)}) dt, element by element.

    Parameters
    ----------
    mean, sd : ndarray
        m and s ≥ 0, of one shape.

    Notes
    -----
    The trapezoid rule of step h around the integrand's peak errs by what the poles of the logistic function at
    η = ±iπ, ±3iπ … add: :math:`I = T + 2π\,\mathrm{Re}[R\,2iE/(E-1)]` for the nearest pair, with the residue R of
    the integrand at the pole z, E = e^{2πi(z - c)/h} and c a node.  The next pair is below 1e-10 while s h ≤ 2.1, so
    that h is halved for every doubling of s.  Beyond the half, p(η > 0) = 1 - p(-η) keeps the digits of
    small probabilities.

    References
    ----------
    Crouch & Spiegelman (1990), Journal of the American Statistical Association 85, 464.
    """
    mean, sd = np.broadcast_arrays(mean, sd)
    flat_mean, flat_sd = mean.ravel(), sd.ravel()
    result = np.empty(flat_mean.shape)
    for rule, chosen in _rules(flat_sd):
        for part in np.array_split(chosen, -(-len(chosen) // _PIECE)):
            result[part] = rule(flat_mean[part], flat_sd[part])
    return result.reshape(mean.shape)


def _rules(sd):
    """Yield a rule with the indices it is for."""
    halvings = np.ceil(np.log2(np.maximum(sd / _WIDEST, 1.0)))
    huge = ~(sd < _HUGE)
    if huge.any():
        yield _very_wide, np.flatnonzero(huge)
    for level in np.unique(halvings[~huge]):
        yield partial(_integral, step=_STEP * 0.5**level), np.flatnonzero((halvings == level) & ~huge)


def _integral(mean, sd, step):
    m = -np.abs(mean)
    centre = _peak(m, sd)
    at_centre = m + sd * centre
    # e^{x} / (1 + e^{x}), its first factor taken out of the sum: far below zero the rest stays near one
    factor = np.exp(at_centre)
    total = 1.0 / (1.0 + factor)
    right, left = _powers(factor, sd, sd - centre, step), _powers(factor, -sd, centre - sd, step)
    for d, above, below in zip(step * np.arange(1, round(_REACH / step) + 1), right, left, strict=False):
        total += np.exp(-0.5 * d * d) * (above + below)
    log_scale = at_centre - 0.5 * centre * centre
    total *= step / _ROOT_TWO_PI
    wide = sd * step > 0.5
    if wide.any():
        total[wide] += _pole(m[wide], sd[wide], centre[wide], step, log_scale[wide])
    log_small = log_scale + np.log(total)
    return np.where(mean > 0, np.log1p(-np.exp(np.minimum(log_small, 0.0))), log_small)


def _powers(factor, sd, tilt, step):
    """Yield e^{tilt d} / (1 + factor e^{sd d}) at d = step, 2 step, …: powers cost a product, not an exponential."""
    once_slant, once_up = np.exp(tilt * step), np.exp(sd * step)
    slant, up = once_slant.copy(), factor * once_up
    while True:
        yield slant / (1.0 + up)
        slant *= once_slant
        up *= once_up


def _very_wide(mean, sd):
    """The same integral by parts, over the logistic density: E[Φ((m - u) / s)]."""
    nodes = np.arange(-60.0, 60.5, 0.75)
    terms = log_ndtr((mean[:, None] - nodes) / sd[:, None]) + 2 * log_expit(nodes) - nodes
    return logsumexp(terms, axis=1) + np.log(0.75)


def _peak(m, sd):
    """The root of t = s p(-(m + s t)), between 0 and s, to a tenth or so."""
    t = np.minimum(-m / np.maximum(sd, 1e-300), sd)
    for _ in range(4):
        p = expit(-(m + sd * t))
        t = np.clip(t - (t - sd * p) / (1.0 + sd * sd * p * (1.0 - p)), 0.0, sd)
    return t


def _pole(m, sd, centre, step, log_scale):
    pole = (-m + 1j * np.pi) / sd
    residue = np.exp(-0.5 * pole * pole - log_scale) / (_ROOT_TWO_PI * sd)
    turn = np.exp(2j * np.pi * (pole - centre) / step)
    return 2.0 * np.pi * (residue * 2j * turn / (turn - 1.0)).real
