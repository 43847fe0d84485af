"""Classifiers against scikit-learn, closed forms and published or independently computed posteriors."""

import numpy as np
import pytest
from class_fits import check_moments, peak, standardised
from references import check_published
from scipy.optimize import minimize
from scipy.stats import norm
from sklearn.linear_model import LogisticRegression

from bayesfit import Data, Model, ModelError, compare
from bayesfit.likelihoods import Bernoulli, Categorical
from bayesfit.predictors import Linear
from bayesfit.priors import Flat, Normal
from bayesfit.sampling import Ensemble

LOGIT = Bernoulli()


def regression(sd, intercept_sd=None):
    return {"slope": Normal(0, sd), "intercept": Normal(0, sd if intercept_sd is None else intercept_sd)}


def simulated(n=200, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal([5.0, -3.0, 0.0], 1.0, (n, 3))
    y = (rng.uniform(size=n) < norm.cdf(x @ [0.7, -0.5, 0.3] - 5)).astype(int)
    return x, y


@pytest.mark.parametrize("sd", [0.3, 2.0])
def test_the_logit_mode_is_that_of_ridge_logistic_regression(sd):
    x, y = simulated()
    ridge = LogisticRegression(C=sd**2, solver="newton-cholesky", tol=1e-12, max_iter=1000).fit(x, y)
    found = peak(Model(Linear(), LOGIT, priors=regression(sd, 1e6)).target(Data(x, y)))
    np.testing.assert_allclose(found, [*ridge.intercept_, *ridge.coef_[0]], rtol=0, atol=2e-6)


@pytest.mark.parametrize("sd", [0.3, 2.0])
def test_the_probit_mode_is_that_of_a_penalised_likelihood(sd):
    x, y = simulated()
    design, sign = np.column_stack([np.ones(len(x)), x]), 2.0 * y - 1

    def loss(b):
        eta = sign * (design @ b)
        gradient = -design.T @ (sign * np.exp(norm.logpdf(eta) - norm.logcdf(eta))) + b / sd**2
        return -norm.logcdf(eta).sum() + 0.5 * b @ b / sd**2, gradient

    best = minimize(loss, np.zeros(4), jac=True, method="BFGS", options={"gtol": 1e-9, "maxiter": 500}).x
    found = peak(Model(Linear(), Bernoulli("probit"), priors=regression(sd)).target(Data(x, y)))
    np.testing.assert_allclose(found, best, rtol=0, atol=2e-6)


# -- data sets ---------------------------------------------------------------------------------------------


def spector(reference, centred):
    found = reference("classification/spector_mazzeo")
    x = found.table[["gpa", "tuce", "psi"]]
    if centred:
        x = x - x.mean() * [1, 1, 0]
    return found, Data(x.to_numpy(), found.table["grade"].to_numpy(int), names=list(x))


def test_spector_and_mazzeo_by_maximum_likelihood(reference):
    found, data = spector(reference, centred=False)
    target = Model(Linear(), LOGIT, priors={"slope": Normal(0, 1e5), "intercept": Normal(0, 1e6)}).target(data)
    theta = peak(target)
    expected = [value for value, _ in found.values("logit_ml").values()]
    np.testing.assert_allclose(theta, expected, rtol=1e-4)
    assert target.log_likelihood(theta).sum() == pytest.approx(found.target("logit_ml")["loglik"], abs=1e-6)


def test_spector_and_mazzeo_sampled(reference):
    found, data = spector(reference, centred=True)
    posterior = Model(Linear(), LOGIT, priors=regression(5)).fit(data, seed=1, progress=False)
    expected = found.values("posterior_n5")
    names = ("const", "gpa", "tuce", "psi")
    ours = ("intercept", "slope[gpa]", "slope[tuce]", "slope[psi]")
    check_published(posterior, {a: expected[b] for a, b in zip(ours, names, strict=True)})


WELLS = {"loo_vignette_model1": lambda t: t["arsenic"], "loo_vignette_model2": lambda t: np.log(t["arsenic"])}


def wells(reference, identity):
    found = reference("classification/wells_bangladesh")
    x = np.column_stack([found.table["dist100"], WELLS[identity](found.table)])
    return found, Data(x, found.table["switch"].to_numpy(int)), Model(Linear(), LOGIT, priors=regression(1))


@pytest.mark.parametrize("identity", WELLS)
def test_wells(reference, identity):
    found, data, model = wells(reference, identity)
    expected = found.values(identity)
    names = dict(zip(("intercept", "slope[x0]", "slope[x1]"), expected, strict=True))
    check_moments(model.target(data), expected, names)


@pytest.mark.calibration
def test_wells_by_leave_one_out(reference):
    """The published difference of the two models, 16.2 ± 4.4."""
    fits = {}
    for identity in WELLS:
        found, data, model = wells(reference, identity)
        posterior = model.fit(data, sampler=Ensemble(target_ess=2000), seed=1, progress=False)
        fits[identity], exact = posterior, found.target(identity)
        loo = posterior.loo()
        assert loo.elpd == pytest.approx(exact["elpd_loo"], abs=0.3)
        assert loo.se == pytest.approx(exact["se"], abs=0.1)
        assert loo.p == pytest.approx(exact["p_loo"], abs=0.3)
    row = compare(fits).table.loc["loo_vignette_model1"]
    known = found.target("loo_compare")
    assert abs(row["elpd_diff"]) == pytest.approx(known["elpd_diff"], abs=0.3)
    assert row["dse"] == pytest.approx(known["se_diff"], abs=0.1)


def test_breast_cancer(reference):
    found = reference("classification/breast_cancer_errors")
    expected = found.values("logit_ml")
    features = [name for name in expected if name != "const"]
    data = Data(standardised(found.table[features]), found.table["malignant"].to_numpy(int), names=features)
    likely = Model(Linear(), LOGIT, priors=regression(1e5)).target(data)
    theta = peak(likely)
    np.testing.assert_allclose(theta, [expected[name][0] for name in ("const", *features)], rtol=1e-4)
    assert likely.log_likelihood(theta).sum() == pytest.approx(found.target("logit_ml")["loglik"], abs=1e-6)
    names = {"intercept": "const"} | {f"slope[{name}]": name for name in features}
    check_moments(Model(Linear(), LOGIT, priors=regression(2.5)).target(data), found.values("posterior_n25"), names)


def test_pulsars(reference):
    """An unbalanced set: one row in eleven is a pulsar."""
    found = reference("classification/htru2_pulsars_6000")
    expected = found.values("logit_ml")
    features = [name for name in expected if name != "const"]
    held = found.table["test"] == 1
    train, test = found.table[~held], found.table[held]

    def data(rows):
        x = standardised(rows[features], train[features])
        return Data(x, rows["pulsar"].to_numpy(int), names=features)

    likely = Model(Linear(), LOGIT, priors=regression(1e5)).target(data(train))
    theta = peak(likely)
    np.testing.assert_allclose(theta, [expected[name][0] for name in ("const", *features)], rtol=1e-4)
    scores = found.target("logit_ml")["test"]
    terms = likely.on(data(test)).log_likelihood(theta)
    assert -terms.mean() == pytest.approx(scores["logloss"], abs=1e-5)
    probability = likely.predict_mean(theta[None], data(test))[0]
    assert probability.mean() == pytest.approx(scores["mean_p"], abs=1e-5)
    assert np.mean((probability > 0.5) == (test["pulsar"] == 1)) == pytest.approx(scores["accuracy"], abs=1e-9)


@pytest.mark.calibration
def test_the_posterior_of_pulsars(reference):
    """The reference has 32,000 effective draws of nine coefficients."""
    found = reference("classification/htru2_pulsars_6000")
    expected = found.values("posterior_n5")
    features = [name for name in expected if name != "const"]
    train = found.table[found.table["test"] == 0]
    data = Data(standardised(train[features]), train["pulsar"].to_numpy(int), names=features)
    names = {"intercept": "const"} | {f"slope[{name}]": name for name in features}
    check_moments(Model(Linear(), LOGIT, priors=regression(5)).target(data), expected, names)


MEASURES = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"]


def test_softmax_of_penguins(reference):
    found = reference("classification/penguins")
    table = found.table.dropna(subset=MEASURES)
    train, test = table[table["test"] == 0], table[table["test"] == 1]

    def data(rows):
        x = standardised(rows[MEASURES], train[MEASURES])
        return Data(x, rows["species"].to_numpy(object), names=MEASURES)

    target = Model(Linear(), Categorical(), priors=regression(2.5)).target(data(train))
    expected = found.target("softmax_map")
    theta = peak(target)
    for label, coefficients in expected["map_coefficients"].items():
        names = [f"intercept[{label}]", *(f"slope[{label}, {name}]" for name in MEASURES)]
        np.testing.assert_allclose(theta[[target.names.index(n) for n in names]], coefficients, atol=1e-4)
    terms = target.on(data(test)).log_likelihood(theta)
    assert terms.mean() == pytest.approx(expected["test"]["mean_log_score"], abs=1e-5)
    names = {f"intercept[{label}]": f"B_const_{label}" for label in ("Chinstrap", "Gentoo")}
    names |= {f"slope[{k}, {name}]": f"B_{name}_{k}" for k in ("Chinstrap", "Gentoo") for name in MEASURES}
    check_moments(target, found.values("softmax_posterior"), names)


def test_separable_classes_stay_finite(reference):
    """Setosa against the rest: the likelihood rises for ever, the default priors hold the posterior."""
    table = reference("classification/iris").table
    data = Data(table[["petal_length", "petal_width"]].to_numpy(), table["species"].to_numpy(object) == "setosa")
    posterior = Model(Linear(), LOGIT).fit(data, seed=1, progress=False)
    assert posterior.diagnostics.converged, posterior.diagnostics.messages
    assert np.isfinite(posterior.to_array()).all()
    probability = posterior.predict_proba(data)[:, 1]
    assert ((probability > 0.5) == (table["species"] == "setosa")).all()


FLAT = {"slope": Flat(), "intercept": Flat()}


@pytest.mark.parametrize("offset", [0.0, 2000.0, 2460000.5])
@pytest.mark.parametrize("likelihood", [LOGIT, Bernoulli("probit"), Categorical()])
@pytest.mark.parametrize(
    ("codes", "separable"),
    [
        ([0, 0, 0, 1, 1, 1], True),
        ([0, 0, 1, 0, 1, 1], False),
        ([1, 1, 1, 0, 0, 0], True),
        ([0, 1, 1, 1, 1, 0], False),
    ],
)
def test_flat_slopes_are_refused_where_classes_are_separable(likelihood, codes, separable, offset):
    model, data = Model(Linear(), likelihood, priors=FLAT), Data(np.arange(6.0) + offset, codes)
    if separable:
        with pytest.raises(ModelError, match=r"separable by intercept.*proper priors"):
            model.target(data)
    else:
        assert len(model.target(data).names) == 2


def test_one_separable_class_of_three_is_enough_to_refuse(reference):
    table = reference("classification/iris").table
    data = Data(table.iloc[:, :4].to_numpy(float), table["species"].to_numpy(object))
    with pytest.raises(ModelError, match="separable"):
        Model(Linear(), Categorical(), priors=FLAT).target(data)
    mixed = np.random.default_rng(0).permutation(data.labels)
    assert Model(Linear(), Categorical(), priors=FLAT).target(Data(data.x, mixed)).names
    bound = Model(Linear(), Categorical(), priors={"slope": Normal(0, 1), "intercept": Flat()})
    assert bound.target(data).names


def test_flat_slopes_are_refused_where_labels_may_be_wrong():
    data = Data(np.arange(6.0), [0, 0, 1, 0, 1, 1])
    with pytest.raises(ModelError, match="labels may be wrong"):
        Model(Linear(), Bernoulli(label_noise=0.1), priors=FLAT).target(data)
