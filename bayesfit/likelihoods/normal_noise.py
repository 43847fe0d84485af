"""Normal noise about a centre, the same or not the same on both sides: densities, intervals and draws."""

import numpy as np
from scipy.special import log_ndtr

from bayesfit.densities import HALF_LOG_TWO_PI, log_ndtr_difference
from bayesfit.likelihoods.location import Noise
from bayesfit.logarithms import log_add, sum_log

__all__ = ["normal_density", "normal_density_sum", "normal_draw", "normal_interval"]


def normal_density(labels, centre, noise: Noise, log_weight=0.0) -> np.ndarray:
    """Return ln w N(y; centre, V) (W, n), V the noise's total variance; two-piece where the noise is.

    The ``log_weight`` is ln w (W, 1) of a component of a mixture.
    """
    residual = labels - centre
    if not noise.symmetric:
        return _split_density(residual, noise) + log_weight
    variance = noise.total
    # in place: two temporaries instead of six are half of the time
    np.square(residual, out=residual)
    residual = (
        residual / variance if np.ndim(residual) < np.ndim(variance) else np.divide(residual, variance, out=residual)
    )
    residual += np.log(variance, out=variance)
    residual *= -0.5
    residual += log_weight - HALF_LOG_TWO_PI
    return residual


def normal_density_sum(labels, centre, noise: Noise) -> np.ndarray:
    """Return Σ ln N(y; centre, V) (W,) over rows, with one logarithm for every sixteen of them."""
    if not noise.symmetric:
        return normal_density(labels, centre, noise).sum(axis=-1)
    residual, variance = labels - centre, noise.total
    n_rows = residual.shape[-1]
    if variance.ndim == 1:
        # the same for all vectors: no division for each of them, and nothing that needs memory
        residual *= 1.0 / np.sqrt(variance)
        squares, log_variance = np.vecdot(residual, residual), np.log(variance).sum()
    else:
        squares, log_variance = np.vecdot(residual, residual / variance), sum_log(variance)
    # a variance that all rows share counts for each of them
    return -0.5 * (squares + log_variance * (n_rows / variance.shape[-1])) - n_rows * HALF_LOG_TWO_PI


def normal_interval(low, high, centre, noise: Noise) -> np.ndarray:
    """Return ln P(low < y < high) (W, n) for normal y, one-sided where an end is infinite."""
    sd = np.sqrt(noise.total)
    if np.isneginf(low).all():
        return log_ndtr((high - centre) / sd)
    if np.isposinf(high).all():
        return log_ndtr((centre - low) / sd)
    return log_ndtr_difference((low - centre) / sd, (high - centre) / sd)


def normal_draw(centre, noise: Noise, rng) -> np.ndarray:
    """Return y (W, n): the centre, a label error, and scatter."""
    normal = rng.standard_normal(centre.shape)
    if noise.symmetric:
        return centre + normal * np.sqrt(noise.own)
    left, right = np.sqrt(noise.plus), np.sqrt(noise.minus)
    size = np.abs(rng.standard_normal(centre.shape))
    below = rng.uniform(size=centre.shape) < left / (left + right)
    return centre + np.where(below, -left * size, right * size) + normal * np.sqrt(noise.scatter)


def _split_density(residual, noise):
    """Return the log density of r = y - η: the two-piece normal convolved with a Gaussian of variance t².

    p(r) = 2/(L + R) [L N(r; 0, L² + t²) Φ(-r L/(t √(L² + t²))) + R N(r; 0, R² + t²) Φ(r R/(t √(R² + t²)))],
    where L = σ+ (the truth lies above y, so r < 0), R = σ-, and t² is the variance of scatter and η together.
    """
    smooth = noise.scatter + noise.spread
    left, right = np.sqrt(noise.plus), np.sqrt(noise.minus)
    terms = [_piece(-residual, left, smooth), _piece(residual, right, smooth)]
    return log_add(*terms) + np.log(2.0) - np.log(left + right)


def _piece(residual, width, smooth):
    """Return ln of width · N(r; 0, width² + t²) Φ(r width/(t √(width² + t²))); a half at r = 0 where t is 0."""
    total = np.square(width) + smooth
    with np.errstate(invalid="ignore", divide="ignore"):
        inside = residual * width / np.sqrt(smooth * total)
    inside = np.where(np.isnan(inside), 0.0, inside)
    return np.log(width) - 0.5 * (np.square(residual) / total + np.log(total)) - HALF_LOG_TWO_PI + log_ndtr(inside)
