"""Metrics of given counts: plain ratios by hand, draws against the distributions they must have."""

import numpy as np
import pytest
from scipy import stats

from bayesfit import DataError, ModelError, metrics

TABLES = {"first": (9, 7, 0, 22), "second": (8, 3, 1, 26)}


def follows(draws, cdf):
    """Return whether draws follow a distribution; 4000 draws, false alarms once in 10,000."""
    return stats.kstest(np.ravel(draws), cdf).pvalue > 1e-4


def test_plain_ratios_are_exact():
    first, second = (metrics.from_counts(*table).attrs for table in TABLES.values())
    assert (first["accuracy"], first["precision"], first["recall"]) == (31 / 38, 9 / 16, 1)
    assert (second["accuracy"], second["precision"], second["recall"]) == (34 / 38, 8 / 11, 8 / 9)
    assert first["f1"] == 18 / 25
    assert second["f1"] == 16 / 20
    assert first["n_rows"] == 38


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
@pytest.mark.parametrize("seed", [0, 1])
def test_rates_are_beta_distributed(table, seed):
    tp, fp, fn, tn = table
    found = metrics.from_counts(*table, seed=seed)
    assert found["accuracy"].dims == ("chain", "draw")
    assert follows(found["recall"], stats.beta(tp + 0.5, fn + 0.5).cdf)
    assert follows(found["precision"], stats.beta(tp + 0.5, fp + 0.5).cdf)
    assert follows(found["accuracy"], stats.beta(tp + tn + 1, fp + fn + 1).cdf)
    assert follows(found["class_recall"].sel({"class": "negative"}), stats.beta(tn + 0.5, fp + 0.5).cdf)
    assert follows(found["confusion"].sel(true="positive").sum("predicted"), stats.beta(tp + fn + 1, fp + tn + 1).cdf)


def test_f1_is_a_ratio_of_gamma_variates():
    """2 TP / (2 TP + FP + FN): F / (2 - F) is Beta(tp + 1/2, fp + fn + 1) in odds, after Goutte and Gaussier."""
    found = metrics.from_counts(9, 7, 0, 22)["f1"]
    share = found / (2 - found)  # TP / (TP + FP + FN)
    assert follows(share, stats.beta(9.5, 8).cdf)


def test_shares_sum_to_one_and_give_the_metrics_back():
    found = metrics.from_counts(8, 3, 1, 26)
    cells = found["confusion"]
    np.testing.assert_allclose(cells.sum(("true", "predicted")), 1, rtol=1e-12)
    hit = cells.sel(true="positive", predicted="positive")
    np.testing.assert_allclose(found["precision"], hit / cells.sel(predicted="positive").sum("true"), rtol=1e-12)
    np.testing.assert_allclose(found["recall"], hit / cells.sel(true="positive").sum("predicted"), rtol=1e-12)
    harmonic = 2 / (1 / found["precision"] + 1 / found["recall"])
    np.testing.assert_allclose(found["f1"], harmonic, rtol=1e-12)
    np.testing.assert_array_equal(found["counts"], [[26, 3], [1, 8]])


def test_prevalence_moves_precision_and_leaves_recall():
    """By Bayes: precision = π r / (π r + (1 - π) f)."""
    rare = {"negative": 99, "positive": 1}
    found, plain = metrics.from_counts(8, 3, 1, 26, prevalence=rare), metrics.from_counts(8, 3, 1, 26)
    np.testing.assert_allclose(found["recall"], plain["recall"], rtol=1e-12)
    false_alarms = 1 - plain["class_recall"].sel({"class": "negative"})
    expected = 0.01 * plain["recall"] / (0.01 * plain["recall"] + 0.99 * false_alarms)
    np.testing.assert_allclose(found["precision"], expected, rtol=1e-10)
    assert found.attrs["precision"] == pytest.approx(0.01 * 8 / 9 / (0.01 * 8 / 9 + 0.99 * 3 / 29))
    assert found.attrs["accuracy"] == pytest.approx(0.01 * 8 / 9 + 0.99 * 26 / 29)
    np.testing.assert_allclose(found["confusion"].sel(true="positive").sum("predicted"), 0.01, rtol=1e-10)


def test_a_prevalence_of_zero_is_possible():
    found = metrics.from_counts(8, 3, 1, 26, prevalence={"negative": 1, "positive": 0})
    np.testing.assert_array_equal(found["precision"], 0)
    np.testing.assert_array_equal(found["f1"], 0)
    np.testing.assert_allclose(found["accuracy"], found["class_recall"].sel({"class": "negative"}), rtol=1e-12)


def test_ratios_of_nothing_are_nan_and_their_draws_the_prior():
    found = metrics.from_counts(0, 0, 0, 5)
    assert np.isnan(found.attrs["precision"])
    assert np.isnan(found.attrs["recall"])
    assert follows(found["recall"], stats.beta(0.5, 0.5).cdf)


def test_seeds_and_draws():
    first, again = metrics.from_counts(9, 7, 0, 22, seed=4), metrics.from_counts(9, 7, 0, 22, seed=4)
    assert first.identical(again)
    assert not first.identical(metrics.from_counts(9, 7, 0, 22, seed=5))
    assert metrics.from_counts(9, 7, 0, 22, draws=80)["f1"].size == 80


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ((-1, 2, 3, 4), "tp=-1 is not a whole number"),
        ((1, 2.5, 3, 4), r"fp=2\.5 is not a whole number"),
        ((1, 2, True, 4), "fn=True is not a whole number"),
        ((1, 2, 3, np.nan), "tn=nan is not a whole number"),
        ((0, 0, 0, 0), "all zero"),
    ],
)
def test_bad_counts_are_refused(counts, message):
    with pytest.raises(DataError, match=message):
        metrics.from_counts(*counts)


@pytest.mark.parametrize("draws", [0, 3, 4001, 10.0, True])
def test_bad_numbers_of_draws_are_refused(draws):
    with pytest.raises(ModelError, match="draws="):
        metrics.from_counts(1, 2, 3, 4, draws=draws)


def test_prevalence_needs_both_classes():
    with pytest.raises(ModelError, match="missing: \\['negative'\\]"):
        metrics.from_counts(1, 2, 3, 4, prevalence={"positive": 0.5})
