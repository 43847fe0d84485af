"""One small result file, and copies of it to spoil."""

import shutil

import numpy as np
import pytest

from bayesfit import Data, Model, likelihoods, predictors, sampling


@pytest.fixture(scope="session")
def honest_file(tmp_path_factory):
    x = np.linspace(0.0, 4.0, 12)
    data = Data(x, 1 + 2 * x + 0.3 * np.sin(40 * x), y_err=0.3, columns={"who": list("abcdefghijkl")})
    model = Model(predictors.Polynomial(1), likelihoods.Gaussian())
    posterior = model.fit(data, sampler=sampling.Ensemble(n_walkers=16, steps=40), seed=1, progress=False)
    return posterior.save(tmp_path_factory.mktemp("honest") / "fit.nc")


@pytest.fixture
def result_file(honest_file, tmp_path):
    return shutil.copy(honest_file, tmp_path / "fit.nc")
