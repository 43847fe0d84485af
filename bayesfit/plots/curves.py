"""Smooth curves of draws: densities that stop at a parameter's bounds, and contours of two."""

import numpy as np
from scipy.ndimage import gaussian_filter, map_coordinates

__all__ = ["contours", "density", "distinct"]

_CELLS = 1024
#: cells along each axis of two
_SIDE = 96


def distinct(draws) -> bool:
    """Return whether draws differ by more than rounding."""
    spread = float(np.ptp(draws))
    return spread > 1e-12 * max(float(np.max(np.abs(draws))), 1e-300)


def density(draws, support=(-np.inf, np.inf)) -> tuple[np.ndarray, np.ndarray]:
    """Return a grid (points,) and the kernel density of draws there; it integrates to one.

    A Gaussian kernel of width 0.9 min(sd, IQR / 1.34) n^(-1/5) (Silverman 1986, eq. 3.31), reflected at the
    ends of the support so that no density leaks out of it.

    Parameters
    ----------
    draws : array (draws,)
    support : (low, high)

    Examples
    --------
    >>> grid, height = density(np.random.default_rng(1).uniform(size=4000), (0.0, 1.0))
    >>> float(grid[0]), float(grid[-1]), round(float(np.trapezoid(height, grid)), 2)
    (0.0, 1.0, 1.0)
    """
    draws = np.asarray(draws, dtype=float).ravel()
    width = _bandwidth(draws)
    low = max(draws.min() - 4 * width, support[0])
    high = min(draws.max() + 4 * width, support[1])
    grid = np.linspace(low, high, _CELLS)
    step = grid[1] - grid[0]
    # linear binning: each draw is shared by its two neighbours on the grid
    place = np.clip((draws - low) / step, 0, _CELLS - 1 - 1e-9)
    left = place.astype(int)
    share = place - left
    counts = np.bincount(left, 1 - share, _CELLS) + np.bincount(left + 1, share, _CELLS)
    counts[[0, -1]] *= 2  # the cells at the ends are half as wide
    height = _smooth(counts, width / step)
    return grid, height / np.trapezoid(height, grid)


def contours(draws, shares) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return a grid x, y (side, side), the height of the draws' density there, and the levels that hold those shares.

    The density is a histogram along the principal axes of the draws, where they are uncorrelated, smoothed by a
    Gaussian of min(sd, IQR / 1.34) n^(-1/6) (Scott 1992).  A level is the height above which a share of the draws lies,
    so that smoothing, which widens a density, does not widen its contours.

    Parameters
    ----------
    draws : array (draws, 2)
    shares : pair of float
        Rising, between 0 and 1; the levels rise too, so that the last share has the first.
    """
    middle, scale = draws.mean(axis=0), draws.std(axis=0)
    variances, axes = np.linalg.eigh(np.cov(((draws - middle) / scale).T))
    widths = np.sqrt(np.maximum(variances, 1e-12))
    along = (draws - middle) / scale @ axes / widths
    quartiles = np.quantile(along, [0.25, 0.75], axis=0)
    blur = np.clip((quartiles[1] - quartiles[0]) / 1.34, 0.05, 1.0) * len(draws) ** (-1 / 6)
    low, high = np.quantile(along, [0.0005, 0.9995], axis=0) + np.array([[-5], [5]]) * blur
    height, _ = np.histogramdd(along, _SIDE, [*zip(low, high, strict=True)])
    cell = (high - low) / _SIDE
    height = gaussian_filter(height, blur / cell, mode="constant")
    at_draws = map_coordinates(height, ((along - low) / cell - 0.5).T, order=1)
    low_level, high_level = np.quantile(at_draws, 1 - np.array(shares)[::-1])
    levels = np.array([low_level, max(high_level, np.nextafter(low_level, np.inf))])
    centres = np.moveaxis(np.indices((_SIDE, _SIDE)), 0, -1) + 0.5
    places = low + cell * centres
    x, y = np.moveaxis(middle + scale * (places * widths @ axes.T), -1, 0)
    return x, y, height, levels


def _bandwidth(draws):
    quartiles = np.quantile(draws, [0.25, 0.75])
    spreads = [s for s in (draws.std(), (quartiles[1] - quartiles[0]) / 1.34) if s > 0]
    return 0.9 * min(spreads, default=1.0) * len(draws) ** -0.2


def _smooth(counts, cells):
    """Convolve with a Gaussian of that many cells; the transform's mirror images are the reflection."""
    mirrored = np.concatenate([counts, counts[-2:0:-1]])
    frequency = np.fft.rfftfreq(len(mirrored))
    damped = np.fft.rfft(mirrored) * np.exp(-2 * (np.pi * frequency * cells) ** 2)
    return np.maximum(np.fft.irfft(damped, len(mirrored))[: len(counts)], 0.0)
