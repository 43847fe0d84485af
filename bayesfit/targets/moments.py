"""Sums over rows with unequal errors, as functions of the scatter: interpolated between Chebyshev nodes."""

import numpy as np

from bayesfit.targets.residuals import Design, Residuals

__all__ = ["Moments"]

#: width of a panel in u = ln(s² + σ_min²), and its nodes.  The sums are analytic to within π of the real u, so that
#: the error of interpolation falls by 2.5 with each node at this width, to below 1e-13 (Trefethen 2013, theorem 8.2)
WIDTH, N_NODES = 6.0, 34


class Moments:
    """Σ_i [(y_i - η_i)² / V_i + ln V_i], V_i = σ_i² + s², as a quadratic form in the coefficients for each s.

    With v = s² + σ_min² and w_i = v / V_i in (0, 1], the sums of w over products of the whitened design and the
    residuals of a fit, and that of ln w, vary smoothly with u = ln v.  Panels of u are tabulated when the first
    parameter vector falls into them, which costs what the rows cost for some thirty vectors, once.

    Parameters
    ----------
    design : Design
    residuals : Residuals
        Of unit weights: the fit, and the units of its coefficients.
    """

    def __init__(self, design: Design, residuals: Residuals):
        self._design, self._residuals = design, residuals
        squares = np.square(design.errors)
        self._least = squares.min()
        self._excess = squares - self._least
        self._panels: dict[int, np.ndarray] = {}
        self._pairs = np.triu_indices(design.size + 1)
        rows, columns = self._pairs
        # each pair of different columns stands for two places of a symmetric matrix
        self._factors = np.where(rows == columns, 1.0, 2.0)

    def total(self, values) -> np.ndarray:
        """Return Σ_i [(y_i - η_i)² / V_i + ln V_i] (W,); NaN where s² + σ_min² is neither finite nor positive."""
        scale = np.square(np.asarray(values["scatter"], dtype=float)) + self._least
        u = np.log(scale)
        offset = self._residuals.offset(values)
        vector = np.concatenate([-offset, np.ones((len(offset), 1))], axis=1)
        result = np.full(len(u), np.nan)
        usable = np.isfinite(u)
        place = np.floor(np.where(usable, u, 0.0) / WIDTH).astype(int)
        for panel in sorted(set(place[usable].tolist())):
            here = usable & (place == panel)
            result[here] = self._inside(panel, u[here], scale[here], vector[here])
        return result

    def _inside(self, panel, u, scale, vector):
        if panel not in self._panels:
            self._panels[panel] = self._tabulate(panel)
        sums = _interpolation(u / WIDTH - panel) @ self._panels[panel]
        rows, columns = self._pairs
        squares = (sums[:, :-1] * (self._factors * vector[:, rows] * vector[:, columns])).sum(axis=1)
        return squares / scale + len(self._design) * u - sums[:, -1]

    def _tabulate(self, panel):
        """Return Σ w × products of columns, and Σ ln w, at the nodes: (nodes, pairs + 1)."""
        scale = np.exp(WIDTH * (panel + 0.5 * (1.0 + _nodes())))
        rows, columns = self._pairs
        table = np.zeros((N_NODES, len(rows) + 1))
        for part, block, labels in self._design.blocks():
            residual = labels - block @ self._residuals.fit
            whole = np.concatenate([self._residuals.whitened(block), residual[:, None]], axis=1)
            weights = scale[:, None] / (scale[:, None] + self._excess[part])
            table[:, :-1] += weights @ (whole[:, rows] * whole[:, columns])
            table[:, -1] += np.log(weights, out=weights).sum(axis=1)
        return table


def _nodes() -> np.ndarray:
    """Return Chebyshev points of the second kind on [-1, 1]."""
    return np.cos(np.pi * np.arange(N_NODES) / (N_NODES - 1))


def _interpolation(t: np.ndarray) -> np.ndarray:
    """Return the matrix (W, nodes) that takes values at the nodes to those at places ``t`` in [0, 1].

    By the barycentric formula (Berrut & Trefethen 2004), which is stable for these points.
    """
    weights = np.where(np.arange(N_NODES) % 2, -1.0, 1.0)
    weights[[0, -1]] *= 0.5
    distance = (2.0 * t - 1.0)[:, None] - _nodes()
    hit = distance == 0
    parts = weights / np.where(hit, 1.0, distance)
    matrix = parts / parts.sum(axis=1, keepdims=True)
    on_node = hit.any(axis=1)
    return np.where(on_node[:, None], hit.astype(float), matrix)
