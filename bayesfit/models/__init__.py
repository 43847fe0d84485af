"""Models: the face that ties predictors, likelihoods, priors and populations together."""

from bayesfit.models.base import BaseModel
from bayesfit.models.model import Model

__all__ = ["BaseModel", "Model"]
