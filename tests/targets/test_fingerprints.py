"""What a user's function sees beside its arguments is a part of the model."""

from functools import partial

import numpy as np
import pytest

from bayesfit import Data, Model, likelihoods, predictors, priors
from bayesfit.targets.fingerprints import model_fingerprint

ANY = priors.Normal(0, 1)
POWER = 2.0
CALLS = []


def _of(function, **given):
    chosen = dict.fromkeys(given or "ab", ANY)
    return model_fingerprint(Model(predictors.Function(function), likelihoods.Gaussian(), priors=chosen))


def _closed(power):
    return lambda x, a, b: a + b * x**power


def _of_a_global(x, a, b):
    return a + b * x**POWER


def _inner(constant):
    def outer(x, a, b):
        def inside(t):
            return a + b * t

        return inside(x) + constant

    return outer


def _counted(x, a, b):
    CALLS.append(1)
    return a + b * x


def _recursive(x, a, b):
    return a + b * x if a < 1e9 else _recursive(x, a - 1, b)


class Called:
    def __init__(self, power):
        self.power = power

    def __call__(self, x, a, b):
        return a + b * x**self.power


@pytest.mark.parametrize(
    ("one", "same", "other"),
    [
        (_closed(1), _closed(1), _closed(2)),
        (_closed(np.arange(3.0)), _closed(np.arange(3.0)), _closed(np.arange(1.0, 4.0))),
        (_closed((1, "a")), _closed((1, "a")), _closed((1, "b"))),
        (_inner(1), _inner(1), _inner(2)),
        (Called(1), Called(1), Called(2)),
        (_recursive, _recursive, _counted),
    ],
)
def test_values_of_closures_and_objects_count(one, same, other):
    assert _of(one) == _of(same) != _of(other)


def test_arguments_given_beforehand_count():
    def curve(x, a, b, power):
        return a + b * x**power

    one, same, other = (partial(curve, power=power) for power in (1, 1, 2))
    assert _of(one) == _of(same) != _of(other)


def test_values_of_a_module_count(monkeypatch):
    before = _of(_of_a_global)
    monkeypatch.setitem(globals(), "POWER", 3.0)
    assert _of(_of_a_global) != before


def test_what_changes_while_it_runs_does_not():
    before = _of(_counted)
    model = Model(predictors.Function(_counted), likelihoods.Gaussian(), priors=dict.fromkeys("ab", ANY))
    model.target(Data([1.0, 2.0, 3.0], [1.0, 2.0, 2.5], y_err=0.1)).log_prob(np.zeros((3, 2)))
    assert CALLS
    assert _of(_counted) == before
