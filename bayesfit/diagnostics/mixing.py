"""Everything that is estimated from raw chains before a verdict: how well ensembles and walkers mix."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bayesfit.diagnostics.chains import ess, integrated_time, mean_autocovariance, rhat, rhat_and_ess, window_time

__all__ = ["Estimates"]

#: probability beyond which a draw lies in a tail
TAIL = 0.02
#: values of all parameters beyond which estimates use every k-th step, up to the autocorrelation time, and then every
#: k-th walker while enough of these are left; and the values of one parameter that a time needs
MOST_VALUES, LEAST_WALKERS, TIME_VALUES = 2_000_000, 64, 300_000


@dataclass(frozen=True, eq=False)
class Estimates:
    """Everything the checks look at; the last column of arrays is the log density, unless it is the same everywhere.

    Each is estimated when it is first asked for: of chains that are too short, nothing but times is wanted.

    Parameters
    ----------
    parameters
        Their names.
    chains
        Natural values (ensemble, step, walker, parameter).
    log_density
        Log densities (ensemble, step, walker).
    acceptance
        Accepted fractions (ensemble, walker).
    thin
        Every which step of the walk the chains hold; times here are in those that they do.
    """

    parameters: tuple[str, ...]
    chains: np.ndarray
    log_density: np.ndarray
    acceptance: np.ndarray
    thin: int = 1

    @property
    def n_steps(self) -> int:
        """Steps that were walked."""
        return self.thin * self.shape[1]

    @property
    def shape(self) -> tuple[int, ...]:
        """Ensembles, steps that the chains hold, walkers."""
        return self.log_density.shape

    @property
    def names(self) -> tuple[str, ...]:
        """One for each column."""
        return (*self.parameters, "the log density")[: self._columns.shape[-1]]

    @cached_property
    def tau(self) -> np.ndarray:
        """Autocorrelation time in steps that the chains hold, at least one; NaN where nothing moves."""
        with np.errstate(invalid="ignore"):
            return np.fmax(integrated_time(self._some), 1.0)

    @cached_property
    def slowest(self) -> np.ndarray:
        """The longer of the times of the value and of being in a tail."""
        return np.fmax(self.tau, _tail_times(self._some))

    @property
    def times(self) -> np.ndarray:
        """Steps in units of the autocorrelation time."""
        return self.shape[1] / self.slowest

    @cached_property
    def rhat_means(self) -> np.ndarray:
        """R-hat of ensemble means."""
        return rhat(self._means)

    @property
    def rhat_walkers(self) -> np.ndarray:
        """R-hat with every walker as a chain."""
        return self._ranked[0]

    @property
    def rhat(self) -> np.ndarray:
        """The larger of both."""
        return np.fmax(self.rhat_means, self.rhat_walkers)

    @cached_property
    def ess(self) -> np.ndarray:
        """Bulk effective sample size: the lower of that of all walkers and that of the series of ensemble means."""
        with np.errstate(divide="ignore", invalid="ignore"):
            # in units of independent draws of the parameter
            worth = self._columns.var(axis=(0, 1, 2)) / self._means.var(axis=(0, 1))
        return np.minimum(self._ranked[1] * self._apart, ess(self._means, "mean") * worth)

    @cached_property
    def ess_tail(self) -> np.ndarray:
        """Effective sample size of the 5 % and 95 % quantiles."""
        return ess(self._thinned, "tail") * self._apart

    @cached_property
    def drift(self) -> np.ndarray:
        """How far location or spread differ between the first and last third of the steps, in standard errors."""
        spread = np.abs(self._columns - np.median(self._columns, axis=(0, 1, 2)))
        return np.fmax(_shift(self._means, self.slowest), _shift(spread.mean(axis=2), self.slowest))

    @cached_property
    def stray(self) -> np.ndarray:
        """How far each walker's mean log density is below the median of all, in standard errors."""
        level, tau = self.log_density.mean(axis=1), max(self.slowest[-1], 1.0)
        spread = np.median(self.log_density.std(axis=1))
        with np.errstate(divide="ignore", invalid="ignore"):
            return (np.median(level) - level) / (spread * np.sqrt(tau / self.shape[1]))

    # -- the same chains otherwise ----------------------------------------------------------------------------------

    @cached_property
    def _columns(self) -> np.ndarray:
        # a prior that the data leave as it was, and which is even: there is nothing to mix in
        even = np.ptp(self.log_density) == 0
        return self.chains if even else np.concatenate([self.chains, self.log_density[..., None]], axis=-1)

    @cached_property
    def _walkers(self) -> np.ndarray:
        return self._columns.swapaxes(1, 2).reshape(-1, self.shape[1], self._columns.shape[-1])

    @property
    def _some(self) -> np.ndarray:
        """Times are averages over walkers, for which some of them will do."""
        return self._walkers[:: self._walkers[..., 0].size // TIME_VALUES + 1]

    @property
    def _thin(self) -> int:
        finite = self.tau[np.isfinite(self.tau)]
        return max(1, min(int(self._columns.size / MOST_VALUES) + 1, int(finite.min()) if len(finite) else 1))

    @property
    def _apart(self) -> int:
        excess = self._columns.size / MOST_VALUES
        return max(1, min(int(excess / self._thin), len(self._walkers) // LEAST_WALKERS))

    @property
    def _thinned(self) -> np.ndarray:
        return self._walkers[:: self._apart, :: self._thin]

    @cached_property
    def _ranked(self) -> tuple[np.ndarray, np.ndarray]:
        return rhat_and_ess(self._thinned)

    @cached_property
    def _means(self) -> np.ndarray:
        return self._columns.mean(axis=2)


def _tail_times(walkers: np.ndarray) -> np.ndarray:
    """Autocorrelation time of being in a tail: long where walkers rarely enter one and then stay for long."""
    low, high = np.quantile(walkers, [TAIL, 1 - TAIL], axis=(0, 1))
    return np.fmax(_indicator_time(walkers < low), _indicator_time(walkers > high))


def _indicator_time(inside: np.ndarray) -> np.ndarray:
    """Autocorrelation time of indicators about their common mean: chains always or never in count too."""
    covariance = mean_autocovariance(inside - inside.mean(axis=(0, 1)), centred=False)
    with np.errstate(invalid="ignore", divide="ignore"):
        return window_time(covariance / covariance[0])


def _shift(means: np.ndarray, tau: np.ndarray) -> np.ndarray:
    n = means.shape[1] // 3
    if n < 2:
        return np.full(means.shape[-1], np.inf)
    difference = (means[:, :n].mean(axis=1) - means[:, -n:].mean(axis=1)).mean(axis=0)
    variance = means[:, n:].var(axis=1, ddof=1).mean(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.abs(difference) / np.sqrt(2 * variance * tau / (n * len(means)))
