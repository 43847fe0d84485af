"""``bayesfit demo``: a published data set fitted with two models, from table to verdict."""

import shlex
from pathlib import Path

import numpy as np

from bayesfit.cli.fitting import status_of
from bayesfit.cli.results import names_of, prepare_folder, write_results
from bayesfit.cli.words import Printer, files_text, summary_text, verdict_text
from bayesfit.comparison import compare
from bayesfit.data import Data
from bayesfit.datasets import hogg2010
from bayesfit.likelihoods import Gaussian
from bayesfit.models import Model
from bayesfit.predictors import Linear, Polynomial
from bayesfit.results.files import write_bytes

__all__ = ["run_demo"]

_TABLE = "hogg2010.csv"
_MODELS = {"line": Linear(), "parabola": Polynomial(2)}
_SENTENCE = (
    "Fitting the 20 measurements (x, y ± y_err) of Hogg, Bovy & Lang (2010, Table 1), first with a straight "
    "line y = intercept + slope x, then with a parabola; both with a scatter beyond the measurement errors."
)


def run_demo(out: Path, *, seed: int | None, quiet: bool) -> int:
    """Fit, compare, write and tell; return the exit code.

    Raises
    ------
    ResultFileError
        Before any sampling, if the folder ``out`` cannot be written to.
    """
    printer = Printer(quiet)
    data = hogg2010(x_errors=False)
    files = {_TABLE: "the measurements", **names_of(data)}
    prepare_folder(out, files)
    write_bytes(_csv(data), out / _TABLE)
    printer.text(_SENTENCE)
    posteriors = {name: _fit(name, predictor, data, seed, printer) for name, predictor in _MODELS.items()}
    printer.text(f"Comparison by leave-one-out prediction: {compare(posteriors).verdict}")
    write_results(posteriors["line"], out)
    printer.block(files_text(out, files, of="the line"))
    printer.text("Next: look at the pictures, then fit your own table as this one can be fitted:")
    printer.block(f"  bayesfit fit {shlex.quote(str(out / _TABLE))} --x x --y y --y-err y_err --scatter")
    return status_of(list(posteriors.values()))


def _fit(name, predictor, data, seed, printer):
    model = Model(predictor, Gaussian(scatter=True))
    posterior = model.fit(data, seed=seed, progress=not printer.quiet)
    printer.block(summary_text(posterior, title=name))
    printer.verdict(verdict_text(posterior.diagnostics), posterior.diagnostics.converged)
    return posterior


def _csv(data: Data) -> bytes:
    rows = zip(data.x[:, 0], np.asarray(data.y), np.asarray(data.y_err), strict=True)
    return "\n".join(["x,y,y_err", *(f"{x:g},{y:g},{y_err:g}" for x, y, y_err in rows), ""]).encode()
