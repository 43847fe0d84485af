"""Maxima of a batched log density from many starts at once, and the Gaussian shape around them.

All finite-difference points of all starts are evaluated in one call, so a search costs some dozens of calls.
"""

from typing import NamedTuple

import numpy as np

__all__ = ["Peaks", "climb", "derivatives", "refine"]

#: trial step lengths of the line search, all evaluated at once
STEPS = np.array([4.0, 2.0, 1.0, 0.5, 0.2, 0.05, 0.01, 1e-3])
#: finite-difference step in units of the local width: on the way, and at the end
RELATIVE_STEP, FINE_STEP = 0.1, 0.003
#: fall of the log density assumed at a point of the stencil where it is not finite
CLIFF = 10.0


class Peaks(NamedTuple):
    """Where climbs ended: points (k, d), log densities (k,), scale matrices (k, d, d), if at a maximum; the cost."""

    points: np.ndarray
    log_density: np.ndarray
    covariances: np.ndarray
    arrived: np.ndarray
    n_evaluations: int

    def joined(self, other: "Peaks", n_evaluations: int = 0) -> "Peaks":
        """Return the ends of both, whose cost is that of both and of further evaluations."""
        return Peaks(
            *(np.concatenate(pair) for pair in zip(self[:-1], other[:-1], strict=True)),
            self.n_evaluations + other.n_evaluations + n_evaluations,
        )


def _stencil(d: int) -> np.ndarray:
    """Offsets (1 + 2d + d(d-1), d): centre, ± each axis, ± each pair of axes."""
    axes = np.eye(d)
    rows, columns = np.triu_indices(d, 1)
    pairs = axes[rows] + axes[columns]
    return np.concatenate([np.zeros((1, d)), axes, -axes, pairs, -pairs])


def derivatives(log_density, points, widths):
    """Return values (k,), gradients (k, d) and Hessians (k, d, d) by central differences in one call.

    Parameters
    ----------
    log_density
        Function of (n, d) -> (n,).
    points
        Where, (k, d).
    widths
        Finite-difference steps (k, d).
    """
    k, d = points.shape
    offsets = _stencil(d)
    grid = points[:, None] + offsets * widths[:, None]
    values = log_density(grid.reshape(-1, d)).reshape(k, -1)
    centre = values[:, :1]
    values = np.where(np.isfinite(values), values, centre - CLIFF) - centre
    up, down = values[:, 1 : 1 + d], values[:, 1 + d : 1 + 2 * d]
    gradient = (up - down) / (2 * widths)
    hessian = np.zeros((k, d, d))
    hessian[:, np.arange(d), np.arange(d)] = (up + down) / widths**2
    rows, columns = np.triu_indices(d, 1)
    n_pairs = len(rows)
    both = values[:, 1 + 2 * d : 1 + 2 * d + n_pairs] + values[:, 1 + 2 * d + n_pairs :]
    single = up + down
    mixed = (both - single[:, rows] - single[:, columns]) / (2 * widths[:, rows] * widths[:, columns])
    hessian[:, rows, columns] = hessian[:, columns, rows] = mixed
    return centre[:, 0], gradient, hessian


def _local_widths(hessian, scale):
    """Width of the density along each axis, at most ``scale`` where it is flat."""
    curvature = np.abs(np.diagonal(hessian, axis1=1, axis2=2))
    return 1 / np.sqrt(np.maximum(curvature, 1 / scale**2))


def _scale_matrices(hessian, scale):
    """Inverse of |−H|, with eigenvalues no smaller than those of a spread of ``scale``; (k, d, d)."""
    widths = _local_widths(hessian, scale)
    scaled = -hessian * widths[:, :, None] * widths[:, None, :]
    eigenvalues, vectors = np.linalg.eigh(scaled)
    # in units of the local widths, nothing may be wider than the candidates' spread along that axis
    floor = np.einsum("kij,ki->kj", vectors**2, (widths / scale) ** 2)
    inverse = 1 / np.maximum(np.abs(eigenvalues), np.maximum(floor, 1e-10))
    covariance = np.einsum("kij,kj,klj->kil", vectors, inverse, vectors)
    return covariance * widths[:, :, None] * widths[:, None, :]


def _search_line(log_density, points, values, directions):
    """Try all step lengths at once and take the best; keep still where none is better."""
    trial = points[:, None] + STEPS[:, None] * directions[:, None]
    found = log_density(trial.reshape(-1, points.shape[1])).reshape(len(points), -1)
    found = np.where(np.isfinite(found), found, -np.inf)
    best = found.argmax(axis=1)
    row = np.arange(len(points))
    better = found[row, best] > values
    return np.where(better[:, None], trial[row, best], points), np.where(better, found[row, best], values)


def refine(log_density, peaks: Peaks, scale) -> Peaks:
    """Climb on from the ends of climbs, patiently and with finer differences: maxima to some 1e-4 of their width.

    Coarse differences see the density smoothed over a tenth of its width, which is right for a proposal, but
    puts the maximum of a skew density a little aside.
    """
    onward = climb(log_density, peaks.points, scale, n_iterations=400, tolerance=1e-6)
    fine = climb(log_density, onward.points, scale, n_iterations=20, tolerance=1e-10, relative_step=FINE_STEP)
    better = fine.log_density >= onward.log_density
    return Peaks(
        np.where(better[:, None], fine.points, onward.points),
        np.where(better, fine.log_density, onward.log_density),
        onward.covariances,
        onward.arrived,
        peaks.n_evaluations + onward.n_evaluations + fine.n_evaluations,
    )


def climb(log_density, points, scale, *, n_iterations=40, tolerance=1e-3, relative_step=RELATIVE_STEP) -> Peaks:
    """Climb from each point to a local maximum by Newton's method on |H|, which never walks to a saddle.

    Parameters
    ----------
    log_density
        Function of (n, d) -> (n,); may be -inf.
    points
        Starts (k, d) with finite log density.
    scale
        Spread (d,) beyond which no direction is believed to be flat.
    n_iterations
        The most iterations.
    tolerance
        Expected gain of the log density at which a climb ends.
    relative_step
        Finite-difference steps in units of the local widths.

    Examples
    --------
    >>> peaks = climb(lambda z: -0.5 * ((z - 3) ** 2 / 4).sum(axis=1), np.zeros((1, 2)), np.full(2, 100.0))
    >>> peaks.points.round(6).tolist(), peaks.covariances[0].diagonal().round(6).tolist()
    ([[3.0, 3.0]], [4.0, 4.0])
    """
    points = np.array(points, dtype=float)
    k, d = points.shape
    values = np.full(k, -np.inf)
    covariances = np.broadcast_to(np.diag(scale**2), (k, d, d)).copy()
    widths = np.broadcast_to(1e-3 * scale, (k, d)).copy()
    arrived = np.zeros(k, dtype=bool)
    active, n_evaluations = np.arange(k), 0
    for _ in range(n_iterations):
        here = points[active]
        value, gradient, hessian = derivatives(log_density, here, widths[active])
        covariance = _scale_matrices(hessian, scale)
        direction = np.einsum("kij,kj->ki", covariance, gradient)
        gain = 0.5 * np.einsum("ki,ki->k", direction, gradient)
        direction /= np.maximum(np.abs(direction / (10 * scale)).max(axis=1, keepdims=True), 1.0)
        local = relative_step * _local_widths(hessian, scale)
        fitting = (np.abs(np.log(local / widths[active])) < 1).all(axis=1)
        widths[active] = np.clip(local, 1e-2 * widths[active], 1e2 * widths[active])
        covariances[active] = covariance
        points[active], values[active] = _search_line(log_density, here, value, direction)
        n_evaluations += len(active) * (len(_stencil(d)) + len(STEPS))
        there = (gain < tolerance) & fitting
        arrived[active] = there
        active = active[~there]
        if len(active) == 0:
            break
    return Peaks(points, values, covariances, arrived, n_evaluations)
