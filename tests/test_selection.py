"""Selection: the truth among polynomials, the simplest of equals, and the plot of it."""

import numpy as np
import pytest

from bayesfit import Data, Model, compare, likelihoods, plots, predictors, sampling, select
from bayesfit.errors import ComparisonError, DataError, ModelError, SamplingError

SAMPLER = sampling.Ensemble(n_ensembles=2, target_ess=300)
X = np.linspace(-2, 2, 60)


def polynomials(*degrees):
    return {f"degree {k}": Model(predictors.Polynomial(k), likelihoods.Gaussian()) for k in degrees}


def cubic(seed):
    return Data(X, 1 - X + 0.8 * X**3 + 0.5 * np.random.default_rng(seed).normal(size=60), y_err=0.5)


@pytest.fixture(scope="module")
def selection():
    return select(polynomials(1, 2, 3, 4, 5), cubic(1), sampler=SAMPLER, seed=1)


def test_the_true_degree_is_chosen(selection):
    assert selection.best == "degree 3"
    assert list(selection.table["parameters"]) == [2, 3, 4, 5, 6]
    assert set(selection.posteriors) == set(selection.table.index)


def test_training_score_rises_where_prediction_does_not(selection):
    table = selection.table
    assert (np.diff(table["training"]) > -0.3).all()
    assert (table["training"] > table["elpd"]).all()
    assert table["elpd"].iloc[-1] < table["elpd"].loc["degree 3"] + 0.3


def test_the_comparison_is_that_of_compare(selection):
    expected = compare(selection.posteriors, refits=None).table["elpd"]
    if selection.comparison.reliable and not selection.comparison.table["remedies"].any():
        np.testing.assert_allclose(selection.comparison.table["elpd"], expected)
    assert selection.comparison.verdict in repr(selection)


@pytest.mark.calibration
def test_the_true_degree_is_chosen_most_of_the_time():
    best = [select(polynomials(1, 2, 3, 4), cubic(seed), sampler=SAMPLER, seed=seed).best for seed in range(30)]
    assert sum(name == "degree 3" for name in best) >= 25


@pytest.mark.parametrize(
    ("models", "message"),
    [
        ({}, "two or more"),
        ([1, 2], "two or more models by name, such as .* got a list"),
        (polynomials(1), "got a mapping of 1 model$"),
        ({"a": 1, "b": 2}, "'a' is a int, not a model"),
        ({"a": predictors.Linear, "b": 2}, r"'a' is the class Linear, not a model; make one of it: Linear\("),
    ],
)
def test_what_cannot_be_selected_from_is_refused(models, message):
    with pytest.raises(ComparisonError, match=message):
        select(models, cubic(1))


def test_what_cannot_be_used_is_refused_before_any_fit(selection):
    with pytest.raises(SamplingError, match="refits='ten'"):
        select(polynomials(1, 2), cubic(1), refits="ten")
    with pytest.raises(SamplingError, match=r"sampler=100 should be a sampling\.Ensemble"):
        select(polynomials(1, 2), cubic(1), sampler=100)
    with pytest.raises(
        ComparisonError, match=r"is a Posterior, not a model; compare posteriors with bayesfit\.compare"
    ):
        select(selection.posteriors, cubic(1))
    with pytest.raises(DataError, match=r"data should be a bayesfit\.Data, got ndarray"):
        select(polynomials(1, 2), X)
    counts = Model(predictors.Linear(), likelihoods.Poisson())
    with pytest.raises(ComparisonError, match="'counts' gives probabilities of the labels and 'degree 1' densities"):
        select({**polynomials(1), "counts": counts}, Data(X, np.arange(60) % 5))


def test_plot_shows_both_scores_and_rings_the_chosen(selection):
    import matplotlib.pyplot as plt

    ax = plots.selection(selection)
    lines = {line.get_label(): line for line in ax.lines}
    np.testing.assert_allclose(lines["training"].get_ydata(), selection.table["training"])
    ring = next(line for label, line in lines.items() if label.startswith("chosen: degree 3"))
    assert float(np.squeeze(ring.get_ydata())) == selection.table.loc["degree 3", "elpd"]
    plt.close("all")
    with pytest.raises(ModelError, match=r"takes the result of bayesfit\.select, got int"):
        plots.selection(3)
