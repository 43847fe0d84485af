"""Log probabilities of counts that keep their digits for millions of them, and for rates near zero.

The saddle-point form of Loader (2000), "Fast and accurate computation of binomial probabilities": the largest
log probability that any rate gives to the count, minus half the deviance.  Everything works elementwise and
broadcasts.
"""

import numpy as np
from scipy.special import gammaln

from bayesfit.densities import HALF_LOG_TWO_PI

__all__ = ["binomial_log_peak", "binomial_log_pmf", "poisson_log_peak", "poisson_log_pmf"]

#: counts up to which k ln k, λ and k may be subtracted from each other as they are
_FEW = 50
#: trials up to which k ln p and (n - k) ln q may be
_FEW_TRIALS = 500
_TINY = np.finfo(float).tiny


def poisson_log_peak(count) -> np.ndarray:
    """Return ln(k^k e^-k / k!), the largest log probability that a Poisson law of any rate gives to k.

    Parameters
    ----------
    count : array_like
        Whole numbers k ≥ 0.

    Notes
    -----
    Above 15 it is −½ ln 2πk minus the remainder of Stirling's series, which keeps the digits that the
    difference of k ln k and ln k! loses.

    Examples
    --------
    >>> float(poisson_log_peak(10**6).round(10))
    -7.8266938955
    """
    count = np.asarray(count, dtype=float)
    few, many = np.minimum(count, 15.0), np.maximum(count, 15.0)
    q = 1 / np.square(many)
    remainder = (1 / 12 - q * (1 / 360 - q * (1 / 1260 - q * (1 / 1680 - q * (1 / 1188 - q * 691 / 360360))))) / many
    exact = few * np.log(np.maximum(few, 1.0)) - few - gammaln(few + 1)
    return np.where(count > 15, -0.5 * np.log(many) - HALF_LOG_TWO_PI - remainder, exact)


def poisson_log_pmf(count, rate, log_rate=None, log_peak=None) -> np.ndarray:
    """Return k ln λ − λ − ln k!, the log probability of a count; minus infinity for a negative rate.

    Parameters
    ----------
    count : array_like
        Whole numbers k ≥ 0.
    rate : array_like
        λ.
    log_rate : array_like, optional
        ln λ where it is known better than λ, which may underflow.
    log_peak : array_like, optional
        `poisson_log_peak` of the counts, where it is at hand.

    Examples
    --------
    >>> float(poisson_log_pmf(10**6, 1e6).round(10))
    -7.8266938955
    """
    count, rate = np.asarray(count, dtype=float), np.asarray(rate, dtype=float)
    with np.errstate(all="ignore"):
        log_rate = np.log(rate) if log_rate is None else log_rate
        log_peak = poisson_log_peak(count) if log_peak is None else log_peak
        result = log_peak - _half_deviance(count, rate, log_rate)
        return np.where(rate < 0, -np.inf, result)


def binomial_log_peak(count, trials) -> np.ndarray:
    """Return the largest log probability that a binomial law of any p gives to ``count`` of ``trials``."""
    trials = np.asarray(trials, dtype=float)
    return poisson_log_peak(count) + poisson_log_peak(trials - count) - poisson_log_peak(trials)


def binomial_log_pmf(count, trials, log_p, log_q, log_peak=None) -> np.ndarray:
    """Return ln C(n, k) + k ln p + (n − k) ln q, q being 1 − p.

    Parameters
    ----------
    count, trials : array_like
        Whole numbers 0 ≤ k ≤ n.
    log_p, log_q : array_like
        ln p and ln(1 − p), each with its own digits.
    log_peak : array_like, optional
        `binomial_log_peak`, where it is at hand.

    Examples
    --------
    >>> float(binomial_log_pmf(1, 2, np.log(0.5), np.log(0.5)).round(10))
    -0.6931471806
    """
    count, trials = np.asarray(count, dtype=float), np.asarray(trials, dtype=float)
    with np.errstate(all="ignore"):
        log_peak = binomial_log_peak(count, trials) if log_peak is None else log_peak
        if (trials <= _FEW_TRIALS).all():
            share = count / trials
            hits = count * (log_p - np.log(np.maximum(share, _TINY)))
            misses = (trials - count) * (log_q - np.log(np.maximum(1 - share, _TINY)))
            return log_peak + np.where(count > 0, hits, 0.0) + np.where(count < trials, misses, 0.0)
        log_trials = np.log(trials)
        hits = _half_deviance(count, trials * np.exp(log_p), log_trials + log_p)
        misses = _half_deviance(trials - count, trials * np.exp(log_q), log_trials + log_q)
        return log_peak - hits - misses


def _half_deviance(count, rate, log_rate):
    """Return k ln(k/λ) + λ − k, without cancellation where λ is near k."""
    result = np.asarray(count * (np.log(np.maximum(count, 1.0)) - log_rate) + (rate - count))
    if (count == 0).any():  # also where ln λ is -inf
        result = np.where(count == 0, rate, result)
    relative = np.asarray((count - rate) / (count + rate))
    near = (np.abs(relative) < 0.1) & (count > _FEW)
    if near.any():
        v, k, rate = relative[near], *(np.broadcast_to(a, near.shape)[near] for a in (count, rate))
        q = v * v
        series = 1 / 3 + q * (1 / 5 + q * (1 / 7 + q * (1 / 9 + q * (1 / 11 + q * (1 / 13 + q / 15)))))
        result[near] = v * ((k - rate) + 2 * k * q * series)
    return result
