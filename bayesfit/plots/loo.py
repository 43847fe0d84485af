"""How well each row is predicted by the others."""

import numpy as np
from matplotlib.axes import Axes

from bayesfit.plots.canvas import axes_of, remark
from bayesfit.plots.style import GREY, INK, ORANGE, style
from bayesfit.plots.terms import terms_of

__all__ = ["loo"]

MOST_NAMED = 5


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
    middle = np.median(terms.elpd)
    with style():
        ax = axes_of(ax)
        ax.axhline(middle, color=GREY, linewidth=0.8, label="median")
        ax.vlines(
            terms.rows,
            middle,
            terms.elpd,
            color=GREY,
            linewidth=0.6,
            alpha=0.6,
            rasterized=len(terms.rows) > 5000,
        )
        ax.plot(terms.rows, terms.elpd, "o", color=INK, markersize=3.6, label="row")
        if terms.bad.any():
            bad = terms.bad
            ax.plot(
                terms.rows[bad],
                terms.elpd[bad],
                "o",
                color="none",
                markeredgecolor=ORANGE,
                markersize=8,
                label=f"Pareto k above {terms.good_k:.2f}",
            )
        for i in np.argsort(terms.elpd)[:MOST_NAMED]:
            if terms.elpd[i] < middle - 3:
                ax.annotate(
                    f"{terms.rows[i]}",
                    (terms.rows[i], terms.elpd[i]),
                    (6, -2),
                    textcoords="offset points",
                    fontsize=8,
                )
        ax.set(xlabel="row", ylabel="log predictive density of the row")
        ax.xaxis.get_major_locator().set_params(integer=True)
        ax.legend(loc="best")
        error = np.sqrt(len(terms.elpd)) * terms.elpd.std(ddof=1) if len(terms.elpd) > 1 else np.nan
        remark(ax, f"elpd {terms.elpd.sum():.1f} ± {error:.1f}".replace("-", "−"))
    return ax
