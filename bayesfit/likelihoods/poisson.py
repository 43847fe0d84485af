"""Counts without an upper end: events in a time, photons in a pixel."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from bayesfit.counts import poisson_log_peak, poisson_log_pmf
from bayesfit.errors import ModelError
from bayesfit.likelihoods.columns import column_or_number, refuse_rows
from bayesfit.likelihoods.counting import Counting
from bayesfit.predictors import Outputs

__all__ = ["Poisson"]

#: rates above which draws are normal: beyond the reach of the generator, where the difference is nothing
_LARGE = 1e15


@dataclass(frozen=True, repr=False)
class Poisson(Counting):
    r"""ln p(y_i | η_i) = y_i ln λ_i - λ_i - ln y_i!, λ_i = exposure_i · μ(η_i) + background_i.

    Parameters
    ----------
    link : "identity" or "log"
        μ = η, or μ = e^η.
    exposure : number or str
        Time, area, efficiency …, positive: a number, or the name of a column.
    background : number or str
        Counts expected besides, known exactly, 0 or more: a number, or the name of a column.

    Raises
    ------
    ModelError
        For another link; for noisy or missing features with the identity link, under which a rate could be
        negative.
    DataError
        Naming the rows whose label is no count, or whose exposure or background is impossible; for
        labels with errors or limits.

    Notes
    -----
    Where the identity link gives a negative rate the log probability is minus infinity, and no count can be
    drawn (NaN).  Default priors put η at the centre of the features at c ± w.  Identity: c = Σ(y - b) / Σt, the
    mean rate, and w ten times the standard deviation of the rates (y - b)/t.  Log: c is the logarithm of
    the mean rate, and w three times the standard deviation of ln[(y - b + ½)/t], or 3 if that is more.

    Examples
    --------
    >>> Poisson("log", exposure="time", background=2.0)
    Poisson(link='log', exposure='time', background=2)
    """

    link: str = "identity"
    exposure: float | str = 1.0
    background: float | str = 0.0

    links = ("identity", "log")

    @property
    def bounded_eta(self):
        return self.link == "identity"

    def check(self, data):
        if self.link == "identity" and data.noisy.any():
            names = ", ".join(np.array(data.names, dtype=object)[data.noisy])
            raise ModelError(
                f"Poisson: with the identity link features have to be exact, since a rate could be negative "
                f"for some of the true values of {names}, which are noisy or missing; use link='log'"
            )
        super().check(data)
        self._rows(data)

    def parameters(self, data):
        return ()

    def outputs(self, data):
        rows = self._rows(data)
        chosen = data.labelled
        events = float((data.y - rows.background)[chosen].sum())
        observed = float(rows.exposure[chosen].sum())
        if self.link == "log":
            return self.default_outputs(data, float(np.log(max(events, 0.5) / observed)))
        rates = self.linearised(data)[0][chosen]
        error = np.sqrt(data.y[chosen].sum() + 1.0) / observed
        return Outputs(centre=events / observed, width=10 * max(float(np.std(rates)), error))

    def _rows(self, data) -> "_Rows":
        return data.remember(f"poisson rows {self.exposure!r} {self.background!r}", lambda: self._make_rows(data))

    def _make_rows(self, data):
        exposure = column_or_number(self.exposure, data, "exposure")
        background = column_or_number(self.background, data, "background")
        refuse_rows("exposure", exposure, (exposure > 0) & (exposure < np.inf), "a positive number")
        refuse_rows("background", background, (background >= 0) & (background < np.inf), "a number, 0 or more")
        log_peak = poisson_log_peak(data.y) if data.kind == "numbers" else np.zeros(len(data))
        return _Rows(exposure, np.log(exposure), background, bool(background.any()), log_peak)

    def _rates(self, eta, rows):
        """Return λ and, where it is known without taking a logarithm, ln λ."""
        if self.link == "identity":
            return rows.exposure * eta + rows.background, None
        log_rate = eta + rows.log_exposure
        rate = np.exp(log_rate)
        return (rate + rows.background, None) if rows.has_background else (rate, log_rate)

    def log_prob(self, values, eta, data):
        rows = self._rows(data)
        rate, log_rate = self._rates(eta, rows)
        return poisson_log_pmf(data.y, rate, log_rate, rows.log_peak)

    def is_concave(self, data):
        # a known background makes a flat foot, beside which a count far above it is a second hill
        return self.link == "log" and not self._rows(data).has_background

    def slopes(self, values, eta, data):
        rate = np.exp(eta + self._rows(data).log_exposure)
        return data.y - rate, -rate

    def peak(self, values, data):
        rows = self._rows(data)
        rate = (data.y - rows.background) / rows.exposure
        # at or below the background the density rises for ever: some η where it is nearly all there is
        return rate if self.link == "identity" else np.log(np.where(rate > 0, rate, 0.5 / rows.exposure))

    def linearised(self, data):
        rows = self._rows(data)
        events = data.y - rows.background
        if self.link == "identity":
            return events / rows.exposure, rows.exposure / np.sqrt(data.y + 1.0)
        events = np.maximum(events, 0.0) + 0.5
        return np.log(events) - rows.log_exposure, events / np.sqrt(data.y + 0.5)

    def mean(self, values, eta, data):
        return self._rates(eta, self._rows(data))[0]

    def simulate(self, values, eta, data, rng):
        rate = self.mean(values, eta, data)
        possible = rate >= 0
        small = possible & (rate < _LARGE)
        drawn = rng.poisson(np.where(small, rate, 0.0)).astype(float)
        normal = rng.standard_normal(rate.shape)
        with np.errstate(invalid="ignore"):
            large = np.round(rate + np.sqrt(rate) * normal)
        return np.where(small, drawn, np.where(possible, large, np.nan))


class _Rows(NamedTuple):
    """What the parameters do not change, each (N,)."""

    exposure: np.ndarray
    log_exposure: np.ndarray
    background: np.ndarray
    has_background: bool
    log_peak: np.ndarray
