"""Accuracy against complexity."""

import numpy as np
from matplotlib.axes import Axes

from bayesfit.errors import ModelError
from bayesfit.plots.canvas import axes_of, whole_ticks
from bayesfit.plots.elements import write
from bayesfit.plots.style import BLUE, GREY, ORANGE, style

__all__ = ["selection"]

#: how far behind, in medians of all models, and at least, a model has to be to be left out
_FAR, _LEAST = 8.0, 20.0


def selection(selection, *, ax=None) -> Axes:
    """Plot elpd and the training score of each model against its number of parameters.

    The training score rises with every parameter; elpd, what the model would say of new rows, does not.  A blue
    bar is the standard error of the difference to the most accurate model; the ring marks the chosen one.  Models so
    far behind that the others would look alike are named below the axis' end, with their elpd.

    Parameters
    ----------
    selection : Selection
        As `bayesfit.select` returns it.
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    ModelError
        If it is no selection.
    """
    table = getattr(selection, "table", None)
    if table is None or not {"parameters", "training", "elpd", "dse"} <= set(table.columns):
        raise ModelError(f"plots.selection takes the result of bayesfit.select, got {type(selection).__name__}")
    place = table["parameters"].to_numpy()
    with style():
        ax = axes_of(ax)
        order = np.argsort(place, kind="stable")
        joined = "-" if len(set(place)) == len(place) else ""
        ax.plot(place[order], table["training"].iloc[order], "o" + joined, color=GREY, markersize=3.6, label="training")
        ax.errorbar(
            place[order],
            table["elpd"].iloc[order],
            yerr=table["dse"].iloc[order],
            fmt="o" + joined,
            color=BLUE,
            markersize=4.5,
            label="elpd, difference ± se",
        )
        best = table.loc[selection.best]
        ax.plot(
            best["parameters"],
            best["elpd"],
            "o",
            color="none",
            markeredgecolor=ORANGE,
            markersize=11,
            label=f"chosen: {write(selection.best)}",
        )
        ax.set(xlabel="parameters", ylabel="log predictive density")
        whole_ticks(ax)
        _leave_out_far(ax, table)
        ax.legend(loc="best")
    return ax


def _leave_out_far(ax, table):
    """End the axis above models that lie far below the others, and name them there."""
    behind = (table["elpd"].max() - table["elpd"]).to_numpy()
    near = behind <= max(_FAR * np.median(behind), _LEAST)
    if near.all():
        return
    shown = table[near]
    low, high = np.min(shown["elpd"] - shown["dse"]), np.max(shown[["elpd", "training"]].to_numpy())
    ax.margins(x=0.12)  # for the names
    ax.set_ylim(low - 0.25 * (high - low), high + 0.1 * (high - low))
    for name, row in table[~near].iterrows():
        ax.annotate(
            f"{write(name)} ↓ {row['elpd']:.4g}".replace("-", "−"),
            (row["parameters"], 0.02),
            xycoords=("data", "axes fraction"),
            ha="center",
            fontsize=8,
            color=BLUE,
        )
