"""ROC and precision–recall curves against another library and against brute force."""

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics as reference

from bayesfit import Data, DataError, ModelError, metrics
from bayesfit.metrics.ladders import Ladders


def ranking(seed, ties):
    """Return labels, probabilities and weights of 60 rows; with ties, probabilities are rounded to tenths."""
    rng = np.random.default_rng(seed)
    positive = rng.uniform(size=60) < 0.3
    probability = 1 / (1 + np.exp(-rng.normal(1.5 * positive - 1, 1)))
    return positive, np.round(probability, 1) if ties else probability, rng.exponential(size=60)


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_areas_are_those_of_scikit_learn(seed, ties):
    positive, probability, weights = ranking(seed, ties)
    ladders = Ladders.climb(np.stack([probability] * 2), positive, np.stack([np.ones(60), weights]))
    for i, weight in enumerate((None, weights)):
        area = reference.roc_auc_score(positive, probability, sample_weight=weight)
        average = reference.average_precision_score(positive, probability, sample_weight=weight)
        np.testing.assert_allclose(ladders.roc_area()[i], area, rtol=1e-12)
        np.testing.assert_allclose(ladders.average_precision()[i], average, rtol=1e-12)


@pytest.mark.parametrize("ties", [False, True])
def test_curves_are_those_of_scikit_learn(ties):
    positive, probability, weights = ranking(7, ties)
    grid = np.linspace(0.005, 0.995, 67)
    ladders = Ladders.climb(np.stack([probability] * 3), positive, np.stack([weights] * 3))
    fpr, tpr, _ = reference.roc_curve(positive, probability, sample_weight=weights, drop_intermediate=False)
    for row in ladders.tpr_at(grid):
        np.testing.assert_allclose(row, np.interp(grid, fpr, tpr), rtol=1e-9)
    precision, recall, _ = reference.precision_recall_curve(positive, probability, sample_weight=weights)
    expected = [precision[np.flatnonzero(recall >= r)[-1]] for r in grid]
    for row in ladders.precision_at(grid):
        np.testing.assert_allclose(row, expected, rtol=1e-12)


def test_area_is_the_probability_of_the_right_order():
    """Mann and Whitney: P(positive above negative), ties counted half."""
    positive, probability, _ = ranking(3, ties=True)
    above = probability[positive][:, None] - probability[~positive]
    expected = (above > 0).mean() + 0.5 * (above == 0).mean()
    area = Ladders.climb(probability[None], positive, np.ones((1, 60))).roc_area()
    np.testing.assert_allclose(area, expected, rtol=1e-12)


def test_ends_of_the_curves():
    positive, probability, _ = ranking(0, ties=False)
    ladders = Ladders.climb(probability[None], positive, np.ones((1, 60)))
    best = positive[np.argsort(-probability)]
    assert ladders.tpr_at(np.array([0.0]))[0, 0] == np.argmin(best) / positive.sum()
    assert ladders.tpr_at(np.array([1.0]))[0, 0] == 1
    last = np.flatnonzero(best)[-1] + 1
    np.testing.assert_allclose(ladders.precision_at(np.array([1.0]))[0, 0], positive.sum() / last)


ROWS = Data(np.array([-2.0, -1.2, -0.7, 0.1, 0.4, 0.9, -0.4, 0.2, 0.6, 1.5]), ["no"] * 6 + ["yes"] * 4)


def test_plain_areas_of_a_posterior(uncertain):
    probability, labels = uncertain.predict_proba(ROWS)[:, 1], ROWS.labels == "yes"
    curve, balance = metrics.roc(uncertain, ROWS), metrics.precision_recall(uncertain, ROWS)
    assert curve.attrs["auc"] == pytest.approx(reference.roc_auc_score(labels, probability))
    assert balance.attrs["auc"] == pytest.approx(reference.average_precision_score(labels, probability))
    assert balance.attrs["share"] == 0.4
    assert curve["tpr"].dims == ("chain", "draw", "fpr")
    assert balance["precision"].dims == ("chain", "draw", "recall")
    assert curve["auc"].shape == (4, 500)


def test_curves_rise_and_stay_between_zero_and_one(uncertain):
    tpr = metrics.roc(uncertain, ROWS)["tpr"]
    assert (tpr.diff("fpr") >= -1e-12).all()
    assert float(tpr.min()) >= 0
    np.testing.assert_allclose(tpr.isel(fpr=-1), 1, atol=1e-9)
    precision = metrics.precision_recall(uncertain, ROWS)["precision"]
    assert float(precision.min()) >= 0
    assert float(precision.max()) <= 1


def test_area_of_draws_is_spread_as_the_bootstrap_says(certain):
    """One positive row, above two of four negatives: the area is the weight of these two, Beta(2, 2)."""
    rows = Data([-1.0, 0.0, 2.0, 3.0, 1.0], ["no", "no", "no", "no", "yes"])
    area = metrics.roc(certain, rows)["auc"].to_numpy().ravel()
    assert stats.kstest(area, stats.beta(2, 2).cdf).pvalue > 1e-4


def test_reversed_class_has_the_same_area(uncertain):
    np.testing.assert_allclose(
        metrics.roc(uncertain, ROWS)["auc"], metrics.roc(uncertain, ROWS, positive="no")["auc"], rtol=1e-9
    )


def test_precision_at_another_prevalence(certain):
    """The best threshold: π tpr / (π tpr + (1 - π) fpr), with rows of equal weight."""
    found = metrics.precision_recall(certain, ROWS, prevalence={"no": 0.95, "yes": 0.05})
    labels, x = ROWS.labels == "yes", ROWS.x[:, 0]
    total, reached = 0.0, 0.0
    for threshold in np.sort(x)[::-1]:
        tpr, fpr = (x[labels] >= threshold).mean(), (x[~labels] >= threshold).mean()
        total, reached = total + (tpr - reached) * 0.05 * tpr / (0.05 * tpr + 0.95 * fpr), tpr
    assert found.attrs["auc"] == pytest.approx(total)
    assert found.attrs["share"] == pytest.approx(0.05)


def test_three_classes_need_a_name(three):
    rows = Data([-1.0, 0.0, 1.0, 2.0], ["a", "b", "c", "c"])
    with pytest.raises(ModelError, match="positive: name one of the 3 classes 'a', 'b', 'c'"):
        metrics.roc(three, rows)
    probability = three.predict_proba(rows)[:, 2]
    expected = reference.roc_auc_score(rows.labels == "c", probability)
    assert metrics.roc(three, rows, positive="c").attrs["auc"] == pytest.approx(expected)


@pytest.mark.parametrize("name", ["roc", "precision_recall"])
def test_rows_of_one_kind_have_no_curve(name, certain):
    with pytest.raises(DataError, match="no row is 'yes'"):
        getattr(metrics, name)(certain, Data([0.0, 1.0], ["no", "no"]))
    with pytest.raises(DataError, match="all rows are 'yes'"):
        getattr(metrics, name)(certain, Data([0.0, 1.0], ["yes", "yes"]))


def test_a_share_of_zero_has_no_curve(certain):
    with pytest.raises(ModelError, match="there is no curve"):
        metrics.precision_recall(certain, ROWS, prevalence={"no": 1, "yes": 0})


@pytest.mark.parametrize("shares", [(0.1, 0.02, 0.88), (0.1, 0.88, 0.02)])
def test_the_other_classes_count_as_they_are_mixed(three, shares):
    rng = np.random.default_rng(4)
    rows = Data(rng.normal(np.repeat([-1.0, 0.5, 1.5], 40), 1.0), np.repeat(["a", "b", "c"], 40))
    prevalence = dict(zip("abc", shares, strict=True))
    found = metrics.precision_recall(three, rows, positive="a", prevalence=prevalence)
    probability = three.predict_proba(rows, prevalence=prevalence)[:, 0]
    weights = np.repeat(shares, 40)
    expected = reference.average_precision_score(rows.labels == "a", probability, sample_weight=weights)
    assert found.attrs["auc"] == pytest.approx(expected)
    assert abs(float(found["auc"].mean()) - expected) < 0.02
