"""``bayesfit compare``: which of several fits predicts better."""

import os
from collections.abc import Sequence
from pathlib import Path

from bayesfit.cli.fitting import status_of
from bayesfit.cli.reporting import FINISHED, NOT_CONVERGED
from bayesfit.cli.results import prepare_folder, read_posterior, write_figure
from bayesfit.cli.words import Printer, aligned, files_text
from bayesfit.comparison import Comparison, compare
from bayesfit.errors import ComparisonError
from bayesfit.results.files import write_bytes

__all__ = ["comparison_text", "names_of_folders", "run_compare"]

_FILES = {"comparison.csv": "the table above", "comparison.png": "differences and their errors"}


def run_compare(folders: Sequence[Path], *, refits: int, seed: int | None, out: Path | None, quiet: bool) -> int:
    """Compare and tell; return the exit code, 3 where the estimates cannot be trusted.

    Raises
    ------
    ComparisonError, ResultFileError
        For fewer than two results, results of different rows, or files that cannot be read.
    """
    names = names_of_folders(folders)
    posteriors = {name: read_posterior(folder) for name, folder in zip(names, folders, strict=True)}
    if out is not None:
        prepare_folder(out, _FILES)
    comparison = compare(posteriors, refits=refits, seed=seed)
    printer = Printer(quiet)
    printer.block(comparison_text(comparison))
    printer.verdict(comparison.verdict, comparison.reliable)
    if out is not None:
        _write(comparison, out)
        printer.block(files_text(out, _FILES))
    return status_of(list(posteriors.values())) or (FINISHED if comparison.reliable else NOT_CONVERGED)


def names_of_folders(folders: Sequence[Path]) -> list[str]:
    """Return a short name for each folder: its own, or its whole path where two have the same.

    Raises
    ------
    ComparisonError
        For fewer than two folders, or the same one twice.

    Examples
    --------
    >>> names_of_folders([Path("a/line"), Path("a/curve/posterior.nc")])
    ['line', 'curve']
    """
    if len(folders) < 2:
        raise ComparisonError("DIR: give two or more folders to compare")
    homes = [folder.parent if folder.name == "posterior.nc" else folder for folder in folders]
    if len({home.resolve() for home in homes}) < len(homes):
        raise ComparisonError(f"DIR: a folder is named twice among {', '.join(map(str, folders))}; keep one")
    names = [home.resolve().name if home.name in ("", ".", "..") else home.name for home in homes]
    return names if len(set(names)) == len(names) else [str(home) for home in homes]


def comparison_text(comparison: Comparison) -> str:
    """Return the table of a comparison, as wide as a terminal."""
    head = ("model", "elpd", "se", "difference", "its se", "parameters", "weight", "Pareto k")
    columns = ["elpd", "se", "elpd_diff", "dse", "p", "weight", "pareto_k"]
    digits = (1, 1, 1, 1, 1, 2, 2)
    rows = [
        (str(name), *(f"{value:.{n}f}" for value, n in zip(row, digits, strict=True)))
        for name, row in zip(comparison.table.index, comparison.table[columns].to_numpy(dtype=float), strict=True)
    ]
    return aligned([head, *rows])


def _write(comparison, out):
    import bayesfit as bf

    os.environ.setdefault("MPLBACKEND", "agg")
    write_bytes(comparison.table.to_csv().encode(), out / "comparison.csv")
    write_figure(bf.plots.comparison(comparison), out / "comparison.png")
