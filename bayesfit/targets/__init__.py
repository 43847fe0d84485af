"""Log posterior densities: a model on a data set."""

from bayesfit.targets.base import Target
from bayesfit.targets.classes import ClassTarget
from bayesfit.targets.fingerprints import model_fingerprint
from bayesfit.targets.mixture import MixtureTarget
from bayesfit.targets.propriety import refuse_exact_labels, refuse_improper
from bayesfit.targets.regression import RegressionTarget
from bayesfit.targets.simulation import simulate

__all__ = [
    "ClassTarget",
    "MixtureTarget",
    "RegressionTarget",
    "Target",
    "model_fingerprint",
    "refuse_exact_labels",
    "refuse_improper",
    "simulate",
]
