"""`Posterior.loo` and `Posterior.sensitivity` as they are called."""

import copy
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import arviz_stats as az
import numpy as np
import pytest
import xarray as xr
from scipy.stats import multivariate_normal

from bayesfit import Data, MixtureModel, Model, likelihoods, predictors, priors
from bayesfit.errors import SamplingError
from bayesfit.sampling import Ensemble

X = np.append(np.linspace(0, 5, 15), 14.0)
Y = np.append(1 + 2 * np.linspace(0, 5, 15) + 0.9 * np.cos(9 * np.arange(15)), 52.0)


@pytest.fixture(scope="module")
def posterior():
    model = Model(predictors.Linear(), likelihoods.Gaussian(), priors={"slope": priors.Normal(0, 0.3)})
    return model.fit(Data(X, Y, y_err=2.5), seed=1, progress=False)


@pytest.mark.parametrize("refits", [-1, 1.5, True, "10"])
def test_refits_is_a_count(posterior, refits):
    with pytest.raises(SamplingError, match="refits="):
        posterior.loo(refits=refits)


def test_the_same_seed_gives_the_same_numbers_with_any_executor(posterior, monkeypatch):
    monkeypatch.setattr("bayesfit.loo.estimate.match_moments", lambda *_: {})
    one = posterior.loo(seed=3)
    posterior._loos.clear()
    with ThreadPoolExecutor(2) as executor:
        two = posterior.loo(seed=3, executor=executor)
    assert "refit" in one.remedies.values()
    np.testing.assert_array_equal(one.elpd_i, two.elpd_i)


def test_a_result_is_the_callers_own(posterior):
    first = posterior.loo(refits=0)
    first.elpd_i[:] = 0
    assert abs(posterior.loo(refits=0).elpd_i).min() > 0


def test_a_prior_that_pulls_against_the_data_is_found(posterior):
    table = posterior.sensitivity()
    assert set(table.index) == {"intercept", "slope"}
    assert table.loc["slope", "prior"] > 0.05
    assert table.loc["slope", "likelihood"] > table.loc["intercept", "prior"]


def test_sensitivity_is_that_of_the_joint_likelihood():
    """Labels that nearly repeat each other say as much as one of them, not as all of their terms."""
    cov = 0.01 * np.eye(20) + 1.0
    y = np.random.default_rng(1).multivariate_normal(np.full(20, 3.0), cov)
    model = Model(predictors.Polynomial(0), likelihoods.Gaussian(), priors={"coefficient": priors.Normal(0, 3)})
    posterior = model.fit(Data(np.arange(20.0), y, y_cov=cov), seed=1, progress=False)
    theta = posterior.to_array()
    joint = multivariate_normal(np.zeros(20), cov).logpdf(y - theta)
    tree = xr.DataTree.from_dict(
        {
            "posterior": posterior.tree["posterior"].to_dataset(),
            "log_prior": posterior.tree["log_prior"].to_dataset(),
            "log_likelihood": xr.Dataset({"y": (("chain", "draw"), joint.reshape(4, -1))}),
        }
    )
    expected = az.psense_summary(tree, round_to=6)
    np.testing.assert_allclose(posterior.sensitivity()["likelihood"], expected["likelihood"], atol=1e-4)


def test_sensitivity_of_a_mixture_names_its_components():
    rng = np.random.default_rng(1)
    rows = Data(np.concatenate([rng.normal(0, 1, 30), rng.normal(8, 1, 30)]))
    posterior = MixtureModel(2).fit(rows, sampler=Ensemble(max_steps=200), seed=1, progress=False)
    table = posterior.sensitivity()
    assert {"x_weight[0]", "x_weight[1]", "x_mean[1]", "x_sd[0]"} <= set(table.index)
    assert np.isfinite(table[["prior", "likelihood"]].to_numpy()).all()


def test_sensitivity_of_hardly_any_draws_is_refused():
    few = Model(predictors.Linear(), likelihoods.Gaussian()).fit(
        Data(X, Y, y_err=2.5), sampler=Ensemble(n_ensembles=2, n_walkers=4, max_steps=2), seed=1, progress=False
    )
    with pytest.raises(SamplingError, match="sensitivity: 8 draws are too few; it takes 25"):
        few.sensitivity()


def test_sensitivity_of_draws_that_are_all_the_same_is_refused(posterior):
    alike = copy.copy(posterior)
    alike.tree = posterior.tree.copy(deep=True)
    for variable in alike.tree["log_prior"].data_vars:
        alike.tree["log_prior"][variable][:] = 0.0
    same = SimpleNamespace(
        names=posterior.names,
        log_prob=lambda theta: np.zeros(len(theta)),
        log_prior=lambda theta: np.zeros(len(theta)),
    )
    alike.target = same
    with pytest.raises(SamplingError, match="sensitivity: these draws are too much alike to be weighed"):
        alike.sensitivity()
