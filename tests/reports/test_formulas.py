"""The formulas of a report are those of the model that was fitted, whatever labels and likelihood it has."""

import re
from types import SimpleNamespace

import numpy as np
import pytest

import bayesfit as bf
from bayesfit import likelihoods
from bayesfit.reports.formulas import model_of

X = np.arange(6.0)
Y = X + 1
UNEVEN = np.column_stack([np.full(6, 0.1), np.full(6, 0.3)])
KINDS = np.array(list("abcabc"))
TWO = np.array(list("ababab"))


def text_of(likelihood, y=Y, *, predictor=None, x=X, **given):
    """Return the sentences and the formulas as text, without tags."""
    target = bf.Model(predictor or bf.predictors.Linear(), likelihood).target(bf.Data(x, y, **given))
    found = model_of(SimpleNamespace(target=target))
    formulas = [re.sub("<[^>]+>", "", formula).replace("&lt;", "<").replace("&gt;", ">") for formula in found.formulas]
    return " ".join(found.sentences), formulas


SIGMA, BOTH = "σi", "√(σi² + scatter²)"
SPLIT = "SplitNormal({}; σi−, σi+)"
MIXTURE = "yi ~ (1 − outlier_fraction) [{}] + outlier_fraction [{}]"


@pytest.mark.parametrize(
    ("likelihood", "given", "formula"),
    [
        (likelihoods.Gaussian(), {}, "yi ~ Normal(ηi, scatter)"),
        (likelihoods.Gaussian(), {"y_err": 0.1}, f"yi ~ Normal(ηi, {SIGMA})"),
        (likelihoods.Gaussian(scatter=True), {"y_err": 0.1}, f"yi ~ Normal(ηi, {BOTH})"),
        (likelihoods.Gaussian(), {"y_err": UNEVEN}, f"yi ~ {SPLIT.format('ηi')}"),
        (likelihoods.Gaussian(), {"y_err": np.full((6, 2), 0.1)}, f"yi ~ Normal(ηi, {SIGMA})"),
        (
            likelihoods.Gaussian(scatter=True),
            {"y_err": UNEVEN},
            f"yi ~ {SPLIT.format('ηi')} ∗ Normal(0, scatter)",
        ),
        (likelihoods.Gaussian(), {"y_cov": np.eye(6) + 0.1}, "(y1, y2, …) ~ MultivariateNormal(η, C)"),
        (
            likelihoods.Gaussian(scatter=True),
            {"y_cov": np.eye(6) + 0.1},
            "(y1, y2, …) ~ MultivariateNormal(η, C + scatter² I)",
        ),
        (likelihoods.StudentT(dof=4, scatter=True), {"y_err": 0.1}, f"yi ~ Student t(ηi, {BOTH}; dof 4)"),
        (likelihoods.StudentT(), {}, "yi ~ Student t(ηi, scatter; dof dof)"),
        (likelihoods.Laplace(), {}, "yi ~ Laplace(ηi, scale)"),
        (likelihoods.Laplace(), {"y_err": 0.1}, "yi ~ Laplace(ηi, scale) ∗ Normal(0, σi)"),
        (
            likelihoods.OutlierMixture(),
            {"y_err": 0.1},
            MIXTURE.format("Normal(ηi, σi)", "Normal(outlier_mean, √(σi² + outlier_scale²))"),
        ),
        (
            likelihoods.OutlierMixture(scatter=True),
            {"y_err": 0.1},
            MIXTURE.format(f"Normal(ηi, {BOTH})", "Normal(outlier_mean, √(σi² + scatter² + outlier_scale²))"),
        ),
        (
            likelihoods.OutlierMixture(scatter=True),
            {"y_err": UNEVEN},
            MIXTURE.format(
                f"{SPLIT.format('ηi')} ∗ Normal(0, scatter)",
                f"{SPLIT.format('outlier_mean')} ∗ Normal(0, √(scatter² + outlier_scale²))",
            ),
        ),
    ],
)
def test_noise_is_put_together_from_errors_scatter_and_what_the_likelihood_adds(likelihood, given, formula):
    words, formulas = text_of(likelihood, **given)
    assert words.startswith("The noise-free label")
    assert formulas == ["η = intercept + slope · x", formula]
    assert ("error σ" in words or "own error" in words) == ("y_err" in given)
    assert ("covariance C" in words) == ("y_cov" in given)
    assert ("convolution" in words) == ("∗" in formula)


TIMES = {"columns": {"time": np.ones(6), "sky": np.ones(6), "n": np.full(6, 9)}}


@pytest.mark.parametrize(
    ("likelihood", "y", "subject", "formula"),
    [
        (likelihoods.Poisson(), Y, "The rate η", "yi ~ Poisson(ηi)"),
        (likelihoods.Poisson("log"), Y, "The logarithm η of the rate", "yi ~ Poisson(exp(ηi))"),
        (
            likelihoods.Poisson("log", exposure="time", background="sky"),
            Y,
            "The logarithm η of the rate",
            "yi ~ Poisson(timei · exp(ηi) + skyi)",
        ),
        (likelihoods.Poisson(exposure=2.0, background=0.5), Y, "The rate η", "yi ~ Poisson(2 · ηi + 0.5)"),
        (
            likelihoods.Binomial("n"),
            Y,
            "The logit η of the probability of success",
            "yi ~ Binomial(ni, 1 / (1 + exp(−ηi)))",
        ),
        (
            likelihoods.Binomial(10, "probit"),
            Y,
            "The probit η of the probability of success",
            "yi ~ Binomial(10, Φ(ηi))",
        ),
        (likelihoods.Bernoulli(), TWO, "The logit η of the probability of b", "p(b | η) = 1 / (1 + exp(−η))"),
        (
            likelihoods.Bernoulli("probit", label_noise=True),
            TWO,
            "The probit η of the probability of b",
            "p(label b | η) = (1 − ρ) p + ρ (1 − p), p = Φ(η), ρ = label_error",
        ),
        (
            likelihoods.Categorical(),
            KINDS,
            "For each class k but a, the logarithm η of its odds against a",
            "p(class k | η) = exp(ηk) / Σj exp(ηj)",
        ),
        (
            likelihoods.Categorical(label_noise=0.1),
            KINDS,
            "For each class k but a, the logarithm η of its odds against a",
            "p(label class k | η) = (1 − ρ) pk + ρ (1 − pk) / 2, pk = exp(ηk) / Σj exp(ηj), ρ = 0.1",
        ),
    ],
)
@pytest.mark.parametrize("predictor", [bf.predictors.Linear(), bf.predictors.Polynomial(2)])
def test_what_is_a_line_is_eta_and_not_the_label(likelihood, y, subject, formula, predictor):
    words, formulas = text_of(likelihood, y, predictor=predictor, **TIMES)
    assert words.startswith(subject)
    assert re.search(r" is (a straight line|a polynomial of degree 2)\.", words)
    assert "expected label" not in words
    assert formulas[1] == formula
    assert ("wrong at the rate ρ" in words) == ("ρ" in formula)


def test_counts_name_exposure_and_background_where_there_are_any():
    words, _ = text_of(likelihoods.Poisson("log", exposure="time", background="sky"), **TIMES)
    assert "the rate times the exposure (time) plus a known background (sky)." in words
    assert "the rate." in text_of(likelihoods.Poisson("log"))[0]


@pytest.mark.parametrize("likelihood", [likelihoods.Gaussian(scatter=True), likelihoods.OutlierMixture(scatter=True)])
@pytest.mark.parametrize(
    ("flags", "formulas"),
    [
        (["<", "<", "", "", "", ""], ["upper limits: P(yi < Li)"]),
        ([">", "<", "", "", "", ""], ["upper limits: P(yi < Li)", "lower limits: P(yi > Li)"]),
    ],
)
@pytest.mark.parametrize(
    ("error", "edge"), [(0.1, "convolved with the error σ"), (np.nan, "σ is zero"), (None, "no label errors")]
)
def test_limits_count_by_probabilities_sharp_or_not(likelihood, flags, formulas, error, edge):
    y_err = None if error is None else np.where(np.array(flags) != "", error, 0.1)
    words, found = text_of(likelihood, y_err=y_err, limits=flags)
    assert found[2:] == formulas
    assert words.count("count by a probability under the same law") == len(formulas)
    assert words.count(edge) == len(formulas)


def test_some_limits_may_be_sharp():
    y_err = [0.1, np.nan, 0.1, 0.1, 0.1, 0.1]
    words, _ = text_of(likelihoods.Gaussian(scatter=True), y_err=y_err, limits=["<", "<", "", "", "", ""])
    assert "upper limits (2 of 6)" in words
    assert "but for 1 that are sharp" in words


def test_intervals_count_by_probabilities():
    words, found = text_of(likelihoods.Gaussian(), np.column_stack([Y, Y + (X < 2)]))
    assert found[2:] == ["intervals: P(ai < yi < bi)"]
    assert "intervals (2 of 6)" in words


@pytest.mark.parametrize(
    ("ends", "window"),
    [((0.5, None), "0.5 < yi"), ((None, 9), "yi < 9"), (("floor", 9.0), "floori < yi < 9"), ((None, None), None)],
)
@pytest.mark.parametrize("family", [likelihoods.Gaussian, likelihoods.StudentT, likelihoods.Laplace])
def test_truncation_divides_by_the_probability_of_the_window(family, ends, window):
    words, found = text_of(family(truncation=ends), columns={"floor": np.zeros(6)})
    assert found[2:] == ([] if window is None else [f"p(yi | in the data) = p(yi) / P({window})"])
    assert ("divided by the probability" in words) == (window is not None)


def test_truncation_with_noisy_features_is_averaged():
    words, _ = text_of(likelihoods.Gaussian(truncation=(0.5, None)), x_err=0.1)
    assert "probability of that, averaged over the population" in words


def test_errors_that_are_correlated_are_named():
    words, _ = text_of(likelihoods.Gaussian(), x_err=0.1, y_err=0.1, xy_cov=np.full(6, 0.005))
    assert "correlated (xy_cov)" in words
    assert "xy_cov" not in text_of(likelihoods.Gaussian(), x_err=0.1, y_err=0.1)[0]


def test_only_rows_with_a_label_count():
    words, found = text_of(likelihoods.Gaussian(scatter=True), [np.nan, *Y[1:]], limits=["", "<", "", "", "", ""])
    assert "(1 of 5)" in words
    assert len(found) == 3


def test_names_of_the_users_are_text():
    data = bf.Data(X, Y, names=["<b>{0}"], label="<i>{0}", limits=["<", "", "", "", "", ""])
    model = bf.Model(bf.predictors.Linear(), likelihoods.Gaussian())
    found = model_of(SimpleNamespace(target=model.target(data)))
    assert "&lt;b&gt;{0}" in found.formulas[0]
    assert all("&lt;i&gt;{0}" in formula for formula in found.formulas[1:])


@pytest.mark.parametrize("model", [bf.ClassModel(), bf.MixtureModel(2)])
@pytest.mark.parametrize("x_err", [None, 0.1])
def test_populations_of_classes_are_as_wide_as_they_are_measured(model, x_err):
    target = model.target(bf.Data(X, None if isinstance(model, bf.MixtureModel) else TWO, x_err=x_err))
    found = model_of(SimpleNamespace(target=target))
    assert ("S<sub>i</sub>" in found.formulas[0]) == (x_err is not None)
    assert ("covariance S" in found.sentences[0]) == (x_err is not None)
