"""Leave-one-out predictive accuracy: exact closed forms, and the numbers printed in a textbook."""

import numpy as np
import pytest
from scipy import stats

from bayesfit import Data, Model, compare
from bayesfit.likelihoods import Gaussian
from bayesfit.predictors import Linear
from bayesfit.priors import Flat, LogUniform
from bayesfit.sampling import Ensemble


def with_log(table):
    log_iq = np.log(table["mom_iq"])
    return np.column_stack([table["mom_hs"], log_iq, table["mom_hs"] * log_iq])


FEATURES = {
    "loo_1": lambda table: table[["mom_hs"]].to_numpy(float),
    "loo_3": lambda table: table[["mom_hs", "mom_iq"]].to_numpy(float),
    "loo_4": lambda table: np.column_stack([table["mom_hs"], table["mom_iq"], table["mom_hs"] * table["mom_iq"]]),
    "loo_5": with_log,
}


@pytest.fixture(scope="module")
def kidiq(reference):
    """The published answers, and the four fits they are about: flat coefficients, p(σ) ∝ 1/σ."""
    found = reference("loo/kidiq")
    priors = {"intercept": Flat(), "slope": Flat(), "scatter": LogUniform(1e-6, 1e6)}
    model, fits = Model(Linear(), Gaussian(), priors=priors), {}
    for name, features in FEATURES.items():
        data = Data(features(found.table), found.table["kid_score"].to_numpy(float))
        fits[name] = model.fit(data, sampler=Ensemble(target_ess=2000), seed=1, progress=False)
    return found, fits


@pytest.mark.parametrize("name", FEATURES)
def test_the_four_models_of_the_textbook(kidiq, name):
    found, fits = kidiq
    loo, exact = fits[name].loo(), found.target(name)
    assert loo.elpd == pytest.approx(exact["elpd_loo"], abs=0.3)
    assert loo.se == pytest.approx(exact["se"], abs=0.1)
    assert loo.p == pytest.approx(exact["p_loo_analytic"], abs=0.4)


def test_a_clear_difference_and_an_unclear_one(kidiq):
    found, fits = kidiq
    clear, published = (
        compare({n: fits[n] for n in ("loo_1", "loo_3")}),
        found.target("diff_loo_1_minus_loo_3"),
    )
    row = clear.table.loc["loo_1"]
    assert abs(row["elpd_diff"]) == pytest.approx(-published["elpd_diff"], abs=0.5)
    assert row["dse"] == pytest.approx(published["se_diff"], abs=0.3)
    assert "loo_3 predicts better" in clear.verdict
    unclear, published = (
        compare({n: fits[n] for n in ("loo_3", "loo_4")}),
        found.target("diff_loo_3_minus_loo_4"),
    )
    row = unclear.table.loc["loo_3"]
    assert abs(row["elpd_diff"]) == pytest.approx(-published["elpd_diff"], abs=0.5)
    assert row["dse"] == pytest.approx(published["se_diff"], abs=0.3)
    assert "No clear winner" in unclear.verdict


# -- mesquite bushes: the labels are logarithms ------------------------------------------------------------


def log_volume(table):
    return np.log(table[["diam1", "diam2", "canopy_height"]].to_numpy()).sum(axis=1)[:, None]


def log_volume_area_group(table):
    log_area = np.log(table["diam1"] * table["diam2"])
    return np.column_stack([log_volume(table), log_area, table["group"]])


MESQUITE = {"logmesquite_logvolume": log_volume, "logmesquite_logva": log_volume_area_group}


def exact_terms(features, labels):
    """ln p(y_i | y_-i) (N,) under flat coefficients and a flat scatter: Student t with N - P - 2 degrees of freedom.

    Given N - 1 rows, σ² is scaled inverse chi-squared with (N - 1) - P - 1 degrees of freedom, one fewer than under
    p(σ) ∝ 1/σ, so that its scale is the sum of squares over those.
    """
    design, terms = np.column_stack([np.ones(len(labels)), features]), []
    for i in range(len(labels)):
        others, rest = np.delete(design, i, axis=0), np.delete(labels, i)
        coefficients, (squares,), *_ = np.linalg.lstsq(others, rest)
        dof = len(rest) - design.shape[1] - 1
        spread = 1 + design[i] @ np.linalg.solve(others.T @ others, design[i])
        terms.append(stats.t(dof, design[i] @ coefficients, np.sqrt(squares / dof * spread)).logpdf(labels[i]))
    return np.array(terms)


@pytest.fixture(scope="module")
def mesquite(reference):
    priors = {"intercept": Flat(), "slope": Flat(), "scatter": Flat(0, np.inf)}
    model, fits, exact = Model(Linear(), Gaussian(), priors=priors), {}, {}
    for name, features in MESQUITE.items():
        table = reference(f"posteriordb/mesquite__{name}").table
        x, labels = features(table), np.log(table["weight"].to_numpy(float))
        fits[name] = model.fit(Data(x, labels), sampler=Ensemble(target_ess=2000), seed=1, progress=False)
        exact[name] = exact_terms(x, labels)
    return fits, exact


@pytest.mark.parametrize("name", MESQUITE)
def test_mesquite(mesquite, name):
    fits, exact = mesquite
    loo = fits[name].loo()
    assert loo.elpd == pytest.approx(exact[name].sum(), abs=0.3)
    assert loo.se == pytest.approx(np.sqrt(46 * exact[name].var(ddof=1)), abs=0.1)
    np.testing.assert_allclose(loo.elpd_i, exact[name], atol=0.15)


def test_mesquite_compared(mesquite):
    fits, exact = mesquite
    comparison, difference = compare(fits), exact["logmesquite_logva"] - exact["logmesquite_logvolume"]
    row = comparison.table.loc["logmesquite_logvolume"]
    assert abs(row["elpd_diff"]) == pytest.approx(difference.sum(), abs=0.3)
    assert row["dse"] == pytest.approx(np.sqrt(46 * difference.var(ddof=1)), abs=0.3)
    assert comparison.reliable
    # 7.6 is above 4, but below twice 4.6
    assert difference.sum() < 2 * np.sqrt(46 * difference.var(ddof=1))
    assert comparison.verdict.startswith("No clear winner: logmesquite_logva and logmesquite_logvolume predict about")


def test_the_logarithm_and_its_label_are_the_same_fit(mesquite, reference):
    """Told of the weight itself, each term has - ln y_i more."""
    fits, exact = mesquite
    table = reference("posteriordb/mesquite__logmesquite_logvolume").table
    weight = table["weight"].to_numpy(float)
    log = Data(log_volume(table), weight).transform(np.log)
    model = fits["logmesquite_logvolume"].target.model
    fit = model.fit(log, sampler=Ensemble(target_ess=1000), seed=2, progress=False)
    elpd = compare({"one": fit, "other": fit}).table["elpd"].iloc[0]
    assert elpd == pytest.approx(exact["logmesquite_logvolume"].sum() - np.log(weight).sum(), abs=0.3)
