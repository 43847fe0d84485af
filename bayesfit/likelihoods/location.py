"""Likelihoods of labels that scatter about η: what measured labels, limits, intervals and truncation share.

A member gives the log density and the log probability of an interval for one row, as functions of η, of the
row's own variance σ² + s², and of the further variance of a Gaussian η.  Everything else, so that limits,
truncation, noisy features and scatter need no code of their own, is here.
"""

import dataclasses
from abc import abstractmethod
from functools import cached_property
from typing import NamedTuple

import numpy as np

from bayesfit.data import Data
from bayesfit.errors import DataError, ModelError, rows_text
from bayesfit.likelihoods.base import Likelihood
from bayesfit.likelihoods.columns import column_or_number, require_numbers
from bayesfit.parameters import Parameter
from bayesfit.predictors import Outputs
from bayesfit.priors import HalfNormal
from bayesfit.scales import label_centre, label_spread
from bayesfit.supports import Interval

__all__ = ["Location", "Noise"]


#: labels beyond this overflow when they are squared and summed
_LARGEST = 1e140


class Noise(NamedTuple):
    """What makes the label of some rows differ from the mean of η.

    Parameters
    ----------
    minus, plus : ndarray (N,) or (1,)
        Variances of the label errors on the two sides; the same array where they are symmetric, and one number where
        all rows have the same.
    scatter : ndarray (W, 1) or float
        Variance of the intrinsic scatter.
    spread : ndarray (W, N), (W, 1) or float
        Variance of η.
    shift : (mean, variance) or None
        What correlated errors of the features add to the label, both (W, N), contained in η already.
    """

    minus: np.ndarray
    plus: np.ndarray
    scatter: np.ndarray | float
    spread: np.ndarray | float
    shift: tuple[np.ndarray, np.ndarray] | None = None

    @property
    def symmetric(self) -> bool:
        """Whether both sides are the same."""
        return self.minus is self.plus

    @property
    def is_own(self) -> bool:
        """Whether η is known, so that all noise is the row's own."""
        return np.ndim(self.spread) == 0 and self.spread == 0

    @property
    def own(self):
        """The row's own variance σ² + s², without that of η."""
        return self.minus + self.scatter

    @property
    def total(self):
        """σ² + s² + the variance of η, an array of its own."""
        return self.own if self.is_own else self.own + self.spread


class Location(Likelihood):
    """A likelihood whose labels are numbers about η."""

    #: whether σ on the two sides of a label may differ
    takes_asymmetric = False
    mean_is_eta = True
    #: whether the scatter is a parameter of its own (else the family's scale is)
    has_scatter = True

    scatter: bool | None
    truncation: tuple | None

    # -- what a member says -----------------------------------------------------------------------------

    @abstractmethod
    def log_density(self, values, labels, eta, noise: Noise) -> np.ndarray:
        """Return ln p(y | η) (W, n) of measured labels (n,), η being the mean where it has a spread."""

    def log_density_sum(self, values, labels, eta, noise: Noise) -> np.ndarray:
        """Return Σ ln p(y | η) (W,), which some members have a shorter way to."""
        return self.log_density(values, labels, eta, noise).sum(axis=-1)

    @abstractmethod
    def log_interval(self, values, low, high, eta, noise: Noise) -> np.ndarray:
        """Return ln P(low < y < high | η) (W, n), the ends (n,) infinite for one-sided limits."""

    # -- data and parameters ----------------------------------------------------------------------------

    def infers_scatter(self, data: Data) -> bool:
        """Return whether "scatter" is a parameter for these data."""
        return self.scatter if self.scatter is not None else data.y_err is None and data.y_cov is None

    def check(self, data: Data) -> None:
        name = type(self).__name__
        require_numbers(data, f"use a classification likelihood such as Bernoulli, or give numbers for {name}")
        huge = np.flatnonzero(data.labelled & (np.abs(data.y) > _LARGEST))
        if huge.size:
            raise DataError(f"y {rows_text(huge)}: {data.y[huge[0]]:g} is too large to be squared; choose another unit")
        self._check_sizes(data)
        if self.has_scatter and self.scatter is False and data.y_err is None and data.y_cov is None:
            raise DataError("y_err is missing and scatter=False: give y_err, or let the noise level be inferred")
        if data.y_err is not None and data.y_err.ndim == 2:
            self._check_asymmetric(data)
        self._check_covariance(data)
        self._check_truncation(data)

    def _check_covariance(self, data: Data):
        if data.y_cov is not None:
            raise ModelError(f"y_cov: labels with a covariance are for Gaussian, without truncation; not for {self!r}")

    @staticmethod
    def _check_sizes(data: Data):
        if data.y_err is None:
            return
        errors = data.y_err.reshape(len(data), -1)
        # zero is a sharp limit
        extreme = data.labelled[:, None] & (errors != 0) & ((errors > _LARGEST) | (errors < 1 / _LARGEST))
        rows = np.flatnonzero(extreme.any(axis=1))
        if rows.size:
            value = errors[rows[0]][extreme[rows[0]]][0]
            raise DataError(f"y_err {rows_text(rows)}: {value:g} cannot be squared; choose another unit")

    def check_noise(self, data):
        if self.scatter is False and data.y_err is None and data.y_cov is None:
            raise DataError(
                "y_err: to say what would be measured, the new rows need their label errors: Data(x, y_err=…)"
            )
        self._check_covariance(data)
        if data.y_err is None:
            return
        unknown = np.flatnonzero(np.isnan(data.y_err.reshape(len(data), -1)).any(axis=1))
        # beside labels, rows without one may do without an error, and nothing is said of them
        if unknown.size and data.kind == "none":
            raise DataError(f"y_err: errors above zero are needed in {rows_text(unknown)} of the new rows")
        if data.y_err.ndim == 2:
            self._check_asymmetric(data)
            self._check_even(data)

    def _check_asymmetric(self, data):
        if not self.takes_asymmetric:
            raise ModelError(
                f"y_err: {type(self).__name__} does not take asymmetric errors; use Gaussian or OutlierMixture, or one "
                "error a row"
            )
        limited = np.zeros(len(data), dtype=bool) if data.limits is None else data.limits != 0
        uneven = np.flatnonzero(limited & (data.y_err[:, 0] != data.y_err[:, 1]))
        if uneven.size:
            raise DataError(
                f"y_err: {rows_text(uneven)} are limits with asymmetric errors; give them one error, or NaN"
            )

    def _check_truncation(self, data):
        if self.truncation is None:
            return
        if len(self.truncation) != 2:
            raise ModelError(f"truncation={self.truncation!r} should be (low, high), numbers or names of columns")
        self._check_even(data)
        low, high = self.window(data)
        bad = np.flatnonzero(~(low < high))
        if bad.size:
            raise DataError(f"truncation: low is not below high in {rows_text(bad)}")
        inside = np.where(
            data.limits == 0, (data.y > low) & (data.y < high), (data.y_low >= low) & (data.y_high <= high)
        )
        outside = np.flatnonzero(data.labelled & ~inside)
        if outside.size:
            raise DataError(
                f"truncation: the labels of {rows_text(outside)} lie outside ({low[outside[0]]:g}, "
                f"{high[outside[0]]:g}), so these rows could not have entered the data (give limits as "
                "intervals inside it)"
            )

    def _check_even(self, data):
        if self.truncation is None or data.y_err is None or data.y_err.ndim == 1:
            return
        low, high = data.y_err.T
        uneven = np.flatnonzero(~np.isnan(data.y_err).any(axis=1) & (low != high))
        if uneven.size:
            raise DataError(f"y_err: truncation takes one error a row, unlike {rows_text(uneven)}")

    def window(self, data: Data) -> tuple[np.ndarray, np.ndarray]:
        """Return the ends (N,) between which a label had to fall for its row to be there."""
        low, high = (None, None) if self.truncation is None else self.truncation
        return column_or_number(low, data, "truncation", -np.inf), column_or_number(high, data, "truncation", np.inf)

    def outputs(self, data):
        unit = data.units.get(data.label, "")
        return Outputs(centre=label_centre(data), width=10 * label_spread(data), unit=unit)

    def parameters(self, data):
        if not self.infers_scatter(data):
            return ()
        unit = data.units.get(data.label, "")
        return (Parameter("scatter", HalfNormal(2 * label_spread(data)), bounds=Interval(0.0, np.inf), unit=unit),)

    def explain(self, data):
        if not self.has_scatter:
            return super().explain(data)
        errors = (
            "with the label errors given"
            if data.y_err is not None or data.y_cov is not None
            else "without label errors"
        )
        inferred = "is inferred" if self.infers_scatter(data) else "is off"
        reason = (
            ""
            if self.scatter is not None
            else " (scatter=True would infer it)"
            if inferred == "is off"
            else (": it is the noise level")
        )
        return [f"Likelihood: {self!r} {errors}; the scatter {inferred}{reason}."]

    def guess(self, residual, data):
        return {"scatter": float(np.sqrt(np.mean(residual**2)))} if residual.any() else {}

    # -- densities ----------------------------------------------------------------------------------------

    def log_prob(self, values, eta, data):
        return self.log_prob_noisy(values, eta, 0.0, data)

    def log_prob_noisy(self, values, mean, variance, data, shift=None):
        """Return the terms (W, N) for a Gaussian η.

        ``shift`` is, where label errors are correlated with those of the features, the mean and variance (W, N)
        of what the features' errors add to the label; ``mean`` and ``variance`` contain it already.
        """
        terms = self._unselected(values, mean, variance, data, shift)
        if self.truncation is not None:
            terms = terms - self.untruncated._unselected(values, mean, variance, self.window_rows(data), shift)
        return terms

    def _unselected(self, values, mean, variance, data, shift):
        """The terms without regard to truncation."""
        measured, limited = data.remember("label groups", lambda: label_groups(data))
        noise = self.noise(values, variance, data, shift)
        if limited is None:
            return self.log_density(values, data.y, mean, noise)
        shape = np.broadcast_shapes(*map(np.shape, (mean, noise.scatter, noise.spread)), (1, len(data)))
        mean, terms = np.broadcast_to(mean, shape), np.empty(shape)
        if measured.size:
            terms[:, measured] = self.log_density(values, data.y[measured], mean[:, measured], take(noise, measured))
        terms[:, limited] = self._limits(values, mean, noise, data, limited)
        return terms

    def _limits(self, values, mean, noise, data, limited):
        low, high = data.y_low[limited], data.y_high[limited]
        return self.log_interval(values, low, high, mean[:, limited], take(noise, limited))

    def log_joint(self, values, eta, data):
        return self.log_joint_noisy(values, eta, 0.0, data)

    def log_joint_noisy(self, values, mean, variance, data, shift=None):
        total = self._unselected_sum(values, mean, variance, data, shift)
        if self.truncation is not None:
            total = total - self.untruncated._unselected_sum(values, mean, variance, self.window_rows(data), shift)
        return total

    def _unselected_sum(self, values, mean, variance, data, shift):
        """The sum of the terms, without regard to truncation."""
        measured, limited = data.remember("label groups", lambda: label_groups(data))
        noise = self.noise(values, variance, data, shift)
        if limited is None:
            return self.log_density_sum(values, data.y, mean, noise)
        total = self._limits(values, mean, noise, data, limited).sum(axis=-1)
        if measured.size:
            total += self.log_density_sum(values, data.y[measured], mean[:, measured], take(noise, measured))
        return total

    @cached_property
    def untruncated(self) -> "Location":
        return dataclasses.replace(self, truncation=None)

    def window_rows(self, data):
        if self.truncation is None:
            return None
        return data.remember(f"window {self.truncation!r}", lambda: data.as_intervals(*self.window(data)))

    def noise(self, values, spread, data, shift=None) -> Noise:
        """Return the variances of all rows."""
        minus, plus = data.remember("label variances", lambda: label_variances(data))
        scatter = np.square(values["scatter"])[:, None] if "scatter" in values else 0.0
        return Noise(minus, plus, scatter, spread, shift)

    def peak(self, values, data: Data) -> np.ndarray:
        """Return the η (N,) at which each row's density is highest: the label, or an end of a limit's range."""
        return data.y if not data.limits.any() else np.where(data.limits == 0, data.y, 0.5 * (data.y_low + data.y_high))

    def mean(self, values, eta, data):
        return eta


class Groups(NamedTuple):
    """Indices of measured rows and of limits; None for limits where there are none."""

    measured: np.ndarray
    limited: np.ndarray | None


def label_groups(data: Data) -> Groups:
    """Return which rows are measured and which are limits or intervals."""
    limited = np.flatnonzero(data.limits)
    return Groups(np.flatnonzero(data.limits == 0), limited if limited.size else None)


def label_variances(data: Data) -> tuple[np.ndarray, np.ndarray]:
    """Return the variances (N,) of the label errors on the minus and the plus side, zero where there are none.

    Where all rows have the same they are (1,), so that what follows from them is worked out once.
    """
    if data.y_err is None:
        none = np.zeros(1)
        return none, none
    square = np.square(data.y_err)
    if square.ndim == 2:
        return square[:, 0], square[:, 1]
    square = square[:1] if len(square) and (square == square[0]).all() else square
    return square, square


def take(noise: Noise, rows, vectors=slice(None)) -> Noise:
    """Return the noise of some rows, for some vectors."""
    minus = _columns(noise.minus, rows)
    plus = minus if noise.symmetric else _columns(noise.plus, rows)
    scatter, spread = (_vectors(each, vectors) for each in (noise.scatter, noise.spread))
    shift = None if noise.shift is None else tuple(_columns(part[vectors], rows) for part in noise.shift)
    return Noise(minus, plus, scatter, _columns(spread, rows), shift)


def _vectors(array, vectors):
    """Return some vectors' part; what all share stays as it is."""
    return array if np.ndim(array) < 2 else np.asarray(array)[vectors]


def _columns(array, rows):
    """Return some columns; what all rows share stays as it is."""
    return array if np.ndim(array) == 0 or np.shape(array)[-1] == 1 else array[..., rows]
