"""Linear regressions of posteriordb, whose gold-standard draws are themselves checked by quadrature."""

from contextlib import nullcontext

import numpy as np
import pytest
from references import check_published

from bayesfit import BayesfitWarning, Data, Model
from bayesfit.likelihoods import Gaussian
from bayesfit.predictors import Linear
from bayesfit.priors import Flat, HalfCauchy, HalfNormal, Normal
from bayesfit.sampling import Ensemble

FLAT = {"intercept": Flat(), "slope": Flat(), "scatter": Flat(0, np.inf)}
CAUCHY = FLAT | {"scatter": HalfCauchy(2.5)}


def columns(*names):
    return lambda table: table[list(names)].to_numpy(float)


def products(table):
    return np.column_stack([table["mom_hs"], table["mom_iq"], table["mom_hs"] * table["mom_iq"]])


def log_volume(table):
    return np.log(table["diam1"] * table["diam2"] * table["canopy_height"]).to_numpy()


def log_volume_area_group(table):
    return np.column_stack([log_volume(table), np.log(table["diam1"] * table["diam2"]), table["group"]])


def election(table):
    ages = [(table["age_discrete"] == age).to_numpy(float) for age in (2, 3, 4)]
    before, after = table[["real_ideo", "race_adj"]], table[["educ1", "gender", "income"]]
    return np.column_stack([before, *ages, after])


def label(name):
    return lambda table: table[name].to_numpy(float)


def log_label(name):
    return lambda table: np.log(table[name].to_numpy(float))


#: data set -> features, label, priors
REGRESSIONS = {
    "earnings__earn_height": (columns("height"), label("earn"), FLAT),
    "earnings__logearn_height": (columns("height"), log_label("earn"), FLAT),
    "kidiq__kidscore_momhs": (columns("mom_hs"), label("kid_score"), CAUCHY),
    "kidiq__kidscore_momiq": (columns("mom_iq"), label("kid_score"), CAUCHY),
    "kidiq__kidscore_momhsiq": (columns("mom_hs", "mom_iq"), label("kid_score"), CAUCHY),
    "kidiq__kidscore_interaction": (products, label("kid_score"), CAUCHY),
    "mesquite__logmesquite_logvolume": (log_volume, log_label("weight"), FLAT),
    "mesquite__logmesquite_logva": (log_volume_area_group, log_label("weight"), FLAT),
    "nes1972__nes": (election, label("partyid7"), FLAT),
}

#: heights and incomes are rounded: half of the rows repeat another, which is worth a warning
REPEATED = {"earnings__logearn_height"}


def agree(found, data, priors, linear=None):
    """Fit, and hold intercept, slopes and scatter, in that order, to the reference draws."""
    model = Model(linear or Linear(), Gaussian(), priors=priors)
    posterior = model.fit(data, sampler=Ensemble(target_ess=1500), seed=1, progress=False)
    published = found.values("reference_posterior")
    check_published(posterior, dict(zip(posterior.names, published.values(), strict=True)))


@pytest.mark.parametrize("name", REGRESSIONS)
def test_regressions(name, reference):
    found = reference(f"posteriordb/{name}")
    features, labels, priors = REGRESSIONS[name]
    with pytest.warns(BayesfitWarning, match="exact duplicates") if name in REPEATED else nullcontext():
        agree(found, Data(features(found.table), labels(found.table)), priors)


def test_an_interaction_is_a_product_of_features(reference):
    """The same regression as a product column above, asked for by name."""
    found = reference("posteriordb/kidiq__kidscore_interaction")
    data = Data(found.table[["mom_hs", "mom_iq"]].to_numpy(float), label("kid_score")(found.table))
    agree(found, data, CAUCHY, Linear(interaction=True))


def test_a_trend_over_four_thousand_years(reference):
    found = reference("posteriordb/kilpisjarvi_mod__kilpisjarvi")
    given = found.facts["constants"]
    priors = {
        "intercept": Normal(given["pmualpha"], given["psalpha"]),
        "slope": Normal(given["pmubeta"], given["psbeta"]),
        "scatter": Flat(0, np.inf),
    }
    agree(found, Data(found.table["x"].to_numpy(float), found.table["y"].to_numpy()), priors)


def test_a_regression_without_intercept(reference):
    found = reference("posteriordb/sblri__blr")
    x = found.table[[f"X{k}" for k in range(1, 6)]].to_numpy()
    priors = {"intercept": 0, "slope": Normal(0, 10), "scatter": HalfNormal(10)}
    agree(found, Data(x, found.table["y"].to_numpy()), priors)


def test_an_autoregression_is_a_regression_on_lagged_labels(reference):
    found = reference("posteriordb/arK__arK")
    y = found.table["y"].to_numpy()
    lags = np.column_stack([y[5 - k : -k] for k in range(1, 6)])
    priors = {"intercept": Normal(0, 10), "slope": Normal(0, 10), "scatter": HalfCauchy(2.5)}
    agree(found, Data(lags, y[5:]), priors)
