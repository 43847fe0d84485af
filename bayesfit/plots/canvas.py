"""Where a plot is drawn: the caller's axes or figure, or new ones."""

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from bayesfit.errors import ModelError
from bayesfit.plots.style import INK, tidy

__all__ = ["axes_of", "check_figure", "figure_of", "remark", "whole_ticks"]


def axes_of(ax: Axes | None, size=(5.6, 3.6)) -> Axes:
    """Return the caller's axes, or those of a new figure of that size in inches."""
    if ax is None:
        ax = plt.figure(figsize=size, layout="constrained").add_subplot()
    elif not isinstance(ax, Axes):
        raise ModelError(f"ax should be a matplotlib Axes, got {type(ax).__name__}")
    return tidy(ax)


def figure_of(fig: Figure | None, size) -> Figure:
    """Return the caller's figure, emptied, or a new one of that size in inches."""
    if fig is None:
        return plt.figure(figsize=size, layout="constrained")
    check_figure(fig)
    fig.clear()
    if fig.get_layout_engine() is None:
        fig.set_layout_engine("constrained")
    return fig


def check_figure(fig):
    """Refuse what is no figure."""
    if not isinstance(fig, Figure):
        raise ModelError(f"fig should be a matplotlib Figure, got {type(fig).__name__}")


def remark(ax: Axes, text: str):
    """Write a small line above the axes, at the right end."""
    if text:
        ax.set_title(text, loc="right", fontsize=8, color=INK, alpha=0.8)


def whole_ticks(ax: Axes):
    """Mark whole numbers only along x, for rows and steps."""
    ax.xaxis.set_major_locator(MaxNLocator("auto", integer=True, steps=[1, 2, 5, 10]))
