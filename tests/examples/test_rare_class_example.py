"""The example runs, and its table shows what it speaks of."""

import runpy
from pathlib import Path

EXAMPLE = Path(__file__).parents[2] / "examples" / "rare_class.py"


def test_the_posterior_expects_as_many_rare_objects_as_there_are(capsys):
    runpy.run_path(str(EXAMPLE))["main"](600)
    lines = capsys.readouterr().out.splitlines()
    actual = int(lines[0].split()[0])
    expected = {line[:22].strip(): int(line[22:].split()[0]) for line in lines[3:5]}
    # of 600 rows about 18 are rare, so that their share is known to a quarter
    assert 0.5 * actual < expected["posterior and utility"] < 2 * actual
    assert expected["balanced weights"] > 4 * actual
