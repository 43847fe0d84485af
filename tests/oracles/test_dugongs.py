"""Growth of dugongs, the asymptotic curve of the BUGS examples."""

import numpy as np
from references import check_published

from bayesfit import Data, Model
from bayesfit.likelihoods import Gaussian
from bayesfit.predictors import Function
from bayesfit.priors import LogUniform, Normal, Uniform
from bayesfit.sampling import Ensemble


def growth(age, alpha, beta, rate):
    return alpha - beta * rate**age


def test_growth_of_dugongs(reference):
    """1/σ² ~ Gamma(1e-4, 1e-4) is p(σ) ∝ 1/σ between any bounds that the data do not reach."""
    found = reference("bugs/dugongs")
    data = Data(found.table["age"].to_numpy(float), found.table["length"].to_numpy(float))
    priors = {
        "alpha": Normal(0, 1000),
        "beta": Normal(0, 1000),
        "rate": Uniform(0.5, 1),
        "scatter": LogUniform(1e-4, 1e2),
    }
    model = Model(Function(growth), Gaussian(), priors=priors)
    posterior = model.fit(data, sampler=Ensemble(target_ess=3000), seed=1, progress=False)
    published = found.values("bugs_dugongs")
    ours = {"alpha": "alpha", "beta": "beta", "rate": "lambda", "scatter": "sigma"}
    check_published(posterior, {name: published[theirs] for name, theirs in ours.items()})
    assert np.isfinite(posterior.to_array()).all()
