"""Which rows the posterior hangs on: Pareto k of the leave-one-out terms."""

import numpy as np
from matplotlib.axes import Axes

from bayesfit.plots.canvas import axes_of, remark, whole_ticks
from bayesfit.plots.elements import write
from bayesfit.plots.style import CYCLE, INK, ORANGE, PALE, style
from bayesfit.plots.terms import terms_of

__all__ = ["khat"]

MOST_NAMED = 10


def khat(posterior_or_comparison, *, ax=None) -> Axes:
    """Plot the Pareto k of each row's leave-one-out term.

    Above the threshold min(1 - 1 / log10 S, 0.7), S the number of draws, a term cannot be trusted: without
    that row the posterior would be another one.

    Parameters
    ----------
    posterior_or_comparison : Posterior, the result of its ``loo()``, or Comparison
        Of a comparison, all models.
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    ModelError
        If it is none of these.

    References
    ----------
    Vehtari, Simpson, Gelman, Yao & Gabry (2024), JMLR 25, 72.
    """
    terms = _members(posterior_or_comparison)
    bound = min(term.good_k for term in terms.values())
    with style():
        ax = axes_of(ax)
        ax.axhline(0, color=PALE, linewidth=0.8)
        label = f"not reliable above {bound:.2f}"
        ax.axhline(bound, color=ORANGE, linewidth=1.0, linestyle=(0, (4, 3)), label=label)
        for i, (name, term) in enumerate(terms.items()):
            colour = CYCLE[i % len(CYCLE)] if len(terms) > 1 else INK
            label = write(name) if len(terms) > 1 else None
            ax.plot(term.rows, term.k, "o", color=colour, markersize=3.6, alpha=0.85, label=label)
        worst = _worst(terms)
        _name(ax, worst)
        ax.set(xlabel="row", ylabel="Pareto k", ylim=(None, max(bound + 0.12, ax.get_ylim()[1])))
        whole_ticks(ax)
        ax.legend(loc="best")
        remark(ax, f"{len(worst)} of {len(next(iter(terms.values())).rows)} rows not reliable")
    return ax


def _members(source) -> dict:
    if hasattr(source, "posteriors"):
        # results that were worked out for the comparison are better than new ones
        members = getattr(source, "loos", None) or source.posteriors
        return {name: terms_of(member) for name, member in members.items()}
    return {"": terms_of(source)}


def _worst(terms) -> dict:
    """Return the largest k by row number, of rows with a k that is too large in any model."""
    worst = {}
    for term in terms.values():
        for row, k in zip(term.rows[term.bad].tolist(), term.k[term.bad], strict=True):
            worst[row] = max(k, worst.get(row, -np.inf))
    return worst


def _name(ax, worst):
    for row, k in sorted(worst.items(), key=lambda item: -item[1])[:MOST_NAMED]:
        if np.isfinite(k):
            ax.plot(row, k, "o", color="none", markeredgecolor=ORANGE, markersize=8)
            ax.annotate(f"{row}", (row, k), (6, 3), textcoords="offset points", fontsize=8)
