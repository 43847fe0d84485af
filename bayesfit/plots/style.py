"""How plots look: few colours that anyone can tell apart, thin lines, small type, no frames."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import matplotlib
import matplotlib.pyplot as plt

__all__ = ["BLUE", "CYCLE", "GREY", "INK", "ORANGE", "PALE", "STRONG", "style", "tidy"]

#: text, data and their error bars
INK = "#22303c"
#: what the model says
BLUE = "#1f6399"
#: what needs attention, and known truths
ORANGE = "#d95f0e"
#: everything that is there for reference only
GREY = "#87929b"
PALE = "#dfe4e8"
#: one for each ensemble or model; they differ in lightness as well as in hue
CYCLE = (BLUE, "#e69222", "#4aa79a", "#7b3c6f", "#a9bfd1", "#594d16")
#: the opacity of an inner band; an outer band has half of it
STRONG = 0.36

_SETTINGS: dict[Any, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": GREY,
    "axes.facecolor": "none",
    "axes.grid": False,
    "axes.labelcolor": INK,
    "axes.labelsize": 9.5,
    "axes.linewidth": 0.7,
    "axes.prop_cycle": plt.cycler(color=CYCLE),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlecolor": INK,
    "axes.titlelocation": "left",
    "axes.titlesize": 9.5,
    "axes.titleweight": "normal",
    "figure.constrained_layout.h_pad": 0.07,
    "figure.constrained_layout.w_pad": 0.07,
    "figure.dpi": 110,
    "figure.facecolor": "white",
    "font.size": 9.0,
    "legend.fontsize": 8.5,
    "legend.frameon": False,
    "legend.handlelength": 1.6,
    "legend.labelcolor": INK,
    "lines.linewidth": 1.3,
    "lines.solid_capstyle": "round",
    "text.color": INK,
    "text.usetex": False,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
}
_TICKS = {"color": GREY, "labelcolor": INK, "width": 0.7, "length": 3.0, "labelsize": 8.5, "direction": "out"}


@contextmanager
def style() -> Generator[None]:
    """Return a context in which new figures look like those of `bayesfit.plots`.

    Outside it the settings of matplotlib are what they were.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> before = plt.rcParams["axes.spines.top"]
    >>> with style():
    ...     plt.rcParams["axes.spines.top"]
    False
    >>> plt.rcParams["axes.spines.top"] == before
    True
    """
    interactive = plt.isinteractive()
    try:
        with plt.rc_context(_SETTINGS):
            try:
                yield
            finally:
                interactive = plt.isinteractive()
    finally:
        # a notebook's backend turns this on when the first figure is made, and shows no later one without it
        matplotlib.interactive(interactive)


def tidy(ax):
    """Give axes, also those that were made outside the style, its ticks and its two spines; return them."""
    # ticks are made when they are drawn, by then with the user's settings: so they are set on the axes
    ax.tick_params(axis="both", which="major", **_TICKS)
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set(color=GREY, linewidth=0.7)
    return ax
