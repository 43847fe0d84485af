"""Decisions by expected utility: hand calculations."""

import numpy as np
import pytest

from bayesfit import Data, ModelError, metrics

FIRST, SECOND = metrics.from_counts(9, 7, 0, 22), metrics.from_counts(8, 3, 1, 26)


def cost(missed, false_alarm):
    """Return the utility of the two answers for the two classes."""
    return {
        "positive": {"negative": -false_alarm, "positive": 0},
        "negative": {"negative": 0, "positive": -missed},
    }


@pytest.mark.parametrize(("missed", "better"), [(5, 0), (1, 1)])
def test_the_price_of_a_missed_object_decides_between_tables(missed, better):
    """A missed object at 5 false alarms: 7 against 8; at one: 7 against 4."""
    plain = [metrics.expected_utility(table, cost(missed, 1)).attrs["plain"] for table in (FIRST, SECOND)]
    assert 38 * np.array(plain) == pytest.approx([-7, -missed - 3])
    assert np.argmax(plain) == better


def test_expected_utility_of_draws_is_that_of_their_shares():
    found = metrics.expected_utility(SECOND, cost(5, 1))
    cells = SECOND["confusion"]
    by_hand = -5 * cells.sel(true="positive", predicted="negative") - cells.sel(true="negative", predicted="positive")
    np.testing.assert_allclose(found, by_hand, rtol=1e-12)
    assert found.dims == ("chain", "draw")


def test_accuracy_is_a_utility():
    right = {"positive": {"positive": 1, "negative": 0}, "negative": {"positive": 0, "negative": 1}}
    np.testing.assert_allclose(metrics.expected_utility(FIRST, right), FIRST["accuracy"], rtol=1e-12)


def test_plain_utility_at_another_prevalence():
    table = metrics.from_counts(8, 3, 1, 26, prevalence={"positive": 0.01, "negative": 0.99})
    found = metrics.expected_utility(table, cost(5, 1)).attrs["plain"]
    assert found == pytest.approx(-5 * 0.01 / 9 - 0.99 * 3 / 29)


def test_each_row_gets_its_best_action(certain):
    """With a miss worth five false alarms, "yes" from a probability of 1/6 on."""
    x = np.array([-3.0, np.log(1 / 5) - 1e-6, np.log(1 / 5) + 1e-6, 2.0])
    utility = {"yes": {"no": -1, "yes": 0}, "no": {"no": 0, "yes": -5}}
    found = metrics.decide(certain, x, utility)
    assert found.actions.tolist() == ["no", "no", "yes", "yes"]
    assert found.names == ("yes", "no")
    p = 1 / (1 + np.exp(-x))
    np.testing.assert_allclose(found.utilities, np.stack([-(1 - p), -5 * p], axis=1), rtol=1e-12)
    assert repr(found) == "Decision('yes': 2 rows, 'no': 2 rows)"


def test_abstaining_where_no_class_is_sure(certain):
    """Looking again costs 0.2: taken between the probabilities 0.2 and 0.8."""
    utility = {
        "no": {"no": 0, "yes": -1},
        "yes": {"no": -1, "yes": 0},
        "look again": {"no": -0.2, "yes": -0.2},
    }
    x = np.log([0.15 / 0.85, 0.25 / 0.75, 0.75 / 0.25, 0.85 / 0.15])
    assert metrics.decide(certain, x, utility).actions.tolist() == ["no", "look again", "look again", "yes"]


def test_utilities_are_averaged_over_the_posterior(uncertain):
    utility = {"go": {"no": -1, "yes": 3}, "stay": {"no": 0, "yes": 0}}
    x = np.array([-1.0, 0.0, 1.0])
    intercept, slope = uncertain.to_array().T
    p = (1 / (1 + np.exp(-(intercept + np.outer(x, slope))))).mean(axis=1)
    found = metrics.decide(uncertain, x, utility)
    np.testing.assert_allclose(found.utilities[:, 0], 3 * p - (1 - p), rtol=1e-10)


def test_prevalence_changes_decisions(certain):
    utility = {"no": {"no": 0, "yes": -1}, "yes": {"no": -1, "yes": 0}}
    x = np.array([1.0, 2.0, 3.0])
    assert metrics.decide(certain, x, utility).actions.tolist() == ["yes"] * 3
    rare = metrics.decide(certain, Data(x), utility, prevalence={"no": 9, "yes": 1})  # the boundary is ln 9 = 2.197
    assert rare.actions.tolist() == ["no", "no", "yes"]


def test_of_equal_actions_the_first_is_taken(certain):
    utility = {"b": {"no": 1, "yes": 1}, "a": {"no": 1, "yes": 1}}
    assert metrics.decide(certain, [0.0], utility).actions.tolist() == ["b"]


@pytest.mark.parametrize(
    ("utility", "message"),
    [
        ({}, "utility should be a mapping"),
        ([("no", 1)], "utility should be a mapping"),
        ({"go": 3}, r"utility\['go'\] should be a mapping"),
        ({"go": {"no": 1}}, r"utility\['go'\] should give a value for each of 'no', 'yes'; .* missing: \['yes'\]"),
        ({"go": {"no": 1, "yes": 2, "perhaps": 3}}, r"unknown: \['perhaps'\]"),
        ({"go": {"no": 1, "yes": np.nan}}, r"utility\['go'\]: {'yes': nan} should be finite"),
        ({"go": {"no": 1, "yes": "much"}}, "should be finite numbers"),
    ],
)
def test_bad_utilities_are_refused(certain, utility, message):
    with pytest.raises(ModelError, match=message):
        metrics.decide(certain, [0.0], utility)


def test_expected_utility_needs_every_predicted_class():
    with pytest.raises(ModelError, match=r"unknown: \['look'\], missing: \['negative'\]"):
        metrics.expected_utility(FIRST, {"positive": cost(1, 1)["positive"], "look": cost(1, 1)["negative"]})
