"""``bayesfit classify``: classes told apart by their features, and probabilities for new rows."""

from pathlib import Path

import bayesfit as bf
from bayesfit.cli import options
from bayesfit.cli.fitting import make_sampler, make_seed, status_of, workers
from bayesfit.cli.parts import read_likelihood, read_priors
from bayesfit.cli.predict import class_table, read_prevalence, read_rows
from bayesfit.cli.results import names_of, prepare_folder, write_results
from bayesfit.cli.rows import read_data
from bayesfit.cli.words import Printer, files_text, summary_text, verdict_text
from bayesfit.errors import DataError, ModelError
from bayesfit.likelihoods.classes import Classes
from bayesfit.models import BaseModel
from bayesfit.predictors import Linear
from bayesfit.results.files import write_bytes

__all__ = ["run_classify"]

_TABLE = "probabilities.csv"


def run_classify(
    table: Path,
    features: options.Features,
    run: options.Run,
    *,
    likelihood: str | None,
    shared: bool,
    prior: list[str],
    new: Path | None,
    prevalence: list[str],
    out: Path,
    report: bool,
    quiet: bool,
) -> int:
    """Fit, classify, write and tell; return the exit code.

    Raises
    ------
    BayesfitError
        For whatever is wrong with the words, the tables or the folder, before any sampling.
    """
    model, sampler = _model(likelihood, shared, prior), make_sampler(run)
    data = read_data(table, features, classes=True)
    if not data.classes:
        raise DataError(f"{table.name}: y (column {features.y!r}) holds numbers, not classes; use 'bayesfit fit'")
    model.target(data)
    shares = read_prevalence(prevalence, data.classes)
    # read now, so that a fault in it is met before sampling
    new_table = table if new is None else new
    files = {**names_of(data, report=report, classes=True), _TABLE: f"probabilities of the rows of {new_table.name}"}
    rows = read_rows(data, new_table, x_err=features.x_err)
    prepare_folder(out, files, source=table)
    if new is not None:
        prepare_folder(out, files, source=new)
    seed, printer = make_seed(run), Printer(quiet)
    kinds = ", ".join(map(str, data.classes))
    printer.text(f"Telling {kinds} apart by {', '.join(data.names)} in {data.size} rows of {table.name}; seed {seed}.")
    with workers(run.workers) as executor:
        posterior = model.fit(data, sampler=sampler, seed=seed, progress=not quiet, executor=executor)
    write_results(posterior, out, report=report)
    found = class_table(posterior, rows, prevalence=shares)
    write_bytes(found.to_csv(index=False).encode(), out / _TABLE)
    printer.block(summary_text(posterior))
    printer.verdict(verdict_text(posterior.diagnostics), posterior.diagnostics.converged)
    printer.text(_scores(posterior, data))
    printer.block(files_text(out, files))
    return status_of([posterior])


def _model(likelihood, shared, prior) -> BaseModel:
    priors = read_priors(prior)
    if likelihood is None:
        return bf.ClassModel(shared_covariance=shared, priors=priors)
    if shared:
        raise ModelError("--shared-covariance is for the generative model; leave out --likelihood, or this option")
    found = read_likelihood(likelihood)
    if not isinstance(found, Classes):
        raise ModelError(f"--likelihood {likelihood!r} is not for classes; give logit, probit or categorical")
    return bf.Model(Linear(), found, priors=priors)


def _scores(posterior, data) -> str:
    scores = bf.metrics.classification(posterior, data)
    low, middle, high = scores["accuracy"].quantile([0.05, 0.5, 0.95]).to_numpy()
    return (
        f"Of the rows that were fitted {100 * middle:.0f} % are classified rightly (90 % interval {100 * low:.0f} to "
        f"{100 * high:.0f} %); rows that were not fitted would say how well it does on others."
    )
