"""Basis, Fourier and Spline: designs, default priors, and what they refuse."""

import numpy as np
import pytest
from scipy.interpolate import CubicSpline

from bayesfit import Data, Model, ModelError, likelihoods, predictors
from bayesfit.predictors import Basis, Fourier, Outputs, Spline
from bayesfit.priors import Normal

RNG = np.random.default_rng(4)
X = RNG.uniform(0, 10, 40)
OUTPUTS = Outputs(centre=3.0, width=5.0)
KNOTS = (0.5, 2.0, 3.0, 7.0, 9.5)


def constant(x):
    return 1.0


def quarter(x):
    return 0.25 * x


@pytest.mark.parametrize("predictor", [Basis((constant, np.sin, quarter)), Fourier(3.7, 3), Spline(KNOTS)])
def test_all_ways_of_evaluating_agree(predictor):
    weights = {"weight": RNG.normal(size=(4, len(predictor.terms)))}
    expected = weights["weight"] @ predictor.design(X[:, None]).T
    np.testing.assert_allclose(predictor(weights, X[:, None]), expected, rtol=1e-12)
    np.testing.assert_allclose(predictor.bind(X[:, None])(weights), expected, rtol=1e-12)
    each = np.broadcast_to(X[:, None], (4, len(X), 1))
    np.testing.assert_allclose(predictor.at(weights, each), expected, rtol=1e-12, atol=1e-14)
    assert predictor.affine(weights) is None


@pytest.mark.parametrize("predictor", [Basis((constant, np.sin)), Fourier(3.7, 1), Spline(KNOTS)])
def test_classes_have_weights_of_their_own(predictor):
    parameter = predictor.parameters(Data(X), Outputs(("b", "c"), 0.0, 5.0))[0]
    assert parameter.dims == ("class", "term")
    assert parameter.elements[0] == f"weight[b, {predictor.terms[0]}]"
    weight = RNG.normal(size=(3, 2, len(predictor.terms)))
    eta = predictor({"weight": weight}, X[:, None])
    np.testing.assert_allclose(eta[..., 1], weight[:, 1] @ predictor.design(X[:, None]).T, rtol=1e-12)


def test_basis_takes_several_features_as_rows_and_leaves_them_alone():
    def spoil(x):
        x *= 0.0
        return x[0]

    x = RNG.normal(size=(6, 2))
    kept = x.copy()
    np.testing.assert_array_equal(Basis((spoil, lambda x: x[0] * x[1])).design(x)[:, 1], kept[:, 0] * kept[:, 1])
    np.testing.assert_array_equal(x, kept)


def test_basis_names_its_terms_by_function_or_position():
    assert Basis([np.sin, lambda x: x, np.cos]).terms == ("sin", 1, "cos")
    assert Basis([np.sin, np.sin]).terms == (0, 1)


def test_a_leading_constant_is_centred_and_any_other_is_widened():
    names = Model(Basis((constant, quarter)), likelihoods.Gaussian()).parameters(Data(X, X, y_err=1.0)).names
    assert names == ("weight[constant]", "weight[quarter]")
    first = Basis((constant, quarter)).parameters(Data(X), OUTPUTS)[0]
    assert first.default[0] == Normal(3.0, 5.0)
    assert first.default[1].sd == pytest.approx(5.0 / (0.25 * X.std()))
    assert first.centring["weight[constant]"]["weight[quarter]"] == pytest.approx(0.25 * X.mean())
    last = Basis((quarter, constant)).parameters(Data(X), OUTPUTS)[0]
    assert last.default[1].sd == pytest.approx(np.hypot(5.0, 5.0 * X.mean() / X.std()))
    assert not last.centring


def test_without_a_constant_weights_may_reach_the_labels():
    found = Basis((quarter,)).parameters(Data(X), OUTPUTS)[0].default
    assert found[0].sd == pytest.approx(8.0 / np.sqrt(np.mean((0.25 * X) ** 2)))


@pytest.mark.parametrize("functions", [(), (1.0,), 3, np.sin])
def test_basis_refuses_what_is_no_sequence_of_functions(functions):
    with pytest.raises(ModelError, match="functions"):
        Basis(functions)


def test_basis_names_functions_that_fail():
    with pytest.raises(ModelError, match="function 0 raised ZeroDivisionError"):
        Basis((lambda x: 1 / 0,)).parameters(Data([1.0, 2.0, 0.0]), OUTPUTS)
    with pytest.raises(ModelError, match=r"function log is .* at row 2"):
        Basis((np.log,)).parameters(Data([1.0, 2.0, 0.0]), OUTPUTS)
    with pytest.raises(ModelError, match="shape"):
        Basis((lambda x: x[:2],)).design(X[:, None])


def test_fourier_is_its_formula_and_periodic_to_the_last_digit():
    design = Fourier(0.25, 2).design(X[:, None])
    angle = 2 * np.pi * X / 0.25
    expected = np.column_stack([np.ones(40), np.cos(angle), np.sin(angle), np.cos(2 * angle), np.sin(2 * angle)])
    np.testing.assert_allclose(design, expected, atol=1e-12)
    assert Fourier(0.25, 2).terms == ("1", "cos1", "sin1", "cos2", "sin2")
    dates = 2450000.0 + np.arange(8) / 16
    np.testing.assert_allclose(Fourier(0.25, 1).design(dates[:, None])[4:], Fourier(0.25, 1).design(dates[:4, None]))


@pytest.mark.parametrize("arguments", [(0.0, 1), (-1.0, 1), (np.inf, 1), ("1", 1), (1.0, 0), (1.0, 1.5), (1.0, True)])
def test_fourier_refuses_impossible_settings(arguments):
    with pytest.raises(ModelError, match=r"period|harmonics"):
        Fourier(*arguments)


def test_splines_are_natural_cubic_and_linear_beyond_the_boundary():
    reference = CubicSpline(KNOTS, np.eye(5), bc_type="natural")
    inside = np.linspace(0.5, 9.5, 101)
    np.testing.assert_allclose(Spline(KNOTS).design(inside[:, None]), reference(inside), atol=1e-13)
    beyond = np.array([-2.0, 14.0])
    ends = np.array([0.5, 9.5])
    expected = reference(ends) + reference(ends, 1) * (beyond - ends)[:, None]
    np.testing.assert_allclose(Spline(KNOTS).design(beyond[:, None]), expected, atol=1e-12)
    np.testing.assert_allclose(Spline(KNOTS).design(np.array([[-3.0], [4.0], [20.0]])).sum(axis=1), 1.0, atol=1e-12)


def test_two_knots_are_a_straight_line_and_missing_features_stay_missing():
    np.testing.assert_allclose(Spline((0, 2)).design(np.array([[1.0], [4.0]])), [[0.5, 0.5], [-1.0, 2.0]])
    assert np.isnan(Spline(KNOTS).design(np.array([[np.nan]]))).all()


@pytest.mark.parametrize("knots", [(), (1.0,), (1.0, 1.0), (2.0, 1.0), (0.0, np.nan), "ab", (0.0, 1.0, 1.0 + 1e-15)])
def test_spline_refuses_knots_that_do_not_rise(knots):
    with pytest.raises(ModelError, match="knots"):
        Spline(knots)


@pytest.mark.parametrize("predictor", [Fourier(1.0, 1), Spline((0, 1))])
def test_one_feature_only(predictor):
    with pytest.raises(ModelError, match="one feature, the data have 2"):
        predictor.parameters(Data(np.zeros((3, 2))), OUTPUTS)


def test_all_are_public():
    assert {"Basis", "Fourier", "Spline"} <= set(predictors.__all__)


def test_another_body_under_the_same_name_is_another_model():
    """The fingerprint by which files are told apart sees the code of the functions."""
    data = Data(X, X, y_err=1.0)
    one, two = (Model(Basis((f,)), likelihoods.Gaussian()).target(data) for f in (lambda x: x, lambda x: x * 2))
    assert one.fingerprints["model"] != two.fingerprints["model"]
