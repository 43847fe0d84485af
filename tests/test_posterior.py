"""A posterior: draws against the closed form, views, predictions, and what ArviZ and corner make of it."""

import arviz as az
import corner
import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from astropy import units

from bayesfit import Data, Model, Posterior, likelihoods, predictors, priors, sampling
from bayesfit.errors import DataError, ModelError, SamplingError

mpl.use("Agg")

RNG = np.random.default_rng(7)  # no row weighs so much that PSIS fails
X = np.column_stack([np.linspace(5, 7, 24), RNG.normal(4, 0.5, 24)])
Y_ERR = RNG.uniform(0.2, 0.5, 24)
Y = 1 + X @ [0.5, -1.0] + Y_ERR * RNG.normal(size=24)
PRIORS = {"intercept": priors.Normal(0, 3), "slope": priors.Normal(0, 2)}
QUICK = sampling.Ensemble(steps=150, burn_in=80)


@pytest.fixture(scope="module")
def posterior():
    data = Data(X, Y, y_err=Y_ERR, names=("Teff", "logg"), label="age")
    model = Model(predictors.Linear(), likelihoods.Gaussian(), priors=PRIORS)
    return model.fit(data, sampler=QUICK, seed=1, progress=False)


@pytest.fixture(scope="module")
def exact():
    """Mean and covariance of the conjugate posterior of intercept and slopes."""
    design = np.column_stack([np.ones(24), X]) / Y_ERR[:, None]
    covariance = np.linalg.inv(design.T @ design + np.diag(1 / np.square([3.0, 2.0, 2.0])))
    return covariance @ design.T @ (Y / Y_ERR), covariance


NAMES = ("intercept", "slope[Teff]", "slope[logg]")


def standard_error(posterior, exact):
    ess = [min(posterior.diagnostics.ess[name], len(posterior.to_array())) for name in NAMES]
    return np.sqrt(np.diag(exact[1]) / ess)


# -- draws ------------------------------------------------------------------------------------------------


def test_draws_are_those_of_the_closed_form(posterior, exact):
    draws, (mean, covariance) = posterior.to_array(), exact
    assert posterior.names == NAMES
    error = standard_error(posterior, exact)
    assert (np.abs(draws.mean(axis=0) - mean) < 4 * error).all()
    whitened = np.linalg.solve(np.linalg.cholesky(covariance), (draws - mean).T)
    np.testing.assert_allclose(np.cov(whitened), np.eye(3), atol=0.12)


def test_whoever_changes_the_draws_changes_a_copy(posterior):
    before, array, one = posterior.to_array(), posterior.to_array(), posterior["slope[Teff]"]
    array[:], one[:] = 0, 0
    np.testing.assert_array_equal(posterior.to_array(), before)
    np.testing.assert_array_equal(posterior["slope[Teff]"].to_numpy().ravel(), before[:, 1])


def test_raw_chains_and_thinned_draws(posterior):
    assert posterior.chains.shape == (4, 150, 64, 3)
    group = posterior.tree["posterior"]
    assert group.sizes["chain"] == 4
    assert 200 <= group.sizes["draw"] <= 1000
    kept = {tuple(row) for row in posterior.to_array()}
    assert kept <= {tuple(row) for row in posterior.chains.reshape(-1, 3)}


def test_getitem_gives_parameters_and_elements(posterior):
    slope = posterior["slope"]
    assert slope.dims == ("chain", "draw", "feature")
    assert list(slope.feature.to_numpy()) == ["Teff", "logg"]
    np.testing.assert_array_equal(posterior["slope[logg]"], slope.sel(feature="logg"))
    np.testing.assert_array_equal(posterior["intercept"].to_numpy().ravel(), posterior.to_array()[:, 0])
    with pytest.raises(KeyError, match=r"slop.*there are intercept, slope"):
        posterior["slop"]


def test_to_array_chooses_and_orders_columns(posterior):
    both = posterior.to_array(["slope[logg]", "intercept"])
    np.testing.assert_array_equal(both, posterior.to_array()[:, [2, 0]])
    np.testing.assert_array_equal(posterior.to_array("intercept"), both[:, 1:])
    with pytest.raises(ModelError, match="slope\\[x\\]"):
        posterior.to_array(["slope[x]"])


def test_to_dataframe_has_a_row_for_each_draw(posterior):
    frame = posterior.to_dataframe()
    assert list(frame.columns) == ["chain", "draw", *NAMES]
    np.testing.assert_array_equal(frame[list(NAMES)], posterior.to_array())
    third = frame[frame.chain == 2]
    np.testing.assert_array_equal(third["intercept"], posterior["intercept"].sel(chain=2))


def test_summary_is_about_the_draws(posterior, exact):
    table = posterior.summary(ci_prob=0.8)
    draws = posterior.to_array()
    assert list(table.index) == list(NAMES)
    np.testing.assert_allclose(table["mean"], draws.mean(axis=0))
    np.testing.assert_allclose(table["sd"], draws.std(axis=0, ddof=1))
    np.testing.assert_allclose(table["eti80_lb"], np.quantile(draws, 0.1, axis=0))
    np.testing.assert_allclose(table["eti80_ub"], np.quantile(draws, 0.9, axis=0))
    assert (np.abs(table["mean"] - exact[0]) < 5 * table["mcse_mean"]).all()
    assert (table["r_hat"] < 1.1).all()
    for wrong in (0, 1, 90, -0.5):
        with pytest.raises(ModelError, match="ci_prob"):
            posterior.summary(ci_prob=wrong)


def test_it_prints_model_data_numbers_and_verdict(posterior):
    text = repr(posterior)
    for part in ("Model(Linear(), Gaussian()", "Data(24 rows: Teff, logg -> age, y_err)", *NAMES):
        assert part in text
    assert str(posterior.diagnostics) in text


def test_provenance_says_how_it_was_made(posterior):
    record = posterior.provenance
    assert record["seed"] == "1"
    assert (record["steps"], record["walkers"], record["burn_in"]) == (150, 64, 80)
    assert record["versions"]["numpy"] == np.__version__


# -- the tree ---------------------------------------------------------------------------------------------


def test_the_tree_holds_the_densities_of_its_draws(posterior):
    tree, draws, target = posterior.tree, posterior.to_array(), posterior.target
    shape = (4, -1)
    np.testing.assert_allclose(tree["log_prior"]["total"], target.log_prior(draws).reshape(shape))
    np.testing.assert_allclose(tree["sample_stats"]["lp"], target.log_prob(draws).reshape(shape))
    residual = (Y - draws[:, :1] - draws[:, 1:] @ X.T) / Y_ERR
    pointwise = -0.5 * residual**2 - np.log(Y_ERR) - 0.5 * np.log(2 * np.pi)
    np.testing.assert_allclose(tree["log_likelihood"]["y"], pointwise.reshape(4, -1, 24))
    np.testing.assert_array_equal(tree["observed_data"]["y"], Y)
    np.testing.assert_array_equal(tree["constant_data"]["x"], X)


def test_predictive_draws_say_which_draws_they_are_of(posterior):
    """Labels less the planes of the same draws are noise alone; of other draws they would be more."""
    drawn = posterior.tree["posterior_predictive"]["y"]
    chosen = posterior.tree["posterior"].to_dataset().sel(draw=drawn["draw"])
    eta = chosen["intercept"] + (chosen["slope"] * xr.DataArray(X, dims=("row", "feature"))).sum("feature")
    noise = ((drawn - eta.assign_coords(row=drawn["row"])) / Y_ERR).to_numpy()
    assert drawn.sizes["draw"] == 250 < posterior.tree["posterior"].sizes["draw"]
    np.testing.assert_allclose(noise.std(axis=(0, 1)), 1, atol=0.1)


def test_the_predictive_draws_have_the_predictive_spread(posterior, exact):
    draws = posterior.tree["posterior_predictive"]["y"].to_numpy().reshape(-1, 24)
    design = np.column_stack([np.ones(24), X])
    sd = np.sqrt(np.einsum("ij,jk,ik->i", design, exact[1], design) + Y_ERR**2)
    score = (draws - design @ exact[0]) / sd
    assert np.abs(score.mean(axis=0)).max() < 0.15
    np.testing.assert_allclose(score.std(axis=0), 1, atol=0.12)


# -- prediction -------------------------------------------------------------------------------------------

NEW = np.array([[6.0, 4.0], [5.5, 3.9], [20.0, 4.0]])


def test_mean_predictions_are_the_plane_of_each_draw(posterior, exact):
    prediction = posterior.predict(NEW)
    draws = posterior.to_array()
    expected = draws[:, :1] + draws[:, 1:] @ NEW.T
    assert prediction.draws.dims == ("chain", "draw", "row")
    np.testing.assert_allclose(prediction.draws.to_numpy().reshape(-1, 3), expected)
    np.testing.assert_allclose(prediction.mean, expected.mean(axis=0))
    np.testing.assert_allclose(prediction.sd, expected.std(axis=0))
    np.testing.assert_allclose(prediction.interval(0.5), np.quantile(expected, [0.25, 0.75], axis=0).T)
    np.testing.assert_array_equal(prediction.extrapolated, [False, False, True])
    assert "1 of them extrapolated" in repr(prediction)


def test_observed_predictions_add_the_noise_of_the_new_rows(posterior):
    new = Data(NEW[:2], y_err=[0.5, 5.0], names=("Teff", "logg"))
    mean, observed = posterior.predict(new), posterior.predict(new, kind="observed", seed=3)
    noise = (observed.draws - mean.draws).to_numpy().reshape(-1, 2) / [0.5, 5.0]
    assert np.abs(noise.mean(axis=0)).max() < 5 / np.sqrt(len(noise))
    np.testing.assert_allclose(noise.std(axis=0), 1, atol=5 / np.sqrt(2 * len(noise)))
    again = posterior.predict(new, kind="observed", seed=3)
    np.testing.assert_array_equal(observed.draws, again.draws)


@pytest.mark.parametrize("new", [NEW, pd.DataFrame(NEW, columns=["Teff", "logg"]), Data(NEW), NEW.tolist()])
def test_new_rows_come_as_arrays_tables_or_data(posterior, new):
    np.testing.assert_allclose(posterior.predict(new).mean, posterior.predict(NEW).mean)


def test_columns_of_a_table_are_found_by_name(posterior):
    table = pd.DataFrame({"logg": NEW[:, 1], "other": 0.0, "Teff": NEW[:, 0]})
    np.testing.assert_allclose(posterior.predict(table).mean, posterior.predict(NEW).mean)


def test_errors_of_a_table_of_new_rows_are_numbers_or_names():
    line = Model(predictors.Linear(), likelihoods.Gaussian(scatter=True))
    fitted = line.fit(Data(X, Y, x_err=0.2, names=("Teff", "logg")), sampler=QUICK, seed=3, progress=False)
    expected = fitted.predict(Data(NEW, x_err=np.tile([0.5, 0.3], (3, 1)), names=("Teff", "logg"))).mean
    table = pd.DataFrame(NEW, columns=["Teff", "logg"]).assign(eT=0.5, eg=0.3)
    for x_err in (np.tile([0.5, 0.3], (3, 1)), ["eT", "eg"], {"Teff": "eT", "logg": "eg"}, {"Teff": 0.5, "logg": 0.3}):
        np.testing.assert_allclose(fitted.predict(table, x_err=x_err).mean, expected)


def test_exposures_of_new_rows_come_with_their_table():
    x, hours = np.linspace(-1, 1, 20), np.linspace(1, 8, 20)
    model = Model(predictors.Linear(), likelihoods.Poisson("log", exposure="hours"))
    data = Data(x, RNG.poisson(hours * np.exp(0.5 + x)), columns={"hours": hours})
    counts = model.fit(data, sampler=QUICK, seed=1, progress=False)
    found = counts.predict({"x": [0.0, 0.0], "hours": [1.0, 3.0], "other": ["a", "b"]}).mean
    assert found[1] == pytest.approx(3 * found[0])
    with pytest.raises(DataError, match="exposure: the data have no column 'hours'"):
        counts.predict({"x": [0.0, 0.0]})


@pytest.mark.parametrize(
    ("new", "message"),
    [
        (np.ones((4, 3)), r"expected 2 feature\(s\) \(Teff, logg\), got 3"),
        (np.ones(4), r"expected 2 feature\(s\) \(Teff, logg\), got 1"),
        (pd.DataFrame({"Teff": [1.0], "colour": [2.0]}), "logg"),
        (Data(NEW, names=("Teff", "colour")), "expected the features Teff, logg, got Teff, colour"),
        (Data(NEW, names=("logg", "Teff")), "order logg, Teff, expected Teff, logg"),
        ([[1.0, np.nan], [1.0, 2.0]], "logg"),
    ],
)
def test_wrong_features_are_refused(posterior, new, message):
    with pytest.raises(DataError, match=message):
        posterior.predict(new)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"kind": "median"}, "kind='median' should be 'mean' or 'observed'"),
        ({"kind": "observed"}, "label errors of the new rows"),
        ({"x_err": 0.1}, "Teff"),
    ],
)
def test_wrong_arguments_of_predict_are_refused(posterior, arguments, message):
    with pytest.raises(ValueError, match=message):
        posterior.predict(NEW, **arguments)


@pytest.mark.parametrize("seed", [-1, 1.5, "one", True])
def test_a_seed_is_a_whole_number(posterior, seed):
    with pytest.raises(SamplingError, match="seed="):
        posterior.predict(NEW, seed=seed)


def test_units_of_new_rows_are_those_of_the_fit():
    line = Model(predictors.Linear(), likelihoods.Gaussian())
    data = Data(X[:, 0], Y, y_err=3 * Y_ERR, units={"x": "km"})
    posterior = line.fit(data, sampler=QUICK, seed=3, progress=False)
    in_km = posterior.predict([6.0, 7.0]).mean
    np.testing.assert_array_equal(posterior.predict([6.0, 7.0] * units.km).mean, in_km)
    with pytest.raises(DataError, match="x comes in m, but was fitted in km"):
        posterior.predict([6.0, 7.0] * units.m)


def test_units_of_errors_and_columns_are_those_of_the_fit():
    columns = {"hours": np.linspace(1, 8, 24) * units.h}
    line = Model(predictors.Linear(), likelihoods.Gaussian())
    data = Data(X[:, 0], Y * units.Jy, y_err=3 * Y_ERR * units.Jy, columns=columns)
    fitted = line.fit(data, sampler=QUICK, seed=3, progress=False)
    assert fitted.predict(Data([6.0], y_err=[5.0] * units.Jy), kind="observed", seed=1).sd > 4
    with pytest.raises(DataError, match="y comes in mJy, but was fitted in Jy"):
        fitted.predict(Data([6.0], y_err=[5.0] * units.mJy), kind="observed")
    counts = Model(predictors.Linear(), likelihoods.Poisson("log", exposure="hours"))
    fitted = counts.fit(Data(X[:, 0], np.arange(24), columns=columns), sampler=QUICK, seed=3, progress=False)
    with pytest.raises(DataError, match="hours comes in s, but was fitted in h"):
        fitted.predict(Data([6.0], columns={"hours": [5.0] * units.s}))


@pytest.mark.parametrize(
    ("law", "new", "message"),
    [
        (likelihoods.StudentT(), {"y_err": [[0.1, 3.0]]}, "asymmetric"),
        (likelihoods.Laplace(), {"y": [1.0], "y_cov": [[9.0]]}, "y_cov"),
        (likelihoods.Gaussian(scatter=True), {"y_err": [-1.0]}, "errors above zero are needed in row 0"),
        (likelihoods.Gaussian(scatter=True), {"y_err": [np.nan]}, "errors above zero are needed in row 0"),
        (likelihoods.Gaussian(scatter=True, truncation=(-9, None)), {"y_err": [[0.1, 3.0]]}, "one error a row"),
        (likelihoods.Poisson("log"), {"y_err": [0.5]}, "takes none"),
    ],
)
def test_errors_that_no_fit_would_take_are_refused_in_new_rows_too(law, new, message):
    labels = {} if isinstance(law, likelihoods.Poisson) else {"y_err": Y_ERR}
    fitted = Model(predictors.Linear(), law).fit(
        Data(X[:, 0], np.round(np.abs(Y)) if not labels else Y, **labels), sampler=QUICK, seed=3, progress=False
    )
    with pytest.raises(ValueError, match=message):
        fitted.predict(Data([6.0], **new), kind="observed")


def test_rows_without_labels_are_no_part_of_the_range():
    data = Data(np.r_[X[:, 0], 1000.0], np.r_[Y, np.nan], y_err=0.3)
    fitted = Model(predictors.Linear(), likelihoods.Gaussian()).fit(data, sampler=QUICK, seed=3, progress=False)
    np.testing.assert_array_equal(fitted.predict([6.0, 500.0]).extrapolated, [False, True])


def test_masked_values_of_new_rows_are_gaps(posterior):
    with pytest.raises(DataError, match="Teff noisy or missing"):
        posterior.predict(np.ma.array(NEW, mask=[[True, False], [False, False], [False, False]]))


@pytest.mark.parametrize("prob", [0, 1, 90, "a", [0.5, 0.9]])
def test_intervals_hold_a_probability(posterior, prob):
    with pytest.raises(ModelError, match="prob"):
        posterior.predict(NEW).interval(prob)


# -- other tools take the tree as it is -------------------------------------------------------------------


def test_arviz_summary_agrees(posterior):
    table = az.summary(posterior.tree, round_to="none")
    assert list(table.index) == list(NAMES)
    np.testing.assert_allclose(table["mean"], posterior.summary()["mean"])


def test_arviz_loo_agrees_with_the_exact_leave_one_out(posterior, exact):
    """For a Gaussian linear model the exact term follows from the leverage of each row."""
    elpd = 0.0
    for i in range(24):
        rest = np.delete(np.arange(24), i)
        design = np.column_stack([np.ones(23), X[rest]]) / Y_ERR[rest, None]
        covariance = np.linalg.inv(design.T @ design + np.diag(1 / np.square([3.0, 2.0, 2.0])))
        mean = covariance @ design.T @ (Y[rest] / Y_ERR[rest])
        row = np.array([1, *X[i]])
        variance = row @ covariance @ row + Y_ERR[i] ** 2
        elpd += -0.5 * (Y[i] - row @ mean) ** 2 / variance - 0.5 * np.log(2 * np.pi * variance)
    assert az.loo(posterior.tree).elpd == pytest.approx(elpd, abs=0.3)
    assert posterior.loo().elpd == pytest.approx(az.loo(posterior.tree).elpd, rel=1e-12)
    assert posterior.loo().elpd_i.shape == (24,)


def test_arviz_compares_and_plots_it(posterior):
    table = az.compare({"a": posterior.tree, "b": posterior.tree})
    assert (table["elpd_diff"] == 0).all()
    try:
        az.plot_trace_dist(posterior.tree)
        az.plot_ppc_dist(posterior.tree, num_samples=20)
    finally:
        plt.close("all")


def test_corner_plots_it(posterior):
    try:
        figure = corner.corner(posterior.tree["posterior"].to_dataset())
        assert len(figure.axes) == 9
    finally:
        plt.close("all")


# -- fixed and partly fixed parameters --------------------------------------------------------------------


def test_partly_fixed_parameters_leave_only_their_free_elements():
    model = Model(predictors.Linear(), likelihoods.Gaussian(), priors={"slope[x0]": 0.5, "intercept": 1.0})
    posterior = model.fit(Data(X, Y, y_err=Y_ERR), sampler=QUICK, seed=2, progress=False)
    assert isinstance(posterior, Posterior)
    assert posterior.names == ("slope[x1]",)
    assert set(posterior.tree["posterior"].data_vars) == {"slope"}
    assert posterior["slope"].shape[2] == 1
    prediction = posterior.predict(NEW)
    expected = 1 + 0.5 * NEW[:, 0] + posterior.to_array() * NEW[:, 1]
    np.testing.assert_allclose(prediction.draws.to_numpy().reshape(-1, 3), expected)
