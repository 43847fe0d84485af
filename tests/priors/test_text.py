import re
import time

import numpy as np
import pytest

from bayesfit import priors
from bayesfit.errors import PriorError
from bayesfit.priors import parse


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("normal(0, 10)", priors.Normal(0, 10)),
        ("  Normal( mean = 0 ,sd=10 ) ", priors.Normal(0, 10)),
        ("NORMAL(sd=10, mean=0)", priors.Normal(0, 10)),
        ("normal(0, sd=10)", priors.Normal(0, 10)),
        ("half_normal(2)", priors.HalfNormal(2)),
        ("halfnormal(2)", priors.HalfNormal(2)),
        ("HalfNormal(2.)", priors.HalfNormal(2)),
        ("uniform(-1e3, +1E3)", priors.Uniform(-1e3, 1e3)),
        ("log_uniform(.001, 1e-2)", priors.LogUniform(0.001, 0.01)),
        ("truncated_normal(0, 1, 0, inf)", priors.TruncatedNormal(0, 1, 0, np.inf)),
        ("flat()", priors.Flat()),
        ("flat(low=-Infinity, high=3)", priors.Flat(high=3)),
        ("flat_angle()", priors.FlatAngle()),
        ("student_t(4, 0, 1)", priors.StudentT(4, 0, 1)),
        ("fixed(3)", priors.Fixed(3)),
        ("3.5", priors.Fixed(3.5)),
        (" -1e-3 ", priors.Fixed(-1e-3)),
        (
            "multivariate_normal([0,0],[[1,0.5],[0.5,1]])",
            priors.MultivariateNormal([0, 0], [[1, 0.5], [0.5, 1]]),
        ),
        ("dirichlet([1,1,1,])", priors.Dirichlet([1, 1, 1])),
        ("lkj(3, eta=2)", priors.LKJ(3, 2)),
    ],
)
def test_reads(text, expected):
    assert parse(text) == expected


@pytest.mark.parametrize(
    "prior",
    [
        priors.Normal(0, 10),
        priors.StudentT(4, 0, 1),
        priors.Cauchy(0, 1),
        priors.Flat(0),
        priors.FlatAngle(),
        priors.HalfNormal(1),
        priors.HalfCauchy(1),
        priors.LogNormal(0, 1),
        priors.Exponential(1),
        priors.Gamma(2, 3),
        priors.InverseGamma(2, 3),
        priors.Uniform(0, 1),
        priors.LogUniform(1, 2),
        priors.Beta(1, 2),
        priors.TruncatedNormal(0, 1, 0, np.inf),
        priors.Fixed(2),
        priors.LKJ(3),
    ],
    ids=repr,
)
def test_reads_what_a_prior_prints(prior):
    assert parse(repr(prior)) == prior


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("normla(0, 1)", "there is no prior 'normla'; did you mean Normal(mean, sd)?"),
        ("zzz(1)", "there is no prior 'zzz'; known are Normal, StudentT"),
        ("from_scipy(1)", "there is no prior 'from_scipy'"),
        ("normal(0)", "Normal: sd missing; expected Normal(mean, sd)"),
        ("normal(0, 1, 2)", "Normal takes 2 arguments, not 3; expected Normal(mean, sd)"),
        ("normal(0, q=1)", "argument 'q' is unknown; expected Normal(mean, sd)"),
        ("normal(0, mean=1)", "argument 'mean' is given twice"),
        ("normal(mean=0, mean=1)", "mean is given twice"),
        ("normal(mean=0, 1)", "an argument without a name after a named one"),
        ("normal(0, -1)", "sd must be greater than zero, not -1; expected Normal(mean, sd)"),
        ("normal([0, 1], 1)", "mean must be one number, not a list"),
        ("normal(0, 1", "expected ',' or ')' at the end"),
        ("normal(0 1)", "expected ',' or ')' at '1)' (character 9)"),
        ("normal(,)", "expected a number at ',)'"),
        ("normal", "expected '(' at the end"),
        ("normal(0, 1) + 3", "unexpected text"),
        ("normal(0, 1)(2)", "unexpected text after the prior"),
        ("normal(1_0, 1)", "unexpected text"),
        ("normal(0, abs(1))", "expected '='"),
        ("normal('0', 1)", "unexpected text"),
        ("1.2.3", "unexpected text"),
        ("0x10", "unexpected text"),
        ("1 2", "unexpected text after the prior"),
        ("nan", "there is no prior 'nan'"),
        ("inf", "value must be finite"),
        ("", "expected a name at the end"),
        ("   ", "expected a name at the end"),
        ("fixed(٣)", "unexpected text"),
        ("dirichlet([[[1]]])", "lists nested too deeply"),
        ("flat_angle(1)", "FlatAngle takes 0 arguments, not 1; expected FlatAngle()"),
        ("lkj(q=1)", "expected LKJ(dimension, eta=1)"),
        ("multivariate_normal([0,0],[[1],[0,1]])", "cov must be a real number"),
    ],
)
def test_refuses_and_says_what_was_expected(text, message):
    with pytest.raises(PriorError, match=re.escape(message)):
        parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('id')",
        "normal.__class__",
        "normal(0, sd=__import__)",
        "(" * 10_000,
        "normal(" * 1_400,
        "dirichlet(" + "[" * 9_000,
        "a" * 10_000,
        "9" * 9_000 + "(",
        "1e" * 5_000,
        "normal(" + " " * 9_000,
        "normal(" * 1_000_000,
        "normal(0,1)\x00",
        "normal(1" + "0" * 5_000 + ", 1)",
    ],
)
def test_hostile_text_is_refused_quickly_and_shown_briefly(text):
    start = time.perf_counter()
    with pytest.raises(PriorError) as caught:
        parse(text)
    assert time.perf_counter() - start < 0.5
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("value", [None, 3, b"normal(0, 1)", priors.Normal(0, 1)])
def test_only_text_is_text(value):
    with pytest.raises(PriorError, match="must be a string"):
        parse(value)
