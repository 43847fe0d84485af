"""Every example runs, with small numbers, and says what its docstring promises."""

import inspect
import runpy
from pathlib import Path

import pytest

from bayesfit.sampling import Ensemble

EXAMPLES = Path(__file__).parents[1] / "examples"
# makes a picture for the README, which is looked at
PICTURE = {"readme_figure"}
# small numbers for main(), and what the output has to hold
CASES = {
    "line_with_outliers": ({"target_ess": 100}, ["all points on the line", "is an outlier with probability 1.00"]),
    "radial_velocity": ({"target_ess": 100}, ["period", "scatter", "semi-amplitude K = 33."]),
    "blackbody": ({"target_ess": 100}, ["temperature between", "extrapolated: True"]),
    "limits": ({"n_rows": 60, "target_ess": 100}, ["limits left out", "limits as values", "limits as limits"]),
    "missing_features": ({"n_rows": 60, "target_ess": 100}, ["complete rows only", "all rows, with gaps"]),
    "resume": ({}, ["interrupted", "second call: 600 steps", "the same as without an interruption: True"]),
    "arviz_and_corner": ({"target_ess": 100}, ["posterior_predictive", "elpd_loo", "corner.png written"]),
    "custom_likelihood": ({"target_ess": 100}, ["Speckle()", "looks", "would be measured"]),
    "model_selection": (
        {"degrees": range(2, 5), "target_ess": 100},
        ["Simplest of the best: 3.", "select, elpd: [3", "18 fits in", "GridSearchCV, mean squared error", "15 fits"],
    ),
    "held_out_probabilities": (
        {"n_folds": 2, "sampler": Ensemble(n_ensembles=2, steps=20, burn_in=10)},
        ["iris, with gaps", "breast cancer", "quadratic", "difference"],
    ),
    "noisy_classes": ({"n_stars": 60, "n_quasars": 40, "target_ess": 100}, ["converged", "P(quasar)", "neither"]),
}


def module(name):
    return runpy.run_path(str(EXAMPLES / f"{name}.py"))


def slopes(text):
    return {
        line.split(" slope ")[0].strip(): float(line.split(" slope ")[1].split()[0]) for line in text.splitlines()[1:]
    }


@pytest.mark.parametrize("name", CASES)
def test_example_runs(name, capsys, tmp_path):
    settings, parts = CASES[name]
    main = module(name)["main"]
    if "folder" in inspect.signature(main).parameters:
        settings = {**settings, "folder": str(tmp_path)}
    main(**settings)
    shown = capsys.readouterr().out
    for part in parts:
        assert part in shown


def test_leaving_limits_out_flattens_the_line(capsys):
    module("limits")["main"](n_rows=120, target_ess=100)
    found = slopes(capsys.readouterr().out)
    assert found["limits as values"] < found["limits left out"] < found["limits as limits"]


def test_every_example_is_run():
    """Here, or in a test file of its own."""
    own = {
        path.stem[len("test_") : -len("_example")] for path in (Path(__file__).parent / "examples").glob("test_*.py")
    }
    assert {path.stem for path in EXAMPLES.glob("*.py")} == {*CASES, *own, *PICTURE}


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.stem)
def test_an_example_is_short_and_says_what_it_teaches(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 60
    assert text.startswith('"""')
