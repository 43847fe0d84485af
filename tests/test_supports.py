"""Changes of variable: inverses, and Jacobians against finite differences."""

import numpy as np
import pytest

from bayesfit.supports import Correlation, Interval, OrderedVector, RealVector, Simplex

INF = np.inf
INTERVALS = [Interval(), Interval(0.0, INF), Interval(3.0, INF), Interval(-INF, -2.0), Interval(-1.0, 4.0)]
VECTORS = [
    *(RealVector(size) for size in (1, 3)),
    *(OrderedVector(size) for size in (1, 2, 4)),
    *(Simplex(size) for size in (2, 3, 4, 6)),
    *(Correlation(dimension) for dimension in (2, 3, 4, 5)),
]
vectors = pytest.mark.parametrize("support", VECTORS, ids=lambda s: f"{type(s).__name__}{s.size}")


def numerical_log_jacobian(support, z, step=1e-5):
    """ln |det d(free values)/dz| by central differences."""
    columns = []
    for k in range(support.n_free):
        shift = step * np.eye(support.n_free)[k]
        columns.append((support.constrain(z + shift)[0] - support.constrain(z - shift)[0]) / (2 * step))
    return np.linalg.slogdet(np.array(columns)[:, : support.n_free])[1]


@pytest.mark.parametrize("interval", INTERVALS, ids=repr)
def test_interval_is_inverted_and_its_jacobian_is_the_slope(interval):
    z = np.linspace(-6, 6, 25)
    value, log_jacobian = interval.constrain(z)
    assert interval.contains(value).all()
    np.testing.assert_allclose(interval.unconstrain(value), z, atol=1e-10)
    slope = (interval.constrain(z + 1e-6)[0] - interval.constrain(z - 1e-6)[0]) / 2e-6
    np.testing.assert_allclose(log_jacobian, np.log(slope), atol=1e-6)


@pytest.mark.parametrize("interval", [Interval(0.0, 1.0), Interval(-1.0, 0.0), Interval(0.0, INF), Interval(-INF, 0.0)])
def test_interval_keeps_its_digits_near_an_end_at_zero(interval):
    """Measured from zero a value can be as small as 1e-300: nothing is lost there."""
    z = np.array([-300.0, -40.0, 40.0, 300.0])
    z = z[np.abs(interval.constrain(z)[0]) < 0.5]
    assert len(z) == 2
    np.testing.assert_allclose(interval.unconstrain(interval.constrain(z)[0]), z, rtol=1e-13)


def test_interval_log_jacobian_far_out_is_finite():
    """ln [s (1 - s)] falls as -|z| where s itself is already 1."""
    log_jacobian = Interval(0.0, 2.0).constrain(np.array([-500.0, 500.0]))[1]
    np.testing.assert_allclose(log_jacobian, np.log(2.0) - 500.0, rtol=1e-14)


@pytest.mark.parametrize("interval", INTERVALS[1:], ids=repr)
def test_interval_ends_and_outside_are_not_contained(interval):
    ends = [end for end in interval if np.isfinite(end)]
    assert not interval.contains(ends).any()
    outside = [end - 1 if end == interval.low else end + 1 for end in ends]
    assert not interval.contains(outside).any()
    assert not np.isfinite(interval.unconstrain([*ends, *outside])).any()


@vectors
def test_vectors_are_inverted(support):
    z = np.random.default_rng(1).normal(0, 1.2, (4, 3, support.n_free))
    value, log_jacobian = support.constrain(z)
    assert value.shape == (4, 3, support.size)
    assert log_jacobian.shape == (4, 3)
    np.testing.assert_allclose(support.unconstrain(value), z, atol=1e-8)
    assert support.contains(value).all()


@vectors
def test_vector_jacobian_is_the_determinant(support):
    for z in np.random.default_rng(2).normal(0, 1.0, (6, support.n_free)):
        assert support.constrain(z)[1] == pytest.approx(numerical_log_jacobian(support, z), abs=1e-6)


@pytest.mark.parametrize("size", [2, 3, 5])
def test_simplex_sums_to_one_and_stays_finite_far_out(size):
    for scale in (1.0, 30.0, 700.0):
        z = scale * np.random.default_rng(3).normal(size=(50, size - 1))
        value, log_jacobian = Simplex(size).constrain(z)
        np.testing.assert_allclose(value.sum(axis=-1), 1.0, rtol=1e-14)
        assert (value >= 0).all()
        assert np.isfinite(log_jacobian).all()


def test_simplex_of_two_is_the_logistic_curve():
    z = np.array([[-1.3], [0.0], [2.0]])
    value, log_jacobian = Simplex(2).constrain(z)
    expected = 1 / (1 + np.exp(-z[:, 0]))
    np.testing.assert_allclose(value[:, 0], expected)
    np.testing.assert_allclose(log_jacobian, np.log(expected * (1 - expected)))


@pytest.mark.parametrize("dimension", [2, 3, 4, 5])
def test_correlations_are_those_of_a_positive_definite_matrix(dimension):
    support = Correlation(dimension)
    z = np.random.default_rng(4).normal(0, 1.5, (200, support.n_free))
    matrix = support.matrix(support.constrain(z)[0])
    np.testing.assert_allclose(np.diagonal(matrix, axis1=1, axis2=2), 1.0)
    np.testing.assert_allclose(matrix, np.swapaxes(matrix, 1, 2))
    assert (np.linalg.eigvalsh(matrix) > 0).all()


def test_correlation_far_out_keeps_a_finite_jacobian():
    """One correlation r = tanh z has dr/dz = 1 - r², about 4 exp(-2|z|)."""
    log_jacobian = Correlation(2).constrain(np.array([[40.0], [-100.0]]))[1]
    np.testing.assert_allclose(log_jacobian, np.log(4) - 2 * np.array([40.0, 100.0]), rtol=1e-14)


def test_correlation_entries_go_row_by_row_below_the_diagonal():
    matrix = Correlation(3).matrix([0.1, 0.2, 0.3])
    np.testing.assert_array_equal(matrix, [[1, 0.1, 0.2], [0.1, 1, 0.3], [0.2, 0.3, 1]])


def test_what_is_outside_a_support_is_not_contained():
    assert not Simplex(3).contains([0.5, 0.7, -0.2])
    assert not Simplex(3).contains([0.5, 0.5, 0.0])
    assert not Correlation(3).contains([0.9, 0.9, -0.9])  # no such matrix is positive definite
    assert not OrderedVector(3).contains([1.0, 3.0, 2.0])
