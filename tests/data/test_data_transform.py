"""A transformed label carries errors, limits and its Jacobian."""

import math

import numpy as np
import pytest

from bayesfit.data import Data
from bayesfit.errors import DataError

Y = np.array([0.5, 1.0, 2.0, 40.0])
X = np.arange(4.0)
SMOOTH = {
    np.log: 1 / Y,
    np.log2: 1 / (Y * math.log(2)),
    np.log10: 1 / (Y * math.log(10)),
    np.log1p: 1 / (1 + Y),
    np.sqrt: 0.5 / np.sqrt(Y),
    np.cbrt: Y ** (-2 / 3) / 3,
    np.exp: np.exp(Y),
    np.expm1: np.exp(Y),
    np.exp2: 2**Y * math.log(2),
    np.arcsinh: 1 / np.sqrt(1 + Y**2),
    np.sinh: np.cosh(Y),
    np.square: 2 * Y,
    np.reciprocal: -1 / Y**2,
    np.negative: -np.ones(4),
}


@pytest.mark.parametrize("f", SMOOTH, ids=lambda f: f.__name__)
@pytest.mark.parametrize("wrap", [False, True], ids=["known", "numerical"])
def test_errors_and_jacobian(f, wrap):
    transform = (lambda y: f(y)) if wrap else f
    data = Data(X, Y, y_err=0.01 * Y).transform(transform)
    np.testing.assert_allclose(data.y, f(Y), rtol=1e-15)
    np.testing.assert_allclose(data.y_err, np.abs(SMOOTH[f]) * 0.01 * Y, rtol=1e-7)
    np.testing.assert_allclose(data.log_jacobian, np.log(np.abs(SMOOTH[f])), rtol=0, atol=1e-7)


def test_a_function_of_one_number():
    np.testing.assert_allclose(Data(X, Y).transform(math.log10).y, np.log10(Y), rtol=1e-15)


def test_names_and_units():
    data = Data(X, Y, label="flux", units={"flux": "Jy", "x": "s"}).transform(np.log10)
    assert data.label == "log10(flux)"
    assert dict(data.units) == {"x": "s"}
    assert Data(X, Y).transform(lambda y: 2 * y).label == "f(y)"


def test_given_derivative():
    data = Data(X, Y, y_err=1.0).transform(lambda y: y**3, lambda y: 3 * y**2)
    np.testing.assert_allclose(data.y_err, 3 * Y**2, rtol=1e-15)
    with pytest.raises(DataError, match=r"derivative= is not the derivative .* at rows 0, 2, 3"):
        Data(X, Y).transform(lambda y: y**2, lambda y: 2 * y**2)


def test_limits_follow():
    data = Data(X, Y, y_err=[0.1, 0.1, np.nan, 0.1], limits=["", "<", ">", ""])
    rising = data.transform(np.log)
    assert rising.limits.tolist() == [0, 1, -1, 0]
    np.testing.assert_allclose(rising.y_low, [np.log(0.5), -np.inf, np.log(2), np.log(40)])
    np.testing.assert_allclose(rising.y_high, [np.log(0.5), 0.0, np.inf, np.log(40)])
    np.testing.assert_allclose(rising.log_jacobian, [np.log(2), 0, 0, -np.log(40)])
    np.testing.assert_allclose(rising.y_err, [0.2, 0.1, 0.0, 0.0025])
    falling = data.transform(np.reciprocal)
    assert falling.limits.tolist() == [0, -1, 1, 0]
    np.testing.assert_allclose(falling.y_low, [2, 1, -np.inf, 1 / 40])
    np.testing.assert_allclose(falling.y_high, [2, np.inf, 0.5, 1 / 40])


@pytest.mark.parametrize(("f", "low", "high"), [(np.log, 0.0, np.log(9)), (np.reciprocal, 1 / 9, 1.0)])
def test_intervals_follow(f, low, high):
    data = Data(X[:2], [[1, 9], [2, 2]]).transform(f)
    assert data.limits.tolist() == [2, 0]
    np.testing.assert_allclose([data.y_low[0], data.y_high[0]], [low, high], atol=1e-15)
    assert data.y[0] == pytest.approx((low + high) / 2)


def test_asymmetric_errors_change_sides_where_f_falls():
    data = Data(X[:1], [2.0], y_err=[[0.1, 0.3]])
    np.testing.assert_allclose(data.transform(np.square).y_err, [[0.4, 1.2]])
    np.testing.assert_allclose(data.transform(np.negative).y_err, [[0.3, 0.1]])


def test_covariances_keep_their_sign():
    data = Data(X, Y, x_err=0.1, y_err=0.1, xy_cov=np.full(4, 0.005))
    np.testing.assert_allclose(data.transform(np.negative).xy_cov[:, 0], -0.005)
    np.testing.assert_allclose(data.transform(np.square).xy_cov[:, 0], 0.01 * Y)
    joint = Data(X, Y, y_cov=0.01 * np.eye(4) + 0.001).transform(np.square)
    np.testing.assert_allclose(joint.y_cov, np.outer(2 * Y, 2 * Y) * (0.01 * np.eye(4) + 0.001))


def test_missing_labels_stay_missing():
    data = Data(X, [np.nan, 1, 2, np.nan], y_err=[np.nan, 1, 1, 1]).transform(np.log)
    assert data.labelled.tolist() == [False, True, True, False]
    np.testing.assert_array_equal(data.log_jacobian[[0, 3]], 0.0)


@pytest.mark.parametrize(
    ("f", "y", "words"),
    [
        (np.log10, [1, 0, -1, 2], r"not finite at rows 1, 2 \(y = 0\)"),
        (np.sqrt, [0, 1, 2, 3], r"derivative of the transformation is not finite at row 0"),
        (np.square, [-1, 1, 2, 3], "not monotone at rows 1, 2, 3"),
        (np.sin, [0.1, 0.2, 2, 6.5], "not monotone"),
        (np.sin, [0.1, 0.2, 0.3, 2 * np.pi + 0.1], "not monotone at row 3"),
        (np.ones_like, Y, "zero|trusted"),
        (lambda y: y.sum(), Y, r"shape \(\)"),
        (np.abs, [0.0, 1, 2, 3], "row 0"),
        (lambda y: y + 1j, Y, "transform: the function's result is complex"),
        (lambda y: 1 / 0, Y, "transform: the function raised ZeroDivisionError: division by zero"),
        (math.log, [1.0, -1.0, 2.0, 3.0], "transform: the function raised ValueError"),
        (lambda y: [str(value) for value in y], Y, "result row 0 is text"),
        ("log", Y, "transform: f='log' is not a function; give one, such as np.log10"),
        (None, Y, "transform: f=None is not a function"),
    ],
)
def test_bad_transformations(f, y, words):
    with pytest.raises(DataError, match=words):
        Data(X, y).transform(f)


def test_a_derivative_that_is_no_function():
    with pytest.raises(DataError, match="transform: derivative='1/y' is not a function"):
        Data(X, Y).transform(np.log, "1/y")


def test_a_function_that_chooses_by_value():
    """One that compares, and so refuses arrays, is given single numbers."""
    data = Data(X, Y).transform(lambda y: math.log(y) if y > 0 else -math.inf)
    np.testing.assert_allclose(data.y, np.log(Y), rtol=1e-15)


def test_only_numbers():
    with pytest.raises(DataError, match="these are classes"):
        Data(X, list("abab")).transform(np.log)


def test_end_of_an_interval_outside_the_domain():
    with pytest.raises(DataError, match=r"not finite at row 1 \(y = -1\)"):
        Data(X[:2], [[1, 1], [-1, 5]]).transform(np.log)


def test_identity_of_the_original_label():
    data = Data(X, Y)
    there = data.transform(np.log10)
    assert there.original_label == data.original_label
    assert there.fingerprint != data.fingerprint
    assert there[1:].original_label == data[1:].original_label != data.original_label
    assert Data(X, Y + 1).original_label != data.original_label
    assert there.without_labels([0]).original_label == data.without_labels([0]).original_label


def test_chained_transformations_multiply_their_derivatives():
    twice = Data(X, Y, y_err=0.1 * Y).transform(np.sqrt).transform(np.log)
    once = Data(X, Y, y_err=0.1 * Y).transform(lambda y: 0.5 * np.log(y), lambda y: 0.5 / y)
    np.testing.assert_allclose(twice.log_jacobian, once.log_jacobian, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(twice.y_err, once.y_err, rtol=1e-12)
    assert twice.original_label == once.original_label


def test_the_density_of_the_original_label_follows():
    """For an exact y, the density of log y times |dlog y/dy| is that of y: a log-normal one."""
    from scipy import stats

    data = Data(X, Y).transform(np.log)
    density = stats.norm.logpdf(data.y, 0.3, 0.7) + data.log_jacobian
    np.testing.assert_allclose(density, stats.lognorm.logpdf(Y, 0.7, scale=math.exp(0.3)), rtol=1e-12)


@pytest.mark.parametrize("interval", [(-1.0, 3.0), (-1.0, 9.0)])
def test_intervals_on_both_sides_of_a_turn_are_refused(interval):
    with pytest.raises(DataError, match="not monotone inside the interval of row 0"):
        Data([1.0, 2.0], [interval, (2.0, 2.0)]).transform(np.square)
