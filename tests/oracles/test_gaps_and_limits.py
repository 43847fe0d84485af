"""Labels below a limit, and a feature that is missing in some rows."""

import numpy as np
import pytest
from references import check_published, coefficients
from scipy.optimize import minimize

from bayesfit import Data, Model
from bayesfit.likelihoods import Gaussian
from bayesfit.predictors import Linear
from bayesfit.priors import Flat, HalfNormal, LogUniform, Normal
from bayesfit.sampling import Ensemble

ENOUGH = Ensemble(target_ess=3000)


def households(found):
    table = found.table
    limits = np.where(table["detected"] == 1, "", "upper")
    return Data(table[["age", "quant"]].to_numpy(float), table["durable"], limits=limits, names=["age", "quant"])


def test_the_maximum_of_tobins_model(reference):
    found = reference("censored/tobin1958")
    priors = {"intercept": Flat(), "slope": Flat(), "scatter": Flat(0, np.inf)}
    target = Model(Linear(), Gaussian(), priors=priors).target(households(found))
    names = ("intercept", "slope[age]", "slope[quant]", "scatter")
    assert target.names == names
    # conditioned by the published scales, from a point that is plainly not the answer
    scale = np.array([16.0, 0.2, 0.06, 3.0])
    start = np.array([0.0, 0.0, 0.0, 10.0]) / scale
    options = {"xatol": 1e-9, "fatol": 1e-12, "maxiter": 20_000, "maxfev": 20_000}
    peak = minimize(lambda p: -target.log_prob(p * scale), start, method="Nelder-Mead", options=options)
    published = found.values("survreg_ml")
    for name, value in zip(("b0", "b1", "b2", "sigma"), peak.x * scale, strict=True):
        assert value == pytest.approx(published[name][0], rel=1e-4), name
    assert -peak.fun == pytest.approx(found.target("survreg_ml")["loglik"], abs=1e-5)


def test_the_posterior_of_tobins_model(reference):
    found = reference("censored/tobin1958")
    priors = {"intercept": Normal(0, 50), "slope": {"age": Normal(0, 1), "quant": Normal(0, 0.3)}}
    model = Model(Linear(), Gaussian(), priors=priors | {"scatter": HalfNormal(10)})
    posterior = model.fit(households(found), sampler=ENOUGH, seed=1, progress=False)
    ours = ("intercept", "slope[age]", "slope[quant]", "scatter")
    check_published(posterior, coefficients(("b0", "b1", "b2", "sigma"), found.values("posterior"), ours))


def test_air_quality_on_complete_rows(reference):
    """p(σ) ∝ 1/σ: a Student t of 107 degrees of freedom about least squares."""
    found = reference("missing/airquality")
    table = found.table.dropna()
    priors = {"intercept": Flat(), "slope": Flat(), "scatter": LogUniform(1e-3, 1e6)}
    data = Data(table[["solar", "wind", "temp"]], table["ozone"])
    posterior = Model(Linear(), Gaussian(), priors=priors).fit(data, sampler=ENOUGH, seed=2, progress=False)
    published = {
        name: (value, sd * np.sqrt(107 / 105)) for name, (value, sd) in found.values("complete_case_ols").items()
    }
    ours = ("intercept", "slope[solar]", "slope[wind]", "slope[temp]")
    check_published(posterior, coefficients(("const", "solar", "wind", "temp"), published, ours))


def test_air_quality_with_missing_sunshine(reference):
    found = reference("missing/airquality")
    table = found.table.dropna(subset=["ozone"])
    centre, unit = np.array([185, 10, 78]), np.array([90, 3.5, 9.5])
    x = (table[["solar", "wind", "temp"]].to_numpy(float) - centre) / unit
    assert np.isnan(x).sum() == 5
    priors = {
        "intercept": Normal(0, 100),
        "slope": Normal(0, 50),
        "scatter": HalfNormal(50),
        "x_mean": Normal(0, 5),
        "x_slope": Normal(0, 5),
        "x_sd": HalfNormal(5),
    }
    data = Data(x, table["ozone"].to_numpy(), names=["solar", "wind", "temp"])
    posterior = Model(Linear(), Gaussian(), priors=priors).fit(data, sampler=ENOUGH, seed=3, progress=False)
    ours = ("intercept", "slope[solar]", "slope[wind]", "slope[temp]", "scatter", "x_sd[solar]")
    theirs = ("b1", "b2", "b3", "b4", "sigma", "tau")
    check_published(posterior, coefficients(theirs, found.values("missing_solar_integrated"), ours))
