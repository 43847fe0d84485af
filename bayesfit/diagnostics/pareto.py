"""The generalised Pareto distribution that the tail of importance weights follows."""

import numpy as np
from scipy.special import logsumexp

__all__ = ["fit_pareto", "tail_shape"]

#: the prior of the shape is worth this many draws at one half; the width of the prior of the other parameter
_PRIOR_DRAWS, _PRIOR_WIDTH = 10, 3


def fit_pareto(excess: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return shape and scale (N,) of generalised Pareto distributions fitted to sorted excesses (N, T).

    The shape is NaN where a quarter of the excesses are the same.

    References
    ----------
    Zhang & Stephens (2009), Technometrics 51, 316.
    """
    n = excess.shape[1]
    quartile = excess[:, int((n / 4 + 0.5) - 1)]
    m = 30 + int(n**0.5)
    grid = 1 - np.sqrt(m / (np.arange(1, m + 1) - 0.5))
    b = grid / (_PRIOR_WIDTH * quartile[:, None]) + 1 / excess[:, -1:]
    shape = np.log1p(-b[:, :, None] * excess[:, None]).mean(axis=2)
    score = n * (np.log(-b / shape) - shape - 1)
    weight = np.exp(score - logsumexp(score, axis=1, keepdims=True))
    weight = np.where(weight >= 10 * np.finfo(float).eps, weight, 0.0)
    best = (b * weight).sum(axis=1) / weight.sum(axis=1)
    k = np.log1p(-best[:, None] * excess).mean(axis=1)
    sigma = -k / best
    k = (n * k + _PRIOR_DRAWS * 0.5) / (n + _PRIOR_DRAWS)
    k = np.where(np.isnan(k), np.inf, k)
    return np.where(quartile > excess[:, 0], k, np.nan), sigma


def tail_shape(weights: np.ndarray) -> float:
    """Return the Pareto shape k of the 3 √n largest of n independent importance weights.

    Below one half their variance is finite.

    References
    ----------
    Vehtari, Simpson, Gelman, Yao & Gabry (2024), JMLR 25, 72.

    Examples
    --------
    >>> draws = np.random.default_rng(1).uniform(size=1000)
    >>> bool(tail_shape(draws) < 0.1), bool(tail_shape(draws**-0.9) > 0.6)
    (True, True)
    """
    tail = np.sort(weights)[-int(3 * len(weights) ** 0.5) - 1 :]
    with np.errstate(all="ignore"):
        return float(fit_pareto((tail[1:] - tail[0])[None])[0][0])
