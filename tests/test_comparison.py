"""Comparisons: the verdict in words, what may not be compared, models mixed by their weights."""

import arviz as az
import numpy as np
import pytest

from bayesfit import Data, Model, compare, likelihoods, predictors, priors, sampling
from bayesfit.errors import ComparisonError

RNG = np.random.default_rng(1)
X = np.linspace(-2, 2, 40)
CURVE = 1 + 0.5 * X + 1.5 * X**2 + 0.4 * RNG.normal(size=40)
QUICK = sampling.Ensemble(n_ensembles=2, n_walkers=20, steps=80, burn_in=60)


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
    comparison = compare(posteriors)
    loos = {name: az.loo(posterior.tree, pointwise=True) for name, posterior in posteriors.items()}
    expected = az.compare(loos, method="stacking", round_to="none")
    for column in ("elpd", "elpd_diff", "dse", "se", "weight"):
        np.testing.assert_allclose(comparison.table[column], expected[column], rtol=1e-9, atol=1e-9)
    assert comparison.verdict in repr(comparison)


def test_a_leverage_point_makes_it_unreliable_and_is_named_by_its_row():
    """Row 12 alone decides on the slope; row 0 has no label, so that terms and rows are not the same."""
    x, y = np.append(np.linspace(0, 1, 12), 30.0), np.append(np.zeros(12), 40.0)
    y[0] = np.nan
    data = Data(x, y + 0.1 * np.cos(7 * x), y_err=1.0)
    comparison = compare(
        {"line": fit(predictors.Linear(), data), "origin": fit(predictors.Linear(), data, intercept=0.0)}
    )
    assert not comparison.reliable
    assert "line is unreliable: Pareto k is too large at row 12" in comparison.verdict


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
