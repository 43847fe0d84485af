"""How measured labels scatter about noise-free ones."""

from bayesfit.likelihoods.base import Likelihood
from bayesfit.likelihoods.gaussian import Gaussian
from bayesfit.likelihoods.laplace import Laplace
from bayesfit.likelihoods.location import Location
from bayesfit.likelihoods.outliers import OutlierMixture
from bayesfit.likelihoods.student_t import StudentT

__all__ = ["Gaussian", "Laplace", "Likelihood", "Location", "OutlierMixture", "StudentT"]
