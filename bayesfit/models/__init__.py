"""Models: the face that ties predictors, likelihoods, priors and populations together."""

from bayesfit.models.base import BaseModel
from bayesfit.models.class_model import ClassModel
from bayesfit.models.mixture_model import MixtureModel
from bayesfit.models.model import Model

__all__ = ["BaseModel", "ClassModel", "MixtureModel", "Model"]
