"""What scikit-learn would take without a word on the way into an estimator: masks, units, the order of rows, text."""

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
from astropy import units as u
from astropy.table import MaskedColumn, Table
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import cross_val_score

import bayesfit as bf
from bayesfit import sampling
from bayesfit.estimators import BayesClassifier, BayesRegressor, errors_of

pytestmark = pytest.mark.filterwarnings("ignore:the fit is not to be trusted:bayesfit.BayesfitWarning")

SMALL = sampling.Ensemble(n_ensembles=2, steps=20, burn_in=10)
X = np.random.default_rng(1).normal(5.0, 2.0, (12, 2))
Y = X[:, 0] + np.random.default_rng(2).normal(0.0, 0.3, 12)
CLASSES = np.where(Y > 5.0, "late", "early")
MASK = np.arange(12) == 3
GAP = np.where(MASK[:, None] & [True, False], np.nan, X)


def line():
    return BayesRegressor(sampler=SMALL, random_state=1)


def classes():
    return BayesClassifier(sampler=SMALL, random_state=1)


def masked(values, mask=MASK, column=False):
    return MaskedColumn(values, mask=mask) if column else np.ma.array(values, mask=mask)


@pytest.mark.parametrize(
    "table",
    [
        masked(X, np.isnan(GAP)),
        Table({"a": masked(X[:, 0], column=True), "b": X[:, 1]}),
        {"a": masked(X[:, 0]), "b": X[:, 1]},
        pl.DataFrame({"a": [None if gap else value for gap, value in zip(MASK, X[:, 0], strict=True)], "b": X[:, 1]}),
    ],
    ids=["array", "astropy", "mapping", "polars"],
)
def test_a_masked_feature_is_missing(table):
    """In the fit and in predictions, whatever value lies under the mask."""
    named = not isinstance(table, np.ndarray)
    expected = line().fit(GAP, Y, X_err=0.1)
    found = line().fit(table, Y, X_err=0.1)
    np.testing.assert_array_equal(found.posterior_.to_array(), expected.posterior_.to_array())
    np.testing.assert_array_equal(found.predict(table), expected.predict(GAP))
    assert getattr(found, "feature_names_in_", np.array([])).tolist() == (["a", "b"] if named else [])


def test_errors_are_tied_to_masked_features_as_missing_ones():
    np.testing.assert_array_equal(errors_of(masked(X, np.isnan(GAP)), 0.1)["value"], GAP)
    np.testing.assert_array_equal(np.isnan(errors_of(X, masked(X, np.isnan(GAP)))["error"]), np.isnan(GAP))


@pytest.mark.parametrize(
    ("estimator", "y"),
    [
        (line(), masked(Y)),
        (line(), masked(Y, column=True)),
        (line(), np.where(MASK, np.nan, Y)),
        (classes(), masked(CLASSES)),
        (classes(), [None if gap else name for gap, name in zip(MASK, CLASSES, strict=True)]),
    ],
)
def test_a_missing_label_is_refused_by_its_row(estimator, y):
    with pytest.raises(bf.DataError, match="y row 3: the label is missing"):
        estimator.fit(X, y)
    estimator.fit(X, CLASSES if isinstance(estimator, BayesClassifier) else Y)
    with pytest.raises(bf.DataError, match="y row 3: the label is missing"):
        estimator.score(X, y)


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ({"X": X * u.km}, "X has unit km"),
        ({"X": Table({"a": X[:, 0] * u.km, "b": X[:, 1]})}, r"X \(column 'a'\) has unit km"),
        ({"y": Y * u.km, "y_err": 0.1 * u.km}, "y has unit km"),
        ({"y": Y * u.one}, "y has unit dimensionless"),
        ({"X_err": 0.1 * u.km}, "X_err has unit km"),
        ({"y_err": 0.1 * u.km}, "y_err has unit km"),
    ],
)
def test_units_are_refused(arguments, name):
    with pytest.raises(bf.DataError, match=f"{name}.*plain numbers.*to_value"):
        line().fit(**{"X": X, "y": Y, **arguments})


def test_units_are_refused_in_predictions_scores_and_tied_errors():
    found = line().fit(X, Y)
    for refused in (
        lambda: found.predict(X * u.m),
        lambda: found.predict(X, X_err=0.1 * u.m),
        lambda: found.score(X, Y * u.m),
        lambda: errors_of(X * u.km, 0.1 * u.m),
    ):
        with pytest.raises(bf.DataError, match="plain numbers"):
            refused()


def test_rows_in_another_order_are_refused():
    table, labels = pd.DataFrame(X, columns=["a", "b"]), pd.Series(Y)
    found = line().fit(table, labels)
    for refused in (
        lambda: line().fit(table, labels[::-1]),
        lambda: classes().fit(table, pd.Series(CLASSES)[::-1]),
        lambda: line().fit(X, labels, y_err=pd.Series(0.1, index=labels.index[::-1])),
        lambda: line().fit(table, Y, X_err={"a": pd.Series(0.1, index=labels.index[::-1]), "b": labels}),
        lambda: found.score(table, labels[::-1]),
    ):
        with pytest.raises(bf.DataError, match=r"the index of . and that of \w+ differ"):
            refused()


def test_cross_validation_takes_tables_whose_rows_belong_together():
    index = np.random.default_rng(4).permutation(12)
    table, labels = pd.DataFrame(X, index=index), pd.Series(Y, index=index)
    assert np.isfinite(cross_val_score(line(), table, labels, cv=2, error_score="raise")).all()


@pytest.mark.parametrize(
    ("table", "y"),
    [(X, np.repeat("late", 12)), (X[:, :1], np.where(MASK, None, CLASSES)), (X.astype(str), CLASSES)],
)
def test_after_a_refused_fit_nothing_is_fitted(table, y):
    """Else the old draws would answer with the new names of classes."""
    found = classes().fit(X, CLASSES)
    with pytest.raises(bf.DataError):
        found.fit(table, y)
    with pytest.raises(NotFittedError):
        found.predict(X)
    found.fit(X, CLASSES)
    with pytest.raises(bf.ModelError, match="y_err"):
        found.fit(X, CLASSES, y_err=0.1)
    with pytest.raises(NotFittedError):
        found.predict(X)


@pytest.mark.parametrize(
    ("table", "y", "message"),
    [
        (X, Y > 5, "y holds class labels"),
        (X, Y.astype(str), "y holds class labels"),
        (X, Y.astype("M8[s]"), "y has dtype datetime64"),
        (X.astype(str), Y, "X row 0 is text"),
        (X.astype(str).tolist(), Y, "X row 0 is text"),
        (pd.DataFrame({"a": X[:, 0].astype(str)}), Y, r"X \(column 'a'\) row 0 is text"),
        (X.astype("M8[s]"), Y, "X has dtype datetime64"),
        (pd.DataFrame({"a": X[:, 0].astype("M8[s]")}), Y, r"X \(column 'a'\) has dtype datetime64"),
        (pd.DataFrame(X, columns=["a", "a"]), Y, "column names occur more than once: 'a'"),
    ],
)
def test_what_data_refuse_is_refused(table, y, message):
    with pytest.raises(bf.DataError, match=message):
        line().fit(table, y)


def test_features_may_have_any_names():
    found = line().fit(pd.DataFrame(X, columns=["y", "label"]), Y)
    assert {"slope[y]", "slope[label]"} <= set(found.posterior_.names)


def test_columns_without_names_stay_so():
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        warnings.filterwarnings("ignore", "the fit is not to be trusted")
        assert len(line().fit(pd.DataFrame(X), Y).predict(X)) == 12
