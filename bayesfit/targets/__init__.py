"""Log posterior densities: a model on a data set."""

from bayesfit.targets.base import Target
from bayesfit.targets.regression import RegressionTarget

__all__ = ["RegressionTarget", "Target"]
