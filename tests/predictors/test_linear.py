"""Lines and planes, against sums written out."""

import numpy as np
import pytest

from bayesfit import Data
from bayesfit.errors import ModelError
from bayesfit.parameters import Parameters
from bayesfit.predictors import Linear, Outputs
from bayesfit.priors import Normal

OUTPUTS = Outputs(centre=3.0, width=20.0, unit="m")


@pytest.fixture
def three():
    x = np.random.default_rng(1).normal([10, -5, 0.1], [1, 3, 0.2], (7, 3))
    return Data(x, np.arange(7.0), y_err=1, names=("a", "b", "c"))


def random_values(parameters, size=4, seed=2):
    theta = np.random.default_rng(seed).normal(size=(size, len(parameters.names)))
    return parameters.unpack(theta)


def test_one_feature_is_a_line_with_a_plain_slope():
    data = Data([1.0, 2.0, 4.0], [0.0, 1.0, 2.0])
    parameters = Parameters(Linear().parameters(data, OUTPUTS))
    assert parameters.names == ("intercept", "slope")
    eta = Linear()(parameters.unpack(np.array([[1.0, 2.0], [-1.0, 0.5]])), data.x)
    np.testing.assert_allclose(eta, [[3, 5, 9], [-0.5, 0, 1]])


@pytest.mark.parametrize("pivot", [None, (9.0, -4.0, 1.0)])
def test_a_plane_is_the_sum_of_its_slopes(three, pivot):
    predictor = Linear(pivot=pivot)
    parameters = Parameters(predictor.parameters(three, OUTPUTS))
    assert parameters.names == ("intercept", "slope[a]", "slope[b]", "slope[c]")
    values = random_values(parameters)
    expected = [
        [i + sum(s[j] * (row[j] - (pivot[j] if pivot else 0)) for j in range(3)) for row in three.x]
        for i, s in zip(values["intercept"], values["slope"], strict=True)
    ]
    np.testing.assert_allclose(predictor(values, three.x), expected)
    np.testing.assert_allclose(predictor.bind(three.x)(values), expected)


@pytest.mark.parametrize("pivot", [None, (9.0, -4.0, 1.0)])
def test_interactions_are_products_of_pairs_about_the_pivot(three, pivot):
    predictor = Linear(interaction=True, pivot=pivot)
    parameters = Parameters(predictor.parameters(three, OUTPUTS))
    assert parameters.names[4:] == ("slope[a:b]", "slope[a:c]", "slope[b:c]")
    values = random_values(parameters)
    a, b, c = (three.x - (pivot or (0, 0, 0))).T
    terms = np.array([a, b, c, a * b, a * c, b * c])
    expected = values["intercept"][:, None] + values["slope"] @ terms
    np.testing.assert_allclose(predictor(values, three.x), expected)


@pytest.mark.parametrize("pivot", [None, (9.0, -4.0, 1.0)])
def test_affine_offset_and_slope_are_the_plane(three, pivot):
    predictor = Linear(pivot=pivot)
    values = random_values(Parameters(predictor.parameters(three, OUTPUTS)))
    affine = predictor.affine(values)
    np.testing.assert_allclose(affine.offset[:, None] + affine.slope @ three.x.T, predictor(values, three.x))


def test_with_interactions_it_is_not_affine(three):
    predictor = Linear(interaction=True)
    assert predictor.affine(random_values(Parameters(predictor.parameters(three, OUTPUTS)))) is None


def test_classes_have_a_plane_each(three):
    predictor = Linear()
    parameters = Parameters(predictor.parameters(three, Outputs(classes=("cat", "dog"))))
    assert parameters.names[:3] == ("intercept[cat]", "intercept[dog]", "slope[cat, a]")
    values = random_values(parameters)
    eta = predictor(values, three.x)
    assert eta.shape == (4, 7, 2)
    for k in range(2):
        expected = values["intercept"][:, k, None] + values["slope"][:, k] @ three.x.T
        np.testing.assert_allclose(eta[..., k], expected)
    affine = predictor.affine(values)
    np.testing.assert_allclose(affine.offset[:, None] + np.einsum("wpk,np->wnk", affine.slope, three.x), eta)


@pytest.mark.parametrize("interaction", [False, True])
@pytest.mark.parametrize("pivot", [None, (9.0, -4.0, 1.0)])
def test_default_priors_centre_the_plane_at_the_mean_of_the_features(three, interaction, pivot):
    """The default of the intercept speaks of η at the mean of x, that of a slope of the gradient there."""
    predictor = Linear(interaction=interaction, pivot=pivot)
    parameters = Parameters(predictor.parameters(three, OUTPUTS))
    theta = np.random.default_rng(5).normal(size=(3, len(parameters)))
    values, mean = parameters.unpack(theta), three.x.mean(axis=0)
    spreads = three.x.std(axis=0)
    at_mean = predictor(values, mean[None])[:, 0]
    steps = 1e-3 * np.eye(3)
    gradient = (predictor(values, mean + steps) - predictor(values, mean - steps)) / 2e-3
    expected = Normal(3, 20).log_prob(at_mean) + Normal(0, 20 / spreads).log_prob(gradient).sum(axis=1)
    if interaction:
        for k, (i, j) in enumerate([(0, 1), (0, 2), (1, 2)]):
            expected += Normal(0, 20 / spreads[i] / spreads[j]).log_prob(values["slope"][:, 3 + k])
    np.testing.assert_allclose(parameters.log_prior(theta), expected, rtol=1e-9)


def test_units_follow_label_and_feature():
    data = Data([1.0, 2.0], [1.0, 2.0], units={"x": "s", "y": "m"})
    parameters = Parameters(Linear().parameters(data, OUTPUTS))
    assert parameters.unit_of("intercept") == "m"
    assert parameters.unit_of("slope") == "m / s"


@pytest.mark.parametrize("pivot", [(1.0, 2.0), np.nan, (1.0, 2.0, np.inf), "a"])
def test_a_pivot_has_a_finite_number_for_each_feature(three, pivot):
    with pytest.raises(ModelError, match="pivot"):
        Linear(pivot=pivot).parameters(three, OUTPUTS)


def test_interactions_need_two_features():
    with pytest.raises(ModelError, match="two features"):
        Linear(interaction=True).parameters(Data([1.0, 2.0], [1.0, 2.0]), OUTPUTS)
