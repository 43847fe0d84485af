"""How measured labels scatter about noise-free ones."""

from bayesfit.likelihoods.base import Likelihood
from bayesfit.likelihoods.gaussian import Gaussian

__all__ = ["Gaussian", "Likelihood"]
