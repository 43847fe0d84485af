"""Models beside each other, by how well they predict."""

import textwrap

import numpy as np
from matplotlib.axes import Axes

from bayesfit.errors import ModelError
from bayesfit.plots.canvas import axes_of
from bayesfit.plots.elements import write
from bayesfit.plots.style import BLUE, GREY, INK, ORANGE, PALE, style

__all__ = ["comparison"]

#: the difference below which no model is better, as in the verdict of a comparison
LEAST_DIFFERENCE = 4.0
#: characters of a name in a line: longer ones would leave no room for the axes
_LONGEST = 24


def comparison(comparison, *, ax=None) -> Axes:
    """Plot the expected log predictive density (elpd) of each model, and its difference to the best.

    The thin grey bar is the standard error of the elpd itself, which rows share among the models; the blue
    bar is that of the difference to the best model, and the one to judge by.  Inside the grey strip the
    difference is below 4, and no model wins.

    Parameters
    ----------
    comparison : Comparison
        As `bayesfit.compare` returns it.
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    ModelError
        If it is no comparison.
    """
    table = getattr(comparison, "table", None)
    if table is None or not {"elpd", "se", "elpd_diff", "dse"} <= set(table.columns):
        raise ModelError(f"plots.comparison takes the result of bayesfit.compare, got {type(comparison).__name__}")
    table = table.sort_values("elpd", ascending=False)
    with style():
        ax = axes_of(ax, (6.4, 1.25 + 0.5 * len(table)))
        _bars(ax, table)
        doubts = _doubts(table, comparison)
        # orange marks those that cannot be trusted
        ax.scatter(table["elpd"], range(len(table)), s=30, c=[ORANGE if doubt else BLUE for doubt in doubts], zorder=3)
        for place, text in enumerate(_words(table, doubts)):
            anchor = ("axes fraction", "data")
            ax.annotate(text, (1.02, place), xycoords=anchor, va="center", fontsize=8.5, annotation_clip=False)
        ax.set(xlabel="expected log predictive density (elpd)", ylim=(len(table) - 0.5, -0.6))
        ax.set_yticks(range(len(table)), [_in_lines(write(name)) for name in table.index])
        ax.tick_params(axis="y", length=0, labelsize=9.5)
        ax.spines["left"].set_visible(False)
        ax.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=3, borderaxespad=0.0)
    return ax


def _in_lines(name):
    return textwrap.fill(name, _LONGEST, max_lines=3, placeholder=" …")


def _bars(ax, table):
    elpd, place = table["elpd"].to_numpy(), np.arange(len(table))
    strip = (elpd[0] - LEAST_DIFFERENCE, elpd[0])
    ax.axvspan(*strip, color=PALE, alpha=0.7, linewidth=0, label="no clear winner (within 4)")
    ax.axvline(elpd[0], color=INK, linewidth=0.8)
    ax.errorbar(elpd, place, xerr=table["se"], fmt="none", ecolor=GREY, elinewidth=0.8, label="elpd ± se")
    others = {"fmt": "none", "ecolor": BLUE, "elinewidth": 3.2, "label": "difference ± se"}
    ax.errorbar(elpd[1:], place[1:], xerr=table["dse"].iloc[1:], **others)


def _doubts(table, comparison) -> list[str]:
    """Return why each model's estimate cannot be trusted, "" where it can."""
    if comparison.reliable or "pareto_k" not in table.columns:
        return ["" if comparison.reliable else "unreliable"] * len(table)
    doubts = []
    for name, k in table["pareto_k"].items():
        posterior = comparison.posteriors[name]
        size = posterior.tree["posterior"].sizes
        bound = min(1 - 1 / np.log10(size["chain"] * size["draw"]), 0.7)
        stuck = posterior.diagnostics is None or not posterior.diagnostics.converged
        reasons = ["large Pareto k"] * (not k <= bound) + ["not converged"] * stuck
        doubts.append(f"unreliable: {', '.join(reasons)}" if reasons else "")
    return doubts


def _words(table, doubts):
    for place, (_, row) in enumerate(table.iterrows()):
        text = f"Δ = {-abs(row['elpd_diff']):.1f} ± {row['dse']:.1f}"
        text = text if place else f"{row['elpd']:.1f} ± {row['se']:.1f}"
        yield text.replace("-", "−") + (f"\n{doubts[place]}" if doubts[place] else "")
