"""The commands that work on results: compare, select, predict, classify, report."""

import csv
import io

import numpy as np
import pytest
from scipy.stats import multivariate_normal
from typer.testing import CliRunner

import bayesfit as bf
from bayesfit.cli.app import app

QUICK = bf.sampling.Ensemble(target_ess=200)


def run(*words):
    return CliRunner().invoke(app, [str(word) for word in words], prog_name="bayesfit")


def refused(result, *parts):
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    for part in parts:
        assert part in result.stderr


def decay(x, rate):
    return np.exp(-rate * x)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A table of a straight line in three groups, with fits of a line, a constant and a function to it."""
    home = tmp_path_factory.mktemp("results")
    rng = np.random.default_rng(8)
    x = np.linspace(0.0, 9.0, 24)
    y = 1 + 2 * x + rng.normal(0, 0.3, 24)
    rows = [f"{a:.3f},{b:.3f},{'abc'[i % 3]}" for i, (a, b) in enumerate(zip(x, y, strict=True))]
    (home / "t.csv").write_text("\n".join(["x,y,night", *rows]) + "\n")
    data = bf.Data.read(home / "t.csv", x="x", y="y", y_err=0.3)
    priors = {"rate": bf.priors.HalfNormal(1)}
    models = {
        "line": bf.Model(bf.predictors.Linear(), bf.likelihoods.Gaussian()),
        "constant": bf.Model(bf.predictors.Polynomial(0), bf.likelihoods.Gaussian()),
        "own": bf.Model(bf.predictors.Function(decay), bf.likelihoods.Gaussian(), priors=priors),
    }
    for name, model in models.items():
        (home / name).mkdir()
        model.fit(data, sampler=QUICK, seed=1, progress=False).save(home / name / "posterior.nc")
    (home / "garbage").mkdir()
    (home / "garbage" / "posterior.nc").write_bytes(b"\x89HDF\r\n\x1a\nrubbish")
    return home


# -- compare --------------------------------------------------------------------------------------------


def test_compare_names_the_better_model(folder, tmp_path):
    result = run("compare", folder / "line", folder / "constant", "--out", tmp_path / "c")
    assert result.exit_code == 0, result.output
    assert "line predicts better than constant" in " ".join(result.stdout.split())
    assert (tmp_path / "c" / "comparison.png").read_bytes().startswith(b"\x89PNG")
    with (tmp_path / "c" / "comparison.csv").open() as file:
        assert [row["model"] for row in csv.DictReader(file)] == ["line", "constant"]


@pytest.mark.parametrize(
    ("names", "parts"),
    [
        (["line"], ["two or more"]),
        (["line", "line/posterior.nc"], ["twice"]),
        (["line", "gone"], ["gone", "posterior.nc", "--out"]),
        (["line", "garbage"], ["garbage", "damaged"]),
        (["line", "t.csv"], ["t.csv", "not a result file"]),
        (["line", "own"], ["own", "model=", "Python"]),
    ],
)
def test_what_cannot_be_compared_is_refused(folder, names, parts):
    refused(run("compare", *(folder / name for name in names)), *parts)


# -- select ---------------------------------------------------------------------------------------------


def test_select_finds_the_degree_and_judges_by_group(folder, tmp_path):
    words = ("--x", "x", "--y", "y", "--y-err", "0.3", "--group", "night", "--ess", 200, "--seed", 2)
    choice = ("--models", "polynomial:0-1", "--model", "robust=linear/student-t(dof=4)")
    result = run("select", folder / "t.csv", *words, *choice, "--out", tmp_path / "s")
    assert result.exit_code == 0, result.output
    assert "By night: no clear winner." in result.stdout
    with (tmp_path / "s" / "selection.csv").open() as file:
        rows = {row["model"]: row for row in csv.DictReader(file)}
    assert set(rows) == {"polynomial:0", "polynomial:1", "robust"}
    assert float(rows["polynomial:0"]["elpd"]) < float(rows["polynomial:1"]["elpd"]) - 50
    assert float(rows["polynomial:1"]["training"]) > float(rows["polynomial:1"]["elpd"])
    assert (tmp_path / "s" / "selection.png").exists()


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        ([], ["0 model(s)", "--models polynomial:0-5"]),
        (["--models", "linear"], ["1 model(s)"]),
        (["--models", "polynomial:3-1"], ["3 is above 1"]),
        (["--models", "polynomial:0-2", "--models", "polynomial:2"], ["'polynomial:2'", "more than once"]),
        (["--models", "linear", "--model", "spline:0,5"], ["NAME=PREDICTOR"]),
        (["--models", "linear", "--model", "a=linear/studen"], ["'studen'", "did you mean 'student-t'"]),
        (["--models", "linear", "--model", "a=cubic"], ["'cubic'"]),
    ],
)
def test_models_that_mean_nothing_are_refused(folder, words, parts):
    refused(run("select", folder / "t.csv", "--x", "x", "--y", "y", *words), *parts)


@pytest.mark.parametrize(
    ("night", "parts"),
    [("", ["--group 'night'", "no group at rows 0, 1"]), ("a", ["--group 'night'", "all rows are of one group, 'a'"])],
)
def test_groups_are_checked_before_sampling(folder, tmp_path, monkeypatch, night, parts):
    monkeypatch.setattr("bayesfit.sampling.Ensemble.run", lambda *_, **__: pytest.fail("sampling started"))
    table = tmp_path / "t.csv"
    rows = [f"{i},{2 * i + (-1) ** i},{night if i < 2 else 'a'}" for i in range(9)]
    table.write_text("\n".join(["x,y,night", *rows]) + "\n")
    words = ("--x", "x", "--y", "y", "--group", "night", "--models", "polynomial:0-1", "--out", tmp_path / "s")
    refused(run("select", table, *words), *parts)
    assert not (tmp_path / "s").exists()


# -- predict --------------------------------------------------------------------------------------------


def test_predictions_are_those_of_the_posterior(folder, tmp_path):
    new = tmp_path / "new.csv"
    new.write_text("name,x\na,4.5\nb,20\n")
    result = run("predict", folder / "line", new, "--prob", "0.5")
    assert result.exit_code == 0, result.stderr
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    expected = bf.load(folder / "line" / "posterior.nc").predict([4.5, 20.0])
    assert [float(row["mean"]) for row in rows] == pytest.approx(expected.mean)
    assert [float(row["75 %"]) for row in rows] == pytest.approx(expected.interval(0.5)[:, 1])
    assert [row["extrapolated"] for row in rows] == ["False", "True"]
    assert float(rows[0]["mean"]) == pytest.approx(10.0, abs=0.3)

    assert run("predict", folder / "line" / "posterior.nc", new, "--out", tmp_path / "p.csv", "-q").exit_code == 0
    with (tmp_path / "p.csv").open() as file:
        assert len(list(csv.DictReader(file))) == 2


@pytest.mark.parametrize(
    ("content", "words", "parts"),
    [
        ("X\n1\n", [], ["new.csv", "no column 'x'", "known are 'X'"]),
        ("x\n1\nten\n", [], ["new.csv", "'x'", "row 1", "ten"]),
        ("", [], ["new.csv"]),
        ("x\n1\n", ["--kind", "both"], ["kind='both'"]),
        ("x\n1\n", ["--kind", "observed"], ["y_err"]),
        ("x\n1\n", ["--y-err", "0.5"], ["--y-err 0.5", "add --kind observed"]),
        ("x\n1\n", ["--prob", "2"], ["prob=2"]),
        ("x\n1\n", ["--prevalence", "a=1"], ["no", "classes"]),
        ("x\n1\n", ["--x-err", "0.1,0.2"], ["--x-err", "2 time(s)"]),
        ("x\n1\n", ["--out", "{new}"], ["would replace the table"]),
        ("x\n1\n", ["--out", "{gone}"], ["cannot write"]),
    ],
)
def test_rows_that_cannot_be_predicted_are_refused(folder, tmp_path, content, words, parts):
    new = tmp_path / "new.csv"
    new.write_text(content)
    filled = [word.format(new=new, gone=tmp_path / "gone" / "p.csv") for word in words]
    refused(run("predict", folder / "line", new, *filled), *parts)


@pytest.mark.parametrize("command", ["predict", "report"])
@pytest.mark.parametrize("name", ["line", "constant"])
def test_no_result_is_replaced(folder, command, name):
    """Neither the one that was read nor another."""
    result = folder / name / "posterior.nc"
    before = result.read_bytes()
    words = ["t.csv"] if command == "predict" else []
    refused(
        run(command, folder / "line", *(folder / word for word in words), "--out", result),
        "is a result file, which would be lost; choose another name",
        str(result),
    )
    assert result.read_bytes() == before


def test_a_function_of_ones_own_needs_python(folder):
    refused(run("predict", folder / "own", folder / "t.csv"), "model=", "runs no code", "Python")


# -- classify -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def kinds(tmp_path_factory):
    """Two Gaussian classes over two features."""
    home = tmp_path_factory.mktemp("kinds")
    rng = np.random.default_rng(9)
    x = np.concatenate([rng.normal(0, 1, (60, 2)), rng.normal(2, 1, (60, 2))])
    rows = [f"{a},{b},{'cat' if i < 60 else 'dog'}" for i, (a, b) in enumerate(x)]
    (home / "known.csv").write_text("\n".join(["a,b,kind", *rows]) + "\n")
    (home / "new.csv").write_text("b,a\n1.5,1.0\n0.5,0.0\n12,-12\n")
    return home


def test_classify_agrees_with_the_truth_and_finds_the_novel(kinds, tmp_path):
    words = ("--x", "a,b", "--y", "kind", "--new", kinds / "new.csv", "--ess", 200, "--seed", 1)
    result = run("classify", kinds / "known.csv", *words, "--out", tmp_path / "o")
    assert result.exit_code == 0, result.output
    with (tmp_path / "o" / "probabilities.csv").open() as file:
        rows = list(csv.DictReader(file))
    points = np.array([[1.0, 1.5], [0.0, 0.5]])
    cat, dog = (multivariate_normal(np.full(2, mean), np.eye(2)).pdf(points) for mean in (0.0, 2.0))
    found = [float(row["p[dog]"]) for row in rows[:2]]
    # sixty rows a class leave the log odds uncertain by about a half
    assert np.log(found) - np.log1p(-np.array(found)) == pytest.approx(np.log(dog / cat), abs=1.2)
    assert [float(row["novelty"]) > 0.1 for row in rows] == [True, True, False]
    assert rows[2]["extrapolated"] == "True"
    assert (tmp_path / "o" / "decision_boundary.png").exists()

    rare = run("predict", tmp_path / "o", kinds / "new.csv", "--prevalence", "cat=0.99", "--prevalence", "dog=0.01")
    shifted = float(next(csv.DictReader(io.StringIO(rare.stdout)))["p[dog]"])
    assert shifted < found[0]

    for words, parts in (
        (["--prob", "0.5"], ["--prob 0.5", "probabilities"]),
        (["--y-err", "0.5"], ["--y-err 0.5", "probabilities"]),
        (["--kind", "observed"], ["--kind observed", "probabilities"]),
    ):
        refused(run("predict", tmp_path / "o", kinds / "new.csv", *words), *parts)


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["--likelihood", "gaussian"], ["not for classes", "logit"]),
        (["--likelihood", "logit", "--shared-covariance"], ["--shared-covariance"]),
        (["--prevalence", "crow=1"], ["CLASS=SHARE", "cat, dog"]),
        (["--prevalence", "cat=much"], ["'much'", "number"]),
        (["--prevalence", "cat=0.5", "--prevalence", "cat=0.9"], ["--prevalence", "'cat' is given twice"]),
        (["--prevalence", "cat=0.5"], ["prevalence", "missing: ['dog']"]),
        (["--new", "gone.csv"], ["no file 'gone.csv'"]),
        (["--y", "a"], ["numbers", "bayesfit fit"]),
    ],
)
def test_what_cannot_be_classified_is_refused(kinds, tmp_path, monkeypatch, words, parts):
    monkeypatch.setattr("bayesfit.sampling.Ensemble.run", lambda *_, **__: pytest.fail("sampling started"))
    features, label = ("a,b", "kind") if "--y" not in words else ("b", "a")
    given = [] if "--y" in words else ["--y", label]
    refused(run("classify", kinds / "known.csv", "--x", features, *given, *words, "--out", tmp_path / "o"), *parts)
    assert not (tmp_path / "o").exists()


# -- report ---------------------------------------------------------------------------------------------


def test_report_writes_the_page_beside_the_result(folder, tmp_path):
    page = tmp_path / "page.html"
    result = run("report", folder / "constant", "--out", page)
    assert result.exit_code == 0, result.output
    assert page.read_text().startswith("<!DOCTYPE html>")


def test_report_refuses_before_it_draws(folder, monkeypatch):
    monkeypatch.setattr("bayesfit.reports.page._contents", lambda *_: pytest.fail("drawing started"))
    refused(run("report", folder / "line", "--out", folder), "is a folder", "report.html")
    refused(run("report", folder / "line", "--out", folder / "gone" / "r.html"), "cannot write into", "gone")
    refused(run("report", folder / "garbage"), "damaged")
    refused(run("report", folder / "own"), "model=")
    refused(run("report", folder / "nowhere"), "nowhere")
