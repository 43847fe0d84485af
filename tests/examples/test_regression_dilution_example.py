"""The example runs, and its table shows the bias that it speaks of."""

import runpy
from pathlib import Path

EXAMPLE = Path(__file__).parents[2] / "examples" / "regression_dilution.py"


def test_the_shortcut_is_flatter(capsys):
    runpy.run_path(str(EXAMPLE))["main"](2, 150)
    flat, gaussian = capsys.readouterr().out.splitlines()[2:]
    assert flat.startswith("flat")
    assert gaussian.startswith("one Gaussian")
    slopes = [float(line[24:].split()[0]) for line in (flat, gaussian)]
    assert slopes[0] < 1.75 < slopes[1]
