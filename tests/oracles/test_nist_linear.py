"""NIST certified linear regressions: high polynomials, collinear columns, lines through the origin."""

import numpy as np
import pytest
from references import check_published

from bayesfit import Data, Model
from bayesfit.likelihoods import Gaussian
from bayesfit.predictors import Linear, Polynomial
from bayesfit.priors import Flat, LogUniform
from bayesfit.sampling import Ensemble
from bayesfit.sampling.start import search

DEGREES = {"pontius": 2, "wampler1": 5, "wampler2": 5, "wampler3": 5}
NOISY = ("longley", "noint1", "norris", "pontius", "wampler3")
ALL = (*NOISY, "noint2", "wampler1", "wampler2")


def model_and_data(found):
    """p(σ) ∝ 1/σ over 36 decades and flat coefficients."""
    name = found.facts["name"]
    data = Data(found.table.drop(columns="y").to_numpy(float), found.table["y"].to_numpy(float))
    priors = {"scatter": LogUniform(1e-24, 1e12)}
    if name in DEGREES:
        return Model(Polynomial(DEGREES[name]), Gaussian(), priors=priors | {"coefficient": Flat()}), data
    priors |= {"intercept": 0 if name.startswith("noint") else Flat(), "slope": Flat()}
    return Model(Linear(), Gaussian(), priors=priors), data


@pytest.mark.parametrize("name", ALL)
def test_the_search_begins_at_the_certified_coefficients(name, reference):
    found = reference(f"nist_linear/{name}")
    model, data = model_and_data(found)
    target = model.target(data)
    start = target.complete(target.starts(np.random.default_rng(1), 4), None)[0, :-1]
    certified = [value for value, _ in found.values().values()]
    np.testing.assert_allclose(start, certified, rtol=1e-6)


@pytest.mark.parametrize("name", ALL)
def test_the_maximum_is_at_the_certified_coefficients(name, reference):
    found = reference(f"nist_linear/{name}")
    model, data = model_and_data(found)
    target = model.target(data)
    peak = target.complete(search(target, np.random.default_rng(2)).modes.means, None)[0, :-1]
    value, sd = np.array(list(found.values().values())).T
    # no density tells points apart that lie within 1e-8 standard errors: wampler3's are 2000 times its values
    assert (np.abs(peak - value) < 1e-6 * np.maximum(np.abs(value), sd)).all()


@pytest.mark.parametrize("name", NOISY)
def test_the_posterior_is_the_students_t_of_the_certified_fit(name, reference):
    """With p(σ) ∝ 1/σ the coefficients follow a t: sd = certified sd √(dof / (dof - 2))."""
    found = reference(f"nist_linear/{name}")
    model, data = model_and_data(found)
    posterior = model.fit(data, sampler=Ensemble(target_ess=2000), seed=3, progress=False)
    dof = found.target()["dof"]
    certified = found.values()
    exact = [(value, sd * np.sqrt(dof / (dof - 2))) for value, sd in certified.values()]
    np.testing.assert_allclose(exact, list(found.values("exact_posterior").values()), rtol=1e-9)
    check_published(posterior, dict(zip(posterior.names, exact, strict=False)), sd_tol=0.05)


@pytest.mark.parametrize("name", ["norris", "pontius"])
def test_leave_one_out_agrees_with_the_closed_form(name, reference):
    """The exact leave-one-out density is a Student t; no row of these two is too influential for PSIS."""
    found = reference(f"nist_linear/{name}")
    model, data = model_and_data(found)
    posterior = model.fit(data, sampler=Ensemble(target_ess=4000), seed=4, progress=False)
    loo = posterior.loo()
    exact = found.target("exact_loo")
    assert np.max(loo.pareto_k) < 0.7
    assert loo.elpd == pytest.approx(exact["elpd_loo"], abs=0.3)
    assert loo.se == pytest.approx(exact["se"], rel=0.1)
