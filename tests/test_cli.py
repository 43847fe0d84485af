"""The command line as a newcomer meets it: results, words, wrong words, exit codes."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from astropy import units as u
from astropy.table import Table
from typer.testing import CliRunner

import bayesfit as bf
from bayesfit.cli.app import app
from bayesfit.errors import ModelError, PriorError

COMMANDS = ["demo", "fit", "compare", "select", "predict", "classify", "report"]
ROWS = [(i, 1.0 + 2.0 * i + 0.1 * (-1) ** i, 0.1 + 0.01 * i) for i in range(1, 9)]


def run(*words):
    return CliRunner().invoke(app, [str(word) for word in words], prog_name="bayesfit")


def write(path: Path, rows, header=("a", "flux", "e")) -> Path:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


@pytest.fixture
def table(tmp_path):
    return write(tmp_path / "stars.csv", ROWS)


@pytest.fixture
def no_sampling(monkeypatch):
    """Sampling fails the test: whatever is wrong must be met before it."""

    def refuse(*_, **__):
        pytest.fail("sampling started")

    monkeypatch.setattr("bayesfit.sampling.Ensemble.run", refuse)


def refused(result, *parts):
    """Check for exit code 2, one line on stderr that holds all parts, and nothing on stdout."""
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert result.stderr.startswith("bayesfit: error: ")
    assert result.stderr.count("\n") == 1
    for part in parts:
        assert part in result.stderr
    return result


# -- help -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [(), ("--help",), ("fit", "-h"), *[(name, "--help") for name in COMMANDS]])
def test_help_has_an_example_and_the_exit_codes(words):
    result = run(*words)
    assert result.exit_code == 0
    assert "Example: bayesfit" in result.stdout
    assert "3 finished and written, but not converged" in " ".join(result.stdout.split())


def test_version():
    assert run("--version").stdout == f"bayesfit {bf.__version__}\n"


@pytest.mark.parametrize(("words", "code"), [(["--version"], 0), (["fit"], 2)])
def test_the_package_runs_as_a_module(words, code):
    """With the name of the command, not of a file, in what it says."""
    program = [sys.executable, "-m", "bayesfit", *words]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    assert (done.stdout or done.stderr).startswith("bayesfit")
    assert "__main__" not in done.stdout + done.stderr


def test_help_loads_no_large_library():
    """What help imports decides how long it takes; nothing else is as steady a measure."""
    program = (
        "import sys\n"
        "from bayesfit.cli.app import app\n"
        "app(['fit', '--help'], standalone_mode=False)\n"
        "heavy = {'arviz', 'matplotlib', 'pandas', 'xarray', 'scipy', 'emcee', 'numpy'}\n"
        "sys.exit(', '.join(sorted(heavy & set(sys.modules))) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "--y-err" in done.stdout


# -- results --------------------------------------------------------------------------------------------


def test_fit_agrees_with_weighted_least_squares(table, tmp_path):
    """With flat enough priors the posterior is the least-squares estimate and its covariance."""
    out = tmp_path / "new" / "folder"
    result = run("fit", table, "--x", "a", "--y", "flux", "--y-err", "e", "--seed", 3, "--out", out)
    assert result.exit_code == 0, result.stderr
    assert sorted(path.name for path in out.iterdir()) == [
        "corner.png",
        "posterior.nc",
        "predictive.png",
        "summary.csv",
    ]
    for part in ("8 rows of stars.csv", "seed 3", "Converged: ", "slope", "default", str(out)):
        assert part in " ".join(result.stdout.split())

    a, flux, e = np.array(ROWS).T
    design = np.column_stack([np.ones_like(a), a]) / e[:, None]
    covariance = np.linalg.inv(design.T @ design)
    expected = covariance @ design.T @ (flux / e)
    with (out / "summary.csv").open() as file:
        summary = {row["parameter"]: row for row in csv.DictReader(file)}
    posterior = bf.load(out / "posterior.nc")
    for i, name in enumerate(("intercept", "slope")):
        sd = np.sqrt(covariance[i, i])
        assert float(summary[name]["mean"]) == pytest.approx(expected[i], abs=0.1 * sd)
        assert float(summary[name]["sd"]) == pytest.approx(sd, rel=0.1)
        assert posterior.to_array(name).mean() == pytest.approx(float(summary[name]["mean"]), rel=1e-12)
    for name in ("corner.png", "predictive.png"):
        assert (out / name).read_bytes().startswith(b"\x89PNG")


def test_options_reach_the_model(tmp_path):
    """Two features in both spellings, a number for the errors, scatter, and a prior for one element."""
    rng = np.random.default_rng(5)
    x = rng.normal(size=(12, 2))
    rows = np.column_stack([x, 1 + x @ [2, -1] + 0.3 * rng.normal(size=12)])
    table = write(tmp_path / "t.csv", rows, header=("a", "b", "y"))
    words = ["fit", table, "--x", "a", "--x", "b", "--y", "y", "--y-err", "0.1", "--scatter", "--quiet"]
    result = run(*words, "--prior", "slope[b]=-1", "--prior", "intercept = Normal(0, 5)", "--out", tmp_path / "o")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")
    posterior = bf.load(tmp_path / "o" / "posterior.nc")
    assert posterior.names == ("intercept", "slope[a]", "scatter")
    assert posterior.target.parameters.prior_of("intercept") == bf.priors.Normal(0, 5)
    np.testing.assert_array_equal(posterior.target.data.y_err, 0.1)


def test_the_seed_decides_the_result(table, tmp_path):
    summaries = []
    for seed, folder in ((1, "one"), (1, "two"), (2, "three")):
        words = ("--x", "a", "--y", "flux", "--predictor", "polynomial:0", "--ess", 100, "-q")
        assert run("fit", table, *words, "--seed", seed, "--out", tmp_path / folder).exit_code == 0
        summaries.append((tmp_path / folder / "summary.csv").read_text())
    assert summaries[0] == summaries[1] != summaries[2]


@pytest.mark.filterwarnings("default")
def test_a_verdict_that_is_no_good_is_said_even_quietly(table, tmp_path):
    result = run("fit", table, "--x", "a", "--y", "flux", "--scatter", "--max-steps", 30, "-q", "--out", tmp_path / "o")
    assert (result.exit_code, result.stdout) == (3, "")
    assert "NOT CONVERGED" in result.stderr


def test_a_report_of_another_model_is_not_left_behind(table, tmp_path):
    words = ("fit", table, "--x", "a", "--y", "flux", "--y-err", "e", "--ess", 100, "-q", "--out", tmp_path / "o")
    assert run(*words, "--report").exit_code == 0
    assert (tmp_path / "o" / "report.html").exists()
    assert run(*words, "--predictor", "polynomial:0").exit_code == 0
    assert not (tmp_path / "o" / "report.html").exists()


def test_a_run_goes_on_from_its_checkpoint_without_its_seed(table, tmp_path, monkeypatch):
    """The same words again: the seed is the checkpoint's, and nothing is left to sample."""
    words = ("fit", table, "--x", "a", "--y", "flux", "--y-err", "e", "--checkpoint", tmp_path / "run")
    assert run(*words, "--out", tmp_path / "one").exit_code == 0
    monkeypatch.setattr("bayesfit.sampling.driver._begin", lambda *_: pytest.fail("sampling began anew"))
    again = run(*words, "--out", tmp_path / "two")
    assert again.exit_code == 0, again.stderr
    first, second = (bf.load(tmp_path / name / "posterior.nc") for name in ("one", "two"))
    np.testing.assert_array_equal(first.to_array(), second.to_array())
    assert f"seed {first.provenance['seed']}." in " ".join(again.stdout.split())
    assert first.provenance["seed"] == second.provenance["seed"]
    other = run(*words, "--seed", 2**40, "--out", tmp_path / "two")
    assert other.exit_code == 2
    assert "seed not the same; give another path, or delete it" in other.stderr


def units_table(path) -> Path:
    a, flux, e = np.array(ROWS).T
    Table({"a": a * u.km, "flux": flux * u.s, "e": 1000 * e * u.ms}).write(path)
    return path


def test_a_number_is_in_the_unit_of_its_column(tmp_path):
    table, out = units_table(tmp_path / "stars.fits"), tmp_path / "o"
    errors = ("--x-err", "0.1", "--y-err", "0.5")
    words = ("--x", "a", "--y", "flux", *errors, "--xy-cov", "0.01", "--ess", 100, "-q", "--out", out)
    assert run("fit", table, *words).stderr == ""
    data = bf.load(out / "posterior.nc").target.data
    assert data.units == {"a": "km", "flux": "s"}
    for found, expected in ((data.x_err, 0.1), (data.y_err, 0.5), (data.xy_cov, 0.01)):
        np.testing.assert_allclose(found, expected)
    assert run("predict", out, table, *errors, "--kind", "observed").stderr == ""


def test_a_number_beside_a_column_is_in_the_unit_of_the_label(tmp_path):
    table, out = units_table(tmp_path / "stars.ecsv"), tmp_path / "o"
    words = ("--x", "a", "--y", "flux", "--y-err", "0.5,e", "--ess", 100, "-q", "--out", out)
    assert run("fit", table, *words).stderr == ""
    expected = [(0.5, e) for _, _, e in ROWS]
    np.testing.assert_allclose(bf.load(out / "posterior.nc").target.data.y_err, expected)


def test_a_run_cut_short_is_written_and_has_its_own_exit_code(table, tmp_path, monkeypatch):
    """Six kept steps can't have converged, whatever they look like."""
    short = bf.sampling.Ensemble(steps=6, burn_in=2)
    monkeypatch.setattr("bayesfit.cli.fit.make_sampler", lambda _: short)
    result = run("fit", table, "--x", "a", "--y", "flux", "--y-err", "e", "--out", tmp_path / "o")
    assert result.exit_code == 3, result.stderr
    assert "NOT CONVERGED" in result.stdout
    assert bf.load(tmp_path / "o" / "posterior.nc").diagnostics.converged is False


def test_demo_in_a_process_of_its_own(tmp_path):
    """The newcomer's first command: words on stdout, progress on stderr, files, exit code."""
    done = subprocess.run(
        [sys.executable, "-c", "from bayesfit.cli import main; main()", "demo"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    out = tmp_path / "bayesfit-demo"
    for name in ("hogg2010.csv", "posterior.nc", "summary.csv", "corner.png", "predictive.png"):
        assert (out / name).stat().st_size > 0
        assert name in done.stdout
    for part in ("Hogg, Bovy & Lang", "parabola", "Converged: ", "Comparison", "Δelpd", "bayesfit fit"):
        assert part in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "Warning" not in done.stderr
    assert "steps" in done.stderr

    data, published = bf.Data.read(out / "hogg2010.csv", x="x", y="y", y_err="y_err"), bf.datasets.hogg2010()
    np.testing.assert_array_equal(data.x, published.x)
    np.testing.assert_array_equal(data.y, published.y)
    np.testing.assert_array_equal(data.y_err, published.y_err)


# -- wrong words ----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("no_sampling")
@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["--x", "b"], ["'b'", "known are 'a', 'flux', 'e'"]),
        (["--y", "fluxx"], ["'fluxx'", "did you mean 'flux'"]),
        (["--y-err", "ee"], ["y_err", "'ee'", "did you mean 'e'"]),
        (["--y-err", "-1"], ["y_err", "-1", "negative"]),
        (["--x", "a,a"], ["'a'", "more than once"]),
        (["--x", "a,"], ["empty name"]),
        (["--predictor", "cubic"], ["'cubic'", "linear", "polynomial"]),
        (["--predictor", "polynomial:x"], ["'polynomial:x'"]),
        (["--prior", "slope"], ["'slope'", "PARAMETER=PRIOR"]),
        (["--prior", "slop=1"], ["'slop'", "did you mean 'slope'"]),
        (["--prior", "slope=norml(0,1)"], ["norml", "Normal(mean, sd)"]),
        (["--prior", "slope=normal(0,-1)"], ["sd", "-1"]),
        (["--prior", "slope=__import__('os')"], ["cannot read"]),
        (["--prior", "slope=1", "--prior", "slope=2"], ["given twice"]),
        (["--no-scatter"], ["y_err is missing"]),
        (["--predictor", "spline:1"], ["'spline:1'", "knots", "two or more"]),
        (["--predictor", "fourier:24"], ["'fourier:24'", "harmonics missing"]),
        (["--predictor", "polynomial(2"], ["'polynomial(2'", "expected ','"]),
        (["--predictor", "polynomial:1e9"], ["degree", "whole number"]),
        (["--predictor", "polynomial:1000"], ["degree=1000", "50 is the most"]),
        (["--predictor", "linear(pivot=a)"], ["pivot='a'", "number"]),
        (["--predictor", "linear(interaction)"], ["interaction", "two features"]),
        (["--likelihood", "student"], ["'student'", "did you mean 'student-t'"]),
        (["--likelihood", "student-t(4"], ["expected ','"]),
        (["--likelihood", "student-t(ν=4)"], ["'ν'", "expected student-t(dof=none"]),
        (["--likelihood", "student-t(dof=-1)"], ["dof"]),
        (["--likelihood", "gaussian(scatter=3)"], ["scatter=3", "true or false"]),
        (["--likelihood", "poisson(exposure=hours)"], ["columns", "'hours'"]),
        (["--likelihood", "__import__('os').system('x')"], ["--likelihood", "cannot be read"]),
        (["--likelihood", "poisson", "--truncation", "0,1"], ["no truncation"]),
        (["--truncation", "0"], ["'0'", "LOW,HIGH"]),
        (["--truncation", "0,b"], ["columns", "'b'"]),
        (["--population", "mixture"], ["mixture", "n"]),
        (["--population", "normal"], ["no feature has errors", "x_err"]),
        (["--x-err", "e,e"], ["--x-err", "2 time(s) for 1 feature(s)"]),
        (["--x-err", "b=e"], ["'b'", "not among the features", "'a'"]),
        (["--x-err", "ee"], ["'ee'", "did you mean 'e'"]),
        (["--y-err", "e,e,e"], ["MINUS,PLUS"]),
        (["--limits", "lim"], ["limits", "'lim'"]),
        (["--column", "hours"], ["columns", "'hours'"]),
        (["--group", "night"], ["columns", "'night'"]),
        (["--units", "a"], ["'a'", "NAME=UNIT"]),
        (["--units", "b=km"], ["'b'"]),
        (["--workers", "0"], ["--workers"]),
        (["--ess", "0"], ["target_ess=0"]),
        (["--ess", "many"], ["--ess", "integer", "bayesfit fit --help"]),
        (["--max-steps", "0"], ["max_steps=0"]),
        (["--seed", "-1"], ["--seed"]),
        (["--colour", "red"], ["--colour", "bayesfit fit --help"]),
    ],
)
def test_wrong_words_are_refused_before_sampling(table, tmp_path, words, parts):
    given = words[::2]
    rest = [part for name, value in (("--x", "a"), ("--y", "flux")) if name not in given for part in (name, value)]
    refused(run("fit", table, *rest, *words, "--out", tmp_path / "o"), *parts)
    assert not (tmp_path / "o").exists()


@pytest.mark.usefixtures("no_sampling")
@pytest.mark.parametrize(
    ("name", "content", "parts"),
    [
        ("gone.csv", None, ["no file", "gone.csv"]),
        ("t.txt", b"a,flux\n1,2\n", ["unknown ending '.txt'", ".csv"]),
        ("t.csv", b"", ["t.csv", "not a well-formed CSV"]),
        ("t.csv", b"\x00\xff\xfe\x99", ["t.csv"]),
        ("t.csv", b"a,flux\n", ["no rows"]),
        ("t.csv", b"a,flux\n1,2\n1,2,3\n", ["t.csv", "line 3"]),
        ("t.csv", b"a,flux\n1,2.0\n2,n.a.\n3,4.0\n", ["flux", "row 1", "n.a."]),
        ("t.csv", b"a,flux\n1,2.0\nlow,3.0\n3,4.0\n", ["'a'", "row 1", "low"]),
        ("t.csv", b"a,a\n1,2\n", ["'a'", "more than once"]),
        ("t.parquet", b"a,flux\n1,2\n", ["t.parquet"]),
    ],
)
def test_unusable_tables_are_refused(tmp_path, name, content, parts):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    refused(run("fit", path, "--x", "a", "--y", "flux"), *parts)


@pytest.mark.usefixtures("no_sampling")
@pytest.mark.parametrize("command", ["demo", "fit"])
def test_an_unwritable_folder_is_met_before_sampling(table, tmp_path, command):
    words = (table, "--x", "a", "--y", "flux") if command == "fit" else ()
    refused(run(command, *words, "--out", table), "stars.csv", "it is a file", "--out")
    refused(run(command, *words, "--out", table / "below"), "stars.csv", "--out")
    (tmp_path / "o" / "corner.png").mkdir(parents=True)
    refused(run(command, *words, "--out", tmp_path / "o"), "corner.png", "is a folder")


@pytest.mark.usefixtures("no_sampling")
def test_a_result_never_replaces_the_table(tmp_path):
    table = write(tmp_path / "summary.csv", ROWS)
    before = table.read_bytes()
    refused(run("fit", table, "--x", "a", "--y", "flux", "--out", tmp_path), "would replace", "summary.csv")
    assert table.read_bytes() == before


@pytest.mark.usefixtures("no_sampling")
def test_a_table_in_the_place_of_a_checkpoint_is_not_to_be_deleted(table, tmp_path):
    words = ("fit", table, "--x", "a", "--y", "flux", "--checkpoint", table, "--out", tmp_path / "o")
    refused(run(*words), "stars.csv is not a checkpoint; give another path\n")
    assert not (tmp_path / "o").exists()


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["--colour"], ["--colour", "bayesfit --help"]),
        (["fitt"], ["'fitt'", "bayesfit --help"]),
        (["fit"], ["TABLE", "bayesfit fit --help"]),
        (["demo", "more"], ["more", "bayesfit demo --help"]),
    ],
)
def test_wrong_commands_point_to_help(words, parts):
    refused(run(*words), *parts)


# -- the unexpected -------------------------------------------------------------------------------------


@pytest.fixture
def broken(monkeypatch):
    def fail(*_, **__):
        raise RuntimeError("out of luck")

    monkeypatch.setattr("bayesfit.cli.fit.read_data", fail)


@pytest.mark.usefixtures("broken")
def test_an_unexpected_error_is_one_line_and_exit_code_one(table):
    result = run("fit", table, "--x", "a", "--y", "flux")
    assert result.exit_code == 1
    assert "unexpected RuntimeError: out of luck; add --debug" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.usefixtures("broken")
def test_debug_shows_the_traceback(table):
    result = run("fit", table, "--x", "a", "--y", "flux", "--debug")
    assert result.exit_code == 1
    assert "Traceback" in result.stderr
    assert "bayesfit: error: unexpected RuntimeError" in result.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device")
@pytest.mark.parametrize("words", [("--help",), ("fit", "{table}", "--x", "a", "--y", "flux", "--out", "{out}")])
def test_a_full_disk_under_standard_output_is_one_line(table, tmp_path, words):
    """In a process of its own, buffered, since what is left in the buffer is written when it ends."""
    filled = [word.format(table=table, out=tmp_path / "o") for word in words]
    program = [sys.executable, "-c", "from bayesfit.cli import main; main()", *filled]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with open("/dev/full", "w") as full:
        done = subprocess.run(program, stdout=full, stderr=subprocess.PIPE, text=True, check=False, env=environment)
    assert done.returncode == 2
    assert done.stderr == (
        "bayesfit: error: cannot write to standard output: No space left on device; send it elsewhere\n"
    )


@pytest.mark.parametrize("raised", [PriorError, ModelError])
def test_an_error_of_ours_is_a_single_line(table, monkeypatch, raised):
    def fail(*_, **__):
        raise raised("the first line\nand the second")

    monkeypatch.setattr("bayesfit.cli.fit.read_data", fail)
    refused(run("fit", table, "--x", "a", "--y", "flux"), "the first line and the second")


def test_warnings_are_one_line_too(table, monkeypatch):
    import warnings

    def warn(*_, **__):
        warnings.warn("20 rows, 10 of them twice", bf.BayesfitWarning, stacklevel=2)
        raise bf.DataError("stop here")

    monkeypatch.setattr("bayesfit.cli.fit.read_data", warn)
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        result = run("fit", table, "--x", "a", "--y", "flux")
    assert result.stderr.splitlines() == [
        "bayesfit: warning: 20 rows, 10 of them twice",
        "bayesfit: error: stop here",
    ]


def test_an_interruption_has_its_own_exit_code(table, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("bayesfit.cli.fit.read_data", interrupt)
    assert run("fit", table, "--x", "a", "--y", "flux").exit_code == 130
