"""Curves of draws: bands that hold them, and their mean."""

import numpy as np

from bayesfit.plots.style import BLUE, STRONG

__all__ = ["draw_bands"]


def draw_bands(ax, grid, curves, *, levels=(0.9, 0.5)):
    """Draw the bands that hold curves (chain, draw, points) with each probability, at every point, and their mean."""
    draws = np.asarray(curves).reshape(-1, len(grid))
    for level in levels:
        low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2], axis=0)
        opacity = STRONG if level == levels[-1] else STRONG / 2
        ax.fill_between(grid, low, high, color=BLUE, alpha=opacity, linewidth=0, label=f"{100 * level:g} %")
    ax.plot(grid, draws.mean(axis=0), color=BLUE, label="posterior mean")
