"""Noise-free labels: y = f(x; θ)."""

from bayesfit.predictors.base import Affine, LinearPredictor, Outputs, Predictor
from bayesfit.predictors.function import Function
from bayesfit.predictors.linear import Linear
from bayesfit.predictors.polynomial import Polynomial

__all__ = ["Affine", "Function", "Linear", "LinearPredictor", "Outputs", "Polynomial", "Predictor"]
