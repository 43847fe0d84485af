"""The ROC curve of a class, with its posterior."""

from matplotlib.axes import Axes

from bayesfit import metrics
from bayesfit.plots.bands import draw_bands
from bayesfit.plots.canvas import axes_of, remark
from bayesfit.plots.elements import estimate, write
from bayesfit.plots.style import GREY, style

__all__ = ["roc"]


def roc(posterior, data, *, positive=None, ax=None, seed=0) -> Axes:
    """Plot the share of a class that is found against the share of the others that is mistaken for it.

    The bands hold the curve with probability 0.9 and 0.5 at every point; they include that the rows are only so
    many. The area under the curve comes with its 90 % interval.

    Parameters
    ----------
    posterior : Posterior
        Of a model with classes.
    data : Data
        Rows with known class, best not those that were fitted.
    positive : optional
        The class that is looked for, by default the last of two.
    ax : Axes, optional
    seed : int

    Returns
    -------
    Axes

    Raises
    ------
    ModelError, DataError
        As for `bayesfit.metrics.roc`.
    """
    found = metrics.roc(posterior, data, positive=positive, seed=seed)
    with style():
        ax = axes_of(ax, (4.2, 4.0))
        ax.plot([0, 1], [0, 1], color=GREY, linewidth=0.8, linestyle=(0, (4, 3)), label="guessing")
        draw_bands(ax, found["fpr"].to_numpy(), found["tpr"])
        name = write(found.attrs["positive"])
        ax.set(
            xlabel=f"others taken for {name}, false positive rate",
            ylabel=f"{name} found, true positive rate",
            xlim=(-0.02, 1.02),
            ylim=(-0.02, 1.02),
            aspect="equal",
        )
        ax.legend(loc="lower right")
        remark(ax, f"area {estimate(found['auc'])}")
    return ax
