"""Rows: choosing, splitting, unlabelling, replacing, copying, fingerprinting."""

import copy
import pickle
from collections import Counter

import numpy as np
import pytest

from bayesfit import datasets
from bayesfit.data import Data
from bayesfit.errors import DataError

N = 10
X = np.arange(N, dtype=float)
Y = 2 * X + 1


def full():
    """Return data with something in every field that goes with limits."""
    limits = ["", "<", ">"] + [""] * 7
    x_err = np.linspace(0.1, 0.2, N)
    y_err = np.linspace(0.3, 0.4, N)
    text = np.array(list("abcdefghij"))
    errors = {"x_err": x_err, "y_err": y_err, "xy_cov": 0.5 * x_err * y_err}
    return Data(X, Y, **errors, limits=limits, columns={"t": X, "name": text}, units={"x": "s"})


@pytest.mark.parametrize(
    "rows", [slice(2, 7), slice(None, None, -2), [1, 5, 3], np.array([True, False] * 5), 4, -1, [0, 0, 1]]
)
def test_rows_take_everything_along(rows):
    data = full()
    part = data[rows]
    expected = np.atleast_1d(np.arange(N)[rows])
    assert len(part) == part.size == len(expected)
    for name in (
        "x",
        "y",
        "x_err",
        "y_err",
        "xy_cov",
        "limits",
        "y_low",
        "y_high",
        "missing",
        "labelled",
        "labels",
    ):
        np.testing.assert_array_equal(getattr(part, name), getattr(data, name)[expected])
    assert part.columns["name"].tolist() == data.columns["name"][expected].tolist()
    assert dict(part.units) == {"x": "s"}


def test_rows_of_a_joint_covariance():
    matrix = np.exp(-np.abs(X[:, None] - X)) + np.eye(N)
    part = Data(X, Y, y_cov=matrix)[[7, 2, 3]]
    np.testing.assert_array_equal(part.y_cov, matrix[np.ix_([7, 2, 3], [7, 2, 3])])
    with pytest.raises(DataError, match="rows repeat"):
        Data(X, Y, y_cov=matrix)[[1, 1]]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([], "no rows were selected"),
        (X > 99, "no rows were selected"),
        (X[:3] > 0, "mask of rows has shape"),
        ([3, 10], "row 10 does not exist"),
        ([-11], "row -11 does not exist"),
        ([0.5], "rows must be integers"),
        ("x", "rows must be integers"),
        (np.zeros((2, 2), int), "rows must be integers"),
    ],
)
def test_bad_rows(rows, words):
    with pytest.raises(DataError, match=words):
        full()[rows]


def test_iteration_ends():
    assert [part.y[0] for part in full()] == Y.tolist()
    with pytest.raises(IndexError, match="row 10"):
        full()[10]


@pytest.mark.parametrize(("test_size", "expected"), [(0.2, 2), (3, 3), (0.25, 2), (0.01, 1), (0.99, 9), (9, 9)])
def test_split(test_size, expected):
    train, test = full().split(test_size, seed=1)
    assert len(test) == expected
    assert sorted([*train.y, *test.y]) == Y.tolist()
    assert (np.diff(train.y) > 0).all()
    assert (np.diff(test.y) > 0).all()


def test_split_is_reproducible_and_random():
    picks = [tuple(full().split(seed=seed)[1].y) for seed in (1, 1, 2, 3, 4, 5)]
    assert picks[0] == picks[1]
    assert len(set(picks)) > 2


def test_every_row_is_as_likely_to_be_tested():
    """Each of 10 rows is drawn with probability 0.2: 400 of 2000 times, sd 18."""
    counts = Counter(y for seed in range(2000) for y in full().split(seed=seed)[1].y)
    assert all(abs(counts[y] - 400) < 5 * 18 for y in Y)


def test_stratified_split():
    labels = ["a"] * 50 + ["b"] * 30 + ["c"] * 20
    train, test = Data(np.arange(100.0), labels).split(0.1, stratify=True, seed=3)
    assert Counter(test.y.tolist()) == {"a": 5, "b": 3, "c": 2}
    assert Counter(train.y.tolist()) == {"a": 45, "b": 27, "c": 18}
    whole = Data(np.arange(100.0), [0] * 90 + [1] * 10).split(0.2, stratify=True, seed=3)[1]
    assert whole.y.sum() == 2


def test_stratified_split_keeps_the_number_of_rows():
    test = Data(np.arange(9.0), list("abcabcabc")).split(4, stratify=True, seed=0)[1]
    assert len(test) == 4
    assert max(Counter(test.y.tolist()).values()) == 2


@pytest.mark.parametrize("test_size", [0, 10, 0.0, 1.0, -1, True, "a", None])
def test_bad_test_size(test_size):
    with pytest.raises(DataError, match="test_size"):
        full().split(test_size)


@pytest.mark.parametrize("seed", [-1, 1.5, "a"])
def test_bad_seed(seed):
    with pytest.raises(DataError, match="seed"):
        full().split(seed=seed)


def test_stratify_needs_classes():
    with pytest.raises(DataError, match="stratify"):
        full().split(stratify=True)


def test_without_labels():
    data = full()
    bare = data.without_labels([1, 3])
    assert np.flatnonzero(~bare.labelled).tolist() == [1, 3]
    assert bare.limits.tolist() == [0, 0, -1] + [0] * 7
    assert np.isnan(bare.y_low[[1, 3]]).all()
    assert np.isnan(bare.y_high[[1, 3]]).all()
    for name in ("x", "x_err", "y_err", "xy_cov"):
        np.testing.assert_array_equal(getattr(bare, name), getattr(data, name))
    assert data.labelled.all()


def test_without_labels_is_the_same_as_never_having_them():
    y = Y.copy()
    y[[2, 5]] = np.nan
    assert Data(X, Y, y_err=1.0).without_labels([2, 5]).fingerprint == Data(X, y, y_err=1.0).fingerprint
    labels = np.array(list("ababababab"), dtype=object)
    gappy = labels.copy()
    gappy[X > 6] = None
    assert Data(X, labels).without_labels(X > 6).fingerprint == Data(X, gappy).fingerprint


def test_without_labels_keeps_whole_numbers_whole():
    bare = Data(X, np.arange(N) % 2).without_labels(slice(0, 5))
    assert bare.classes == (0, 1)
    assert all(type(label) is int for label in bare.classes)


def test_without_labels_and_joint_covariance():
    matrix = np.exp(-np.abs(X[:, None] - X)) + np.eye(N)
    bare = Data(X, Y, y_cov=matrix).without_labels([4])
    np.testing.assert_array_equal(bare.y_cov, matrix)
    assert bare.labelled.sum() == 9


def test_without_labels_of_unlabelled_data():
    assert Data(X).without_labels([1]).fingerprint == Data(X).fingerprint


def test_replace():
    data = full()
    assert data.replace().fingerprint == data.fingerprint
    changed = data.replace(y_err=1.0)
    np.testing.assert_array_equal(changed.y_err, 1.0)
    np.testing.assert_array_equal(changed.limits, data.limits)
    np.testing.assert_array_equal(data.replace(y=Y + 1, xy_cov=None).limits, 0)
    assert data.replace(x=X + 1).names == data.names
    assert data.replace(x={"a": X}).names == ("a",)


def test_replace_validates():
    with pytest.raises(DataError, match="y_err row 3"):
        full().replace(y_err=np.where(X == 3, 0, 1), xy_cov=None)
    with pytest.raises(DataError, match="weights= is refused"):
        full().replace(weights=X)
    with pytest.raises(TypeError, match="no argument 'yerr'"):
        full().replace(yerr=X)


def test_replace_keeps_classes_and_transformations():
    import pandas as pd

    data = Data(X, pd.Categorical([1, 2] * 5))
    assert data.replace(x=X + 1).kind == "classes"
    log = Data(X, Y).transform(np.log)
    assert log.replace(x=X + 1).original_label == log.original_label
    np.testing.assert_array_equal(log.replace(x=X + 1).log_jacobian, log.log_jacobian)
    assert log.replace(y=Y).log_jacobian.tolist() == [0.0] * N
    mixed = Data(X[:3], [[1, 2], [-np.inf, 3], [4, 4]])
    assert mixed.replace(x=X[:3] + 1).limits.tolist() == [2, 1, 0]


def test_replace_does_not_warn_again():
    matrix = np.eye(N)
    with pytest.warns(match="diagonal"):
        data = Data(X, Y, y_cov=matrix)
    assert data.replace(x=X + 1).y_cov is not None


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda data: pickle.loads(pickle.dumps(data))])
def test_copies_are_whole_and_locked(copied):
    data = copied(full())
    assert data.fingerprint == full().fingerprint
    for array in (data.x, data.y, data.columns["t"], data.labelled):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = array[1]
    with pytest.raises(TypeError):
        data.columns["t"] = X


def changed_fields():
    data = full()
    yield Data(X, Y)
    yield data.replace(x=np.where(X == 9, 9.5, X))
    yield data.replace(names="a", units={})
    yield data.replace(label="z")
    yield data.replace(units={})
    yield data.replace(y_err=1.0)
    yield data.replace(x_err=1.0)
    yield data.replace(xy_cov=None)
    yield data.replace(columns={})
    yield data.replace(columns={"t": X, "name": np.array(list("abcdefghiJ"))})
    yield data.replace(limits=["", "<", ">"] + [""] * 6 + ["<"])
    yield data[::-1]
    yield data[:-1]


def test_fingerprint_tells_every_change():
    prints = [data.fingerprint for data in changed_fields()] + [full().fingerprint]
    assert len(set(prints)) == len(prints)
    assert all(len(digest) == 64 for digest in prints)


def test_fingerprint_is_of_content_not_of_layout():
    assert Data(X.astype(">f4"), Y.astype(int)).fingerprint == Data(X, Y).fingerprint
    assert Data(np.asfortranarray(np.stack([X, Y], 1)), Y).fingerprint == Data(np.stack([X, Y], 1), Y).fingerprint
    text = Data(X, Y, columns={"name": ["a"] * 9 + ["longer"]})
    assert text[:9].fingerprint == Data(X[:9], Y[:9], columns={"name": ["a"] * 9}).fingerprint


def test_duplicates():
    twice = np.concatenate([X, X])
    y = np.concatenate([Y, Y])
    assert Data(twice, y).duplicates == 10
    assert Data(X, Y).duplicates == 0
    assert Data(twice, y, y_err=np.arange(1, 21)).duplicates == 0
    assert Data([np.nan, np.nan, 0.0, -0.0], [1, 1, 2, 2]).duplicates == 2
    assert Data([1, 1, 1], ["a", "b", "a"]).duplicates == 1
    assert Data([1, 1, 1]).duplicates == 2
    assert Data([1, 1], [2, 2], limits=["", "<"]).duplicates == 0


def test_rows_that_a_limit_or_a_gap_makes_equal_are_no_duplicates():
    assert Data([1, 1], [2, 2], limits=["<", "<"]).duplicates == 0
    assert Data([1, 1], [[2, 3], [2, 3]]).duplicates == 0
    assert Data([1, 1, 2], [np.nan, np.nan, 3]).duplicates == 0
    assert Data([1, 1, 2], [None, None, "a"]).duplicates == 0
    assert Data([1, 1, 2, 2], [2, 2, 3, 3], y_err=0.1, limits=["<", "<", "", ""]).duplicates == 1
    assert datasets.harris2013(limit=8.0).duplicates == 0


def test_whole_numbers_among_objects_stay_whole():
    """Identifiers of Gaia have nineteen digits, of which floats keep sixteen."""
    first = 5853498713190525696
    columns = {"id": np.array([first, first + 1], dtype=object), "flag": np.array([True, False], dtype=object)}
    data = Data([0.0, 1.0], [0.0, 1.0], columns=columns)
    assert data.columns["id"].tolist() == [first, first + 1]
    assert data.columns["flag"].dtype == bool
