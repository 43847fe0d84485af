"""Comparisons: the verdict in words, what may not be compared, models mixed by their weights."""

from dataclasses import replace

import arviz as az
import numpy as np
import pytest

from bayesfit import Data, MixtureModel, Model, Posterior, compare, likelihoods, predictors, priors, sampling
from bayesfit.errors import ComparisonError

RNG = np.random.default_rng(1)
X = np.linspace(-2, 2, 40)
CURVE = 1 + 0.5 * X + 1.5 * X**2 + 0.4 * RNG.normal(size=40)
QUICK = sampling.Ensemble(n_ensembles=2, target_ess=200)
# fewer steps than the autocorrelation times that a verdict asks for
SHORT = sampling.Ensemble(n_ensembles=2, n_walkers=20, steps=40, burn_in=30)


def fit(predictor, data, **given):
    model = Model(predictor, likelihoods.Gaussian(), priors=given or None)
    return model.fit(data, sampler=QUICK, seed=2, progress=False)


@pytest.fixture(scope="module")
def posteriors():
    data = Data(X, CURVE)
    return {f"degree {k}": fit(predictors.Polynomial(k), data) for k in (1, 2, 3)}


def pair(posteriors, *names):
    return {name: posteriors[name] for name in names}


def test_a_clear_winner_is_named_with_the_difference(posteriors):
    comparison = compare(pair(posteriors, "degree 1", "degree 2"))
    assert comparison.verdict.startswith("degree 2 predicts better than degree 1 (Δelpd ")
    assert comparison.reliable
    assert list(comparison.table.index) == ["degree 2", "degree 1"]
    assert comparison.weights["degree 2"] > 0.95
    assert sum(comparison.weights.values()) == pytest.approx(1)


def test_a_small_difference_names_no_winner(posteriors):
    verdict = compare(pair(posteriors, "degree 2", "degree 3")).verdict
    assert verdict.startswith("No clear winner: ")
    assert "predicts better" not in verdict


@pytest.mark.filterwarnings("ignore:Estimated shape parameter:UserWarning")
def test_the_numbers_are_arvizs(posteriors):
    comparison = compare(posteriors, refits=None)
    loos = {name: az.loo(posterior.tree, pointwise=True) for name, posterior in posteriors.items()}
    expected = az.compare(loos, method="stacking", round_to="none")
    for column in ("elpd", "elpd_diff", "dse", "se", "weight"):
        np.testing.assert_allclose(comparison.table[column], expected[column], rtol=1e-9, atol=1e-9)
    assert comparison.verdict in repr(comparison)


@pytest.fixture(scope="module")
def leverage():
    """Row 12 alone decides on the slope; row 0 has no label, so that terms and rows are not the same."""
    x, y = np.append(np.linspace(0, 1, 12), 30.0), np.append(np.zeros(12), 40.0)
    y[0] = np.nan
    data = Data(x, y + 0.1 * np.cos(7 * x), y_err=1.0)
    return {"line": fit(predictors.Linear(), data), "origin": fit(predictors.Linear(), data, intercept=0.0)}


def test_terms_that_cannot_be_trusted_name_no_winner_but_the_row(leverage):
    comparison = compare(leverage, refits=None)
    assert not comparison.reliable
    assert "line is unreliable: Pareto k is too large at row 12" in comparison.verdict
    assert "predicts better" not in comparison.verdict


def test_a_leverage_point_is_worked_out_anew(leverage):
    loo = compare(leverage, seed=1).loos["line"]
    assert loo.remedies[12] in ("moment matching", "refit")
    assert loo.pareto_k.sel(row=12) <= 0.5


def test_fits_that_have_not_converged_name_no_winner(posteriors):
    data = posteriors["degree 1"].target.data
    short = Model(predictors.Polynomial(1), likelihoods.Gaussian()).fit(data, sampler=SHORT, seed=2, progress=False)
    assert not short.diagnostics.converged
    comparison = compare({"short": short, "degree 2": posteriors["degree 2"]})
    assert not comparison.reliable
    assert comparison.verdict.startswith("No clear winner: the estimates are unreliable (degree 2 is ahead of short")
    assert "has not converged for short; sample longer" in comparison.verdict
    assert comparison.table["pareto_k"].max() < 0.7


def test_draws_left_out_of_very_many_terms_are_told(posteriors, monkeypatch):
    monkeypatch.setattr("bayesfit.loo.estimate.MOST_TERMS", 20_000)
    fewer = {}
    for name in ("degree 1", "degree 2"):
        tree = posteriors[name].tree.copy()
        del tree["log_likelihood"]
        fewer[name] = Posterior(tree, posteriors[name].target, posteriors[name].diagnostics)
    comparison = compare(fewer)
    sizes = fewer["degree 2"].tree["posterior"].sizes
    used, drawn = comparison.table.loc["degree 2", "draws"], sizes["chain"] * sizes["draw"]
    assert used * 40 <= 20_000 < drawn * 40
    assert f"degree 2 rests on {used} of {drawn} draws" in comparison.verdict
    whole = compare(pair(posteriors, "degree 1", "degree 2"))
    assert "draws" not in whole.verdict
    assert whole.table.loc["degree 2", "draws"] == drawn


# -- what may not be compared -----------------------------------------------------------------------------


@pytest.mark.parametrize("given", [{}, [1, 2], None])
def test_it_takes_a_mapping_of_two_or_more(given, posteriors):
    with pytest.raises(ComparisonError, match="two or more"):
        compare(given)
    with pytest.raises(ComparisonError, match="two or more"):
        compare(pair(posteriors, "degree 1"))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (Data(X, 0.1 * CURVE), "different labels: rows 0, 1, 2, 3, 4, ... \\(40 in all\\)"),
        (Data(X, CURVE + 1e-9 * (np.arange(40) == 7)), "different labels: row 7"),
        (Data(X[1:], CURVE[1:]), "different rows \\(40 and 39 labels\\)"),
        (Data(X, np.where(np.arange(40) == 3, np.nan, CURVE)), "different rows \\(40 and 39 labels\\)"),
        (Data(X, CURVE + 10).transform(np.log), "different labels"),
        (Data(X, CURVE, limits=["<"] + [""] * 39), "different labels: row 0"),
    ],
    ids=["units", "one label", "a row less", "a label less", "transformed", "a limit"],
)
def test_fits_of_other_rows_or_labels_are_refused(posteriors, data, message):
    other = fit(predictors.Polynomial(1), data)
    with pytest.raises(ComparisonError, match=message):
        compare({"one": posteriors["degree 1"], "other": other})


def test_other_features_of_the_same_rows_may_be_compared(posteriors):
    other = fit(predictors.Linear(), Data(np.cos(X), CURVE))
    assert "degree 2 predicts better" in compare({"degree 2": posteriors["degree 2"], "cosine": other}).verdict


def test_other_things_than_posteriors_are_refused(posteriors):
    with pytest.raises(ComparisonError, match="'model' is a Model, not a Posterior"):
        compare({"one": posteriors["degree 1"], "model": posteriors["degree 1"].target.model})


def test_probabilities_are_not_compared_with_densities():
    """However narrow a density about whole numbers, it is of another unit than their probabilities."""
    data = Data(np.arange(12.0), np.arange(12.0))
    counts = Model(predictors.Linear(), likelihoods.Poisson()).fit(data, sampler=QUICK, seed=1, progress=False)
    numbers = Model(predictors.Linear(), likelihoods.Gaussian(), priors={"scatter": priors.LogNormal(-5, 0.1)})
    narrow = numbers.fit(data, sampler=QUICK, seed=1, progress=False)
    with pytest.raises(ComparisonError, match="'counts' gives probabilities of the labels and 'narrow' densities"):
        compare({"narrow": narrow, "counts": counts})


def test_mixtures_are_compared_by_the_features_they_predict(posteriors):
    rng = np.random.default_rng(5)
    x = np.concatenate([rng.normal(-4, 1, 60), rng.normal(4, 1, 60)])
    sampler = sampling.Ensemble(n_ensembles=2, target_ess=200)
    fits = {n: MixtureModel(n).fit(Data(x), sampler=sampler, seed=1, progress=False) for n in (1, 2)}
    assert compare(fits, refits=0).verdict.startswith("2 predicts better than 1")
    moved = MixtureModel(1).fit(Data(x + 1), sampler=sampler, seed=1, progress=False)
    with pytest.raises(ComparisonError, match="fits of different features: rows 0, 1"):
        compare({"one": fits[1], "moved": moved})
    labelled = fit(predictors.Polynomial(1), Data(x, x**2))
    with pytest.raises(ComparisonError, match="one predicts features, the other labels"):
        compare({"mixture": fits[1], "line": labelled})


def test_transformed_labels_are_compared_on_the_original_one():
    """With y ~ LogNormal, ln p(y) = ln N(ln y) - ln y: the same fit, told of by both scales."""
    rng = np.random.default_rng(3)
    x = np.linspace(0, 2, 60)
    y = np.exp(1 + 0.5 * x + 0.2 * rng.normal(size=60))
    plain = fit(predictors.Linear(), Data(x, y))
    logged = fit(predictors.Linear(), Data(x, y).transform(np.log))
    comparison = compare({"plain": plain, "logged": logged}, refits=0)
    on_log = logged.loo(refits=0)
    assert comparison.table.loc["logged", "elpd"] == pytest.approx(on_log.elpd - np.log(y).sum())
    terms = on_log.elpd_i.to_numpy() - np.log(y)
    assert comparison.table.loc["logged", "se"] == pytest.approx(np.sqrt(60) * terms.std(ddof=1))
    assert comparison.table.index[0] == "logged"
    twice = fit(predictors.Linear(), Data(x, y).transform(np.log).transform(np.exp))
    both = compare({"plain": plain, "there and back": twice}, refits=0).table["elpd"]
    assert both["there and back"] == pytest.approx(both["plain"], abs=0.3)


# -- mixed predictions ------------------------------------------------------------------------------------


def test_predictions_are_mixed_by_weight(posteriors):
    flat = fit(predictors.Polynomial(0), Data(X, CURVE), coefficient=priors.Normal(0, 10))
    comparison = compare({"degree 2": posteriors["degree 2"], "flat": flat})
    weight = comparison.weights["degree 2"]
    prediction = comparison.predict([0.0, 5.0], seed=1)
    expected = weight * posteriors["degree 2"].predict([0.0, 5.0]).mean + (1 - weight) * flat.predict([0.0, 5.0]).mean
    error = prediction.sd / np.sqrt(prediction.draws.size / 2)
    np.testing.assert_array_less(np.abs(prediction.mean - expected), 6 * error + 1e-3 * np.abs(expected))
    np.testing.assert_array_equal(prediction.extrapolated, [False, True])


def test_predictions_on_different_scales_are_not_mixed():
    rng = np.random.default_rng(1)
    x = np.linspace(1, 10, 40)
    data = Data(x, 10 + 2 * x + rng.normal(0, 2, 40))
    mixed = compare({"plain": fit(predictors.Linear(), data), "log": fit(predictors.Linear(), data.transform(np.log))})
    with pytest.raises(ComparisonError, match=r"'plain' predicts y and 'log' log\(y\), on another scale"):
        replace(mixed, table=mixed.table.loc[["plain", "log"]].assign(weight=0.5)).predict([5.0])


def test_predictions_of_different_shapes_are_not_mixed():
    x = np.random.default_rng(1).normal(size=40)
    models = {str(n): MixtureModel(n).fit(Data(x), sampler=SHORT, seed=1, progress=False) for n in (2, 3)}
    compared = compare(models, refits=0)
    table = compared.table.assign(weight=[1 - 1e-16, 1e-16])
    assert len(replace(compared, table=table).predict([0.0, 1.0]).mean) == 2
    with pytest.raises(ComparisonError, match="different shapes"):
        replace(compared, table=table.assign(weight=0.5)).predict([0.0, 1.0])
