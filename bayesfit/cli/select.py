"""``bayesfit select``: several models fitted to one table, and which to use."""

import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

import bayesfit as bf
from bayesfit.cli import options
from bayesfit.cli.fitting import make_model, make_sampler, make_seed, status_of, takes_classes, workers
from bayesfit.cli.parts import columns_of
from bayesfit.cli.reporting import FINISHED, NOT_CONVERGED
from bayesfit.cli.results import prepare_folder, write_figure
from bayesfit.cli.rows import read_data
from bayesfit.cli.words import Printer, aligned, files_text
from bayesfit.comparison import indistinguishable
from bayesfit.errors import DataError, ModelError
from bayesfit.folds import make_folds
from bayesfit.models import Model
from bayesfit.results.files import write_bytes
from bayesfit.seeds import generator

__all__ = ["read_models", "run_select"]

_FILES = {"selection.csv": "the table above", "selection.png": "accuracy and training score by size of the model"}
_MOST_MODELS = 50


def run_select(
    table: Path,
    features: options.Features,
    label: options.Label,
    noise: options.Noise,
    run: options.Run,
    *,
    ranges: Sequence[str],
    named: Sequence[str],
    out: Path,
    quiet: bool,
) -> int:
    """Fit all models, compare them, write and tell; return the exit code.

    Raises
    ------
    BayesfitError
        For whatever is wrong with the words, the table or the folder, before any sampling.
    """
    models, sampler = read_models(ranges, named, noise), make_sampler(run)
    columns = [name for model in models.values() for name in columns_of(model.likelihood)]
    classes = any(takes_classes(model.likelihood) for model in models.values())
    data = read_data(table, features, label, columns=columns, classes=classes)
    for model in models.values():
        _check_groups(model.target(data), features.group)
    prepare_folder(out, _FILES, source=table)
    seed, printer = make_seed(run), Printer(quiet)
    printer.text(f"Fitting {len(models)} models to {data.size} rows of {table.name}; seed {seed}.")
    with workers(run.workers) as executor:
        selection = bf.select(models, data, sampler=sampler, executor=executor, seed=seed, progress=not quiet)
        printer.block(_text(selection))
        printer.text(f"{selection.comparison.verdict} Simplest of the best: {selection.best}.")
        if features.group:
            _by_group(models, data, features.group, printer, sampler=sampler, executor=executor, seed=seed)
    os.environ.setdefault("MPLBACKEND", "agg")
    write_bytes(selection.table.to_csv().encode(), out / "selection.csv")
    write_figure(bf.plots.selection(selection), out / "selection.png")
    printer.block(files_text(out, _FILES))
    reliable = FINISHED if selection.comparison.reliable else NOT_CONVERGED
    return status_of(list(selection.posteriors.values())) or reliable


def _check_groups(target, group: str | None):
    """Refuse groups that cannot be left out one after another."""
    if group is None:
        return
    try:
        make_folds(target.data, target.term_rows, "groups", group, generator(None))
    except DataError as error:
        raise DataError(f"--group {group!r}: {error}") from None


def read_models(ranges: Sequence[str], named: Sequence[str], noise: options.Noise) -> dict[str, Model]:
    """Return models by name, from texts such as ``"polynomial:0-3"`` and ``"curve=spline:0,1,2/student-t"``.

    Raises
    ------
    ModelError
        For texts that name no model, a name that is given twice, and fewer than two models.

    Examples
    --------
    >>> list(read_models(["polynomial:0-2"], ["robust=linear/student-t"], options.Noise()))
    ['polynomial:0', 'polynomial:1', 'polynomial:2', 'robust']
    """
    texts = [(text, text) for words in ranges for text in _expand(words)]
    for words in named:
        name, _, text = (part.strip() for part in words.partition("="))
        if not (name and text):
            raise ModelError(f"--model {words!r} should be NAME=PREDICTOR or NAME=PREDICTOR/LIKELIHOOD")
        texts.append((name, text))
    names = [name for name, _ in texts]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ModelError(f"--model: {', '.join(map(repr, twice))} is given more than once; keep one")
    if not 2 <= len(texts) <= _MOST_MODELS:
        raise ModelError(
            f"{len(texts)} model(s) to choose from; give 2 to {_MOST_MODELS}, with --models polynomial:0-5 or "
            "--model NAME=PREDICTOR, repeated"
        )
    return {name: make_model(*_parts(text, noise)) for name, text in texts}


def _expand(words):
    """Return the texts that a range such as "polynomial:0-8" stands for."""
    found = re.fullmatch(r"\s*(\w[\w-]*)\s*:\s*(\d{1,3})\s*-\s*(\d{1,3})\s*", words, re.ASCII)
    if not found:
        return [words.strip()]
    first, last = int(found[2]), int(found[3])
    if first > last:
        raise ModelError(f"--models {words!r}: {first} is above {last}; write the smaller one first")
    return [f"{found[1]}:{n}" for n in range(first, last + 1)]


def _parts(text, noise):
    """Return predictor, noise and likelihood; a slash inside brackets belongs to a name."""
    depth = 0
    for place, letter in enumerate(text):
        depth += (letter in "([") - (letter in ")]")
        if letter == "/" and depth == 0:
            return text[:place], noise, text[place + 1 :]
    return text, noise, None


def _text(selection) -> str:
    head = ("model", "parameters", "training", "elpd", "se", "difference", "its se")
    columns = ["training", "elpd", "se", "elpd_diff", "dse"]
    rows = [
        (str(name), f"{row['parameters']:.0f}", *(f"{row[column]:.1f}" for column in columns))
        for name, row in selection.table.iterrows()
    ]
    return aligned([head, *rows])


def _by_group(models: Mapping[str, Model], data, group: str, printer: Printer, **settings):
    """Judge the models by groups left out whole: rows of one group are no help to each other there."""
    if not printer.quiet:
        print(f"  leaving out one {group} after another", file=sys.stderr)
    found = {
        name: bf.cross_validate(model, data, folds="groups", groups=group, **settings) for name, model in models.items()
    }
    best = max(found, key=lambda name: found[name].elpd)
    rows = []
    for name, result in found.items():
        terms = np.array([part.sum() for part in _grouped(result.pointwise - found[best].pointwise, result.folds)])
        error = float(np.sqrt(terms.size) * terms.std(ddof=1)) if terms.size > 1 else float("nan")
        rows.append((name, result.elpd, result.se, float(terms.sum()), error))
    shown = [(name, *(f"{value:.1f}" for value in values)) for name, *values in rows]
    printer.block(aligned([("left out by group", "elpd", "se", "difference", "its se"), *shown]))
    others = [(difference, error) for name, _, _, difference, error in rows if name != best]
    close = any(indistinguishable(difference, error) for difference, error in others)
    printer.text(f"By {group}: {'no clear winner' if close else f'{best} predicts best'}.")
    for name, result in found.items():
        if not result.converged:
            printer.text(f"{name}: {' '.join(result.messages)}")


def _grouped(terms, folds):
    return [terms[folds == fold] for fold in np.unique(folds)]
