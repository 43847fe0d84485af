"""Estimators of how well chains have mixed: R-hat, effective sample size, autocorrelation time.

Arrays are ``(chain, draw, ...)``: everything after the first two axes is estimated separately.
The definitions are those of Vehtari et al. (2021) and Goodman & Weare (2010).
"""

import numpy as np
from scipy.fft import next_fast_len
from scipy.special import ndtri

__all__ = [
    "autocovariance",
    "ess",
    "integrated_time",
    "mean_autocovariance",
    "rank_normalise",
    "rhat",
    "rhat_and_ess",
    "split",
    "window_time",
]


def split(draws) -> np.ndarray:
    """Cut each chain into a first and a last half of equal length."""
    draws = np.asarray(draws, dtype=float)
    half = draws.shape[1] // 2
    return np.concatenate([draws[:, :half], draws[:, draws.shape[1] - half :]])


def _average_ranks(values: np.ndarray) -> np.ndarray:
    """Ranks 1 … n of a vector; equal values, which rejected proposals leave behind, share their mean rank."""
    order = np.argsort(values)
    ordered = values[order]
    first = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    after = np.r_[first[1:], len(values)]
    ranks = np.empty(len(values))
    ranks[order] = np.repeat(0.5 * (first + after + 1), after - first)
    return ranks


def rank_normalise(draws) -> np.ndarray:
    """Replace draws by normal scores of their ranks among all chains: Φ⁻¹((r - 3/8) / (n + 1/4))."""
    draws = np.asarray(draws, dtype=float)
    flat = draws.reshape(draws.shape[0] * draws.shape[1], -1)
    ranks = np.stack([_average_ranks(column) for column in flat.T], axis=1)
    return ndtri((ranks - 0.375) / (len(flat) + 0.25)).reshape(draws.shape)


def _plain_rhat(draws: np.ndarray) -> np.ndarray:
    n = draws.shape[1]
    between = n * draws.mean(axis=1).var(axis=0, ddof=1)
    within = draws.var(axis=1, ddof=1).mean(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.sqrt((between / within + n - 1) / n)


def rhat(draws) -> np.ndarray:
    """Return the rank-normalised split R-hat, the larger of bulk and folded.

    Parameters
    ----------
    draws
        Array (chain, draw, ...) with at least 2 chains and 4 draws, else the result is NaN.

    Returns
    -------
    numpy.ndarray
        One value for each trailing index; 1 is perfect mixing.

    References
    ----------
    Vehtari, Gelman, Simpson, Carpenter & Bürkner 2021, Bayesian Analysis 16, 667.

    Examples
    --------
    >>> draws = np.random.default_rng(1).normal(size=(4, 500))
    >>> bool(rhat(draws) < 1.01), bool(rhat(draws + np.arange(4)[:, None]) > 1.5)
    (True, True)
    """
    draws = np.asarray(draws, dtype=float)
    if draws.shape[0] < 2 or draws.shape[1] < 4:
        return np.full(draws.shape[2:], np.nan)
    return _rhat(split(draws))


def _rhat(halves, bulk=None):
    folded = np.abs(halves - np.median(halves, axis=(0, 1)))
    bulk = rank_normalise(halves) if bulk is None else bulk
    return np.maximum(_plain_rhat(bulk), _plain_rhat(rank_normalise(folded)))


def rhat_and_ess(draws) -> tuple[np.ndarray, np.ndarray]:
    """Return `rhat` and the bulk `ess`, which share the ranks."""
    draws = np.asarray(draws, dtype=float)
    if draws.shape[0] < 2 or draws.shape[1] < 4:
        return rhat(draws), ess(draws)
    halves = split(draws)
    bulk = rank_normalise(halves)
    return _rhat(halves, bulk), _plain_ess(bulk)


def autocovariance(draws, *, centred: bool = True) -> np.ndarray:
    """Return the biased autocovariance (chain, lag, ...) of each chain, about its own mean or about zero."""
    power, length = _power(draws, centred)
    n = np.shape(draws)[1]
    return np.moveaxis(np.fft.irfft(power, n=length)[..., :n] / n, -1, 1)


def mean_autocovariance(draws, *, centred: bool = True) -> np.ndarray:
    """Return the mean over chains (lag, ...) of `autocovariance`: one transform back instead of one for each."""
    power, length = _power(draws, centred)
    n = np.shape(draws)[1]
    return np.moveaxis(np.fft.irfft(power.mean(axis=0), n=length)[..., :n] / n, -1, 0)


def _power(draws, centred):
    """Return the power spectra (chain, ..., frequency) of chains padded with zeros, and the padded length."""
    draws = np.asarray(draws, dtype=float)
    length = next_fast_len(2 * draws.shape[1], real=True)
    moved = np.moveaxis(draws - draws.mean(axis=1, keepdims=True) if centred else draws, 1, -1)
    spectrum = np.fft.rfft(moved, n=length)
    return spectrum.real**2 + spectrum.imag**2, length


def _plain_ess(draws: np.ndarray) -> np.ndarray:
    """Effective sample size by Geyer's initial monotone sequence, all parameters at once."""
    m, n = draws.shape[:2]
    flat = draws.reshape(m, n, -1)
    covariance = np.stack([mean_autocovariance(column) for column in np.moveaxis(flat, -1, 0)], axis=1)
    within = covariance[0] * n / (n - 1)
    total = covariance[0] + (flat.mean(axis=1).var(axis=0, ddof=1) if m > 1 else 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        rho = 1 - (within - covariance) / total
    rho[0] = 1.0
    result = m * n / np.maximum(_geyer_time(rho), 1 / np.log10(m * n))
    constant = flat.max(axis=(0, 1)) - flat.min(axis=(0, 1)) < 1e-15
    result = np.where(np.isnan(rho).any(axis=0), np.nan, result)
    return np.where(constant, float(m * n), result).reshape(draws.shape[2:])


def _geyer_time(rho: np.ndarray) -> np.ndarray:
    """Sum the autocorrelations (lag, parameter) over pairs of lags while their sums stay positive."""
    n = len(rho)
    n_pairs = max(-(-(n - 2) // 2), 1)
    even = rho[: 2 * n_pairs : 2]
    pairs = even + rho[1 : 2 * n_pairs : 2]
    stops = pairs <= 0
    last = np.where(stops.any(axis=0), stops.argmax(axis=0), n_pairs - 1)
    counted = np.arange(n_pairs)[:, None] < last
    column = np.arange(rho.shape[1])
    final = even[last, column]
    tail = np.where((final > 0) | (pairs[last, column] >= 0), final, 0.0)
    monotone = np.minimum.accumulate(pairs, axis=0)
    return -1 + 2 * np.where(counted, monotone, 0.0).sum(axis=0) + tail


def ess(draws, kind: str = "bulk") -> np.ndarray:
    """Return the effective sample size of chains.

    Parameters
    ----------
    draws
        Array (chain, draw, ...) with at least 4 draws, else the result is NaN.
    kind
        ``"bulk"`` for rank-normalised draws, ``"tail"`` for the lower of the 5 % and 95 % quantiles,
        ``"mean"`` for the draws as they are.

    Returns
    -------
    numpy.ndarray
        One value for each trailing index.

    References
    ----------
    Vehtari, Gelman, Simpson, Carpenter & Bürkner 2021, Bayesian Analysis 16, 667.

    Examples
    --------
    >>> draws = np.random.default_rng(1).normal(size=(4, 500))
    >>> bool(1500 < ess(draws) < 2500)
    True
    """
    draws = np.asarray(draws, dtype=float)
    if draws.shape[1] < 4:
        return np.full(draws.shape[2:], np.nan)
    if kind == "bulk":
        return _plain_ess(rank_normalise(split(draws)))
    if kind == "mean":
        return _plain_ess(split(draws))
    if kind == "tail":
        edges = np.quantile(draws, [0.05, 0.95], axis=(0, 1))
        return np.minimum(*(_plain_ess(split(draws <= edge)) for edge in edges))
    raise ValueError(f"kind={kind!r} is not one of 'bulk', 'tail', 'mean'")


def integrated_time(draws, window: float = 5.0) -> np.ndarray:
    """Return the integrated autocorrelation time in steps, τ = 1 + 2 Σ ρ(t).

    The autocorrelation is averaged over chains and summed to the first lag beyond ``window`` τ.

    Parameters
    ----------
    draws
        Array (chain, draw, ...); the chains are the walkers.
    window
        Sokal's constant.

    Returns
    -------
    numpy.ndarray
        One value for each trailing index; NaN where nothing moves.

    References
    ----------
    Goodman & Weare 2010, CAMCoS 5, 65; Sokal 1997.

    Examples
    --------
    >>> draws = np.random.default_rng(1).normal(size=(4, 500))
    >>> bool(0.8 < integrated_time(draws) < 1.2)
    True
    """
    draws = np.asarray(draws, dtype=float)
    m, n = draws.shape[:2]
    flat = draws.reshape(m, n, -1)
    tau = [_sokal(column, window) for column in np.moveaxis(flat, -1, 0)]
    return np.array(tau).reshape(draws.shape[2:])


def _sokal(draws: np.ndarray, window: float) -> float:
    spread = draws.std(axis=1, keepdims=True)
    moving = spread[:, 0] > 0
    if not moving.any():
        return np.nan
    # in units of its own deviation, the autocovariance of a chain is its autocorrelation
    return float(window_time(mean_autocovariance(draws[moving] / spread[moving]), window))


def window_time(correlation, window: float = 5.0) -> np.ndarray:
    """Return 2 Σ ρ(t) - 1 of autocorrelations (lag, ...), to the first lag beyond ``window`` times it."""
    correlation = np.asarray(correlation, dtype=float)
    times = 2 * np.cumsum(correlation, axis=0) - 1
    lags = np.arange(len(times)).reshape(-1, *[1] * (times.ndim - 1))
    inside = lags < window * times
    last = np.where(inside.any(axis=0), inside.argmin(axis=0), len(times) - 1)
    return np.take_along_axis(times, last[None], axis=0)[0]
