"""Functions of the user's: any that curve_fit would take, whether or not they broadcast."""

import functools
import math

import numpy as np
import pytest
from astropy import units

from bayesfit import Data
from bayesfit.errors import ModelError, PriorError
from bayesfit.parameters import Parameters
from bayesfit.predictors import Function, Outputs
from bayesfit.priors import Fixed, Normal

X = np.linspace(0.5, 3, 7)
DATA = Data(X, np.zeros(7))


def vectorised(x, a, b):
    return a * np.exp(-b * x)


def with_math(x, a, b):
    return [a * math.exp(-b * t) for t in x]


def with_branch(x, a, b):
    return a * np.exp(-b * x) if b > -1e9 else np.zeros_like(x)


def spoils_x(x, a, b):
    x *= -b
    np.exp(x, out=x)
    x *= a
    return x


def spoils_parameters(x, a, b):
    b *= -1
    result = a * np.exp(b * x)
    if isinstance(a, np.ndarray):
        a[...] = np.nan
    return result


def mixes_walkers(x, a, b):
    """Broadcasts without complaint, but wrongly: it uses all walkers' amplitudes at once."""
    return np.max(a) * np.exp(-b * x)


def values_for(n_vectors, seed=1):
    a, b = np.random.default_rng(seed).normal([2, 1], 0.3, (n_vectors, 2)).T
    return {"a": a, "b": b}


@pytest.mark.parametrize("n_vectors", [1, 2, 3, 6, 7, 8, 40])
@pytest.mark.parametrize("n_rows", [1, 2, 3, 7])
@pytest.mark.parametrize(
    "f",
    [vectorised, with_math, with_branch, spoils_x, spoils_parameters, mixes_walkers],
    ids=lambda f: f.__name__,
)
def test_every_way_of_writing_it_gives_the_same(f, n_vectors, n_rows):
    x = X[:n_rows, None]
    values = values_for(n_vectors)
    before = {name: v.copy() for name, v in values.items()}
    eta = Function(f).bind(x)
    expected = values["a"][:, None] * np.exp(-values["b"][:, None] * x[:, 0])
    for _ in range(2):  # what was decided on the first call, and what was left by it
        np.testing.assert_allclose(eta(values), expected)
    np.testing.assert_array_equal(x[:, 0], X[:n_rows])
    for name in values:
        np.testing.assert_array_equal(values[name], before[name])


@pytest.mark.parametrize("f", [vectorised, with_math, mixes_walkers], ids=lambda f: f.__name__)
def test_one_vector_first_decides_nothing_for_many(f):
    eta = Function(f).bind(X[:, None])
    eta(values_for(1))
    values = values_for(5)
    np.testing.assert_allclose(eta(values), values["a"][:, None] * np.exp(-values["b"][:, None] * X))


def test_a_function_that_broadcasts_is_called_once_for_all_walkers():
    calls = []

    def counted(x, a, b):
        calls.append(np.shape(a))
        return a * np.exp(-b * x)

    eta = Function(counted).bind(X[:, None])
    eta(values_for(50))
    calls.clear()
    eta(values_for(50))
    assert calls == [(50, 1)]


def test_several_features_come_first():
    def plane(x, a, b):
        assert x.shape == (2, 5)
        return a * x[0] + b * x[1]

    x = np.random.default_rng(2).normal(size=(5, 2))
    values = values_for(4)
    expected = values["a"][:, None] * x[:, 0] + values["b"][:, None] * x[:, 1]
    np.testing.assert_allclose(Function(plane)(values, x), expected)


def by_axis(x, amp, b):
    return amp[0] + amp[1] * x + amp[2] * x**2 + b


def by_dot(x, amp, b):
    return np.vander(x, 3, increasing=True) @ amp + b


@pytest.mark.parametrize("n_rows", [2, 3, 7])
@pytest.mark.parametrize("f", [by_axis, by_dot], ids=lambda f: f.__name__)
def test_vector_parameters_have_the_length_of_shapes(f, n_rows):
    predictor = Function(f, shapes={"amp": 3})
    parameters = Parameters(predictor.parameters(DATA, Outputs()), {"amp": Normal(0, 1), "b": Normal(0, 1)})
    assert parameters.names == ("amp[0]", "amp[1]", "amp[2]", "b")
    theta = np.random.default_rng(3).normal(size=(6, 4))
    x = X[:n_rows]
    expected = theta[:, :3] @ np.array([x**0, x, x**2]) + theta[:, 3:]
    np.testing.assert_allclose(predictor(parameters.unpack(theta), x[:, None]), expected)


def test_a_constant_result_is_spread_over_the_rows():
    values = {"a": np.array([1.0, 2.0])}
    np.testing.assert_array_equal(Function(lambda x, a: a)(values, X[:3, None]), [[1, 1, 1], [2, 2, 2]])


# -- parameters -------------------------------------------------------------------------------------------


def with_default(x, a, floor=1.5):
    return a * x + floor


def test_an_argument_with_a_default_is_a_constant_unless_given_a_prior():
    parts = Function(with_default).parameters(DATA, Outputs())
    parameters = Parameters(parts, {"a": Normal(0, 1)})
    assert parameters.names == ("a",)
    assert parameters.fixed == {"floor": 1.5}
    assert Parameters(parts, {"a": Normal(0, 1), "floor": Normal(0, 1)}).names == ("a", "floor")


def test_a_vector_default_fixes_each_element():
    predictor = Function(lambda x, a, w=(1, 2): a * w[0] + w[1] * x, shapes={"w": 2})
    parameters = Parameters(predictor.parameters(DATA, Outputs()), {"a": Normal(0, 1), "w[1]": Normal(0, 1)})
    assert parameters.names == ("a", "w[1]")
    assert parameters.fixed == {"w[0]": 1.0}


def test_there_are_no_default_priors():
    with pytest.raises(PriorError, match="no prior for a, b"):
        Parameters(Function(vectorised).parameters(DATA, Outputs()))


def test_units_are_kept():
    predictor = Function(with_default, units={"a": "m/s"})
    assert Parameters(predictor.parameters(DATA, Outputs()), {"a": Fixed(1)}).unit_of("a") == "m/s"


def test_a_partial_function_keeps_its_other_arguments():
    def f(x, a, b):
        return a * x + b

    values = {"a": np.array([1.0, 2.0]), "b": np.zeros(2)}
    np.testing.assert_allclose(Function(functools.partial(f, b=0.0))(values, X[:, None]), [X, 2 * X])


# -- refusals ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("f", "message"),
    [
        (lambda x, *args: x, r"\*args or \*\*kwargs"),
        (lambda x, a, **more: x, r"\*args or \*\*kwargs"),
        (lambda x: x, "at least one parameter"),
        (lambda: 1, "at least one parameter"),
        (3.0, "should be a function"),
        ("a * x", "should be a function"),
    ],
)
def test_signatures_that_name_no_parameters_are_refused(f, message):
    with pytest.raises(ModelError, match=message):
        Function(f)


@pytest.mark.parametrize("argument", ["shapes", "units"])
def test_shapes_and_units_name_arguments(argument):
    with pytest.raises(ModelError, match="c"):
        Function(vectorised, **{argument: {"c": 2}})


def test_a_default_of_another_length_is_refused():
    with pytest.raises(ModelError, match="default of w has 2 values, not 3"):
        Function(lambda x, w=(1, 2): w[0] * x, shapes={"w": 3}).parameters(DATA, Outputs())


@pytest.mark.parametrize(
    ("f", "message"),
    [
        (lambda x, a: a * x[:-1], r"returned shape \(6,\), expected \(7,\)"),
        (lambda x, a: a * x[:, None], r"returned shape \(7, 1\), expected \(7,\)"),
        (lambda x, a: a * x + 0j, "complex128, expected real"),
        (lambda x, a: None, "object, expected real"),
        (lambda x, a: "text", "expected real"),
        (lambda x, a: a * x * units.km, "a unit, km; return plain numbers"),
        (lambda x, a: np.ma.masked_where(x > X[0], a * x), "masked values"),
    ],
)
@pytest.mark.parametrize("n_vectors", [1, 5])
def test_results_that_are_not_a_number_for_each_row_are_refused(f, message, n_vectors):
    with pytest.raises(ModelError, match=message):
        Function(f)({"a": np.ones(n_vectors)}, X[:, None])


def test_parameters_by_position_only_are_refused():
    def f(x, a, /, b):
        return a * x + b

    with pytest.raises(ModelError, match="without '/'"):
        Function(f)


@pytest.mark.parametrize("default", [None, "linear", np.nan, True])
def test_a_default_that_is_no_number_is_refused_by_name(default):
    def f(x, a, b=default):
        return a * x

    with pytest.raises(ModelError, match="the default of b is"):
        Function(f).parameters(DATA, Outputs())


def test_classes_need_another_predictor():
    with pytest.raises(ModelError, match="one a class"):
        Function(vectorised).parameters(DATA, Outputs(classes=("a", "b")))
