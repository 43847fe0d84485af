"""Counts out of a known number of trials."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.special import expit, log_ndtr, logit, ndtr, ndtri

from bayesfit.counts import binomial_log_peak, binomial_log_pmf
from bayesfit.densities import HALF_LOG_TWO_PI
from bayesfit.errors import DataError, rows_text
from bayesfit.likelihoods.columns import column_or_number, refuse_rows
from bayesfit.likelihoods.counting import Counting
from bayesfit.logarithms import log_logistic

__all__ = ["Binomial"]


@dataclass(frozen=True, repr=False)
class Binomial(Counting):
    r"""ln p(y_i | η_i) = ln C(n_i, y_i) + y_i ln p_i + (n_i - y_i) ln(1 - p_i).

    Parameters
    ----------
    trials : int or str
        n, one or more: a number, or the name of a column.
    link : "logit" or "probit"
        p = 1/(1 + e^-η), or p = Φ(η).

    Raises
    ------
    ModelError
        For another link.
    DataError
        Naming the rows whose label is not a whole number from 0 to n, or whose n is not a whole number;
        for labels with errors or limits.

    Notes
    -----
    With noisy features the integral over η is done by the trapezoid rule about its one mode.  Default priors put η at
    the centre of the features at c ± w: c is the link of (Σy + ½)/(Σn + 1), and w three times the standard deviation of
    the link of (y + ½)/(n + 1), or 3 if that is more.

    Examples
    --------
    >>> Binomial("trials")
    Binomial('trials')
    """

    trials: int | str
    link: str = "logit"

    links = ("logit", "probit")

    def check(self, data):
        super().check(data)
        trials = self._rows(data).trials
        above = np.flatnonzero(data.labelled & (data.y > trials))
        if above.size:
            raise DataError(
                f"y: {rows_text(above)} hold more counts than trials ({data.y[above[0]]:g} of {trials[above[0]]:g})"
            )

    def parameters(self, data):
        return ()

    def outputs(self, data):
        trials, chosen = self._rows(data).trials, data.labelled
        share = (data.y[chosen].sum() + 0.5) / (trials[chosen].sum() + 1.0)
        return self.default_outputs(data, float(self._link(share)))

    def _rows(self, data) -> "_Rows":
        return data.remember(f"binomial rows {self.trials!r}", lambda: self._make_rows(data))

    def _make_rows(self, data):
        trials = column_or_number(self.trials, data, "trials")
        whole = (trials >= 1) & (trials < 2.0**53) & (trials == np.floor(trials))
        refuse_rows("trials", trials, whole, "a whole number, 1 or more")
        log_peak = binomial_log_peak(data.y, trials) if data.kind == "numbers" else np.zeros(len(data))
        return _Rows(trials, log_peak)

    def _link(self, share):
        return logit(share) if self.link == "logit" else ndtri(share)

    def log_prob(self, values, eta, data):
        rows = self._rows(data)
        log_share = log_logistic if self.link == "logit" else log_ndtr
        return binomial_log_pmf(data.y, rows.trials, log_share(eta), log_share(-eta), rows.log_peak)

    def is_concave(self, data):
        return True

    def sharpness(self, data):
        # Φ(-η)^n falls where n Φ(η) is about one, and there the faster the larger n is
        return 1.0 if self.link == "logit" else np.maximum(1.0, np.sqrt(2.0 * np.log1p(self._rows(data).trials)))

    def slopes(self, values, eta, data):
        trials = self._rows(data).trials
        if self.link == "logit":
            share = expit(eta)
            return data.y - trials * share, -trials * share * (1.0 - share)
        hits, misses = _hazard(eta), _hazard(-eta)
        first = data.y * hits - (trials - data.y) * misses
        return first, -data.y * hits * (eta + hits) - (trials - data.y) * misses * (misses - eta)

    def peak(self, values, data):
        trials = self._rows(data).trials
        share = data.y / trials
        # at 0 and n the density rises for ever: some η where it is nearly all there is
        inside = np.clip(share, 0.5 / (trials + 1.0), (trials + 0.5) / (trials + 1.0))
        return self._link(inside)

    def linearised(self, data):
        trials = self._rows(data).trials
        share = (data.y + 0.5) / (trials + 1.0)
        eta = self._link(share)
        spread = np.sqrt(share * (1.0 - share) / (trials + 1.0))
        slope = share * (1.0 - share) if self.link == "logit" else np.exp(-0.5 * eta**2 - HALF_LOG_TWO_PI)
        return eta, slope / spread

    def mean(self, values, eta, data):
        return self._rows(data).trials * (expit(eta) if self.link == "logit" else ndtr(eta))

    def simulate(self, values, eta, data, rng):
        trials = self._rows(data).trials
        share = expit(eta) if self.link == "logit" else ndtr(eta)
        known = np.isfinite(share)
        drawn = rng.binomial(np.broadcast_to(trials, share.shape).astype(np.int64), np.where(known, share, 0.0))
        return np.where(known, drawn, np.nan)


def _hazard(eta):
    """Return the slope of ln Φ(η), φ(η)/Φ(η)."""
    return np.exp(-0.5 * eta**2 - HALF_LOG_TWO_PI - log_ndtr(eta))


class _Rows(NamedTuple):
    """What the parameters do not change, each (N,)."""

    trials: np.ndarray
    log_peak: np.ndarray
