"""The files that a fit leaves behind, in a folder proven to be writable before any time is spent."""

import io
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

import bayesfit as bf
from bayesfit.errors import ResultFileError
from bayesfit.results.files import write_bytes

__all__ = ["RESULT_FILES", "prepare_folder", "write_figure", "write_results"]

#: what `write_results` writes, with a word on each
RESULT_FILES = {
    "posterior.nc": "draws, data and model",
    "summary.csv": "the table above",
    "corner.png": "the parameters, each and in pairs",
    "predictive.png": "data and prediction",
}


def prepare_folder(folder: Path, names: Iterable[str], source: Path | None = None) -> Path:
    """Make the folder and prove that the files ``names`` can be written, without replacing ``source``.

    Raises
    ------
    ResultFileError
        If they cannot.
    """
    advice = "choose another folder with --out"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        reason = "it is a file" if folder.is_file() else error.strerror or error
        raise ResultFileError(f"cannot write into the folder {str(folder)!r}: {reason}; {advice}") from error
    for path in (folder / name for name in names):
        if path.is_dir():
            raise ResultFileError(f"{str(path)!r} is a folder and in the way of a result; {advice}")
        if source is not None and path.exists() and source.exists() and path.samefile(source):
            raise ResultFileError(f"the result {path.name} would replace the table {str(source)!r}; {advice}")
    return folder


def write_results(posterior, folder: Path):
    """Write the posterior, its summary and its pictures.

    Raises
    ------
    ResultFileError
        If a file cannot be written.
    """
    posterior.save(folder / "posterior.nc")
    write_bytes(posterior.summary().to_csv().encode(), folder / "summary.csv")
    # no window may open, and no display be asked for; matplotlib reads this when it is first imported
    os.environ.setdefault("MPLBACKEND", "agg")
    write_figure(bf.plots.corner(posterior), folder / "corner.png")
    # new labels can be shown along one feature only
    observed = posterior.target.data.n_features == 1
    write_figure(bf.plots.predictive(posterior, observed=observed), folder / "predictive.png")


def write_figure(drawn, path: Path):
    """Write a matplotlib Figure, or the one that holds the Axes, as a PNG file."""
    figure = drawn if hasattr(drawn, "savefig") else drawn.figure
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=120, bbox_inches="tight")
    write_bytes(buffer.getvalue(), path)
