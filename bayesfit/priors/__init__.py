"""What is believed about a parameter before the data are seen."""

from bayesfit.priors.base import JointPrior, Prior
from bayesfit.priors.bounded import Beta, LogUniform, TruncatedNormal, Uniform
from bayesfit.priors.coerce import as_prior
from bayesfit.priors.fixed import Fixed
from bayesfit.priors.from_scipy import FromScipy
from bayesfit.priors.joint import LKJ, Dirichlet, MultivariateNormal, Ordered
from bayesfit.priors.positive import Exponential, Gamma, HalfCauchy, HalfNormal, InverseGamma, LogNormal
from bayesfit.priors.text import parse
from bayesfit.priors.unbounded import Cauchy, Flat, FlatAngle, Normal, StudentT

__all__ = [
    "LKJ",
    "Beta",
    "Cauchy",
    "Dirichlet",
    "Exponential",
    "Fixed",
    "Flat",
    "FlatAngle",
    "FromScipy",
    "Gamma",
    "HalfCauchy",
    "HalfNormal",
    "InverseGamma",
    "JointPrior",
    "LogNormal",
    "LogUniform",
    "MultivariateNormal",
    "Normal",
    "Ordered",
    "Prior",
    "StudentT",
    "TruncatedNormal",
    "Uniform",
    "as_prior",
    "parse",
]
