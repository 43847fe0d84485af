"""The quick tests of the likelihoods notice each small fault of the table."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from table import MUTATIONS

ROOT = Path(__file__).parents[2]
#: the quickest first
QUICK = ("test_densities.py", "test_counts.py", "likelihoods", "contracts")
INI = "[pytest]\naddopts = -m 'not calibration'\nmarkers = calibration: long\nfilterwarnings = error\n"
#: so that nothing but the copy is tested
GUARD = (
    "import pathlib, bayesfit\nassert pathlib.Path(bayesfit.__file__).is_relative_to(pathlib.Path(__file__).parent)\n"
)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=range(len(MUTATIONS)))
def test_each_fault_is_one_edit_of_what_is_there(mutation):
    text = (ROOT / "bayesfit" / mutation.file).read_text()
    assert text.count(mutation.old) == 1
    assert mutation.new != mutation.old


def catch(mutation, folder: Path) -> str:
    """Return the first quick test that fails with the mutation; empty if it survives."""
    shutil.copytree(ROOT / "bayesfit", folder / "bayesfit", ignore=shutil.ignore_patterns("__pycache__"))
    for name in QUICK:
        source = ROOT / "tests" / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, folder / "tests" / name)
    (folder / "pytest.ini").write_text(INI)
    (folder / "conftest.py").write_text(GUARD)
    file = folder / "bayesfit" / mutation.file
    file.write_text(file.read_text().replace(mutation.old, mutation.new))
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
    command += ["-k", f"({mutation.ask}) or edges", *(f"tests/{name}" for name in QUICK)]
    environment = {**os.environ, "PYTHONPATH": str(folder), "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    environment.pop("PYTEST_ADDOPTS", None)
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=900)
    if done.returncode == 0:
        return ""
    failed = re.findall(r"^FAILED \S*?([\w.]+::.*?)(?: - |$)", done.stdout, re.MULTILINE)
    # an error in collecting is no failed test
    assert done.returncode == 1, done.stdout[-2000:] + done.stderr[-2000:]
    assert failed, done.stdout[-2000:]
    return failed[0]


@pytest.mark.calibration
@pytest.mark.parametrize("mutation", MUTATIONS, ids=range(len(MUTATIONS)))
def test_each_fault_is_noticed(mutation, tmp_path):
    (tmp_path / "tests").mkdir()
    caught = catch(mutation, tmp_path)
    print(f"{mutation.file} | {mutation.old!r} | {mutation.new!r} | {caught or 'SURVIVED'}", flush=True)
    assert caught
