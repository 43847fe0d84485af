"""Where the true values of noisy and missing features come from."""

from bayesfit.populations.base import Component, Conditional, Features, Population
from bayesfit.populations.flat import Flat
from bayesfit.populations.mixture import NormalMixture
from bayesfit.populations.normal import Normal

__all__ = ["Component", "Conditional", "Features", "Flat", "Normal", "NormalMixture", "Population"]
