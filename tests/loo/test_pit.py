"""LOO-PIT against its closed form, and its uniformity where the model is right."""

import numpy as np
import pytest
from exact_posteriors import drawn, left_out
from scipy import stats

from bayesfit import Data, Model, likelihoods, predictors, priors, sampling
from bayesfit.errors import ModelError, SamplingError
from bayesfit.loo import loo_pit

RNG = np.random.default_rng(3)
X = RNG.uniform(0, 5, 200)
Y = 1 + 2 * X + 0.5 * RNG.normal(size=200)
LINE = Model(predictors.Linear(), likelihoods.Gaussian())
QUICK = sampling.Ensemble(n_ensembles=2, target_ess=200)
KNOWN = {"intercept": 1.0, "slope": priors.Normal(2, 0.001)}


def line(y_err, rows=slice(None)):
    return drawn(LINE, Data(X[rows], Y[rows], y_err=y_err), seed=1)


def judged(posterior):
    return loo_pit(posterior.tree, posterior.target)


def uniformity(pit):
    return stats.kstest(pit.values, "uniform").pvalue


@pytest.mark.parametrize("rows", [slice(None), slice(0, 12)], ids=["200 rows", "12 rows"])
def test_values_are_those_of_the_closed_form(rows):
    posterior = line(0.5, rows)
    mean, sd = left_out(posterior.target)
    pit = judged(posterior)
    expected = stats.norm(mean, sd).cdf(posterior.target.data.y)
    # 4000 weighted draws, at worst three in four of them effective
    np.testing.assert_allclose(pit.values, expected, atol=4.5 * 0.5 / np.sqrt(3000))
    np.testing.assert_array_equal(pit.rows, np.arange(len(mean)))
    assert not pit.bad.any()


def test_uniform_for_a_right_model_and_not_for_errors_half_or_twice_as_large():
    assert uniformity(judged(line(0.5))) > 0.01
    for wrong, sign in ((0.25, 1), (1.0, -1)):
        pit = judged(line(wrong))
        assert uniformity(pit) < 1e-4
        assert sign * (np.var(pit.values) - 1 / 12) > 0.01


def test_limits_and_intervals_take_part_at_random_between_their_ends():
    limits = np.where(Y < 5, "<", np.where(Y > 9, ">", ""))
    censored = Data(X, np.clip(Y, 5, 9), y_err=0.5, limits=limits)
    coarse = (np.arange(200) % 2)[:, None] == 1
    binned = Data(X, np.where(coarse, np.column_stack([np.floor(Y), np.floor(Y) + 1]), Y[:, None]), y_err=0.5)
    for data in (censored, binned):
        assert uniformity(judged(LINE.fit(data, sampler=QUICK, seed=1, progress=False))) > 0.01
    # limits taken for measured values, by a model that knows the true line
    line = Model(predictors.Linear(), likelihoods.Gaussian(), priors=KNOWN)
    assert uniformity(judged(line.fit(Data(X, np.clip(Y, 5, 9), y_err=0.5), sampler=QUICK, seed=1))) < 1e-4


def test_counts_are_spread_over_their_steps():
    rate = np.exp(0.1 + 0.3 * X)
    right = np.random.default_rng(5).poisson(rate)
    spread = np.random.default_rng(6).negative_binomial(1, 1 / (1 + rate))
    model = Model(predictors.Linear(), likelihoods.Poisson(link="log"))
    found = [judged(model.fit(Data(X, c), sampler=QUICK, seed=1, progress=False)) for c in (right, spread)]
    assert np.unique(found[0].values).size == 200
    assert uniformity(found[0]) > 0.01
    assert uniformity(found[1]) < 1e-4


def test_many_rows_are_judged_by_a_thousand_of_them():
    x = np.linspace(0, 5, 3000)
    data = Data(x, 1 + 2 * x + 0.5 * np.random.default_rng(1).normal(size=3000), y_err=0.5)
    pit = judged(drawn(LINE, data, seed=1))
    assert len(pit.rows) == 1000
    assert len(np.unique(pit.rows)) == 1000
    assert uniformity(pit) > 0.01


def test_rows_without_a_label_are_no_part_of_it():
    y = np.where(np.arange(200) % 5 == 0, np.nan, Y)
    pit = judged(LINE.fit(Data(X, y, y_err=0.5), sampler=QUICK, seed=1, progress=False))
    np.testing.assert_array_equal(pit.rows, np.flatnonzero(np.isfinite(y)))
    assert uniformity(pit) > 0.01


def test_a_leverage_point_is_marked():
    data = Data(np.append(np.linspace(0, 1, 12), 30.0), np.append(np.cos(np.arange(12)), 90.0), y_err=1.0)
    assert judged(drawn(LINE, data, seed=1)).bad[12]


def test_what_has_no_pit_is_refused():
    covariance = 0.25 * np.exp(-np.abs(X[:8, None] - X[:8])) + 0.01 * np.eye(8)
    steps = sampling.Ensemble(n_ensembles=1, n_walkers=6, steps=3, burn_in=1)
    correlated = Data(X[:8], Y[:8], y_cov=covariance)
    classes = Data(X[:8], np.where(Y[:8] > 5, "far", "near"))
    for model, data, message in (
        (LINE, correlated, r"labels.*covariance \(y_cov\)"),
        (Model(predictors.Linear(), likelihoods.Bernoulli()), classes, "these labels are classes; use plots.calibr"),
    ):
        posterior = model.fit(data, sampler=QUICK, seed=1, progress=False)
        with pytest.raises(ModelError, match=message):
            judged(posterior)
    with pytest.raises(SamplingError, match="needs 25 draws"):
        judged(LINE.fit(Data(X, Y, y_err=0.5), sampler=steps, seed=1, progress=False))


def test_replicates_of_selected_rows_would_have_been_selected():
    """Only labels above zero are in the data: replicates are, too, and the right model is found to be right."""
    rng = np.random.default_rng(5)
    x = rng.normal(0, 1, 400)
    y = x + rng.normal(0, 1, 400)
    data = Data(x[y > 0], y[y > 0], y_err=1.0)
    model = Model(predictors.Linear(), likelihoods.Gaussian(scatter=False, truncation=(0, np.inf)))
    posterior = model.fit(data, seed=1, progress=False)
    drawn = posterior.tree["posterior_predictive"]["y"].to_numpy()
    assert drawn.min() > 0
    # the mean label of a right model, to three standard errors
    assert drawn.mean() == pytest.approx(data.y.mean(), abs=3 * data.y.std() / np.sqrt(len(data)))
    found = loo_pit(posterior.tree, posterior.target, seed=1)
    assert stats.kstest(found.values, "uniform").pvalue > 0.01
    # far outside of the window there is hardly a label to draw: it is put at the nearer end
    assert (posterior.predict(Data([-40.0], y_err=1.0), kind="observed", seed=1).draws >= 0).all()
