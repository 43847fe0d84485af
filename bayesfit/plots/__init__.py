"""Plots of data, posteriors and comparisons.

Each takes a posterior (or a comparison) and ``ax`` or ``fig``, draws there or in a new figure, and returns
the matplotlib Axes or Figure.  None of them calls ``show()``, and none changes the settings of matplotlib.
"""

from bayesfit.plots.autocorrelation import autocorrelation
from bayesfit.plots.calibration import calibration
from bayesfit.plots.comparison import comparison
from bayesfit.plots.corner import corner
from bayesfit.plots.decision_boundary import decision_boundary
from bayesfit.plots.files import png
from bayesfit.plots.khat import khat
from bayesfit.plots.loo import loo
from bayesfit.plots.precision_recall import precision_recall
from bayesfit.plots.predictive import predictive
from bayesfit.plots.predictive_check import predictive_check
from bayesfit.plots.prior_posterior import prior_posterior
from bayesfit.plots.residuals import residuals
from bayesfit.plots.roc import roc
from bayesfit.plots.selection import selection
from bayesfit.plots.style import style
from bayesfit.plots.trace import trace

__all__ = [
    "autocorrelation",
    "calibration",
    "comparison",
    "corner",
    "decision_boundary",
    "khat",
    "loo",
    "png",
    "precision_recall",
    "predictive",
    "predictive_check",
    "prior_posterior",
    "residuals",
    "roc",
    "selection",
    "style",
    "trace",
]
