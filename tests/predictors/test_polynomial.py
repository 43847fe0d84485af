"""Polynomials, against numpy's own and against derivatives."""

import math

import numpy as np
import pytest
from numpy.polynomial import polynomial

from bayesfit import Data
from bayesfit.errors import ModelError
from bayesfit.parameters import Parameters
from bayesfit.predictors import Outputs, Polynomial
from bayesfit.priors import Normal

OUTPUTS = Outputs(centre=3.0, width=20.0)


def parameters_of(predictor, data, outputs=OUTPUTS):
    return Parameters(predictor.parameters(data, outputs))


@pytest.mark.parametrize("pivot", [None, 2.5])
@pytest.mark.parametrize("degree", [0, 1, 2, 5])
def test_one_feature_is_numpys_polynomial(degree, pivot):
    data = Data(np.linspace(1, 4, 6), np.arange(6.0))
    predictor = Polynomial(degree, pivot=pivot)
    parameters = parameters_of(predictor, data)
    assert parameters.names == tuple(f"coefficient[{k}]" for k in range(degree + 1))
    theta = np.random.default_rng(1).normal(size=(3, degree + 1))
    expected = [polynomial.polyval(data.x[:, 0] - (pivot or 0), row) for row in theta]
    np.testing.assert_allclose(predictor(parameters.unpack(theta), data.x), expected)


def test_two_features_have_all_monomials_up_to_the_degree():
    data = Data(np.random.default_rng(2).normal(size=(8, 2)), np.arange(8.0), names=("a", "b"))
    predictor = Polynomial(2, pivot=(0.5, -1))
    parameters = parameters_of(predictor, data)
    assert parameters["coefficient"].coords[0] == ("1", "a", "b", "a^2", "a b", "b^2")
    theta = np.random.default_rng(3).normal(size=(4, 6))
    a, b = data.x[:, 0] - 0.5, data.x[:, 1] + 1
    expected = theta @ np.array([np.ones(8), a, b, a**2, a * b, b**2])
    np.testing.assert_allclose(predictor(parameters.unpack(theta), data.x), expected)


@pytest.mark.parametrize("pivot", [None, 7.0])
def test_default_priors_speak_of_the_taylor_coefficients_at_the_mean(pivot):
    data = Data([8.0, 9.0, 11.0, 14.0], [1.0, 2.0, 3.0, 4.0])
    predictor = Polynomial(3, pivot=pivot)
    parameters = parameters_of(predictor, data)
    theta = np.random.default_rng(4).normal(size=(5, 4))
    mean, spread = data.x.mean(), data.x.std()
    expected = np.zeros(5)
    for k in range(4):
        derivative = polynomial.polyder(theta, k, axis=1)
        taylor = np.array([polynomial.polyval(mean - (pivot or 0), row) for row in derivative]) / math.factorial(k)
        expected += Normal(3.0 if k == 0 else 0.0, 20 / spread**k).log_prob(taylor)
    np.testing.assert_allclose(parameters.log_prior(theta), expected)


def test_default_priors_in_two_features_speak_of_partial_derivatives_at_the_mean():
    data = Data(np.random.default_rng(5).normal([4, -3], [1, 2], (9, 2)), np.arange(9.0), names=("a", "b"))
    predictor = Polynomial(2)
    parameters = parameters_of(predictor, data)
    theta = np.random.default_rng(6).normal(size=(3, 6))
    c0, ca, cb, caa, cab, cbb = theta.T
    (a, b), (sa, sb) = data.x.mean(axis=0), data.x.std(axis=0)
    taylor = [
        (c0 + ca * a + cb * b + caa * a**2 + cab * a * b + cbb * b**2, 1.0),
        (ca + 2 * caa * a + cab * b, sa),
        (cb + cab * a + 2 * cbb * b, sb),
        (caa, sa**2),
        (cab, sa * sb),
        (cbb, sb**2),
    ]
    expected = sum(Normal(3.0 * (k == 0), 20 / s).log_prob(value) for k, (value, s) in enumerate(taylor))
    np.testing.assert_allclose(parameters.log_prior(theta), expected)


def test_walking_coordinates_are_the_taylor_coefficients():
    """A step in the last one alone leaves value and slope at the mean of x as they were."""
    data = Data([2000.0, 2010.0, 2020.0], [1.0, 2.0, 3.0])
    parameters = parameters_of(Polynomial(2), data)
    theta, log_jacobian = parameters.constrain(np.array([[1.0, 2.0, 3.0], [1.0, 2.0, 5.0]]))
    np.testing.assert_array_equal(log_jacobian, 0.0)
    offsets = np.array([-1.0, 0.0, 1.0])
    eta = Polynomial(2)(parameters.unpack(theta), 2010 + offsets[:, None])
    np.testing.assert_allclose(eta, 1 + 2 * offsets + np.array([[3], [5]]) * offsets**2, atol=1e-6)


def test_classes_have_a_polynomial_each():
    data = Data([1.0, 2.0, 4.0], [1.0, 2.0, 3.0])
    predictor = Polynomial(2)
    parameters = parameters_of(predictor, data, Outputs(classes=("cat", "dog")))
    theta = np.random.default_rng(7).normal(size=(4, 6))
    eta = predictor(parameters.unpack(theta), data.x)
    assert eta.shape == (4, 3, 2)
    for k in range(2):
        expected = [polynomial.polyval(data.x[:, 0], row) for row in theta[:, 3 * k : 3 * k + 3]]
        np.testing.assert_allclose(eta[..., k], expected)
    taylor = np.array([[polynomial.polyval(7 / 3, row) for row in theta[:, 3 * k : 3 * k + 3]] for k in range(2)])
    shifted = theta.copy()
    shifted[:, [0, 3]] += 1.0
    change = parameters.log_prior(shifted) - parameters.log_prior(theta)
    np.testing.assert_allclose(change, (Normal(0, 1).log_prob(taylor + 1) - Normal(0, 1).log_prob(taylor)).sum(axis=0))


@pytest.mark.parametrize("degree", [-1, 1.5, True, "two", None])
def test_a_degree_is_a_whole_number(degree):
    with pytest.raises(ModelError, match="degree"):
        Polynomial(degree)


def test_a_pivot_has_a_finite_number_for_each_feature():
    with pytest.raises(ModelError, match="pivot"):
        Polynomial(1, pivot=(1.0, 2.0)).parameters(Data([1.0, 2.0], [1.0, 2.0]), OUTPUTS)
