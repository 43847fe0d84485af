"""Parameters: between the sampler's vector and names, shapes, priors and units."""

from bayesfit.parameters.assignment import Block
from bayesfit.parameters.parameter import Parameter
from bayesfit.parameters.parameters import Parameters

__all__ = ["Block", "Parameter", "Parameters"]
