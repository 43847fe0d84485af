"""The documents are true: their code runs, their picture is the contract, their links lead somewhere."""

import re
import shlex
import tomllib
from pathlib import Path

import pytest
from scipy import stats
from typer.testing import CliRunner

import bayesfit as bf
from bayesfit.cli.app import app

ROOT = Path(__file__).parents[1]
DOCUMENTS = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"]


def code_of(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    return "\n".join(re.findall(r"^```python\n(.*?)^```$", text, flags=re.DOTALL | re.MULTILINE))


def test_the_ways_to_extend_work():
    exec(compile(code_of("ARCHITECTURE.md"), "ARCHITECTURE.md", "exec"), {"__name__": "architecture"})


def test_the_prior_in_the_architecture_is_what_scipy_has():
    made = {"__name__": "architecture"}
    exec(compile(code_of("ARCHITECTURE.md"), "ARCHITECTURE.md", "exec"), made)
    prior, points = made["Logistic"](1.0, 2.0), [-700.0, 0.0, 3.0]
    assert prior.log_prob(points) == pytest.approx(stats.logistic(1.0, 2.0).logpdf(points))
    assert prior.quantile(0.2) == pytest.approx(stats.logistic(1.0, 2.0).ppf(0.2))
    assert prior.log_prob(float("nan")) == -float("inf")


@pytest.fixture
def after_the_demo(tmp_path, monkeypatch):
    """A folder in which ``bayesfit demo`` has left its table."""
    data = bf.datasets.hogg2010(x_errors=False)
    table = tmp_path / "bayesfit-demo" / "hogg2010.csv"
    table.parent.mkdir()
    rows = zip(data.x[:, 0], data.y, data.y_err, strict=True)
    table.write_text("x,y,y_err\n" + "".join(f"{x},{y},{e}\n" for x, y, e in rows))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_readmes_commands_run_on_the_demos_table(after_the_demo):
    """Each in its order, up to those that need tables of the reader's."""
    text = (ROOT / "README.md").read_text(encoding="utf-8").split("with tables of yours")[0]
    commands = re.findall(r"^    uv run bayesfit (.*)$", text, flags=re.MULTILINE)
    assert [command.split()[0] for command in commands] == ["fit", "fit", "compare"]
    for command in commands:
        result = CliRunner().invoke(app, [*shlex.split(command), "--seed", "1"])
        assert result.exit_code == 0, result.output
    assert "line" in result.stdout


def test_the_readmes_ten_lines_run(after_the_demo, capsys):
    exec(compile(code_of("README.md"), "README.md", "exec"), {"__name__": "readme"})
    assert "converged" in capsys.readouterr().out
    assert (after_the_demo / "line.nc").exists()


def test_the_readme_has_ten_lines_at_most():
    assert len([line for line in code_of("README.md").splitlines() if line.strip()]) <= 10


def modules(text):
    return re.findall(r"\b[a-z_]+\b", text.split("#")[0])


def test_the_picture_of_the_layers_is_the_contract():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contract = settings["tool"]["importlinter"]["contracts"][0]["layers"]
    there = {path.stem for path in (ROOT / "bayesfit").iterdir()}
    expected = [[name for name in modules(line) if name in there] for line in contract]
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    picture = re.search(r"## The layers.*?^```text\n(.*?)^```$", text, flags=re.DOTALL | re.MULTILINE)
    assert [modules(line) for line in picture[1].splitlines()] == [line for line in expected if line]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_to_files(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)]+)\)", text) if "://" not in link]
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_changelog_knows_this_version():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert text.index("## [Unreleased]") < text.index(f"## [{bf.__version__}]")


@pytest.mark.parametrize("family", ["priors", "predictors", "populations", "likelihoods", "plots"])
def test_the_changelog_names_every_member(family):
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    module = getattr(bf, family)
    # bases and the small tuples that pass between them are for those who extend
    members = [getattr(module, name) for name in module.__all__ if isinstance(getattr(module, name), type)]
    final = [m for m in members if hasattr(m, "to_plain") and not m.__abstractmethods__]
    assert [m.__name__ for m in final if f"`{m.__name__}`" not in text] == []
