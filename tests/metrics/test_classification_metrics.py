"""Metrics of a posterior's predictions, counted by hand and by another library."""

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics as reference

from bayesfit import ClassModel, Data, DataError, MixtureModel, Model, ModelError, likelihoods, metrics, predictors

# above 0: three of the four positives and two of the six negatives
X = np.array([-3.0, -2.0, -1.0, -0.5, 0.5, 1.0, -1.5, 0.7, 2.0, 3.0])
LABELS = np.array(["no"] * 6 + ["yes"] * 4)
TEST = Data(X, LABELS)


def follows(draws, cdf):
    """Return whether draws follow a distribution; false alarms once in 10,000."""
    return stats.kstest(np.ravel(draws), cdf).pvalue > 1e-4


def test_counts_by_hand(certain):
    found = metrics.classification(certain, TEST)
    np.testing.assert_array_equal(found["counts"], [[4, 2], [1, 3]])
    assert found["counts"].coords["true"].to_numpy().tolist() == ["no", "yes"]
    assert (found.attrs["accuracy"], found.attrs["precision"], found.attrs["recall"]) == (0.7, 0.6, 0.75)
    assert found["accuracy"].dims == ("chain", "draw")
    assert found["accuracy"].shape == (4, 500)


def test_certain_parameters_leave_the_spread_of_the_rows(certain):
    found = metrics.classification(certain, TEST)
    assert follows(found["recall"], stats.beta(3.5, 1.5).cdf)
    assert follows(found["precision"], stats.beta(3.5, 2.5).cdf)
    assert follows(found["accuracy"], stats.beta(8, 4).cdf)


def test_uncertain_parameters_add_to_it(uncertain):
    """With many rows, the spread of recall is that of the recall of each draw."""
    x = np.random.default_rng(1).normal(0, 1, 20_000)
    rows = Data(x, np.where(x > 0.3, "yes", "no"))
    found = metrics.classification(uncertain, rows)
    intercept, slope = uncertain.to_array().T
    boundary = -intercept / slope
    recall = np.array(
        [(x[x > 0.3] >= b if s > 0 else x[x > 0.3] <= b).mean() for b, s in zip(boundary, slope, strict=True)]
    )
    np.testing.assert_allclose(found["recall"].to_numpy().ravel(), recall, atol=0.03)
    assert found["recall"].std() > 0.1


@pytest.mark.parametrize("positive", ["no", "yes"])
@pytest.mark.parametrize("threshold", [0.2, 0.5, 0.9])
def test_plain_ratios_are_those_of_scikit_learn(uncertain, positive, threshold):
    probability = uncertain.predict_proba(TEST)[:, ["no", "yes"].index(positive)]
    other = {"no": "yes", "yes": "no"}[positive]
    predicted = np.where(probability >= threshold, positive, other)
    found = metrics.classification(uncertain, TEST, threshold=threshold, positive=positive).attrs
    chosen = {"pos_label": positive, "zero_division": np.nan}
    assert found["positive"] == positive
    assert found["accuracy"] == pytest.approx(reference.accuracy_score(LABELS, predicted))
    assert found["precision"] == pytest.approx(reference.precision_score(LABELS, predicted, **chosen), nan_ok=True)
    assert found["recall"] == pytest.approx(reference.recall_score(LABELS, predicted, **chosen))
    assert found["f1"] == pytest.approx(reference.f1_score(LABELS, predicted, **chosen))


def test_three_classes_are_averaged_alike(three):
    x = np.linspace(-4, 4, 40)
    labels = np.array(["a", "b", "c"])[(np.arange(40) // 3) % 3]
    rows = Data(x, labels)
    predicted = np.array(["a", "b", "c"])[three.predict_proba(rows).argmax(axis=1)]
    found = metrics.classification(three, rows)
    np.testing.assert_array_equal(found["counts"], reference.confusion_matrix(labels, predicted))
    for name, score in (("precision", "precision_score"), ("recall", "recall_score"), ("f1", "f1_score")):
        expected = getattr(reference, score)(labels, predicted, average="macro")
        assert found.attrs[name] == pytest.approx(expected)
        np.testing.assert_allclose(found[name], found[f"class_{name}"].mean("class"))
    assert found.attrs["positive"] == "average over classes"
    assert found.attrs["accuracy"] == pytest.approx(reference.accuracy_score(labels, predicted))
    one = metrics.classification(three, rows, positive="b")
    np.testing.assert_array_equal(one["recall"], one["class_recall"].sel({"class": "b"}))
    hits, misses = found["counts"].sel(true="b", predicted="b"), found["counts"].sel(true="b").sum()
    assert follows(one["recall"], stats.beta(hits + 1 / 3, misses - hits + 2 / 3).cdf)


def test_prevalence_moves_probabilities_too(certain):
    """At prevalence π the fitted half-and-half odds e^x become e^x π / (1 - π): the boundary moves to ln 9."""
    found = metrics.classification(certain, TEST, prevalence={"no": 0.9, "yes": 0.1})
    above = np.log(9) <= X
    np.testing.assert_array_equal(
        found["counts"],
        [[(~above[:6]).sum(), above[:6].sum()], [(~above[6:]).sum(), above[6:].sum()]],
    )
    np.testing.assert_allclose(found["shares"], [0.9, 0.1])
    assert found.attrs["accuracy"] == pytest.approx(0.9 + 0.1 * 0.25)


def test_rows_without_a_label_play_no_part(certain):
    more = Data(np.append(X, [5.0, -5.0]), np.append(LABELS.astype(object), [None, None]))
    found = metrics.classification(certain, more)
    assert found.attrs["n_rows"] == 10
    assert found.identical(metrics.classification(certain, TEST))


def test_a_class_without_rows_stays_at_its_prior(certain):
    found = metrics.classification(certain, Data([1.0, 2.0, 3.0], ["yes"] * 3))
    assert np.isnan(found["class_recall"].sel({"class": "no"}).to_numpy()).sum() == 0
    assert follows(found["class_recall"].sel({"class": "no"}), stats.beta(0.5, 0.5).cdf)
    assert found.attrs["recall"] == 1


def test_numbers_as_labels_match_whole_numbers(make_posterior):
    data = Data([-1.0, -0.5, 0.5, 1.0], [0, 0, 1, 1])
    model = Model(predictors.Linear(), likelihoods.Bernoulli())
    posterior = make_posterior(model, data, np.broadcast_to([0.0, 1.0], (2, 20, 2)).copy())
    found = metrics.classification(posterior, Data([-1.0, 1.0], [0.0, 1.0]))
    np.testing.assert_array_equal(found["counts"], np.eye(2))


def test_generative_classes_and_mixtures(make_posterior):
    rng = np.random.default_rng(3)
    x = np.concatenate([rng.normal(-2, 1, 30), rng.normal(2, 1, 30)])
    codes = np.repeat([0, 1], 30)
    classes = Data(x, np.array(["cat", "dog"])[codes], x_err=0.1)
    values = {"class_fraction[cat]": 0.5, "x_mean[cat]": -2, "x_mean[dog]": 2, "x_sd[cat]": 1, "x_sd[dog]": 1}
    by_component = {"x_weight[0]": 0.5, "x_mean[0]": -2, "x_mean[1]": 2, "x_sd[0]": 1, "x_sd[1]": 1}
    for model, data, known in ((ClassModel(), classes, values), (MixtureModel(2), Data(x, x_err=0.1), by_component)):
        names = model.target(data).names
        lookup = {name.replace(", x]", "]"): name for name in names}
        theta = np.array([known[short] for short in lookup])
        posterior = make_posterior(model, data, np.broadcast_to(theta, (2, 20, len(names))).copy())
        labels = np.array(posterior.classes, dtype=object)[codes]
        found = metrics.classification(posterior, Data(x, list(labels), x_err=0.1))
        expected = [[(x[:30] < 0).sum(), (x[:30] >= 0).sum()], [(x[30:] < 0).sum(), (x[30:] >= 0).sum()]]
        np.testing.assert_array_equal(found["counts"], expected)


@pytest.mark.parametrize("threshold", [0, 1, -0.1, 2, "half", np.nan, True])
def test_thresholds_are_probabilities(certain, threshold):
    with pytest.raises(ModelError, match="threshold="):
        metrics.classification(certain, TEST, threshold=threshold)


def test_bad_input_is_refused(certain, three, make_posterior):
    with pytest.raises(ModelError, match=r"threshold=0\.4: with 3 classes"):
        metrics.classification(three, Data([0.0], ["a"]), threshold=0.4)
    with pytest.raises(ModelError, match="positive: no class 'yess'; did you mean 'yes'"):
        metrics.classification(certain, TEST, positive="yess")
    with pytest.raises(DataError, match="y row 1: 'maybe' is not among the classes that were fitted, 'no', 'yes'"):
        metrics.classification(certain, Data([0.0, 1.0], ["no", "maybe"]))
    with pytest.raises(DataError, match="no row has a label"):
        metrics.classification(certain, Data([0.0, 1.0]))
    with pytest.raises(DataError, match=r"data should be a bayesfit.Data with labels, got ndarray"):
        metrics.classification(certain, X)
    with pytest.raises(DataError, match=r"expected 1 feature\(s\) \(x\), got 2"):
        metrics.classification(certain, Data(np.zeros((2, 2)), ["no", "yes"]))
    with pytest.raises(ModelError, match="prevalence should give a share for each of 'no', 'yes'"):
        metrics.classification(certain, TEST, prevalence={"yes": 0.1})
    with pytest.raises(ModelError, match="should be a mapping from each class"):
        metrics.classification(certain, TEST, prevalence=[0.5, 0.5])
    with pytest.raises(ModelError, match="should be positive numbers"):
        metrics.classification(certain, TEST, prevalence={"yes": "a", "no": 1})
    line = Data([0.0, 1.0, 2.0], [0.1, 1.2, 1.9], y_err=0.1)
    model = Model(predictors.Linear(), likelihoods.Gaussian())
    with pytest.raises(ModelError, match="has no classes"):
        metrics.classification(make_posterior(model, line, np.ones((2, 5, 2))), TEST)
