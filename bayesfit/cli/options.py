"""The arguments and options of the commands: names, types and help; nothing here loads a large library."""

from pathlib import Path
from typing import Annotated

import typer

from bayesfit.cli.reporting import set_debug

__all__ = [
    "Debug",
    "Ess",
    "MaxSteps",
    "Out",
    "PredictorName",
    "Priors",
    "Quiet",
    "Scatter",
    "Seed",
    "Table",
    "XColumns",
    "YColumn",
    "YErr",
]

Table = Annotated[Path, typer.Argument(metavar="TABLE", help="A CSV, Parquet, ECSV, FITS or VOTable file.")]
XColumns = Annotated[list[str], typer.Option("--x", metavar="COL[,COL]", help="Column of a feature; may be repeated.")]
YColumn = Annotated[str, typer.Option("--y", metavar="COL", help="Column of the label.")]
YErr = Annotated[
    str | None,
    typer.Option(
        "--y-err",
        metavar="COL|NUMBER",
        help="Standard deviation of the label: a column, or one number for all rows. Without it the noise is inferred.",
    ),
]
PredictorName = Annotated[
    str, typer.Option("--predictor", metavar="NAME", help="linear, or polynomial:DEGREE as in polynomial:2.")
]
Scatter = Annotated[
    bool | None,
    typer.Option(
        "--scatter/--no-scatter",
        help="Infer a scatter beyond the errors of the label.  [default: only without --y-err]",
        show_default=False,
    ),
]
Priors = Annotated[
    list[str] | None,
    typer.Option("--prior", metavar="NAME=PRIOR", help="As in 'slope=normal(0,10)'; a number fixes. May be repeated."),
]
Ess = Annotated[int, typer.Option("--ess", metavar="N", help="Effective samples wanted of each parameter.")]
MaxSteps = Annotated[
    int | None, typer.Option("--max-steps", metavar="N", help="Steps after which the sampler gives up.")
]
Seed = Annotated[
    int | None,
    typer.Option("--seed", min=0, metavar="N", help="The same seed gives the same result; random if left out."),
]
Out = Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the results; made if it is missing.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but warnings and errors.")]
Debug = Annotated[
    bool, typer.Option("--debug", callback=set_debug, is_eager=True, help="Show the traceback of an error.")
]
