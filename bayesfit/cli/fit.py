"""``bayesfit fit``: a model fitted to the user's own table."""

from pathlib import Path

from bayesfit.cli import options
from bayesfit.cli.fitting import make_model, make_sampler, make_seed, status_of, takes_classes, workers
from bayesfit.cli.parts import columns_of
from bayesfit.cli.results import names_of, prepare_folder, write_results
from bayesfit.cli.rows import read_data
from bayesfit.cli.words import Printer, files_text, summary_text, verdict_text
from bayesfit.data import Data

__all__ = ["run_fit"]


def run_fit(
    table: Path,
    features: options.Features,
    label: options.Label,
    predictor: str,
    noise: options.Noise,
    run: options.Run,
    *,
    checkpoint: Path | None,
    out: Path,
    report: bool,
    quiet: bool,
) -> int:
    """Fit, write and tell; return the exit code.

    Raises
    ------
    BayesfitError
        For whatever is wrong with the words, the table or the folder, before any sampling.
    """
    model, sampler = make_model(predictor, noise), make_sampler(run)
    likelihood = model.likelihood
    data = read_data(table, features, label, columns=columns_of(likelihood), classes=takes_classes(likelihood))
    parameters = model.target(data).parameters
    seed, printer = make_seed(run, checkpoint), Printer(quiet)
    prepare_folder(out, names_of(data, report=report), source=table)
    printer.text(f"{_relation(data, label, predictor)} to {data.size} rows of {table.name}; seed {seed}.")
    printer.block(f"{parameters}")
    with workers(run.workers) as executor:
        posterior = model.fit(
            data, sampler=sampler, seed=seed, progress=not quiet, checkpoint=checkpoint, executor=executor
        )
    files = write_results(posterior, out, report=report)
    printer.block(summary_text(posterior))
    printer.verdict(verdict_text(posterior.diagnostics), posterior.diagnostics.converged)
    printer.block(files_text(out, files))
    loading = f"bayesfit.load({str(out / 'posterior.nc')!r})"
    printer.text(f"Next: look at the pictures; in Python, {loading} brings the posterior back.")
    return status_of([posterior])


def _relation(data: Data, label: options.Label, predictor: str) -> str:
    known = f"{data.label} ± {label.y_err}" if label.y_err else data.label
    return f"Fitting {known} against {', '.join(data.names)} with predictor {predictor}"
