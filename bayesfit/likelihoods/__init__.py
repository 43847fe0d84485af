"""How measured labels scatter about noise-free ones."""

from bayesfit.likelihoods.base import Likelihood
from bayesfit.likelihoods.bernoulli import Bernoulli
from bayesfit.likelihoods.binomial import Binomial
from bayesfit.likelihoods.categorical import Categorical
from bayesfit.likelihoods.classes import Classes
from bayesfit.likelihoods.counting import Counting
from bayesfit.likelihoods.gaussian import Gaussian
from bayesfit.likelihoods.laplace import Laplace
from bayesfit.likelihoods.location import Location
from bayesfit.likelihoods.outliers import OutlierMixture
from bayesfit.likelihoods.poisson import Poisson
from bayesfit.likelihoods.student_t import StudentT

__all__ = [
    "Bernoulli",
    "Binomial",
    "Categorical",
    "Classes",
    "Counting",
    "Gaussian",
    "Laplace",
    "Likelihood",
    "Location",
    "OutlierMixture",
    "Poisson",
    "StudentT",
]
