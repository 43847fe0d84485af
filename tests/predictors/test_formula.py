"""Formulas: designs against formulaic's own, names, gaps, and what is refused."""

import formulaic
import numpy as np
import pandas as pd
import pytest

import bayesfit as bf
from bayesfit.errors import ModelError
from bayesfit.parameters import Parameters
from bayesfit.predictors import Linear, Outputs, Polynomial, Terms

OUTPUTS = Outputs(centre=3.0, width=20.0, unit="m")


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(rng.uniform(1.0, 3.0, (30, 3)), columns=["a", "b", "c d"])
    frame["y"] = 1 + 2 * frame["a"] - frame["a"] * frame["b"] + rng.normal(0, 0.1, 30)
    frame["kind"] = ["x", "z"] * 15
    return frame


def data_of(table, predictor):
    return bf.Data.from_table(table, x=list(predictor.features), y="y", y_err=0.1)


@pytest.mark.parametrize(
    "right",
    [
        "a",
        "a + b + a:b",
        "a * b - 1",
        "0 + a:b",
        "b:a + a",
        "(a + b + `c d`) ** 2",
        "a / b",
        "log(a) + np.log10(b / 2) * a",
        "I(a**2) + {a + 1}:b",
        "exp(-a) + np.sqrt(b)",
        "`c d`:a",
    ],
)
def test_the_design_is_formulaics(table, right):
    predictor = Linear.from_formula(f"y ~ {right}", table)
    expected = formulaic.model_matrix(right, table, context={})
    design = predictor.design(table[list(predictor.features)].to_numpy())
    np.testing.assert_allclose(design, expected.to_numpy())


def test_a_dot_is_all_other_columns(table):
    numbers = table[["a", "b", "y"]]
    assert Linear.from_formula("y ~ .", numbers).terms == (("a",), ("b",))


@pytest.mark.parametrize("order", [["a", "b"], ["b", "a"], ["c d", "b", "a"]])
def test_features_are_found_by_name(table, order):
    data = bf.Data.from_table(table, x=order, y="y", y_err=0.1)
    target = bf.Model(Linear.from_formula("y ~ a * b", table), bf.likelihoods.Gaussian()).target(data)
    assert target.names == ("intercept", "slope[a]", "slope[b]", "slope[a:b]")
    theta = np.array([1.0, 2.0, 0.5, -1.0])
    eta = 1 + 2 * table["a"] + 0.5 * table["b"] - table["a"] * table["b"]
    expected = -0.5 * ((table["y"] - eta) / 0.1) ** 2 - np.log(0.1 * np.sqrt(2 * np.pi))
    np.testing.assert_allclose(target.log_likelihood(theta), expected)


@pytest.mark.parametrize("x_err", [None, [0.1, 0.0]])
def test_an_interaction_is_that_of_linear(table, x_err):
    """Names, default priors, centring and errors of features: one posterior density."""
    data = bf.Data(table[["a", "b"]], table["y"], y_err=0.1, x_err=None if x_err is None else np.tile(x_err, (30, 1)))
    formula, plain = Linear.from_formula("y ~ a * b", table), Linear(interaction=True)
    targets = [bf.Model(predictor, bf.likelihoods.Gaussian()).target(data) for predictor in (formula, plain)]
    assert targets[0].names == targets[1].names
    theta = np.array([[1.0, 2.0, 0.1, -1.0], [0.0, 1.0, 0.0, 0.5], [2.0, 0.3, 2.0, 0.3]])
    theta = np.column_stack([theta, np.tile([2.0, 0.5, 0.1], (3, 1))[:, : len(targets[0].names) - 4]])
    for method in ("log_prob", "log_prior"):
        np.testing.assert_allclose(getattr(targets[0], method)(theta), getattr(targets[1], method)(theta))


def test_plain_terms_are_affine_and_take_gaps_exactly(table):
    gappy = table.assign(a=table["a"].where(table.index != 4))
    predictor = Linear.from_formula("y ~ b + a", gappy)
    data = bf.Data.from_table(gappy, x=["a", "b"], y="y", y_err=0.1)
    targets = [bf.Model(each, bf.likelihoods.Gaussian()).target(data) for each in (predictor, Linear())]
    theta = targets[1].parameters.sample_prior(np.random.default_rng(2), 5)
    swapped = theta[:, [targets[1].names.index(name) for name in targets[0].names]]
    np.testing.assert_allclose(targets[0].log_prob(swapped), targets[1].log_prob(theta))


def test_one_term_is_a_line_without_an_intercept_if_so_written(table):
    predictor = Linear.from_formula("y ~ log(a) - 1", table)
    parameters = Parameters(predictor.parameters(data_of(table, predictor), OUTPUTS))
    assert parameters.names == ("slope",)
    eta = predictor(parameters.unpack(np.array([[2.0], [3.0]])), table[["a"]].to_numpy())
    np.testing.assert_allclose(eta, np.outer([2.0, 3.0], np.log(table["a"])))


@pytest.mark.parametrize("right", ["a * b", "a * b - 1", "a", "a - 1"])
def test_every_class_but_the_first_has_its_own_slopes(table, right):
    predictor = Linear.from_formula(f"~ {right}", table)
    data = data_of(table, predictor)
    parameters = Parameters(predictor.parameters(data, Outputs(classes=("u", "v"))))
    theta = np.random.default_rng(3).normal(size=(4, len(parameters.names)))
    eta = predictor(parameters.unpack(theta), data.x)
    assert eta.shape == (4, 30, 2)
    for k, name in enumerate("uv"):
        own = [j for j, element in enumerate(parameters.names) if f"[{name}" in element]
        np.testing.assert_allclose(eta[..., k], theta[:, own] @ predictor.design(data.x).T)


def test_centring_is_taylors_expansion_about_the_means(table):
    """The centred slope of a at the mean of b and c is the derivative there."""
    predictor = Linear.from_formula("y ~ a * b * `c d`", table)
    data = data_of(table, predictor)
    parameters = {p.name: p for p in predictor.parameters(data, OUTPUTS)}
    a, b, c = data.x.mean(axis=0)
    weights = parameters["slope"].centring["slope[a]"]
    assert weights == pytest.approx({"slope[a:b]": b, "slope[a:c d]": c, "slope[a:b:c d]": b * c})
    assert parameters["intercept"].centring["intercept"]["slope[a:b:c d]"] == pytest.approx(a * b * c)


def test_terms_survive_a_file_and_are_not_executed():
    predictor = Terms([["a"], ["a", "log10(b)"]], ["a", "b"], label="y")
    back = Terms.from_plain(predictor.to_plain(), {Terms.kind(): Terms})
    assert back == predictor
    plain = {**predictor.to_plain(), "terms": [["__import__('os').getcwd()"]]}
    with pytest.raises(ModelError, match="refused"):
        Terms.from_plain(plain, {Terms.kind(): Terms})


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("y ~ nope", "no feature 'nope'"),
        ("nope ~ a", "no column 'nope'"),
        ("y ~ kind", "'kind' does not hold numbers"),
        ("y ~ C(kind)", "C\\(kind\\) is refused"),
        ("y ~ poly(a, 2)", "refused"),
        ("y ~ a.real", "refused"),
        ("y ~ {a > 1}", "refused"),
        ("y ~ {True * a}", "refused"),
        ("y ~ {eval('1') + a}", "refused"),
        ("log(y) ~ a", "Data.transform"),
        ("y ~ a | b", "cannot be read"),
        ("y ~ a +", "cannot be read"),
        ("y ~ 2:a", "scales a term"),
        ("y ~ 1", "no feature"),
        ("y ~ I(3)", "no feature"),
        ("", "no feature"),
        (3, "should be text"),
    ],
)
def test_what_is_no_term_of_numbers_is_refused(table, formula, message):
    with pytest.raises(ModelError, match=message):
        Linear.from_formula(formula, table)


def test_rows_without_a_value_are_named(table):
    predictor = Linear.from_formula("y ~ log(a)", table)
    bad = table.assign(a=table["a"].where(table.index != 7, -1.0))
    with pytest.raises(ModelError, match=r"'log\(a\)' has no finite value in row 7 \(a = -1\)"):
        bf.Model(predictor, bf.likelihoods.Gaussian()).target(data_of(bad, predictor))
    noisy = bf.Data(table["a"], table["y"], names=["a"], x_err=1.0, y_err=0.1)
    with pytest.raises(ModelError, match="true a may lie"):
        bf.Model(predictor, bf.likelihoods.Gaussian()).target(noisy)


def test_data_without_the_features_are_refused(table):
    predictor = Linear.from_formula("y ~ a * b", table)
    with pytest.raises(ModelError, match="needs the feature\\(s\\) b"):
        predictor.for_data(bf.Data.from_table(table, x="a", y="y"))
    with pytest.raises(ModelError, match="for the label 'y'"):
        predictor.for_data(bf.Data.from_table(table, x=["a", "b"], y="c d"))


def test_slopes_have_units():
    data = bf.Data(np.random.default_rng(1).normal(size=(5, 2)), np.arange(5.0), names=["a", "b"], units={"a": "K"})
    for predictor in (Linear(interaction=True), Terms([["a"], ["b"], ["a", "b"]], ["a", "b"])):
        parameters = Parameters(predictor.parameters(data, OUTPUTS))
        assert [parameters.unit_of(name) for name in parameters.names] == ["m", "m / K", "m", "m / K"]
    assert Parameters(Polynomial(1).parameters(data, OUTPUTS)).unit_of("coefficient[a]") == ""


@pytest.mark.parametrize("formula", ["(]", "y ~ (a + b]", "[)", "a**00"])
def test_what_the_parser_stumbles_over_is_refused(table, formula):
    with pytest.raises(ModelError, match="cannot be read, check brackets and powers"):
        Linear.from_formula(formula, table)
