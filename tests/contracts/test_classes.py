"""Likelihoods of classes with errors and gaps, against integrals over the true features on dense grids."""

import numpy as np
import pytest
from brute_force import log_integral_of_box
from class_cases import CASES, Oracle, make
from scipy.special import log_softmax

from bayesfit import Data, Model, ModelError, likelihoods, populations, predictors

each_case = pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])


def codes_of(data):
    return [data.classes.index(label) if label is not None else None for label in data.labels]


@each_case
def test_terms_and_joint_density_equal_integrals_over_the_true_feature(case):
    target, theta = make(case, seed=len(case.name))
    codes = codes_of(target.data)
    stored, joint = target.log_likelihood(theta), target.log_prob(theta) - target.log_prior(theta)
    for w in range(len(theta)):
        oracle = Oracle(case, target, theta[w])
        expected = [oracle.stored(i, code) for i, code in enumerate(codes) if code is not None]
        np.testing.assert_allclose(stored[w], expected, rtol=0, atol=case.tolerance)
        total = sum(oracle.joint(i, code) for i, code in enumerate(codes))
        if isinstance(case.population, populations.Flat):
            total = sum(expected)
        assert joint[w] == pytest.approx(total, rel=0, abs=12 * case.tolerance)


@each_case
def test_predicted_probabilities_are_those_of_the_true_class(case):
    """Of new rows without labels, with and without the feature; they sum to one."""
    target, theta = make(case, seed=3)
    new = target.data.replace(y=None)
    found = target.class_probabilities(theta, new)
    np.testing.assert_allclose(found.sum(axis=-1), 1.0, rtol=0, atol=1e-7)
    clean = target.likelihood.clean
    for w in range(len(theta)):
        oracle = Oracle(case.__class__(**{**case.__dict__, "likelihood": clean}), target, theta[w])
        oracle.values.pop("label_error", None)
        expected = [[np.exp(oracle.stored(i, k)) for k in range(case.n_classes)] for i in range(len(new))]
        np.testing.assert_allclose(found[w], expected, rtol=0, atol=1e-6)


@each_case
def test_simulated_labels_come_as_often_as_their_probability_says(case):
    target, theta = make(case, seed=5)
    n, row = 4000, 0
    drawn = target.predict_observed(theta[:1], target.data[np.full(n, row)], np.random.default_rng(2))[0]
    seen = np.bincount(drawn.astype(int), minlength=case.n_classes) / n
    oracle = Oracle(case, target, theta[0])
    expected = np.exp([oracle.stored(row, k) for k in range(case.n_classes)])
    assert (np.abs(seen - expected) < 4.5 * np.sqrt(expected * (1 - expected) / n)).all()


SEVERAL = [(q, n, {2: 0.1, 3: 0.4}[q], 2e-6) for q in (2, 3) for n in (2, 3, 4, 5)] + [(4, 5, 0.9, 0.02)]


@pytest.mark.parametrize(("n_features", "n_classes", "step", "tolerance"), SEVERAL)
def test_several_noisy_features(n_features, n_classes, step, tolerance):
    """Up to three dimensions, of the features or of the classes, by quadrature; else over a lattice."""
    n, rng = n_classes, np.random.default_rng(n_features)
    root = rng.normal(0, 0.5, (n, n_features, n_features))
    x_err = root @ np.swapaxes(root, 1, 2) + 0.3 * np.eye(n_features)
    x = rng.normal(0, 1, (n, n_features))
    x[1, 0] = np.nan
    codes = np.arange(n) % n_classes
    target = Model(predictors.Linear(), likelihoods.Categorical(), population=populations.Normal()).target(
        Data(x, codes, x_err=x_err)
    )
    theta = rng.uniform(0.3, 1.2, len(target.names))
    for j, name in enumerate(target.names):
        theta[j] = rng.uniform(-0.3, 0.3) if name.startswith("x_corr") else theta[j]
        theta[j] *= rng.choice([-1, 1]) if name.startswith("slope") else 1
    values = {name: array[0] for name, array in target.parameters.unpack(theta[None]).items()}
    correlation = np.eye(n_features)
    lower = np.tril_indices(n_features, -1)
    correlation[lower] = correlation[lower[::-1]] = values["x_corr"]
    cov = correlation * np.outer(values["x_sd"], values["x_sd"])

    def log_label(code):
        def log_probability(xi):
            eta = values["intercept"] + xi @ values["slope"].T
            return log_softmax(np.column_stack([np.zeros(len(xi)), eta]), axis=1)[:, code]

        return log_probability

    terms = target.log_likelihood(theta)
    for i in range(n):
        alone, joint = log_integral_of_box(
            x[i], target.data.x_cov()[i], values["x_mean"], cov, log_label(codes[i]), step
        )
        assert terms[i] == pytest.approx(joint - alone, abs=tolerance)


@pytest.mark.parametrize("spread", [0.1, 1.0, 10.0])
def test_two_classes_are_the_logit(spread):
    """A softmax of two classes is a logit, whichever quadrature does it, for spreads of η up to tens."""
    rng = np.random.default_rng(4)
    data = Data(rng.normal(0, 1, 30), np.array(["a", "b"] * 15), x_err=0.7)
    two, logit = (
        Model(predictors.Linear(), likelihood, population=populations.Normal()).target(data)
        for likelihood in (likelihoods.Categorical(), likelihoods.Bernoulli())
    )
    theta = np.array([[0.3, spread, 0.1, 1.2], [-0.5, -spread, 0.2, 0.8]])
    np.testing.assert_allclose(two.log_likelihood(theta), logit.log_likelihood(theta), rtol=0, atol=1e-6)
    np.testing.assert_allclose(
        two.class_probabilities(theta, data), logit.class_probabilities(theta, data), rtol=0, atol=1e-6
    )


@pytest.mark.parametrize("likelihood", [likelihoods.Categorical(), likelihoods.Bernoulli()])
@pytest.mark.parametrize(
    ("arguments", "match"),
    [({"y_err": 0.3}, "y_err"), ({"y_cov": np.eye(4) + 0.1}, "y_cov"), ({"limits": ["", "<", "", ""]}, "limit")],
)
def test_classes_refuse_errors_and_limits_by_name(likelihood, arguments, match):
    data = Data(np.arange(4.0), [0, 1, 0, 1], **arguments)
    with pytest.raises((ModelError, ValueError), match=match):
        Model(predictors.Linear(), likelihood).target(data)
