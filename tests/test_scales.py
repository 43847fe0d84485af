"""The yardsticks of default priors: what varies, and what only seems to."""

import numpy as np
import pytest

from bayesfit import Data, Model, likelihoods, predictors
from bayesfit.errors import DataError
from bayesfit.scales import feature_spreads, label_spread


@pytest.mark.parametrize("value", [0.7, 0.74158842, 1e9 + 0.1, -1e-30])
@pytest.mark.parametrize("size", [3, 6, 7, 49])
def test_equal_numbers_have_their_size_as_spread_however_their_mean_is_rounded(value, size):
    data = Data(np.full(size, value), np.full(size, value))
    assert feature_spreads(data) == pytest.approx(abs(value), rel=1e-15)
    assert label_spread(data) == abs(value)


def test_the_smallest_spread_that_the_numbers_hold_is_one():
    near = [1.0, np.nextafter(1.0, 2.0), 1.0]
    assert 0 < label_spread(Data([1.0, 2.0, 3.0], near)) < 1e-15
    assert 0 < feature_spreads(Data(near, [1.0, 2.0, 3.0]))[0] < 1e-15


def test_a_missing_feature_has_one():
    assert feature_spreads(Data([[np.nan, 1.0], [np.nan, 3.0]], [1.0, 2.0])).tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("predictor", "x"),
    [
        (predictors.Linear(), [1e-300, 2e-300, 4e-300]),
        (predictors.Polynomial(5), [1e130, 2e130, 4e130]),
        (predictors.Polynomial(5), [1e-60, 2e-60, 4e-60]),
        (predictors.Terms((("a",), ("a", "a")), ("a",), True, "y"), [1e-120, 2e-120, 4e-120]),
    ],
)
def test_features_whose_coefficients_cannot_be_squared_are_refused(predictor, x):
    data = Data(x, [1.0, 2.0, 2.5], y_err=0.1, names=["a"])
    with pytest.raises(DataError, match="which cannot be squared; choose another unit of the features"):
        Model(predictor, likelihoods.Gaussian()).target(data)
