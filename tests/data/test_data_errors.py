"""Errors of features and labels, and their covariances."""

import numpy as np
import pandas as pd
import pytest

from bayesfit.data import Data
from bayesfit.errors import DataError

N = 10
X = np.arange(N, dtype=float)
Y = 2 * X + 1
S = np.full(N, 0.5)
XX = np.stack([X, X**2], axis=1)


def altered(value, row=3):
    errors = S.copy()
    errors[row] = value
    return errors


def test_scalar_y_err():
    np.testing.assert_array_equal(Data(X, Y, y_err=0.5).y_err, S)


def test_array_of_one_is_no_scalar():
    with pytest.raises(DataError, match=r"y_err has shape \(1,\)"):
        Data(X, Y, y_err=np.array([0.5]))
    assert Data([1.0], [2.0], y_err=[0.5]).y_err.tolist() == [0.5]


@pytest.mark.parametrize("shape", [(9,), (N, 1), (2, N), (N, 3), (N, 2, 2)])
def test_bad_y_err_shapes(shape):
    with pytest.raises(DataError, match="y_err has shape"):
        Data(X, Y, y_err=np.ones(shape))


def test_zero_y_err_suggests_scatter():
    with pytest.raises(DataError, match=r"y_err row 3: the error is zero.*scatter"):
        Data(X, Y, y_err=altered(0.0))


def test_negative_y_err():
    with pytest.raises(DataError, match=r"y_err row 3: -0.5 is negative"):
        Data(X, Y, y_err=altered(-0.5))


@pytest.mark.parametrize("value", [np.inf, np.nan])
def test_unknown_y_err(value):
    with pytest.raises(DataError, match=r"y_err row 3: (inf|nan) is not an error"):
        Data(X, Y, y_err=altered(value))


def test_masked_y_err():
    with pytest.raises(DataError, match="y_err row 3"):
        Data(X, Y, y_err=np.ma.array(S, mask=X == 3))


def test_text_y_err():
    with pytest.raises(DataError, match="y_err row 0 is text"):
        Data(X, Y, y_err=["a"] * N)


@pytest.mark.parametrize("value", [0.0, -1.0, np.nan, np.inf])
def test_y_err_of_missing_labels_is_ignored(value):
    y = Y.copy()
    y[3] = np.nan
    data = Data(X, y, y_err=altered(value))
    assert np.isnan(data.y_err[3])
    np.testing.assert_array_equal(data.y_err[data.labelled], 0.5)


def test_known_y_err_without_label_is_kept():
    np.testing.assert_array_equal(Data(X, y_err=S).y_err, S)


def test_sharp_limits():
    data = Data(X[:3], Y[:3], y_err=[0.5, np.nan, 0.4], limits=["", "<", ">"])
    np.testing.assert_array_equal(data.y_err, [0.5, 0.0, 0.4])
    sharp = Data(X[:2], [[1, 2], [3, 3]], y_err=[np.nan, 0.1])
    np.testing.assert_array_equal(sharp.y_err, [0.0, 0.1])


@pytest.mark.parametrize("value", [-1.0, np.inf])
def test_limits_need_good_errors_too(value):
    with pytest.raises(DataError, match="y_err row 1"):
        Data(X[:3], Y[:3], y_err=[0.5, value, 0.4], limits=["", "<", ">"])


def test_asymmetric_errors():
    pairs = np.stack([S, 2 * S], axis=1)
    np.testing.assert_array_equal(Data(X, Y, y_err=pairs).y_err, pairs)
    pairs[4, 0] *= -1
    with pytest.raises(DataError, match=r"y_err row 4: -0.5 is negative.*\(minus, plus\)"):
        Data(X, Y, y_err=pairs)


@pytest.mark.parametrize("x_err", [0.5, S, S[:, None], {"x": 0.5}, {"x": S}, pd.DataFrame({"x": S})])
def test_x_err_of_one_feature(x_err):
    data = Data(X, Y, x_err=x_err)
    np.testing.assert_array_equal(data.x_err, S[:, None])
    np.testing.assert_array_equal(data.x_cov(), np.full((N, 1, 1), 0.25))


def test_x_err_of_several_features():
    both = np.stack([S, 2 * S], axis=1)
    np.testing.assert_array_equal(Data(XX, Y, x_err=both).x_err, both)
    np.testing.assert_array_equal(Data(XX, Y, x_err=0.5).x_err, np.full((N, 2), 0.5))
    named = Data(XX, Y, x_err={"x1": S})
    np.testing.assert_array_equal(named.x_err, np.stack([0 * S, S], axis=1))
    assert named.noisy.tolist() == [False, True]
    np.testing.assert_array_equal(named.x_cov()[4], [[0, 0], [0, 0.25]])


def test_no_x_err():
    data = Data(XX, Y)
    assert data.x_err is None
    assert data.x_cov() is None
    assert data.noisy.tolist() == [False, False]


@pytest.mark.parametrize("shape", [(N,), (2,), (2, N), (2, 2), (N, 3), (N, 2, 3), (1, 2)])
def test_bad_x_err_shapes(shape):
    with pytest.raises(DataError, match="x_err has shape"):
        Data(XX, Y, x_err=np.ones(shape))


def test_unknown_feature_in_x_err():
    with pytest.raises(DataError, match=r"x_err names 'Tef'.*did you mean 'Teff'"):
        Data(X, Y, names="Teff", x_err={"Tef": S})
    with pytest.raises(DataError, match=r"x_err\['x'\] has shape \(3,\)"):
        Data(X, Y, x_err={"x": [1, 2, 3]})


@pytest.mark.parametrize("value", [-0.1, np.nan, np.inf])
def test_bad_x_err(value):
    with pytest.raises(DataError, match=r"x_err row 2: (-0.1|nan|inf) is not an error"):
        Data(X, Y, x_err=altered(value, 2))


@pytest.mark.parametrize("value", [-0.1, np.nan, np.inf])
def test_x_err_of_a_missing_feature_is_ignored(value):
    x = X.copy()
    x[2] = np.nan
    assert Data(x, Y, x_err=altered(value, 2)).x_err[2, 0] == 0.0


def covariances():
    return np.broadcast_to([[0.25, 0.1], [0.1, 0.16]], (N, 2, 2)).copy()


def test_x_covariances():
    data = Data(XX, Y, x_err=covariances())
    np.testing.assert_array_equal(data.x_cov(), covariances())
    assert data.noisy.tolist() == [True, True]


def test_x_covariances_of_missing_features():
    x, x_err = XX.copy(), covariances()
    x[5, 1] = np.nan
    x_err[5, 1] = x_err[5, :, 1] = np.nan
    np.testing.assert_array_equal(Data(x, Y, x_err=x_err).x_err[5], [[0.25, 0], [0, 0]])


def test_bad_x_covariances():
    x_err = covariances()
    x_err[4, 0, 1] = 0.11
    with pytest.raises(DataError, match=r"x_err row 4: the covariance is not symmetric"):
        Data(XX, Y, x_err=x_err)
    x_err = covariances()
    x_err[[4, 6], 0, 1] = x_err[[4, 6], 1, 0] = 0.3  # correlation 1.5
    with pytest.raises(DataError, match=r"x_err rows 4, 6: .*-0.5"):
        Data(XX, Y, x_err=x_err)
    x_err = covariances()
    x_err[7, 0, 0] = np.nan
    with pytest.raises(DataError, match="x_err row 7"):
        Data(XX, Y, x_err=x_err)
    x_err = covariances()
    x_err[8] = [[-1, 0], [0, 1]]
    with pytest.raises(DataError, match="x_err row 8"):
        Data(XX, Y, x_err=x_err)


def test_x_covariances_may_be_singular():
    x_err = np.broadcast_to([[0.25, 0.2], [0.2, 0.16]], (N, 2, 2))
    np.testing.assert_array_equal(Data(XX, Y, x_err=x_err).x_err, x_err)


def test_tiny_x_covariances_are_judged_at_their_own_scale():
    x_err = covariances() * 1e-24
    assert Data(XX, Y, x_err=x_err).x_err.max() == 0.25e-24
    x_err[:, 0, 1] = x_err[:, 1, 0] = 0.3e-24
    with pytest.raises(DataError, match="not a covariance"):
        Data(XX, Y, x_err=x_err)


def test_xy_cov():
    for xy_cov in (0.5 * S * S, (0.5 * S * S)[:, None], {"x": 0.125}):
        data = Data(X, Y, x_err=S, y_err=S, xy_cov=xy_cov)
        np.testing.assert_array_equal(data.xy_cov, np.full((N, 1), 0.125))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"x_err": None}, "without x_err"),
        ({"y_err": None}, "without y_err"),
        ({"y_err": np.stack([S, S], axis=1)}, "asymmetric"),
        ({"xy_cov": 0.1}, r"xy_cov has shape \(\)"),
        ({"xy_cov": np.zeros((N, 2))}, "xy_cov has shape"),
        ({"xy_cov": altered(0.26, 6) * (X == 6)}, r"xy_cov row 6: larger.*1.04"),
        ({"xy_cov": altered(np.nan, 6) * 0.1}, "xy_cov row 6"),
    ],
)
def test_bad_xy_cov(changes, words):
    with pytest.raises(DataError, match=words):
        Data(X, Y, **{"x_err": S, "y_err": S, "xy_cov": 0.1 * S, **changes})


def test_xy_cov_of_gaps_is_zero():
    x, y = X.copy(), Y.copy()
    x[2], y[3] = np.nan, np.nan
    data = Data(x, y, x_err=S, y_err=altered(np.nan), xy_cov=altered(99.0, 2) * np.where(X == 2, 1, 0.1))
    assert data.xy_cov[2, 0] == 0.0
    assert data.xy_cov[3, 0] == 0.0
    assert data.xy_cov[4, 0] == 0.05


def test_xy_cov_of_two_features_is_judged_jointly():
    """Correlations of 0.8 with each of two independent features exceed 1 together: 0.64 + 0.64."""
    xy_cov = np.full((N, 2), 0.8 * 0.25)
    for x_err in (np.full((N, 2), 0.5), np.broadcast_to(0.25 * np.eye(2), (N, 2, 2))):
        with pytest.raises(DataError, match=r"rows 0, 1, 2, 3, 4, \.\.\. \(10 in all\)"):
            Data(XX, Y, x_err=x_err, y_err=S, xy_cov=xy_cov)
        assert Data(XX, Y, x_err=x_err, y_err=S, xy_cov=0.8 * xy_cov).xy_cov.shape == (N, 2)


def test_exact_features_have_no_covariance():
    with pytest.raises(DataError, match="xy_cov row 1"):
        Data(X, Y, x_err=altered(0.0, 1), y_err=S, xy_cov=np.full(N, 0.01))
