"""Probabilities of classes where they are as common as a user says, not as among the fitted rows."""

import numpy as np
import pytest
from scipy import stats

from bayesfit import Data, MixtureModel, Model, likelihoods, predictors, sampling
from bayesfit.likelihoods.classes import reweighted

QUICK = {"sampler": sampling.Ensemble(target_ess=300), "seed": 1, "progress": False}


def test_wrong_labels_do_not_count_as_shares():
    """One in ten is of the rare class, but a third of all labels say so."""
    rng = np.random.default_rng(3)
    rare = rng.uniform(size=4000) < 0.1
    x = rng.normal(2.0 * rare, 1)
    labels = np.where(rng.uniform(size=4000) < 0.3, ~rare, rare).astype(int)
    model = Model(predictors.Linear(), likelihoods.Bernoulli(label_noise=0.3))
    posterior, new = model.fit(Data(x, labels), **QUICK), np.array([0.0, 1.0, 2.0, 3.0])
    for share in (0.1, 0.5):
        odds = share * stats.norm.pdf(new, 2) / ((1 - share) * stats.norm.pdf(new, 0))
        found = posterior.predict_proba(new, prevalence={0: 1 - share, 1: share})[:, 1]
        np.testing.assert_allclose(found, odds / (1 + odds), atol=0.06)


@pytest.mark.parametrize("noise", [0.08, True])
def test_rare_classes_stay_rare_where_wrong_labels_outnumber_them(noise):
    """At the shares that there are, a prevalence changes nothing."""
    rng = np.random.default_rng(5)
    x = rng.normal(0, 1, 1000)
    rare = rng.uniform(size=1000) < 1 / (1 + np.exp(6 - 2 * x))
    labels = np.where(rng.uniform(size=1000) < 0.08, ~rare, rare).astype(int)
    model = Model(predictors.Linear(), likelihoods.Bernoulli(label_noise=noise))
    posterior, new = model.fit(Data(x, labels), **QUICK), np.array([-3.0, 0.0, 3.0])
    plain = posterior.predict_proba(new)
    share = float(posterior.predict_proba(x)[:, 1].mean())
    again = posterior.predict_proba(new, prevalence={0: 1 - share, 1: share})
    np.testing.assert_allclose(again[:, 1], plain[:, 1], atol=0.03, rtol=0.3)


def test_what_underflows_leaves_what_is_left():
    assert reweighted(np.array([0.0, 1.0]), np.array([0.0, -np.inf])).tolist() == [1.0, 0.0]
    x = np.array([0, 0.2, 0.4, 1, 1.2, 1.5, 0.5, 0.9])
    posterior = Model(predictors.Linear(), likelihoods.Bernoulli()).fit(Data(x, list("aaabbbba")), **QUICK)
    np.testing.assert_array_equal(posterior.predict_proba([3.0, 300.0], prevalence={"a": 1.0, "b": 0.0}), [[1, 0]] * 2)
    points = np.r_[np.random.default_rng(1).normal(0, 1, 30), np.random.default_rng(2).normal(6, 1, 30)]
    mixture = MixtureModel(2).fit(Data(points), **QUICK)
    found = mixture.predict_proba([-30.0, 60.0], prevalence={0: 0.5, 1: 0.5})
    np.testing.assert_allclose(found.sum(axis=1), 1)


def test_drawn_classes_and_labels_are_numbered_alike():
    x = np.random.default_rng(0).normal(0, 1, 30)
    posterior = Model(predictors.Linear(), likelihoods.Bernoulli()).fit(Data(x, np.where(x > 0.3, 7, 3)), **QUICK)
    assert posterior.classes == (3, 7)
    np.testing.assert_array_equal(posterior.tree["observed_data"]["y"], x > 0.3)
    assert set(np.unique(posterior.tree["posterior_predictive"]["y"])) == {0, 1}


def test_probabilities_sum_to_one_beside_noisy_features():
    rng = np.random.default_rng(2)
    labels = np.repeat(list("abcd"), 12)
    x = rng.normal(np.repeat(np.arange(4.0), 12)[:, None] * [1.0, -1.0, 0.5], 0.5)
    data = Data(x, labels, x_err=0.6)
    target = Model(predictors.Linear(), likelihoods.Categorical(), population=None).target(data)
    theta = target.parameters.sample_prior(rng, 3)
    found = target.class_probabilities(theta, data)
    np.testing.assert_allclose(found.sum(axis=-1), 1.0, rtol=1e-12)


def test_a_single_feature_has_its_name_in_the_slopes_of_classes():
    data = Data(np.arange(9.0), np.repeat(list("abc"), 3), names=("teff",))
    names = Model(predictors.Linear(), likelihoods.Categorical()).parameters(data).names
    assert names == ("intercept[b]", "intercept[c]", "slope[b, teff]", "slope[c, teff]")
