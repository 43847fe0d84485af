"""Everything that is estimated from raw chains before a verdict: how well ensembles and walkers mix."""

from dataclasses import dataclass

import numpy as np

from bayesfit.diagnostics.chains import ess, integrated_time, mean_autocovariance, rhat, rhat_and_ess, window_time

__all__ = ["Estimates", "estimate"]

#: probability beyond which a draw lies in a tail
TAIL = 0.02
#: values of all parameters beyond which estimates use every k-th step, up to the autocorrelation time, and then every
#: k-th walker while enough of these are left; and the values of one parameter that a time needs
MOST_VALUES, LEAST_WALKERS, TIME_VALUES = 2_000_000, 64, 300_000


@dataclass(frozen=True, eq=False)
class Estimates:
    """Everything the checks look at; the last column of arrays is the log density, unless it is the same everywhere."""

    names: tuple[str, ...]
    n_parameters: int
    rhat_means: np.ndarray
    rhat_walkers: np.ndarray
    ess: np.ndarray
    ess_tail: np.ndarray
    tau: np.ndarray
    slowest: np.ndarray
    drift: np.ndarray
    acceptance: np.ndarray
    stray: np.ndarray
    shape: tuple[int, ...]

    @property
    def times(self) -> np.ndarray:
        """Steps in units of the autocorrelation time."""
        return self.shape[1] / self.slowest


def estimate(chains, log_density, names, acceptance) -> Estimates:
    """Estimate from natural values (E, S, W, D), log densities (E, S, W) and acceptances (E, W)."""
    n_parameters = len(names)
    if np.ptp(log_density) > 0:
        full, names = np.concatenate([chains, log_density[..., None]], axis=-1), (*names, "the log density")
    else:
        # a prior that the data leave as it was, and which is even: there is nothing to mix in
        full = chains
    walkers = full.swapaxes(1, 2).reshape(-1, full.shape[1], full.shape[-1])
    # times are averages over walkers, for which some of them will do
    some = walkers[:: walkers[..., 0].size // TIME_VALUES + 1]
    tau = _times(some)
    finite = tau[np.isfinite(tau)]
    excess = full.size / MOST_VALUES
    thin = max(1, min(int(excess) + 1, int(finite.min()) if len(finite) else 1))
    slowest = np.fmax(tau, _tail_times(some))
    apart = max(1, min(int(excess / thin), len(walkers) // LEAST_WALKERS))
    walkers = walkers[::apart, ::thin]
    means = full.mean(axis=2)
    rhat_walkers, ess_walkers = rhat_and_ess(walkers)
    with np.errstate(divide="ignore", invalid="ignore"):
        # the effective size of the series of ensemble means, in units of independent draws of the parameter
        worth = full.var(axis=(0, 1, 2)) / means.var(axis=(0, 1))
    return Estimates(
        names=names,
        n_parameters=n_parameters,
        rhat_means=rhat(means),
        rhat_walkers=rhat_walkers,
        ess=np.minimum(ess_walkers * apart, ess(means, "mean") * worth),
        ess_tail=ess(walkers, "tail") * apart,
        tau=tau,
        slowest=slowest,
        drift=_drift(full, slowest),
        acceptance=acceptance,
        stray=_stray(log_density, slowest[-1]),
        shape=full.shape,
    )


def _times(walkers: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        return np.fmax(integrated_time(walkers), 1.0)


def _tail_times(walkers: np.ndarray) -> np.ndarray:
    """Autocorrelation time of being in a tail: long where walkers rarely enter one and then stay for long."""
    low, high = np.quantile(walkers, [TAIL, 1 - TAIL], axis=(0, 1))
    return np.fmax(_indicator_time(walkers < low), _indicator_time(walkers > high))


def _indicator_time(inside: np.ndarray) -> np.ndarray:
    """Autocorrelation time of indicators about their common mean: chains always or never in count too."""
    covariance = mean_autocovariance(inside - inside.mean(axis=(0, 1)), centred=False)
    with np.errstate(invalid="ignore", divide="ignore"):
        return window_time(covariance / covariance[0])


def _drift(full: np.ndarray, tau: np.ndarray) -> np.ndarray:
    """How far location or spread differ between the first and last third of the steps, in standard errors."""
    spread = np.abs(full - np.median(full, axis=(0, 1, 2)))
    return np.fmax(_shift(full.mean(axis=2), tau), _shift(spread.mean(axis=2), tau))


def _shift(means: np.ndarray, tau: np.ndarray) -> np.ndarray:
    n = means.shape[1] // 3
    if n < 2:
        return np.full(means.shape[-1], np.inf)
    difference = (means[:, :n].mean(axis=1) - means[:, -n:].mean(axis=1)).mean(axis=0)
    variance = means[:, n:].var(axis=1, ddof=1).mean(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.abs(difference) / np.sqrt(2 * variance * tau / (n * len(means)))


def _stray(log_density: np.ndarray, tau: float) -> np.ndarray:
    """Return how far each walker's mean log density is below the median of all, in standard errors."""
    level = log_density.mean(axis=1)
    typical = np.median(level)
    spread = np.median(log_density.std(axis=1))
    with np.errstate(divide="ignore", invalid="ignore"):
        return (typical - level) / (spread * np.sqrt(max(tau, 1.0) / log_density.shape[1]))
