"""Sums over rows with unequal errors, as functions of the scatter: interpolated, so that they no longer grow with N."""

import numpy as np

from bayesfit.targets.chebyshev import Panels
from bayesfit.targets.residuals import Design, Quadratic, Residuals

__all__ = ["Moments"]


class Moments:
    """Σ_i [(y_i - η_i)² / V_i + ln V_i], V_i = σ_i² + s², as a quadratic form in the coefficients for each s.

    With v = s² + σ_min² and w_i = v / V_i in (0, 1], the sums of w over products of the whitened design and the
    residuals of a fit, and that of ln w, vary smoothly with ln v.

    Parameters
    ----------
    design : Design
    residuals : Residuals
        Of unit weights: the fit, and the units of its coefficients.
    """

    def __init__(self, design: Design, residuals: Residuals):
        self._design, self._residuals = design, residuals
        squares = np.square(design.errors)
        self.least = float(squares.min())
        self._excess = squares - self.least
        self._pairs = np.triu_indices(design.size + 1)
        rows, columns = self._pairs
        # each pair of different columns stands for two places of a symmetric matrix
        self._factors = np.where(rows == columns, 1.0, 2.0)
        self._sums = Panels(self._tabulate, len(rows) + 1)

    def total(self, values) -> np.ndarray:
        """Return Σ_i [(y_i - η_i)² / V_i + ln V_i] (W,); NaN where s² + σ_min² is neither finite nor positive."""
        scale = self._scale(values)
        sums = self._sums(scale)
        offset = self._residuals.offset(values)
        vector = np.concatenate([-offset, np.ones((len(offset), 1))], axis=1)
        rows, columns = self._pairs
        squares = (sums[:, :-1] * (self._factors * vector[:, rows] * vector[:, columns])).sum(axis=1)
        return squares / scale + len(self._design) * np.log(scale) - sums[:, -1]

    def quadratic(self, values) -> Quadratic:
        """Return the same as a quadratic form in the residuals' `offset`."""
        scale = self._scale(values)
        sums, size = self._sums(scale), self._design.size + 1
        rows, columns = self._pairs
        whole = np.empty((len(scale), size, size))
        whole[:, rows, columns] = whole[:, columns, rows] = sums[:, :-1] / scale[:, None]
        constant = whole[:, -1, -1] + len(self._design) * np.log(scale) - sums[:, -1]
        return Quadratic(whole[:, :-1, :-1], whole[:, :-1, -1], constant)

    def _scale(self, values):
        return np.square(np.asarray(values["scatter"], dtype=float)) + self.least

    def _tabulate(self, scale):
        """Return Σ w × products of columns, and Σ ln w, at these v: (n, pairs + 1)."""
        rows, columns = self._pairs
        table = np.zeros((len(scale), len(rows) + 1))
        for part, block, labels in self._design.blocks():
            residual = labels - block @ self._residuals.fit
            whole = np.concatenate([self._residuals.whitened(block), residual[:, None]], axis=1)
            weights = scale[:, None] / (scale[:, None] + self._excess[part])
            table[:, :-1] += weights @ (whole[:, rows] * whole[:, columns])
            table[:, -1] += np.log(weights, out=weights).sum(axis=1)
        return table
