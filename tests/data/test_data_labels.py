"""What y may be: numbers, classes, limits and intervals, with gaps."""

import numpy as np
import pandas as pd
import pytest

from bayesfit.data import Data
from bayesfit.errors import DataError

X4 = np.arange(4.0)


def test_numbers():
    data = Data(X4, [1, 2, 3, 4])
    assert data.kind == "numbers"
    assert data.y.dtype == np.float64
    assert data.labels.dtype == np.int64
    assert data.limits.tolist() == [0] * 4
    np.testing.assert_array_equal(data.y_low, data.y)
    np.testing.assert_array_equal(data.y_high, data.y)
    assert data.classes == (1, 2, 3, 4)


def test_no_labels():
    data = Data(X4)
    assert data.kind == "none"
    assert data.y is None
    assert data.limits is None
    assert not data.labelled.any()
    assert data.classes == ()


def test_missing_numbers():
    data = Data(X4, [1.0, np.nan, 3.0, None])
    assert data.kind == "numbers"
    assert data.labelled.tolist() == [True, False, True, False]


def test_missing_whole_numbers_stay_whole():
    for y in (pd.array([1, None, 3, 1], dtype="Int64"), [1, None, 3, 1]):
        data = Data(X4, y)
        np.testing.assert_array_equal(data.y, [1.0, np.nan, 3.0, 1.0])
        assert data.kind == "numbers"
        assert data.classes == (1, 3)


@pytest.mark.parametrize(
    ("y", "classes"),
    [
        (["dog", "cat", "cat", "dog"], ("cat", "dog")),
        (np.array(["b", "a", "b", "b"]), ("a", "b")),
        ([True, False, True, True], (False, True)),
        (np.array([True, False, True, True]), (False, True)),
        (pd.Categorical([3, 1, 3, 3]), (1, 3)),
        (pd.Series(["u", None, "v", "v"]), ("u", "v")),
        (np.array([b"s", b"t", b"t", b"s"]), ("s", "t")),
        (np.array([b"\x80", b"\x81", b"a", b"a"]), ("\\x80", "\\x81", "a")),
        (["1.0", "2", "2", "2"], ("1.0", "2")),
        (pd.array([True, None, False, True], dtype="boolean"), (False, True)),
        (np.ma.array(["a", "b", "a", "c"], mask=[0, 0, 0, 1]), ("a", "b")),
    ],
)
def test_classes(y, classes):
    data = Data(X4, y)
    assert data.kind == "classes"
    assert data.classes == classes
    assert [type(name) for name in data.classes] == [type(name) for name in classes]
    assert data.limits is None


def test_missing_classes():
    data = Data(X4, ["a", None, np.nan, "b"])
    assert data.labelled.tolist() == [True, False, False, True]
    assert data.y.tolist() == ["a", None, None, "b"]


def test_mixed_classes():
    with pytest.raises(DataError, match=r"mixes labels of type int and str \(row 1 int\)"):
        Data(X4, ["a", 1, "b", "c"])


@pytest.mark.parametrize("argument", ["y_err", "xy_cov", "y_cov"])
def test_classes_have_no_errors(argument):
    with pytest.raises(DataError, match=f"{argument} was given, but y holds class labels"):
        Data(X4, list("abab"), x_err=0.1, **{argument: np.ones((4, 4)) if argument == "y_cov" else np.ones(4)})


def test_classes_have_no_limits():
    with pytest.raises(DataError, match="class labels, which have no limits"):
        Data(X4, list("abab"), limits=["<"] * 4)


def test_column_vector():
    with pytest.raises(DataError, match=r"y has shape \(4, 1\).*ravel"):
        Data(X4, X4[:, None])


@pytest.mark.parametrize("y", [np.zeros((4, 3)), np.zeros((4, 2, 2)), 3.0, np.array(list("abcdefgh")).reshape(4, 2)])
def test_bad_shapes(y):
    with pytest.raises(DataError, match=r"^y "):
        Data(X4, y)


def test_complex():
    with pytest.raises(DataError, match="y is complex"):
        Data(X4, X4 + 0j)


def test_infinite():
    with pytest.raises(DataError, match=r"y rows 1, 3 is infinite"):
        Data(X4, [0, np.inf, 0, -np.inf])


def test_masked_numbers():
    data = Data(X4, np.ma.array([1.0, 99.0, 2.0, 3.0], mask=[0, 1, 0, 0]))
    np.testing.assert_array_equal(data.y, [1.0, np.nan, 2.0, 3.0])


def test_limits():
    data = Data(np.arange(7.0), np.arange(7.0), limits=["", "upper", "<", "lower", ">", None, np.nan])
    inf = np.inf
    assert data.limits.tolist() == [0, 1, 1, -1, -1, 0, 0]
    assert data.y_low.tolist() == [0, -inf, -inf, 3, 4, 5, 6]
    assert data.y_high.tolist() == [0, 1, 2, inf, inf, 5, 6]
    assert data.y.tolist() == [0, 1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    "limits",
    [
        np.array(["", "upper", "<", ""]),
        pd.Series(["", "upper", "<", None]),
        np.ma.array(["", "<", "<", ">"], mask=[0, 0, 0, 1]),
        np.array([b"", b"<", b"upper", b""]),
    ],
)
def test_limits_of_every_make(limits):
    assert Data(X4, X4, limits=limits).limits.tolist() == [0, 1, 1, 0]


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ([0, 1, 2, 0], "limits rows 0, 1, 2, 3: 0 is not a flag"),
        (["", "Upper", "", "up"], "limits rows 1, 3: 'Upper' is not a flag"),
        (["", "<"], r"limits has shape \(2,\)"),
        ("<", "limits is a str"),
    ],
)
def test_bad_limits(limits, words):
    with pytest.raises(DataError, match=words):
        Data(X4, X4, limits=limits)


def test_a_limit_needs_its_value():
    with pytest.raises(DataError, match="y row 2 is NaN but flagged as a limit"):
        Data(X4, [1, 2, np.nan, 4], limits=["", "", "<", ""])


def test_limits_need_labels():
    with pytest.raises(DataError, match="limits were given without y"):
        Data(X4, limits=["<"] * 4)


def test_intervals():
    inf = np.inf
    data = Data(np.arange(5.0), [[1, 1], [-inf, 2], [3, inf], [1, 4], [np.nan, np.nan]])
    assert data.limits.tolist() == [0, 1, -1, 2, 0]
    np.testing.assert_array_equal(data.y, [1, 2, 3, 2.5, np.nan])
    np.testing.assert_array_equal(data.y_low, [1, -inf, 3, 1, np.nan])
    np.testing.assert_array_equal(data.y_high, [1, 2, inf, 4, np.nan])
    assert data.labelled.tolist() == [True, True, True, True, False]


@pytest.mark.parametrize(
    ("pair", "words"),
    [
        ((2, 1), r"row 1: the interval \(2, 1\) has its low end above"),
        ((np.nan, 1), "one NaN end"),
        ((-np.inf, np.inf), "open at both ends"),
        ((np.inf, np.inf), "equal infinite ends"),
        ((-np.inf, -np.inf), "equal infinite ends"),
    ],
)
def test_bad_intervals(pair, words):
    with pytest.raises(DataError, match=words):
        Data(X4, [(0, 1), pair, (0, 0), (1, 2)])


def test_intervals_with_limits():
    with pytest.raises(DataError, match="holds intervals already"):
        Data(X4, np.zeros((4, 2)), limits=["<"] * 4)
