"""The sum over all rows of Gaussian terms, for predictors that are linear in θ, at a cost that no longer grows with N.

A `Total` is another way of adding up what the likelihood says row by row, and never says anything else: it exists
for a target or it does not, and where it cannot answer it says NaN and the rows are asked.
"""

from typing import Protocol

import numpy as np

from bayesfit.densities import HALF_LOG_TWO_PI
from bayesfit.likelihoods import Gaussian
from bayesfit.predictors import LinearPredictor
from bayesfit.targets.moments import Moments
from bayesfit.targets.residuals import Design, Quadratic, Residuals

__all__ = ["EqualErrors", "KnownErrors", "Total", "UnequalErrors", "has_normal_labels", "total_of"]

#: rows from which tables of moments cost less than the rows themselves
FEWEST_ROWS = 600
#: condition number of the scaled design, and typical labels in units of errors or residuals, above which the rows
#: themselves are added up: rounding would show in the tenth digit, whichever way the sum is made
WORST_CONDITION, LARGEST_LABELS = 1e6, 5e6


class Total(Protocol):
    """Another way to the sum of all rows' terms, which is quadratic in the coefficients."""

    residuals: Residuals
    #: the smallest σ_i², which a scatter adds to; 0 where there is no scatter
    least_variance: float

    def log_likelihood_total(self, values) -> np.ndarray:
        """Return Σ_i ln p(y_i | x_i, θ) (W,); NaN where the rows themselves have to be asked."""
        ...

    def quadratic(self, values) -> Quadratic:
        """Return -2 Σ_i ln p(y_i | x_i, θ) as a quadratic form in `residuals.offset`; NaN as above."""
        ...


class KnownErrors:
    """Errors that are known: -½ Σ [(y - η)² / σ² + ln 2π σ²] by the QR factors of the weighted design."""

    def __init__(self, design: Design, residuals: Residuals):
        self.residuals, self.least_variance = residuals, 0.0
        self._constant = -np.log(design.errors).sum() - len(design) * HALF_LOG_TWO_PI

    def log_likelihood_total(self, values) -> np.ndarray:
        """Return Σ_i ln p(y_i | x_i, θ) (W,)."""
        return self._constant - 0.5 * self.residuals.squared(values)

    def quadratic(self, values) -> Quadratic:
        """Return -2 Σ_i ln p(y_i | x_i, θ) as a quadratic form in the residuals' `offset`."""
        curvature, slope, constant = self.residuals.quadratic()
        return Quadratic(curvature, slope, constant - 2.0 * self._constant)


class EqualErrors:
    """One error for all rows, or none, and a scatter: V = σ² + s² is the same for all, and so are the residuals."""

    def __init__(self, design: Design, residuals: Residuals):
        self.residuals = residuals
        self.least_variance, self._n_rows = float(design.errors[0]) ** 2, len(design)

    def log_likelihood_total(self, values) -> np.ndarray:
        """Return Σ_i ln p(y_i | x_i, θ) (W,)."""
        variance = self._variance(values)
        total = self.residuals.squared(values) / variance + self._n_rows * np.log(variance)
        return -0.5 * total - self._n_rows * HALF_LOG_TWO_PI

    def quadratic(self, values) -> Quadratic:
        """Return -2 Σ_i ln p(y_i | x_i, θ) as a quadratic form in the residuals' `offset`."""
        curvature, slope, constant = self.residuals.quadratic()
        variance = self._variance(values)
        constant = constant / variance + self._n_rows * (np.log(variance) + 2.0 * HALF_LOG_TWO_PI)
        return Quadratic(curvature / variance[:, None, None], slope / variance[:, None], constant)

    def _variance(self, values):
        return self.least_variance + np.square(values["scatter"])


class UnequalErrors:
    """Errors that differ, and a scatter: sums over rows are smooth in ln(s² + σ_min²), and interpolated there."""

    def __init__(self, design: Design, residuals: Residuals):
        self.residuals, self._moments = residuals, Moments(design, residuals)
        self.least_variance = self._moments.least
        self._constant = -len(design) * HALF_LOG_TWO_PI

    def log_likelihood_total(self, values) -> np.ndarray:
        """Return Σ_i ln p(y_i | x_i, θ) (W,); NaN where the scatter cannot be squared."""
        return self._constant - 0.5 * self._moments.total(values)

    def quadratic(self, values) -> Quadratic:
        """Return -2 Σ_i ln p(y_i | x_i, θ) as a quadratic form in the residuals' `offset`; NaN as above."""
        curvature, slope, constant = self._moments.quadratic(values)
        return Quadratic(curvature, slope, constant - 2.0 * self._constant)


def total_of(target, fewest_rows: int = FEWEST_ROWS) -> Total | None:
    """Return the total of a regression target, or None where its rows have to be added up one by one.

    Parameters
    ----------
    target : RegressionTarget
    fewest_rows : int
        Below which there are no tables of moments.
    """
    if not _is_plain(target):
        return None
    design = Design(target.rows, target.predictor)
    scattered = any(parameter.name == "scatter" for parameter in target.parameters.parameters)
    kind = _kind(design, scattered, fewest_rows)
    if kind is None:
        return None
    weights = 1.0 / design.errors if kind is KnownErrors else np.ones(len(design))
    residuals = Residuals(design, weights)
    return kind(design, residuals) if _is_accurate(design, residuals, kind is not KnownErrors) else None


def _kind(design, scattered: bool, fewest_rows: int):
    if not scattered:
        return KnownErrors if (design.errors > 0).all() else None
    if (design.errors == design.errors[0]).all():
        return EqualErrors
    return UnequalErrors if len(design) >= fewest_rows else None


def _is_accurate(design, residuals, scattered: bool) -> bool:
    """Return whether rounding, of which the rows themselves have as much, is small against what is summed."""
    unit = residuals.scale if scattered else design.errors
    with np.errstate(divide="ignore", invalid="ignore"):
        far = np.mean(np.abs(design.labels) / np.asarray(unit))
    return residuals.condition < WORST_CONDITION and bool(far < LARGEST_LABELS)


def _is_plain(target) -> bool:
    """Return whether labels are measured, normal, independent, about a linear η of exact features."""
    predictor = target.predictor
    return (
        target.population is None
        and isinstance(predictor, LinearPredictor)
        # a predictor that has its own way to η is asked for it
        and type(predictor).__call__ is LinearPredictor.__call__
        and has_normal_labels(target)
    )


def has_normal_labels(target) -> bool:
    """Return whether labels are measured, normal, independent, and none was selected."""
    rows = target.rows
    return (
        type(target.likelihood) is Gaussian
        and target.likelihood.truncation is None
        and len(rows) > 0
        and rows.y_cov is None
        and not rows.limits.any()
        and (rows.y_err is None or rows.y_err.ndim == 1)
    )
