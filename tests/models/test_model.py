"""The face of a model: its parts, its words, draws from the prior, simulated data."""

import numpy as np
import pytest
from scipy import stats

from bayesfit import Data, Model, likelihoods, populations, predictors, priors
from bayesfit.errors import DataError, ModelError, PriorError

LINE, GAUSSIAN = predictors.Linear(), likelihoods.Gaussian()
X = np.linspace(0, 4, 5)
DATA = Data(X, 1 + 2 * X, y_err=np.linspace(0.1, 0.5, 5))
PRIORS = {"intercept": priors.Normal(0, 1), "slope": priors.Normal(2, 0.5)}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((predictors.Linear, GAUSSIAN), r"predictor: Linear is a class; write Linear\(\)"),
        ((LINE, likelihoods.Gaussian), r"likelihood: Gaussian is a class; write Gaussian\(\)"),
        (("line", GAUSSIAN), "predictor should be one of bayesfit.predictors, got 'line'"),
        ((lambda x, a: a * x, GAUSSIAN), "predictor should be one of bayesfit.predictors"),
        ((LINE, None), "likelihood should be one of bayesfit.likelihoods, got None"),
        ((GAUSSIAN, LINE), "predictor should be one of bayesfit.predictors"),
    ],
)
def test_parts_that_are_none_are_refused(arguments, message):
    with pytest.raises(ModelError, match=message):
        Model(*arguments)


@pytest.mark.parametrize("given", [[("slope", 1)], "slope ~ Normal(0, 1)", priors.Normal(0, 1)])
def test_priors_are_a_mapping(given):
    with pytest.raises(ModelError, match="priors should be a mapping"):
        Model(LINE, GAUSSIAN, priors=given)


@pytest.mark.parametrize("data", [X, (X, X), {"x": X, "y": X}, None])
def test_data_are_data(data):
    with pytest.raises(DataError, match=r"should be a bayesfit\.Data"):
        Model(LINE, GAUSSIAN).fit(data, progress=False)
    with pytest.raises(DataError, match=r"should be a bayesfit\.Data"):
        Model(LINE, GAUSSIAN).sample_prior(3, data)


def test_a_population_without_noisy_features_is_refused():
    with pytest.raises(ModelError, match="no feature has errors or gaps"):
        Model(LINE, GAUSSIAN, population=populations.Normal()).target(DATA)


def test_wrong_names_of_priors_are_refused_before_sampling():
    with pytest.raises(PriorError, match="did you mean 'slope'"):
        Model(LINE, GAUSSIAN, priors={"slop": 1}).fit(DATA, progress=False)


def test_data_without_any_label_cannot_be_fitted():
    for y in (None, np.full(5, np.nan)):
        with pytest.raises(DataError, match="label"):
            Model(LINE, GAUSSIAN).fit(Data(X, y), progress=False)


# -- words ------------------------------------------------------------------------------------------------


def test_it_prints_its_parts_and_priors():
    model = Model(predictors.Polynomial(2), GAUSSIAN, priors={"coefficient[0]": priors.Normal(0, 1)})
    assert repr(model) == "Model(Polynomial(2), Gaussian(), priors={'coefficient[0]': Normal(0, 1)})"
    text = str(model)
    for part in ("Polynomial(2)", "Gaussian()", "coefficient[0] ~ Normal(0, 1)", "others: defaults"):
        assert part in text
    assert "defaults scaled to the data" in str(Model(LINE, GAUSSIAN))


# -- parameters -------------------------------------------------------------------------------------------


def test_parameters_are_those_of_all_parts():
    data = Data(X, 1 + 2 * X)
    assert Model(LINE, GAUSSIAN).parameters(data).names == ("intercept", "slope", "scatter")
    assert Model(LINE, GAUSSIAN, priors={"intercept": 0}).parameters(data).names == ("slope", "scatter")


def test_a_function_may_not_name_an_argument_as_the_likelihood_does():
    function = predictors.Function(lambda x, scatter: scatter * x)
    model = Model(function, likelihoods.Gaussian(scatter=True), priors={"scatter": priors.HalfNormal(1)})
    with pytest.raises(PriorError, match="both have a parameter named scatter"):
        model.parameters(DATA)


def test_default_priors_scale_with_the_units_of_the_data():
    """In other units the log prior differs by the Jacobian of the units alone."""
    model, rng = Model(LINE, likelihoods.Gaussian(scatter=True)), np.random.default_rng(1)
    theta = np.column_stack([rng.normal(size=(4, 2)), rng.uniform(0.1, 1, 4)])
    here = model.target(DATA)
    there = model.target(Data(100 * X, 7 * DATA.y, y_err=7 * DATA.y_err))
    scales = np.array([7.0, 0.07, 7.0])
    np.testing.assert_allclose(there.log_prior(theta * scales), here.log_prior(theta) - np.log(scales).sum())


# -- draws and simulations --------------------------------------------------------------------------------


def test_draws_from_the_prior_follow_it_and_the_seed():
    model = Model(LINE, GAUSSIAN, priors=PRIORS)
    draws = model.sample_prior(3000, DATA, seed=5)
    assert draws.shape == (3000, 2)
    assert stats.kstest(draws[:, 0], stats.norm(0, 1).cdf).pvalue > 1e-3
    assert stats.kstest(draws[:, 1], stats.norm(2, 0.5).cdf).pvalue > 1e-3
    np.testing.assert_array_equal(draws, model.sample_prior(3000, DATA, seed=5))
    assert not np.array_equal(draws, model.sample_prior(3000, DATA, seed=6))


def test_improper_priors_cannot_be_drawn_from():
    with pytest.raises(PriorError):
        Model(LINE, GAUSSIAN, priors={"slope": priors.Flat()}).sample_prior(3, DATA)


def test_simulated_labels_follow_the_model():
    x = np.linspace(0, 4, 3000)
    data = Data(x, np.zeros(3000), y_err=np.linspace(0.1, 0.5, 3000), columns={"name": np.arange(3000)})
    model = Model(LINE, likelihoods.Gaussian(scatter=True), priors=PRIORS)
    simulated = model.simulate([1.0, 2.0, 0.3], data, seed=1)
    score = (simulated.y - 1 - 2 * x) / np.hypot(data.y_err, 0.3)
    assert stats.kstest(score, stats.norm.cdf).pvalue > 1e-3
    np.testing.assert_array_equal(simulated.y, model.simulate([1.0, 2.0, 0.3], data, seed=1).y)
    np.testing.assert_array_equal(simulated.x, data.x)
    np.testing.assert_array_equal(simulated.y_err, data.y_err)
    np.testing.assert_array_equal(simulated.columns["name"], data.columns["name"])
    assert (data.y == 0).all()


@pytest.mark.parametrize("theta", [[1.0], [1.0, 2.0, 3.0], [[1.0, 2.0]], 1.0])
def test_simulation_takes_one_vector_of_all_parameters(theta):
    with pytest.raises(ModelError, match=r"expected \(2,\).*intercept.*slope"):
        Model(LINE, GAUSSIAN).simulate(theta, DATA)


def test_a_model_with_nothing_to_infer_is_refused():
    with pytest.raises(ValueError, match="no free parameter"):
        Model(LINE, GAUSSIAN, priors={"intercept": 1, "slope": 2}).fit(DATA, progress=False)
