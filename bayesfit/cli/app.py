"""The commands as they are typed; the work behind each is loaded when it is called."""

import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

import bayesfit as bf
from bayesfit.cli import options
from bayesfit.cli.groups import grouped
from bayesfit.cli.reporting import ReportingGroup

__all__ = ["app", "main"]

_EXIT_CODES = (
    "Exit codes: 0 finished; 1 an unexpected error; 2 wrong usage or unusable input; "
    "3 finished and written, but not converged, or a comparison that cannot be trusted; 130 interrupted."
)

app = typer.Typer(
    name="bayesfit",
    cls=ReportingGroup,
    add_completion=False,
    # plain text: the same in a terminal, a file and a log
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _show_version(wanted: bool):
    if wanted:
        typer.echo(f"bayesfit {bf.__version__}")
        raise typer.Exit


_Version = Annotated[
    bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
]


@app.callback(invoke_without_command=True, epilog=_EXIT_CODES)
def _welcome(context: typer.Context, version: _Version = False):
    """Bayesian modelling for people who measure things.

    Example: bayesfit demo
    """
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command(epilog=_EXIT_CODES, short_help="Fit published measurements with two models and compare them.")
def demo(
    out: options.Out = Path("bayesfit-demo"),
    seed: options.Seed = 1,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
):
    """Fit a line and a parabola to 20 published measurements, compare them, and write the results.

    Example: bayesfit demo --out somewhere
    """
    # a call for help need not wait for xarray and scipy
    _finish(import_module("bayesfit.cli.demo").run_demo(out, seed=seed, quiet=quiet))


@app.command(epilog=_EXIT_CODES, short_help="Fit the rows of your own table.")
@grouped
def fit(
    table: options.Table,
    features: options.Features,
    label: options.Label,
    noise: options.Noise,
    run: options.Run,
    predictor: options.PredictorText = "linear",
    checkpoint: Annotated[
        Path | None, typer.Option("--checkpoint", metavar="FILE", help="An interrupted run goes on from this file.")
    ] = None,
    out: options.Out = Path("bayesfit-fit"),
    report: options.Report = False,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
):
    """Fit the rows of a table, and write posterior, summary and pictures.

    Example: bayesfit fit stars.csv --x Teff,logg --y Z --y-err eZ --scatter --prior 'scatter=halfnormal(1)'
    """
    where: dict[str, Any] = {"checkpoint": checkpoint, "out": out, "report": report, "quiet": quiet}
    _finish(import_module("bayesfit.cli.fit").run_fit(table, features, label, predictor, noise, run, **where))


@app.command(epilog=_EXIT_CODES, short_help="Say which of several fits predicts better.")
def compare(
    folders: Annotated[list[Path], typer.Argument(metavar="DIR DIR...", help="Folders that 'bayesfit fit' wrote.")],
    refits: options.Refits = 10,
    seed: options.Seed = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Folder for a table and a picture.")] = None,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
):
    """Compare fits of the same rows by leave-one-out prediction.

    Exit code 3 where an estimate cannot be trusted.

    Example: bayesfit compare line parabola
    """
    work = import_module("bayesfit.cli.compare")
    _finish(work.run_compare(folders, refits=refits, seed=seed, out=out, quiet=quiet))


@app.command(epilog=_EXIT_CODES, short_help="Fit several models and choose among them.")
@grouped
def select(
    table: options.Table,
    features: options.Features,
    label: options.Label,
    noise: options.Noise,
    run: options.Run,
    models: Annotated[
        list[str] | None,
        typer.Option("--models", metavar="TEXT", help="A predictor, or polynomial:0-5 for several. May be repeated."),
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(
            "--model", metavar="NAME=TEXT", help="NAME=PREDICTOR, or NAME=PREDICTOR/LIKELIHOOD. May be repeated."
        ),
    ] = None,
    out: options.Out = Path("bayesfit-select"),
    quiet: options.Quiet = False,
    debug: options.Debug = False,
):
    """Fit several models to a table; compare how well they predict with how well they fit.

    With --group each group of rows is also left out whole.

    Example: bayesfit select curve.csv --x t --y v --y-err e --models polynomial:0-5
    """
    work = import_module("bayesfit.cli.select")
    choice: dict[str, Any] = {"ranges": models or (), "named": model or (), "out": out, "quiet": quiet}
    _finish(work.run_select(table, features, label, noise, run, **choice))


@app.command(epilog=_EXIT_CODES, short_help="Predict the labels of new rows.")
def predict(
    folder: options.ResultFolder,
    table: Annotated[Path, typer.Argument(metavar="NEWTABLE", help="A table with the features of the fit.")],
    x_err: options.XErr = None,
    y_err: Annotated[
        str | None, typer.Option("--y-err", metavar="COL|NUMBER", help="Label errors, for --kind observed.")
    ] = None,
    kind: Annotated[
        str, typer.Option("--kind", metavar="mean|observed", help="The expected label, or one with its noise.")
    ] = "mean",
    prob: Annotated[
        float | None, typer.Option("--prob", metavar="P", help="Probability of the interval.  [default: 0.9]")
    ] = None,
    prevalence: options.Prevalence = None,
    seed: options.Seed = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="A CSV file to write; else it is printed.")
    ] = None,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
):
    """Predict the labels of new rows: mean, sd, interval, and whether a row lies outside the fitted range.

    For classes: their probabilities, and for generative models how unusual the row is.

    Example: bayesfit predict bayesfit-fit new.csv --prob 0.68
    """
    words: dict[str, Any] = {
        "x_err": x_err,
        "y_err": y_err,
        "kind": kind,
        "prob": prob,
        "prevalence": prevalence or (),
        "seed": seed,
    }
    _finish(import_module("bayesfit.cli.predict").run_predict(folder, table, **words, out=out, quiet=quiet))


@app.command(epilog=_EXIT_CODES, short_help="Tell classes apart by their features.")
@grouped
def classify(
    table: options.Table,
    features: options.Features,
    run: options.Run,
    likelihood: Annotated[
        str | None,
        typer.Option(
            "--likelihood",
            metavar="TEXT",
            help="logit, probit or categorical. [default: a Gaussian population of features for each class]",
            show_default=False,
        ),
    ] = None,
    shared_covariance: Annotated[
        bool, typer.Option("--shared-covariance", help="One covariance for all classes.")
    ] = False,
    prior: options.PriorTexts = None,
    new: Annotated[
        Path | None, typer.Option("--new", metavar="TABLE", help="Rows to classify.  [default: those fitted]")
    ] = None,
    prevalence: options.Prevalence = None,
    out: options.Out = Path("bayesfit-classify"),
    report: options.Report = False,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
):
    """Learn classes from labelled rows, and write class probabilities for new ones.

    Example: bayesfit classify known.csv --x g-r,r-i --x-err e1,e2 --y kind --new unknown.csv
    """
    words: dict[str, Any] = {"likelihood": likelihood, "shared": shared_covariance, "prior": prior or [], "new": new}
    where: dict[str, Any] = {"prevalence": prevalence or [], "out": out, "report": report, "quiet": quiet}
    _finish(import_module("bayesfit.cli.classify").run_classify(table, features, run, **words, **where))


@app.command(epilog=_EXIT_CODES, short_help="Write everything about a fit on one page.")
def report(
    folder: options.ResultFolder,
    against: Annotated[
        list[Path] | None,
        typer.Option("--against", metavar="DIR", help="Another fit of the same rows to compare with. May be repeated."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="The page.  [default: report.html in DIR]")
    ] = None,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
):
    """Write a page of HTML: model, data, verdict, parameters, pictures and how to read them.

    Example: bayesfit report bayesfit-fit
    """
    _finish(import_module("bayesfit.cli.report").run_report(folder, against=against or (), out=out, quiet=quiet))


def _finish(status: int):
    raise typer.Exit(status)


def main():
    """Run the command line and end the process with its exit code."""
    sys.exit(app())
