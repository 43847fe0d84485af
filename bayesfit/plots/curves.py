"""Smooth curves of draws: densities that stop at a parameter's bounds."""

import numpy as np

__all__ = ["density", "distinct"]

_CELLS = 1024


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
