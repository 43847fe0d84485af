"""Sums of squared residuals of a linear predictor, from the triangular factor of its centred design."""

from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

import numpy as np
from scipy.linalg import solve_triangular

__all__ = ["Design", "Quadratic", "Residuals"]

#: rows worked on together
BLOCK_ROWS = 16_384


class Quadratic(NamedTuple):
    """oᵀ Q o - 2 qᵀ o + c of offsets o (W, P): Q (W, P, P), q (W, P) and c (W,), or (1, …) for all W.

    Parameters
    ----------
    curvature, slope, constant : ndarray
        Q, q and c.
    """

    curvature: np.ndarray
    slope: np.ndarray
    constant: np.ndarray

    def __call__(self, offset) -> np.ndarray:
        """Return its value (W,)."""
        curved = (self.curvature @ offset[..., None])[..., 0]
        return (offset * (curved - 2.0 * self.slope)).sum(axis=1) + self.constant


class Design:
    """Design matrix, labels and errors of some rows, handed out block by block with the columns centred.

    Where a column is constant, the mean of each other column is taken off and given to it: Julian dates lose no
    digits in a sum of squares, and the coefficients know of it through `centred`.

    Parameters
    ----------
    rows : Data
        With measured labels.
    predictor : LinearPredictor
    """

    def __init__(self, rows, predictor):
        self._rows, self._predictor = rows, predictor
        self.errors = np.zeros(len(rows)) if rows.y_err is None else rows.y_err
        self.labels = rows.y
        first = predictor.design(rows.x[:1])[0]
        self.size = len(first)
        self._shift = np.zeros(self.size)
        low, high, total = first.copy(), first.copy(), np.zeros(self.size)
        for _, columns in self._raw():
            low, high = np.minimum(low, columns.min(axis=0)), np.maximum(high, columns.max(axis=0))
            total += columns.sum(axis=0)
        constant = np.flatnonzero((low == high) & (low != 0))
        self._anchor = int(constant[0]) if constant.size else None
        if self._anchor is not None:
            # in units of the constant column, and exactly representable, so that it is the same on both sides
            self._unit = low[self._anchor]
            self._shift = total / len(rows) / self._unit
            self._shift[self._anchor] = 0.0

    def __len__(self):
        return len(self._rows)

    def _raw(self) -> Iterator[tuple[slice, np.ndarray]]:
        for start in range(0, len(self), BLOCK_ROWS):
            part = slice(start, start + BLOCK_ROWS)
            yield part, self._predictor.design(self._rows.x[part])

    def blocks(self) -> Iterator[tuple[slice, np.ndarray, np.ndarray]]:
        """Yield a slice of the rows, their centred design (n, P), and their labels (n,)."""
        for part, columns in self._raw():
            if self._anchor is not None:
                columns = columns - self._shift * self._unit
            yield part, columns, self.labels[part]

    def centred(self, values) -> np.ndarray:
        """Return the coefficients (W, P) of the centred columns, summed in extended precision."""
        return self.shifted(self._predictor.coefficients(values))

    def shifted(self, coefficients) -> np.ndarray:
        """Return what coefficients (W, P) of the columns as they are become where these are centred."""
        coefficients = coefficients.astype(np.longdouble)
        if self._anchor is not None:
            coefficients[:, self._anchor] += coefficients @ self._shift
        return coefficients


class Residuals:
    """Σ_i [w_i (y_i - η_i)]² as |R (c - ĉ) - z|² + ρ², from QR of the design beside the residuals of a fit ĉ.

    Parameters
    ----------
    design : Design
    weights : ndarray (N,)
    """

    def __init__(self, design: Design, weights: np.ndarray):
        self._design, self._weights = design, weights
        fit = np.zeros(design.size)
        # about a fit, what is left of y is small, and so is its rounding: the second round wins what the first lost
        for _ in range(2):
            triangle = self._triangle(fit)
            step = np.linalg.lstsq(triangle[:-1, :-1], triangle[:-1, -1], rcond=None)[0]
            fit = fit + step
        triangle = self._triangle(fit)
        self.fit = fit
        self._r, self._z, self.least = triangle[:-1, :-1], triangle[:-1, -1], triangle[-1, -1] ** 2

    def _triangle(self, fit):
        """Return R (P + 1, P + 1) of [w A, w (y - A ĉ)], found block by block."""
        size = self._design.size + 1
        stacked = np.zeros((size, size))
        for part, columns, labels in self._design.blocks():
            weights = self._weights[part]
            block = np.column_stack([columns, labels - columns @ fit]) * weights[:, None]
            stacked = np.linalg.qr(np.concatenate([stacked, block]), mode="r")
        return stacked

    @property
    def scale(self) -> float:
        """The root mean square of what is left of the fit."""
        return float(np.sqrt(self.least / len(self._design)))

    @cached_property
    def condition(self) -> float:
        """The condition number of the design with columns of unit length; infinite where one vanishes."""
        lengths = np.sqrt((self._r**2).sum(axis=0))
        return float(np.linalg.cond(self._r / lengths)) if (lengths > 0).all() else np.inf

    def offset(self, values) -> np.ndarray:
        """Return R (c - ĉ) (W, P): how far the coefficients are from the fit, in units of the design."""
        return (self._design.centred(values) - self.fit).astype(float) @ self._r.T

    def directions(self, coefficients) -> np.ndarray:
        """Return by how much `offset` changes (k, P) when these (k, P) are added to the coefficients."""
        return self._design.shifted(coefficients).astype(float) @ self._r.T

    def whitened(self, columns: np.ndarray) -> np.ndarray:
        """Return columns (n, P) of the centred design in the same units: A R⁻¹."""
        return solve_triangular(self._r, columns.T, trans="T", check_finite=False).T

    def squared(self, values) -> np.ndarray:
        """Return Σ_i [w_i (y_i - η_i)]² (W,)."""
        return np.square(self.offset(values) - self._z).sum(axis=1) + self.least

    def quadratic(self) -> Quadratic:
        """Return the same as a quadratic form in `offset`."""
        return Quadratic(np.eye(len(self._z))[None], self._z[None], np.array([self._z @ self._z + self.least]))
