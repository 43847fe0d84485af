"""The commands as they are typed; the work behind each is loaded when it is called."""

import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

import bayesfit as bf
from bayesfit.cli import options
from bayesfit.cli.reporting import ReportingGroup

__all__ = ["app", "main"]

_EXIT_CODES = (
    "Exit codes: 0 finished; 1 an unexpected error; 2 wrong usage or unusable input; "
    "3 finished and written, but not converged; 130 interrupted."
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
def fit(
    table: options.Table,
    x: options.XColumns,
    y: options.YColumn,
    y_err: options.YErr = None,
    predictor: options.PredictorName = "linear",
    scatter: options.Scatter = None,
    prior: options.Priors = None,
    ess: options.Ess = 1000,
    max_steps: options.MaxSteps = None,
    seed: options.Seed = None,
    out: options.Out = Path("bayesfit-fit"),
    quiet: options.Quiet = False,
    debug: options.Debug = False,
):
    """Fit the rows of a table, and write posterior, summary and pictures.

    Example: bayesfit fit stars.csv --x Teff,logg --y Z --y-err eZ --scatter --prior 'scatter=halfnormal(1)'
    """
    request = import_module("bayesfit.cli.fit").Request(
        table, x, y, y_err, predictor, scatter, prior or (), ess, max_steps, seed
    )
    _finish(request.run(out, quiet=quiet))


def _finish(status: int):
    raise typer.Exit(status)


def main():
    """Run the command line and end the process with its exit code."""
    sys.exit(app())
