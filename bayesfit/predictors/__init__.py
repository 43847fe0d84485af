"""Noise-free labels: y = f(x; θ)."""

from bayesfit.predictors.base import Affine, LinearPredictor, Outputs, Predictor
from bayesfit.predictors.basis import Basis
from bayesfit.predictors.fourier import Fourier
from bayesfit.predictors.function import Function
from bayesfit.predictors.linear import Linear
from bayesfit.predictors.polynomial import Polynomial
from bayesfit.predictors.spline import Spline
from bayesfit.predictors.terms import Terms

__all__ = [
    "Affine",
    "Basis",
    "Fourier",
    "Function",
    "Linear",
    "LinearPredictor",
    "Outputs",
    "Polynomial",
    "Predictor",
    "Spline",
    "Terms",
]
