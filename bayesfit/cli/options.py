"""The arguments and options of the commands: names, types and help; nothing here loads a large library."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from bayesfit.cli.reporting import set_debug

__all__ = [
    "Debug",
    "Features",
    "Label",
    "Noise",
    "Out",
    "PredictorText",
    "Prevalence",
    "PriorTexts",
    "Quiet",
    "Refits",
    "Report",
    "ResultFolder",
    "Run",
    "Seed",
    "Table",
    "XErr",
    "YErr",
]

Table = Annotated[Path, typer.Argument(metavar="TABLE", help="A CSV, Parquet, ECSV, FITS or VOTable file.")]
ResultFolder = Annotated[
    Path, typer.Argument(metavar="DIR", help="The folder that 'bayesfit fit' wrote, or a posterior.nc file.")
]
Out = Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the results; made if it is missing.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but warnings and errors.")]
Debug = Annotated[
    bool, typer.Option("--debug", callback=set_debug, is_eager=True, help="Show the traceback of an error.")
]
Seed = Annotated[
    int | None,
    typer.Option("--seed", min=0, metavar="N", help="The same seed gives the same result; random if left out."),
]
Refits = Annotated[
    int, typer.Option("--refits", min=0, metavar="N", help="The most refits for doubtful leave-one-out terms.")
]
Report = Annotated[bool, typer.Option("--report", help="Also write report.html: everything on one page.")]
PredictorText = Annotated[
    str,
    typer.Option(
        "--predictor",
        metavar="TEXT",
        help="linear, linear(interaction), polynomial:DEGREE, fourier:PERIOD,HARMONICS, or spline:KNOT,KNOT,...",
    ),
]
XErr = Annotated[
    list[str] | None,
    typer.Option(
        "--x-err",
        metavar="[NAME=]COL",
        help="Error of a feature: a column or a number, one for each --x in its order ('none' for an exact one), "
        "or NAME=COL. May be repeated.",
    ),
]
YErr = Annotated[
    str | None,
    typer.Option(
        "--y-err",
        metavar="COL|NUMBER",
        help="Standard deviation of the label: a column, or one number for all rows; MINUS,PLUS where the two "
        "sides differ. Without it the noise is inferred.",
    ),
]
PriorTexts = Annotated[
    list[str] | None,
    typer.Option("--prior", metavar="NAME=PRIOR", help="As in 'slope=normal(0,10)'; a number fixes. May be repeated."),
]
Prevalence = Annotated[
    list[str] | None,
    typer.Option(
        "--prevalence", metavar="CLASS=SHARE", help="Share of a class among the new rows. Repeat for each class."
    ),
]


@dataclass(frozen=True)
class Features:
    """Which columns are features, label, and whatever belongs to a row besides."""

    x: Annotated[list[str], typer.Option("--x", metavar="COL[,COL]", help="Column of a feature; may be repeated.")]
    y: Annotated[str, typer.Option("--y", metavar="COL", help="Column of the label; LOW,HIGH for intervals.")]
    x_err: XErr = None
    column: Annotated[
        list[str] | None,
        typer.Option("--column", metavar="COL", help="A further column to keep with the rows. May be repeated."),
    ] = None
    group: Annotated[
        str | None, typer.Option("--group", metavar="COL", help="Column that says which rows belong together.")
    ] = None
    units: Annotated[
        list[str] | None,
        typer.Option("--units", metavar="NAME=UNIT", help="Unit of a column that has none. May be repeated."),
    ] = None


@dataclass(frozen=True)
class Label:
    """What is known of the label's errors and limits."""

    y_err: YErr = None
    xy_cov: Annotated[
        list[str] | None,
        typer.Option(
            "--xy-cov", metavar="[NAME=]COL", help="Covariance of a feature's error with the label's, as for --x-err."
        ),
    ] = None
    limits: Annotated[
        str | None,
        typer.Option("--limits", metavar="COL", help="Column with < (upper limit), > (lower limit) or nothing."),
    ] = None


@dataclass(frozen=True)
class Noise:
    """Likelihood, population and priors."""

    likelihood: Annotated[
        str,
        typer.Option(
            "--likelihood",
            metavar="TEXT",
            help="gaussian, student-t, laplace, outliers, poisson, binomial, logit, probit or categorical, with "
            "settings as in 'student-t(dof=4)' or 'poisson(link=log, exposure=COL)'.",
        ),
    ] = "gaussian"
    scatter: Annotated[
        bool | None,
        typer.Option(
            "--scatter/--no-scatter",
            help="Infer a scatter beyond the errors of the label.  [default: only without --y-err]",
            show_default=False,
        ),
    ] = None
    truncation: Annotated[
        str | None,
        typer.Option(
            "--truncation",
            metavar="LOW,HIGH",
            help="Rows are in the table only where the label lies between: numbers, columns, or 'none'.",
        ),
    ] = None
    population: Annotated[
        str | None,
        typer.Option(
            "--population",
            metavar="TEXT",
            help="normal, mixture:N or flat: where true features come from.  [default: normal; for classes a mixture]",
            show_default=False,
        ),
    ] = None
    prior: PriorTexts = None


@dataclass(frozen=True)
class Run:
    """How long to sample, and on how many processes."""

    ess: Annotated[int, typer.Option("--ess", metavar="N", help="Effective samples wanted of each parameter.")] = 1000
    max_steps: Annotated[
        int | None, typer.Option("--max-steps", metavar="N", help="Steps after which the sampler gives up.")
    ] = None
    seed: Seed = None
    workers: Annotated[int, typer.Option("--workers", min=1, metavar="N", help="Processes to run in.")] = 1
