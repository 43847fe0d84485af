"""The precision–recall curve of a class, with its posterior."""

from matplotlib.axes import Axes

from bayesfit import metrics
from bayesfit.plots.bands import draw_bands
from bayesfit.plots.canvas import axes_of, remark
from bayesfit.plots.elements import estimate, write
from bayesfit.plots.style import GREY, style

__all__ = ["precision_recall"]


def precision_recall(posterior, data, *, positive=None, prevalence=None, ax=None, seed=0) -> Axes:
    """Plot how many of those taken for a class belong to it, against the share of the class that is found.

    For a rare class this shows what the ROC curve hides: how many false alarms come with every object found.  Bands
    as in `roc`; the average precision comes with its 90 % interval.

    Parameters
    ----------
    posterior : Posterior
        Of a model with classes.
    data : Data
        Rows with known class, best not those that were fitted.
    positive : optional
        The class that is looked for, by default the last of two.
    prevalence : mapping of class to share, optional
        The classes' shares where the classifier will be used, if not those of the rows.
    ax : Axes, optional
    seed : int

    Returns
    -------
    Axes

    Raises
    ------
    ModelError, DataError
        As for `bayesfit.metrics.precision_recall`.
    """
    found = metrics.precision_recall(posterior, data, positive=positive, prevalence=prevalence, seed=seed)
    with style():
        ax = axes_of(ax, (4.2, 4.0))
        share = found.attrs["share"]
        ax.axhline(share, color=GREY, linewidth=0.8, linestyle=(0, (4, 3)), label=f"guessing, {share:.2g}")
        draw_bands(ax, found["recall"].to_numpy(), found["precision"])
        name = write(found.attrs["positive"])
        ax.set(
            xlabel=f"{name} found, recall",
            ylabel=f"{name} among those taken for it, precision",
            xlim=(-0.02, 1.02),
            ylim=(-0.02, 1.02),
            aspect="equal",
        )
        ax.legend(loc="best")
        remark(ax, f"average precision {estimate(found['auc'])}")
    return ax
