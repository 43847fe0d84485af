"""The notebooks as a reader finds them: complete, in order, executed, without traces of a machine.

That they still run is another question, which ``pytest --nbmake notebooks`` answers.
"""

import json
import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
ANSWERS = sorted((FOLDER / "answers").glob("*.ipynb"))
MOST_BYTES = 400_000


def name_of(path):
    return f"{path.parent.name}/{path.stem}"


def cells_of(path, kind):
    return [cell for cell in json.loads(path.read_text())["cells"] if cell["cell_type"] == kind]


def text_of(path):
    return "\n\n".join("".join(cell["source"]) for cell in cells_of(path, "markdown"))


def outputs_of(path):
    return [output for cell in cells_of(path, "code") for output in cell["outputs"]]


def written(output):
    """All that an output says in words."""
    return "".join(output.get("text", "")) + "".join(output.get("data", {}).get("text/plain", ""))


def code_of(path):
    return "\n".join("".join(cell["source"]) for cell in cells_of(path, "code"))


every = pytest.mark.parametrize("path", [*NOTEBOOKS, *ANSWERS], ids=name_of)
lessons = pytest.mark.parametrize("path", NOTEBOOKS, ids=name_of)


def test_numbered_without_gaps():
    numbers = [int(path.stem[:2]) for path in NOTEBOOKS]
    assert numbers == list(range(13))
    assert all(re.fullmatch(r"\d\d_[a-z0-9_]+", path.stem) for path in NOTEBOOKS)


def test_each_has_answers():
    assert [path.name for path in ANSWERS] == [path.name for path in NOTEBOOKS]


def test_index_links_to_all_others():
    linked = set(re.findall(r"\]\((\d\d_[a-z0-9_]+\.ipynb)\)", text_of(FOLDER / "00_index.ipynb")))
    assert linked == {path.name for path in NOTEBOOKS[1:]}


@every
def test_format(path):
    notebook = json.loads(path.read_text())
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    names = [cell["id"] for cell in notebook["cells"]]
    assert len(set(names)) == len(names)
    assert path.stat().st_size < MOST_BYTES


@every
def test_begins_with_its_title(path):
    first = json.loads(path.read_text())["cells"][0]
    assert first["cell_type"] == "markdown"
    assert re.match(rf"# \D*{int(path.stem[:2])}\b", "".join(first["source"]))


@every
def test_executed_once_from_top_to_bottom(path):
    counts = [cell["execution_count"] for cell in cells_of(path, "code")]
    assert counts == list(range(1, len(counts) + 1))
    assert len(outputs_of(path)) > 0


@every
def test_no_errors_or_warnings(path):
    assert not [output for output in outputs_of(path) if output["output_type"] == "error"]
    assert not [output["text"] for output in outputs_of(path) if output.get("name") == "stderr"]


@every
def test_no_traces_of_a_machine(path):
    metadata = [cell["metadata"] for cell in json.loads(path.read_text())["cells"]]
    assert not [entry for entry in metadata if "execution" in entry]
    for output in outputs_of(path):
        assert not re.search(r"/(work|tmp|home|root|Users)/|0x[0-9a-f]{6,}", written(output))


@every
def test_no_progress_bars(path):
    assert "it/s]" not in "".join(map(written, outputs_of(path)))


@every
def test_simulations_state_their_seed(path):
    assert not re.search(r"default_rng\(\)|np\.random\.(seed|normal|uniform|rand)\b", code_of(path))


@lessons
def test_ends_with_comparison_and_exercises(path):
    text = text_of(path)
    headings = re.findall(r"^## (.+)$", text, flags=re.MULTILINE)
    assert headings[-1] == "Exercises"
    assert "Where they agree, where they part" in headings
    exercises = text.split("## Exercises")[1]
    assert len(re.findall(r"^\d\. ", exercises, flags=re.MULTILINE)) >= 3
    assert f"answers/{path.name}" in exercises


@lessons
def test_shows_figures(path):
    assert [output for output in outputs_of(path) if "image/png" in output.get("data", {})]
