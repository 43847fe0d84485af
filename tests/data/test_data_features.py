"""What x may be."""

import decimal

import numpy as np
import pandas as pd
import pytest
import scipy.sparse

from bayesfit.data import Data
from bayesfit.errors import DataError

N = 10
X = np.arange(N, dtype=float)
Y = 2 * X + 1 + 0.3 * np.sin(7 * X)


def test_one_feature_becomes_a_column():
    data = Data(X, Y)
    assert data.x.shape == (N, 1)
    assert data.names == ("x",)
    assert data.label == "y"
    np.testing.assert_array_equal(data.x[:, 0], X)


def test_several_features_are_numbered():
    data = Data(np.stack([X, X**2, X**3], axis=1), Y)
    assert data.names == ("x0", "x1", "x2")
    assert data.n_features == 3


def test_names_can_be_given():
    assert Data(X, Y, names="Teff").names == ("Teff",)
    assert Data(np.stack([X, X], 1), Y, names=["a", "b"]).names == ("a", "b")


@pytest.mark.parametrize("names", [["a"], ["a", "b", "c"], ["a", "a"], ["a", ""], ["a", 1]])
def test_bad_names(names):
    with pytest.raises(DataError, match="names"):
        Data(np.stack([X, X], 1), Y, names=names)


def test_rows_must_match():
    with pytest.raises(DataError, match="x has 9 rows, y has 10"):
        Data(X[:9], Y)


def test_transposed_features():
    with pytest.raises(DataError, match="x has 2 rows, y has 10"):
        Data(X.reshape(2, 5), Y)


@pytest.mark.parametrize("x", [[], np.zeros((0, 3)), pd.DataFrame({"a": []})])
def test_no_rows(x):
    with pytest.raises(DataError, match="no data"):
        Data(x, [])


def test_no_features():
    with pytest.raises(DataError, match="at least one feature"):
        Data(np.zeros((3, 0)), Y[:3])
    with pytest.raises(DataError, match="at least one feature"):
        Data({}, Y[:3])


def test_scalar_x():
    with pytest.raises(DataError, match=r"x has shape \(\) \(0-d\)"):
        Data(np.float64(3.0), 2.0)


def test_three_dimensional_x():
    with pytest.raises(DataError, match="3-d"):
        Data(np.zeros((2, 2, 2)), Y[:2])


@pytest.mark.parametrize("x", [np.atleast_2d(X).view(np.matrix).T, scipy.sparse.eye(10), "abc", {1, 2}])
def test_exotic_containers(x):
    with pytest.raises(DataError, match="pass a dense"):
        Data(x, Y)


def test_ragged_lists():
    with pytest.raises(DataError, match="x cannot be read"):
        Data([[1, 2], [3]], [1, 2])


@pytest.mark.parametrize("dtype", ["u1", "i2", "i8", "f4", "f8", ">f8", ">i4", ">f4", "?"])
def test_every_number_becomes_native_float(dtype):
    whole = np.array([0, 1, 1, 0]).astype(dtype)
    data = Data(whole, whole.astype(float))
    assert data.x.dtype == np.float64
    assert data.x.dtype.isnative
    np.testing.assert_array_equal(data.x[:, 0], [0.0, 1.0, 1.0, 0.0])


def test_small_integers_do_not_wrap():
    data = Data(np.array([3, 250], np.uint8), np.array([300, 3], np.int16))
    np.testing.assert_array_equal(data.x[:, 0] - 5, [-2.0, 245.0])
    np.testing.assert_array_equal(data.y**2, [90000.0, 9.0])


def test_objects_that_are_numbers():
    data = Data([decimal.Decimal("1.5"), None, 2], [1, 2, 3])
    np.testing.assert_array_equal(data.x[:, 0], [1.5, np.nan, 2.0])


@pytest.mark.parametrize(
    ("x", "words"),
    [
        (X + 0j, "x is complex"),
        (np.array(["1.0"] * N), "x row 0 is text, '1.0'"),
        ([1.0, "a", *X[2:]], "x row 1 is text, 'a'"),
        (np.array(["2020-01-01"] * N, dtype="M8[D]"), "datetime64"),
        ([1j, *X[1:].tolist()], "complex"),
        ([object(), *X[1:]], "row 0"),
        ([10**400, *X[1:]], "row 0"),
    ],
)
def test_things_that_are_no_numbers(x, words):
    with pytest.raises(DataError, match=words):
        Data(x, Y)


def test_nan_is_missing():
    x = X.copy()
    x[[2, 7]] = np.nan
    data = Data(x, Y)
    np.testing.assert_array_equal(np.flatnonzero(data.missing[:, 0]), [2, 7])
    assert data.noisy.tolist() == [True]


def test_infinite_x_names_its_rows():
    x = X.copy()
    x[[2, 7]] = np.inf
    with pytest.raises(DataError, match="x rows 2, 7 is not finite"):
        Data(x, Y)


def test_half_precision_overflow():
    with np.errstate(over="ignore"):
        x = np.array([70000.0, 1.0]).astype(np.float16)
    with pytest.raises(DataError, match="x row 0 is not finite"):
        Data(x, [1, 2])


def test_masked_values_are_missing_and_never_used():
    x = np.ma.array(X.copy(), mask=X == 3)
    x.data[3] = 999.0
    data = Data(x, Y)
    assert data.missing[:, 0].tolist() == (X == 3).tolist()
    assert not (data.x == 999.0).any()
    whole = np.ma.array(np.arange(N), mask=X == 4)
    assert np.isnan(Data(whole, Y).x[4, 0])


def test_callers_arrays_are_neither_changed_nor_shared():
    x, y, errors = X.copy(), Y.copy(), np.full(N, 0.5)
    x[1] = np.nan
    x_err = np.full(N, np.nan)
    x_err[2:] = 0.1
    x_err[0] = 0.1
    kept = [array.copy() for array in (x, y, errors, x_err)]
    data = Data(x, y, x_err=x_err, y_err=errors, columns={"t": x})
    for now, then in zip((x, y, errors, x_err), kept, strict=True):
        np.testing.assert_array_equal(now, then)
    for array in (data.x, data.y, data.labels, data.y_err, data.x_err, data.columns["t"], data.y_low):
        assert not any(np.shares_memory(array, own) for own in (x, y, errors, x_err))
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 7.0


def test_fields_cannot_be_reassigned():
    data = Data(X, Y, columns={"t": X})
    with pytest.raises(AttributeError):
        data.x = X
    with pytest.raises(TypeError):
        data.columns["t"] = X


def test_series_bring_their_names():
    data = Data(pd.Series(X, name="Teff"), pd.Series(Y, name="mass"))
    assert data.names == ("Teff",)
    assert data.label == "mass"


def test_indexes_must_agree():
    with pytest.raises(DataError, match="index of x and that of y differ"):
        Data(pd.Series(X, index=range(N)), pd.Series(Y, index=range(N - 1, -1, -1)))
    with pytest.raises(DataError, match="index of x and that of y_err differ"):
        Data(pd.DataFrame({"a": X}), Y, y_err=pd.Series(np.ones(N), index=range(5, 15)))
    with pytest.raises(DataError, match="index of y and that of columns differ"):
        Data(X, pd.Series(Y), columns={"t": pd.Series(X, index=range(5, 15))})


def test_nullable_integers():
    data = Data(pd.array([1, None, 3], dtype="Int64"), [1, 2, 3])
    np.testing.assert_array_equal(data.x[:, 0], [1.0, np.nan, 3.0])


def test_label_and_feature_need_different_names():
    with pytest.raises(DataError, match="both called 'y'"):
        Data(X, Y, names="y")


@pytest.mark.parametrize("word", ["weights", "sample_weight"])
def test_weights_are_refused_with_the_reason(word):
    with pytest.raises(DataError, match=f"{word}= is refused.*y_err"):
        Data(X, Y, **{word: np.ones(N)})


def test_unknown_arguments():
    with pytest.raises(TypeError, match="did you mean 'y_err'"):
        Data(X, Y, yerr=1.0)


def test_columns_keep_numbers_times_and_text():
    days = np.array(["2020-01-01"] * 3, dtype="M8[D]")
    further = {"id": [10**18 + 1, 2, 3], "group": ["a", "b", "a"], "t": [1, None, 2.5], "day": days}
    data = Data(X[:3], Y[:3], columns={**further, "name": [b"x", b"y", None], "ok": [True, False, True]})
    assert data.columns["id"].tolist() == [10**18 + 1, 2, 3]
    assert data.columns["group"].tolist() == ["a", "b", "a"]
    np.testing.assert_array_equal(data.columns["t"], [1.0, np.nan, 2.5])
    np.testing.assert_array_equal(data.columns["day"], days)
    assert data.columns["name"].tolist() == ["x", "y", None]
    assert data.columns["ok"].tolist() == [True, False, True]


def test_bad_columns():
    with pytest.raises(DataError, match=r"column 't' has shape \(2,\)"):
        Data(X, Y, columns={"t": [1, 2]})
    with pytest.raises(DataError, match="columns is a ndarray"):
        Data(X, Y, columns=X)
    with pytest.raises(DataError, match=r"column 't'.*complex"):
        Data(X, Y, columns={"t": X + 1j})


def test_units():
    data = Data(X, Y, units={"x": "km", "y": "s", "t": None}, columns={"t": X})
    assert dict(data.units) == {"x": "km", "y": "s"}
    with pytest.raises(DataError, match=r"units names 'xx'.*did you mean 'x'"):
        Data(X, Y, units={"xx": "km"})
