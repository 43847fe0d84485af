"""Specifications print as the call that makes them, and survive a trip through JSON."""

import json
from dataclasses import dataclass

import numpy as np
import pytest
from scipy import stats

from bayesfit import likelihoods, models, populations, predictors, priors, sampling
from bayesfit.specification import Specification, exact_text

EXAMPLES = [
    priors.Normal(0.1 + 0.2, 3),
    priors.HalfNormal(2),
    priors.Uniform(-1, 1e300),
    priors.LogUniform(1e-3, 5),
    priors.LogNormal(0, 1),
    priors.StudentT(4, 0, 1),
    priors.Cauchy(0, 1),
    priors.HalfCauchy(2),
    priors.Exponential(1),
    priors.Gamma(2, 3),
    priors.InverseGamma(2, 3),
    priors.Beta(2, 3),
    priors.TruncatedNormal(0, 1, 0, np.inf),
    priors.FlatAngle(),
    priors.Flat(),
    priors.Flat(0.0),
    priors.Fixed(2.5),
    priors.MultivariateNormal([0, 1], [[1, 0.5], [0.5, 2]]),
    priors.Dirichlet([1, 2, 3]),
    priors.LKJ(3, 2.0),
    predictors.Linear(),
    predictors.Linear(interaction=True, pivot=(1.0, 2.0)),
    predictors.Polynomial(3, pivot=2460000.5),
    likelihoods.Gaussian(),
    likelihoods.Gaussian(scatter=True),
    likelihoods.Gaussian(truncation=(0.5, "high")),
    populations.Normal(),
    populations.Flat(),
    populations.NormalMixture(3),
    models.Model(predictors.Linear(), likelihoods.Gaussian()),
    models.Model(
        predictors.Polynomial(1),
        likelihoods.Gaussian(scatter=True),
        priors={
            ("a", "b"): priors.MultivariateNormal([0, 1], np.eye(2)),
            "slope": {"Teff": priors.Normal(0, 1)},
            "scatter": 0.5,
        },
    ),
]
FAMILIES = (priors, predictors, populations, likelihoods, models)
MEMBERS = [getattr(family, name) for family in FAMILIES for name in family.__all__]
KINDS = {member.kind(): member for member in MEMBERS if isinstance(member, type) and issubclass(member, Specification)}


def same(a, b):
    """Compare specifications field by field, a list being as good as a tuple."""
    if isinstance(a, Specification):
        return type(a) is type(b) and same(a.fields(), b.fields())
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, tuple | list | np.ndarray):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b


@pytest.mark.parametrize("specification", EXAMPLES, ids=lambda s: repr(s)[:60])
def test_plain_data_bring_an_equal_specification_back(specification):
    text = json.dumps(specification.to_plain())
    back = Specification.from_plain(json.loads(text), KINDS)
    assert same(specification, back)
    assert repr(back) == repr(specification)
    assert exact_text(back) == exact_text(specification)


@pytest.mark.parametrize("family", [priors, predictors, populations, likelihoods])
def test_every_public_default_constructible_member_returns_from_plain_data(family):
    """A new member that needs no arguments is covered without a row in the table above."""
    for name in family.__all__:
        kind = getattr(family, name)
        if not (isinstance(kind, type) and issubclass(kind, Specification)):
            continue
        try:
            member = kind()
        except TypeError:  # abstract, or has arguments
            continue
        assert same(Specification.from_plain(json.loads(json.dumps(member.to_plain())), KINDS), member)


@pytest.mark.parametrize(
    ("specification", "text"),
    [
        (priors.Normal(1, 2.5), "Normal(1, 2.5)"),
        (priors.FlatAngle(), "FlatAngle()"),
        (predictors.Linear(pivot=2000), "Linear(pivot=2000)"),
        (predictors.Linear(interaction=True), "Linear(interaction=True)"),
        (predictors.Polynomial(2), "Polynomial(2)"),
        (predictors.Function(lambda x, a: a), "Function(<lambda>)"),
        (likelihoods.Gaussian(), "Gaussian()"),
        (sampling.Ensemble(steps=500), "Ensemble(steps=500)"),
        (
            models.Model(predictors.Linear(), likelihoods.Gaussian(), priors={"slope": priors.Normal(0, 1)}),
            "Model(Linear(), Gaussian(), priors={'slope': Normal(0, 1)})",
        ),
    ],
)
def test_it_prints_as_the_call_that_makes_it(specification, text):
    assert repr(specification) == text


@dataclass(frozen=True, repr=False)
class Sample(Specification):
    first: object = None
    second: object = None


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        3,
        2.5,
        np.inf,
        -np.inf,
        "text",
        (1, "a", None),
        {"key": (1.0, 2.0)},
        {("a", "b"): 1},
        Sample(1),
    ],
    ids=repr,
)
def test_values_of_fields_survive(value):
    back = Specification.from_plain(json.loads(json.dumps(Sample(value).to_plain())), {Sample.kind(): Sample})
    assert same(back.first, value)


def test_arrays_survive_with_all_digits():
    value = np.random.default_rng(1).normal(size=(2, 3))
    plain = json.loads(json.dumps(Sample(value).to_plain()))
    np.testing.assert_array_equal(Specification.from_plain(plain, {Sample.kind(): Sample}).first, value)


def test_what_is_not_plain_is_refused():
    for function in (predictors.Function(lambda x, a: a * x), priors.FromScipy(stats.norm(0, 1))):
        with pytest.raises(TypeError, match="not plain data"):
            function.to_plain()


def test_families_may_share_names():
    assert priors.Normal.kind() == "priors.Normal"
    assert populations.Normal.kind() == "populations.Normal"
    assert exact_text(priors.Flat()) != exact_text(populations.Flat())


@pytest.mark.parametrize("plain", [{"kind": "Popen", "args": "true"}, {"kind": None}, {}, {"kind": "Normal"}])
def test_only_known_kinds_are_made(plain):
    with pytest.raises(TypeError, match="unknown kind"):
        Specification.from_plain(plain, KINDS)


def test_exact_text_tells_apart_what_prints_alike():
    assert repr(priors.Normal(0, 1.0000001)) == repr(priors.Normal(0, 1.0000002))
    assert exact_text(priors.Normal(0, 1.0000001)) != exact_text(priors.Normal(0, 1.0000002))
    assert exact_text(predictors.Linear(pivot=2460000.5)) != exact_text(predictors.Linear(pivot=2460001.5))
    assert exact_text(priors.FromScipy(stats.norm(0, 1))) != exact_text(priors.FromScipy(stats.norm(0, 2)))
    assert exact_text(predictors.Linear(pivot=[1, 2])) == exact_text(predictors.Linear(pivot=(1.0, 2.0)))
