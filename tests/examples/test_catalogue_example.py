"""The cube is fitted on two workers, and says what its docstring promises."""

import runpy
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "catalogue.py"


def test_catalogue_example(capsys):
    pytest.importorskip(
        "distributed", reason="Dask is not installed: the function of a script run so is not importable"
    )
    runpy.run_path(str(EXAMPLE))["main"](brightest=2, target_ess=100)
    shown = capsys.readouterr().out
    assert "every other pixel" in shown
    assert shown.count("converged") == 2
