"""How well each row is predicted by the others."""

import numpy as np
from matplotlib.axes import Axes

from bayesfit.plots.canvas import axes_of, remark, whole_ticks
from bayesfit.plots.style import GREY, INK, ORANGE, style
from bayesfit.plots.terms import terms_of

__all__ = ["loo"]

#: rows that are named: the lowest, as long as they lie this far below the median
MOST_NAMED = 5
FAR = 3.0


def loo(posterior, *, ax=None) -> Axes:
    """Plot ln p(y_i | all other rows), the leave-one-out term of each row.

    Rows far below the others are those the model did not expect.  Orange rings mark terms that cannot be
    trusted, their Pareto k being too large.

    Parameters
    ----------
    posterior : Posterior, or the result of its ``loo()``
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    ModelError
        If it is neither.
    """
    terms = terms_of(posterior)
    n = len(terms.elpd)
    with style():
        ax = axes_of(ax)
        _draw(ax, terms)
        ax.set(xlabel="row", ylabel="log predictive density of the row")
        whole_ticks(ax)
        ax.legend(loc="best")
        error = np.sqrt(n) * terms.elpd.std(ddof=1) if n > 1 else np.nan
        remark(ax, f"elpd {terms.elpd.sum():.1f} ± {error:.1f}".replace("-", "−"))
    return ax


def _draw(ax, terms):
    rows, elpd, bad = terms.rows, terms.elpd, terms.bad
    middle = np.median(elpd)
    ax.axhline(middle, color=GREY, linewidth=0.8, label="median")
    ax.vlines(rows, middle, elpd, color=GREY, linewidth=0.6, alpha=0.6, rasterized=len(rows) > 5000)
    ax.plot(rows, elpd, "o", color=INK, markersize=3.6, label="row")
    if bad.any():
        label = f"Pareto k above {terms.good_k:.2f}"
        ax.plot(rows[bad], elpd[bad], "o", color="none", markeredgecolor=ORANGE, markersize=8, label=label)
    for i in np.argsort(elpd)[:MOST_NAMED]:
        if elpd[i] < middle - FAR:
            ax.annotate(f"{rows[i]}", (rows[i], elpd[i]), (6, -2), textcoords="offset points", fontsize=8)
