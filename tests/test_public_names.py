"""The public names: all there, and nothing heavy loaded before it is needed."""

import importlib
import json
import subprocess
import sys

import pytest

import bayesfit

FAMILIES = ["priors", "predictors", "likelihoods", "populations", "sampling", "datasets", "metrics", "plots"]
ERRORS = ["DataError", "PriorError", "ModelError", "SamplingError", "ComparisonError", "ResultFileError"]
HEAVY = ["scipy.stats", "matplotlib", "arviz", "pandas", "xarray", "emcee", "corner"]


@pytest.mark.parametrize("name", bayesfit.__all__)
def test_every_public_name_is_there(name):
    assert getattr(bayesfit, name).__doc__
    assert name in dir(bayesfit)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_public_name_of_a_family_is_there_and_described(family):
    module = importlib.import_module(f"bayesfit.{family}")
    assert module.__doc__
    for name in module.__all__:
        assert getattr(module, name).__doc__, name


def test_the_names_of_the_tour_are_public():
    names = "Data Model Posterior compare load"
    families = "priors predictors populations likelihoods sampling metrics plots datasets"
    assert {*names.split(), *families.split(), *ERRORS, "BayesfitError", "BayesfitWarning"} <= set(bayesfit.__all__)


def test_unknown_names_are_attribute_errors():
    with pytest.raises(AttributeError, match="no attribute 'Modle'"):
        _ = bayesfit.Modle


def test_errors_are_value_errors_below_one_root():
    for name in (
        "DataError",
        "PriorError",
        "ModelError",
        "SamplingError",
        "ComparisonError",
        "ResultFileError",
    ):
        error = getattr(bayesfit, name)
        assert issubclass(error, bayesfit.BayesfitError)
        assert issubclass(error, ValueError)
    assert issubclass(bayesfit.BayesfitWarning, UserWarning)


@pytest.mark.parametrize(
    ("statement", "heavy"),
    [
        ("import bayesfit", HEAVY),
        ("import bayesfit.priors, bayesfit.data, bayesfit.predictors, bayesfit.likelihoods", HEAVY),
        (
            "from bayesfit import Model, compare, load, sampling",
            ["scipy.stats", "matplotlib", "arviz", "corner"],
        ),
        (
            "from bayesfit import Data, Model, likelihoods, predictors, sampling; "
            "data = Data([1.0, 2.0, 4.0], [1.0, 2.0, 2.5], y_err=0.1); "
            "model = Model(predictors.Linear(), likelihoods.Gaussian()); "
            "model.fit(data, sampler=sampling.Ensemble(steps=20), progress=False).to_array()",
            ["xarray", "pandas", "arviz", "arviz_stats", "matplotlib", "corner"],
        ),
    ],
)
def test_nothing_heavy_is_loaded_before_it_is_needed(statement, heavy):
    code = f"import sys, json; {statement}; print(json.dumps(sorted(set({heavy!r}) & set(sys.modules))))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert json.loads(run.stdout) == []
