"""Leave-one-out predictive accuracy: exact closed forms, and the numbers printed in a textbook."""

import numpy as np
import pytest

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
