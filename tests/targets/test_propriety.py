"""Flat priors and exact labels: refused where the posterior would not integrate, and only there."""

import numpy as np
import pytest

from bayesfit import Data, Model, likelihoods, predictors
from bayesfit.errors import ModelError
from bayesfit.likelihoods import Gaussian, Laplace, StudentT
from bayesfit.predictors import Linear, Polynomial
from bayesfit.priors import Fixed, Flat, HalfNormal, LogNormal, Normal, TruncatedNormal
from bayesfit.sampling import Ensemble
from bayesfit.targets import refuse_exact_labels

FLAT_LINE = {"intercept": Flat(), "slope": Flat()}
RNG = np.random.default_rng(1)


def data_of(n, errors=True, x=None):
    x = np.arange(float(n)) if x is None else x
    return Data(x, RNG.normal(size=len(x)), y_err=0.5 if errors else None)


def target_of(data, priors, predictor=None, scatter=None):
    return Model(predictor or predictors.Linear(), likelihoods.Gaussian(scatter=scatter), priors=priors).target(data)


@pytest.mark.parametrize("n", [2, 3, 10])
def test_a_flat_line_needs_two_points(n):
    assert target_of(data_of(n), FLAT_LINE).names == ("intercept", "slope")


@pytest.mark.parametrize(
    ("x", "predictor", "priors"),
    [
        ([1.0], None, FLAT_LINE),
        ([3.0, 3.0, 3.0], None, FLAT_LINE),
        ([2460000.5] * 4, None, FLAT_LINE),
        ([1.0, 2.0], predictors.Polynomial(2), {"coefficient": Flat()}),
        ([1.0, 2.0, 2.0, 1.0], predictors.Polynomial(2), {"coefficient": Flat()}),
        ([[1.0, 2.0], [2.0, 4.0], [3.0, 6.0]], None, {"slope": Flat()}),
        ([[1.0, 7.0], [2.0, 7.0], [3.0, 7.0]], None, FLAT_LINE),
    ],
)
def test_coefficients_that_the_features_do_not_determine_may_not_be_flat(x, predictor, priors):
    data = data_of(0, x=np.array(x))
    with pytest.raises(ModelError, match="flat"):
        target_of(data, priors, predictor)


@pytest.mark.parametrize("x", [[3.0, 3.0, 3.0], [1.0]])
def test_proper_priors_are_never_refused(x):
    assert target_of(data_of(0, x=np.array(x)), {"slope": Normal(0, 1)}).n_rows == len(x)


def test_a_flat_slope_alone_is_determined_by_one_point_away_from_zero():
    assert target_of(data_of(0, x=np.array([2.0])), {"intercept": 0, "slope": Flat()}).names == ("slope",)
    with pytest.raises(ModelError, match="slope"):
        target_of(data_of(0, x=np.array([0.0])), {"intercept": 0, "slope": Flat()})


def test_years_and_julian_dates_are_not_taken_for_degenerate():
    data = data_of(0, x=2460000.5 + np.linspace(0, 1, 5))
    assert len(target_of(data, FLAT_LINE).names) == 2
    years = data_of(0, x=np.linspace(2000, 2020, 8))
    assert len(target_of(years, {"coefficient": Flat()}, predictors.Polynomial(3)).names) == 4


@pytest.mark.parametrize("errors", [True, False])
def test_a_flat_scatter_needs_two_rows_more_than_flat_coefficients(errors):
    """What is left of the likelihood falls as s^-(N - P), integrable to infinity for N - P of 2 or more."""
    everything = {**FLAT_LINE, "scatter": Flat(0.0)}
    assert len(target_of(data_of(4, errors), everything, scatter=True).names) == 3
    with pytest.raises(ModelError, match="improper below 4 rows"):
        target_of(data_of(3, errors), everything, scatter=True)


def test_the_refusal_of_a_flat_scatter_is_right_about_the_integral():
    """The marginal density of s, for a flat line through three points, falls as 1/s: no finite integral."""
    y, design = np.array([1.0, 2.5, 2.0]), np.column_stack([np.ones(3), np.arange(3.0)])
    residual = y - design @ np.linalg.lstsq(design, y)[0]
    s = np.array([1e3, 1e4])
    log_marginal = -3 * np.log(s) - residual @ residual / (2 * s**2) + 2 * np.log(s)
    assert np.diff(log_marginal)[0] / np.diff(np.log(s))[0] == pytest.approx(-1, abs=1e-6)


def test_bounded_flat_priors_are_proper():
    priors = {"intercept": Flat(-5, 5), "slope": Flat(-1, 1)}
    assert target_of(data_of(0, x=np.array([3.0])), priors).names == ("intercept", "slope")


def test_each_flat_parameter_of_a_function_needs_a_row():
    function = predictors.Function(lambda x, a, b, c: a + b * x + c * x**2)
    flat = {"a": Flat(), "b": Flat(), "c": Flat()}
    assert target_of(data_of(3), flat, function).n_rows == 3
    with pytest.raises(ModelError, match=r"2 labelled row.*a, b, c"):
        target_of(data_of(2), flat, function)
    assert target_of(data_of(2), {**flat, "c": HalfNormal(1)}, function).n_rows == 2


def test_rows_without_a_label_determine_nothing():
    data = Data([0.0, 1.0, 2.0], [1.0, np.nan, np.nan], y_err=0.5)
    with pytest.raises(ModelError, match="flat"):
        target_of(data, FLAT_LINE)


EXACT = Data(np.linspace(0, 1, 10), 2 * np.linspace(0, 1, 10) + 1)


@pytest.mark.parametrize("likelihood", [Gaussian(), StudentT(), Laplace()])
@pytest.mark.parametrize("predictor", [Linear(), Polynomial(2)])
def test_exact_labels_without_errors_are_refused(likelihood, predictor):
    """The likelihood rises as 1/s^(N - P) for a vanishing scatter, which no half-normal prior makes up for."""
    with pytest.raises(ModelError, match="lie on the model exactly"):
        Model(predictor, likelihood).fit(EXACT, progress=False)


@pytest.mark.parametrize("prior", [LogNormal(-3, 0.5), Fixed(0.1), TruncatedNormal(0, 1, 0.01, 1)])
def test_what_keeps_the_scatter_from_zero_is_let_through(prior):
    refuse_exact_labels(Model(Linear(), Gaussian(), priors={"scatter": prior}).target(EXACT))


@pytest.mark.parametrize("data", [Data(EXACT.x, EXACT.y, y_err=0.1), EXACT[:1], Data(EXACT.x, EXACT.y**3)])
def test_errors_few_rows_and_residuals_are_let_through(data):
    refuse_exact_labels(Model(Linear(), Gaussian(scatter=True)).target(data))


@pytest.mark.parametrize(("predictor", "n_rows"), [(Linear(), 2), (Polynomial(2), 3), (Polynomial(4), 3)])
def test_as_many_coefficients_as_labels_say_nothing_of_the_scatter(predictor, n_rows):
    data = Data(EXACT.x[:n_rows], [3.0, 5.1, 6.0][:n_rows])
    with pytest.raises(ModelError, match=f"{n_rows} labels without errors are met exactly by"):
        Model(predictor, Gaussian()).fit(data, progress=False)


def test_the_scatter_of_few_exact_labels_is_fitted():
    priors = {"scatter": LogNormal(-3, 0.5)}
    posterior = Model(Linear(), Gaussian(), priors=priors).fit(
        EXACT, sampler=Ensemble(steps=50), seed=1, progress=False
    )
    assert posterior["slope"].mean() == pytest.approx(2.0, abs=0.1)
