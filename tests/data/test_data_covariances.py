"""The joint covariance of the labels."""

import numpy as np
import pytest

from bayesfit.data import Data
from bayesfit.errors import BayesfitWarning, DataError

N = 10
X = np.arange(N, dtype=float)
Y = 2 * X + 1
S = np.full(N, 0.5)


def kernel(scale=2.0):
    return 0.25 * np.exp(-(((X[:, None] - X) / scale) ** 2)) + 0.01 * np.eye(N)


def test_y_cov():
    data = Data(X, Y, y_cov=kernel())
    np.testing.assert_array_equal(data.y_cov, kernel())


@pytest.mark.parametrize("shape", [(N, N - 1), (N,), (N - 1, N - 1)])
def test_y_cov_shape(shape):
    with pytest.raises(DataError, match="y_cov has shape"):
        Data(X, Y, y_cov=np.ones(shape))


def test_y_cov_not_positive_definite():
    matrix = 0.25 * np.eye(N)
    matrix[0, 1] = matrix[1, 0] = 0.3
    with pytest.raises(DataError, match=r"smallest eigenvalue is -0.05"):
        Data(X, Y, y_cov=matrix)


def test_singular_y_cov_names_its_rows():
    matrix = 0.25 * np.eye(N)
    matrix[2, 7] = matrix[7, 2] = 0.25
    with pytest.raises(DataError, match="singular: rows 2, 7 depend"):
        Data(X, Y, y_cov=matrix)


def test_singular_y_cov_of_many_units():
    """A tiny but honest variance beside a huge one is no singularity."""
    matrix = np.diag(np.geomspace(1e-20, 1e20, N))
    np.testing.assert_array_equal(Data(X, Y, y_cov=matrix).y_cov, matrix)


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        ((2, 3), 0.2, "rows 2, 3: the matrix is not symmetric"),
        ((4, 4), 0.0, "row 4: the variance is 0"),
        ((4, 4), -1.0, "row 4: the variance is -1"),
        ((5, 5), np.nan, "row 5: entries are not finite"),
    ],
)
def test_bad_y_cov(place, value, words):
    matrix = 0.25 * np.eye(N)
    matrix[place] = value
    with pytest.raises(DataError, match=f"y_cov {words}"):
        Data(X, Y, y_cov=matrix)


def test_y_cov_alone():
    with pytest.raises(DataError, match="y_cov and y_err were both given"):
        Data(X, Y, y_cov=kernel(), y_err=S)
    with pytest.raises(DataError, match="limits"):
        Data(X, Y, y_cov=kernel(), limits=["<"] * N)
    with pytest.raises(DataError, match="limits or intervals"):
        Data(X, np.stack([Y, Y + 1], axis=1), y_cov=kernel())
    with pytest.raises(DataError, match="y_cov was given without y"):
        Data(X, y_cov=kernel())


def test_y_cov_like_a_correlation():
    with pytest.warns(BayesfitWarning, match="diagonal is exactly 1"):
        Data(X, Y, y_cov=np.eye(N))


def test_y_cov_of_missing_labels_is_marginalised():
    y, matrix = Y.copy(), kernel()
    y[3] = np.nan
    matrix[3] = matrix[:, 3] = np.nan
    data = Data(X, y, y_cov=matrix)
    present = np.flatnonzero(data.labelled)
    np.testing.assert_array_equal(data.y_cov[np.ix_(present, present)], kernel()[np.ix_(present, present)])
    assert np.isfinite(data.y_cov).all()
