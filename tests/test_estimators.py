"""The scikit-learn face: its own checks in full, routing, searches, and errors that scalers would break."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from sklearn import config_context
from sklearn.decomposition import PCA
from sklearn.feature_selection import SelectKBest, f_regression
from sklearn.impute import SimpleImputer
from sklearn.model_selection import GridSearchCV, KFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, RobustScaler, StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import bayesfit as bf
from bayesfit import sampling
from bayesfit.estimators import BayesClassifier, BayesRegressor, errors_of
from bayesfit.likelihoods import Bernoulli, Gaussian
from bayesfit.predictors import Linear, Polynomial

SMALL = sampling.Ensemble(n_ensembles=2, steps=20, burn_in=10)
QUICK = sampling.Ensemble(target_ess=200)


# too short to converge, which is said, and of no account for the interface; one check has labels without noise
@pytest.mark.filterwarnings("ignore:the fit is not to be trusted:bayesfit.BayesfitWarning")
@pytest.mark.filterwarnings("ignore:y is an exact function of X:bayesfit.BayesfitWarning")
@parametrize_with_checks([BayesRegressor(sampler=SMALL), BayesClassifier(sampler=SMALL)])
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)


@pytest.fixture(scope="module")
def noisy():
    """A line of slope 2 whose features have errors as large as half their spread."""
    rng = np.random.default_rng(3)
    true = rng.normal(10.0, 1.0, 120)
    x_err, y_err = rng.uniform(0.3, 0.7, 120), rng.uniform(0.1, 0.3, 120)
    x = true + x_err * rng.standard_normal(120)
    return x[:, None], 1 + 2 * true + y_err * rng.standard_normal(120), x_err[:, None], y_err


def line(**settings):
    return BayesRegressor(sampler=QUICK, random_state=1, **settings)


def test_the_fit_is_that_of_the_model(noisy):
    X, y, X_err, y_err = noisy
    found = line().fit(X, y, X_err=X_err, y_err=y_err)
    data = bf.Data(X, y, x_err=X_err, y_err=y_err)
    expected = bf.Model(Linear(), Gaussian()).fit(data, seed=1, sampler=QUICK, progress=False)
    np.testing.assert_array_equal(found.posterior_.to_array(), expected.to_array())
    np.testing.assert_allclose(found.predict(X, X_err=X_err), expected.predict(X, x_err=X_err).mean)
    # errors of the features: least squares has a slope of 1.6 here
    assert found.posterior_["slope"].mean() == pytest.approx(2.0, abs=0.25)


def test_the_standard_deviation_is_that_of_a_new_label():
    """Known noise, nearly flat priors: the predictive variance of least squares, sd² (1 + x A x)."""
    rng = np.random.default_rng(4)
    X = rng.normal(size=(50, 1))
    y = X[:, 0] + rng.normal(0, 0.5, 50)
    mean, sd = line(priors={"scatter": 0.5}).fit(X, y).predict([[0.0], [4.0]], return_std=True)
    design, new = np.column_stack([np.ones(50), X]), np.array([[1.0, 0.0], [1.0, 4.0]])
    inverse = np.linalg.inv(design.T @ design)
    np.testing.assert_allclose(mean, new @ inverse @ design.T @ y, atol=0.03)
    np.testing.assert_allclose(sd, 0.5 * np.sqrt(1 + np.einsum("ij,jk,ik->i", new, inverse, new)), rtol=0.06)


def test_a_number_as_random_state_gives_the_same_draws(noisy):
    X, y, _, y_err = noisy
    first, second = (line().fit(X, y, y_err=y_err).predict(X[:3], return_std=True) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_classes_keep_their_names_and_order():
    rng = np.random.default_rng(5)
    X = np.concatenate([rng.normal(centre, 0.5, (30, 2)) for centre in ([0, 0], [3, 0], [0, 3])])
    y = np.repeat(["crow", "ant", "bee"], 30)
    found = BayesClassifier(sampler=QUICK, random_state=1).fit(X, y)
    assert found.classes_.tolist() == ["ant", "bee", "crow"]
    assert found.predict([[3, 0], [0, 3], [-1, -1]]).tolist() == ["ant", "bee", "crow"]
    assert found.score(X, y) > 0.95
    np.testing.assert_allclose(found.predict_proba(X).sum(axis=1), 1.0)


def test_errors_are_routed_through_cross_validation_and_pipelines(noisy):
    X, y, X_err, y_err = noisy
    with config_context(enable_metadata_routing=True):
        estimator = line().set_fit_request(X_err=True, y_err=True).set_score_request(X_err=True)
        pipeline = make_pipeline(SimpleImputer().set_output(transform="default"), estimator)
        scores = cross_val_score(pipeline, X, y, params={"X_err": X_err, "y_err": y_err}, cv=2)
        assert (scores > 0.6).all()
        pipeline.fit(X, y, X_err=X_err, y_err=y_err)
    direct = line().fit(X, y, X_err=X_err, y_err=y_err)
    np.testing.assert_array_equal(pipeline[-1].posterior_.to_array(), direct.posterior_.to_array())


def test_a_search_over_predictors_finds_the_parabola():
    X = np.linspace(-2, 2, 40)[:, None]
    y = X[:, 0] ** 2 + np.random.default_rng(6).normal(0, 0.2, 40)
    grid = {"predictor": [Polynomial(1), Polynomial(2)]}
    with config_context(enable_metadata_routing=True):
        search = GridSearchCV(line().set_fit_request(y_err=True), grid, cv=KFold(2, shuffle=True, random_state=0))
        search.fit(X, y, y_err=np.full(40, 0.2))
    assert search.best_params_["predictor"].degree == 2


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        (StandardScaler(), "mean 0 and standard deviation 1"),
        (MinMaxScaler(), "from 0 to 1"),
        (RobustScaler(), "interquartile range of 1"),
        (PCA(2), "no correlation"),
        (SelectKBest(f_regression, k=1), r"X_err has shape \(60, 2\), but X has shape \(60, 1\)"),
        (FunctionTransformer(np.log10), "less than their errors alone"),
    ],
)
def test_steps_that_change_features_but_not_their_errors_are_refused(step, reason):
    rng = np.random.default_rng(7)
    X = rng.normal([1000.0, 500.0], [100.0, 50.0], (60, 2)) @ [[1.0, 0.2], [0.0, 1.0]]
    pipeline = make_pipeline(step, line())
    with pytest.raises(bf.DataError, match=reason):
        pipeline.fit(X, X[:, 0], bayesregressor__X_err=np.full((60, 2), 20.0))


def test_tied_errors_are_refused_wherever_the_features_have_changed():
    X = np.random.default_rng(8).normal(5.0, 1.0, (40, 2))
    errors = errors_of(X, 0.1)
    pipeline = make_pipeline(FunctionTransformer(lambda X: X / 1.5), line())
    with pytest.raises(bf.DataError, match=r"rows 0, 1.*was .* when the errors were tied"):
        pipeline.fit(X, X[:, 0], bayesregressor__X_err=errors)
    with pytest.raises(bf.DataError, match=r"shape \(40, 2\).*shape \(40, 1\)"):
        line().fit(X[:, :1], X[:, 0], X_err=errors)


def test_tied_errors_are_those_of_the_arrays(noisy):
    """Features and errors that were standardised together need saying so, and are then fitted as they are."""
    X, y, X_err, _ = noisy
    scaler = StandardScaler().fit(X)
    scaled, errors = scaler.transform(X), X_err / scaler.scale_
    with pytest.raises(bf.DataError, match="errors_of"):
        line().fit(scaled, y, X_err=errors)
    slope = line().fit(scaled, y, X_err=errors_of(scaled, errors)).posterior_["slope"].mean()
    assert float(slope) / scaler.scale_[0] == pytest.approx(2.0, abs=0.25)


def test_new_rows_may_lie_close_together(noisy):
    X, y, X_err, y_err = noisy
    close = np.linspace(10.0, 10.1, 30)[:, None]
    assert np.ptp(line().fit(X, y, X_err=X_err, y_err=y_err).predict(close, X_err=0.5)) < 0.2


def test_gaps_are_allowed_and_names_kept():
    rng = np.random.default_rng(9)
    table = pd.DataFrame(rng.normal(size=(40, 2)), columns=["a", "y"])
    labels = table["a"] + rng.normal(0, 0.1, 40)
    table.loc[3, "a"] = np.nan
    found = line().fit(table, labels, X_err={"a": 0.1})
    assert "slope[a]" in found.posterior_.names
    assert np.isfinite(found.predict(table)).all()


@pytest.mark.parametrize(
    ("estimator", "errors", "message"),
    [
        (BayesClassifier(), {"y_err": 0.1}, "y_err: class labels"),
        (BayesRegressor(likelihood=Bernoulli()), {}, "use BayesClassifier"),
        (BayesClassifier(likelihood=Gaussian()), {}, "not for class labels"),
        (BayesRegressor(predictor=Linear), {}, "is a class"),
        (BayesRegressor(), {"X_err": -0.1}, "X_err row"),
        (BayesRegressor(), {"X_err": np.ones(7)}, r"X_err has shape \(7,\)"),
        (BayesRegressor(), {"y_err": [0.1]}, "y_err has shape"),
        (BayesRegressor(population=bf.populations.Normal()), {}, "no feature has errors"),
    ],
)
def test_what_does_not_go_together_is_refused(estimator, errors, message):
    X, y = np.arange(20.0).reshape(10, 2) ** 1.5, np.arange(10) % 2
    with pytest.raises(ValueError, match=message):
        estimator.fit(X, y, **errors)


def test_tables_in_another_order_of_rows_are_refused():
    table = pd.DataFrame({"a": [1.0, 2.0, 4.0]})
    with pytest.raises(bf.DataError, match="index of X and that of X_err"):
        line().fit(table, [1.0, 2.0, 4.1], X_err=pd.DataFrame({"a": [0.1] * 3}, index=[2, 1, 0]))


def test_without_scikit_learn_the_extra_is_named():
    code = "import sys; sys.modules['sklearn'] = None; import bayesfit; import bayesfit.estimators"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120)
    assert "pip install 'bayesfit-toolkit[sklearn]'" in run.stderr
