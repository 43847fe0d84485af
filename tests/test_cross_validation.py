"""Cross-validation against closed forms, and its measures against their definitions."""

import numpy as np
import pytest

from bayesfit import Data, Model, cross_validate, likelihoods, predictors, priors, sampling
from bayesfit.errors import DataError, ModelError, SamplingError
from bayesfit.loo import hold_out

RNG = np.random.default_rng(6)
X = np.linspace(0, 5, 24)
Y = 1 + 2 * X + 0.5 * RNG.normal(size=24)
SAMPLER = sampling.Ensemble(n_ensembles=2, target_ess=400)
LINE = Model(
    predictors.Linear(),
    likelihoods.Gaussian(),
    priors={"intercept": priors.Normal(0, 10), "slope": priors.Normal(0, 10)},
)


def held_out(cov, kept, row, sd=10.0):
    """Return mean and variance of a label given those that were kept: all are jointly normal."""
    design = np.column_stack([np.ones(len(X)), X])
    joint = cov + sd**2 * design @ design.T
    gain = joint[row, kept] @ np.linalg.inv(joint[np.ix_(kept, kept)])
    return gain, joint[row, row] - gain @ joint[kept, row]


def check(result, cov, y, atol):
    for row, fold, found in zip(result.rows, result.folds, result.pointwise, strict=True):
        kept = np.setdiff1d(np.arange(len(X)), result.rows[result.folds == fold])
        gain, variance = held_out(cov, kept, row)
        expected = -0.5 * (y[row] - gain @ y[kept]) ** 2 / variance - 0.5 * np.log(2 * np.pi * variance)
        assert found == pytest.approx(expected, abs=atol)


@pytest.fixture(scope="module")
def line():
    return cross_validate(LINE, Data(X, Y, y_err=0.5), folds=4, sampler=SAMPLER, seed=1)


def test_terms_are_exact(line):
    assert line.converged
    check(line, 0.25 * np.eye(24), Y, 0.12)
    assert line.elpd == pytest.approx(line.pointwise.sum())
    assert line.se == pytest.approx(np.sqrt(24 * line.pointwise.var(ddof=1)))


def test_correlated_labels_of_a_fold_do_not_help_each_other():
    cov = 0.2 * np.exp(-np.abs(X[:, None] - X)) + 0.05 * np.eye(24)
    y = np.random.default_rng(3).multivariate_normal(1 + 2 * X, cov)
    check(cross_validate(LINE, Data(X, y, y_cov=cov), folds=3, sampler=SAMPLER, seed=1), cov, y, 0.15)


def test_rows_far_off_are_no_accident_of_a_few_draws():
    # no draw without the fold comes near this label: the mean of p(y | θ) over them is short by ten and more
    y = Y + 8.0 * np.isin(np.arange(24), [22])
    data = Data(X, y, y_err=0.25)
    result = cross_validate(LINE, data, folds=3, sampler=SAMPLER, seed=1)
    assert result.converged
    check(result, 0.0625 * np.eye(24), y, 0.4)
    rows = result.rows[result.folds == result.folds[22]]
    draws = result.posterior.to_array().reshape(2, -1, 2)
    (held,) = hold_out(result.posterior.target, [(rows, rows)], draws, seed=np.random.SeedSequence(1))
    np.testing.assert_array_equal(held.rows[~(held.error < 0.5)], [22])


def test_measures_of_numbers(line):
    residual = Y - line.predicted
    parts = [residual[line.folds == k] for k in range(4)]
    mse = line.metric("mse")
    assert mse == pytest.approx(np.mean(residual**2))
    np.testing.assert_allclose(mse.by_fold, [np.mean(part**2) for part in parts])
    assert mse.se == pytest.approx(np.std(mse.by_fold, ddof=1) / 2)
    assert line.metric("mae") == pytest.approx(np.mean(np.abs(residual)))
    assert line.metric("median_ae") == pytest.approx(np.median(np.abs(residual)))
    assert line.metric("chi2") == pytest.approx(np.mean((residual / 0.5) ** 2))
    assert line.metric("log_score") == pytest.approx(line.elpd / 24)
    for name, message in (("rmsd", "unknown"), ("accuracy", "is one of classes")):
        with pytest.raises(ModelError, match=message):
            line.metric(name)


def test_measures_of_classes():
    label = np.where(X + np.random.default_rng(2).normal(size=24) > 2.5, "far", "near")
    result = cross_validate(Model(predictors.Linear(), likelihoods.Bernoulli()), Data(X, label), folds=3, seed=1)
    found = np.where(result.predicted[:, 1] > 0.5, "near", "far")
    assert result.metric("accuracy") == pytest.approx(np.mean(found == label))
    assert result.metric("precision") == pytest.approx(np.mean(label[found == "near"] == "near"))
    assert result.metric("recall") == pytest.approx(np.mean(found[label == "near"] == "near"))
    np.testing.assert_allclose(result.predicted.sum(axis=1), 1)
    with pytest.raises(ModelError, match="is one of numbers"):
        result.metric("mse")


def test_what_cannot_be_validated_is_refused(line):
    data = Data(X, Y, y_err=0.5)
    with pytest.raises(ModelError, match="model is a Posterior, not a model"):
        cross_validate(line.posterior, data)
    with pytest.raises(ModelError, match="model is a Data, not a model; write Model"):
        cross_validate(data, LINE)
    with pytest.raises(DataError, match=r"data should be a bayesfit\.Data, got ndarray"):
        cross_validate(LINE, X)
    with pytest.raises(SamplingError, match=r"sampler='fast' should be a sampling\.Ensemble"):
        cross_validate(LINE, data, sampler="fast")
