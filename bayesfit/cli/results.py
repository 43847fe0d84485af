"""The files that a fit leaves behind, in a folder proven to be writable before any time is spent."""

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

import bayesfit as bf
from bayesfit.data import Data
from bayesfit.errors import BayesfitError, ResultFileError
from bayesfit.posterior import Posterior
from bayesfit.results.files import write_bytes

__all__ = ["find_result", "names_of", "prepare_folder", "read_posterior", "write_figure", "write_results"]

#: what is always written, with a word on each
_ALWAYS = {
    "posterior.nc": "draws, data and model",
    "summary.csv": "the table above",
    "corner.png": "the parameters, each and in pairs",
}
_PICTURES = {
    "predictive.png": "data and prediction",
    "decision_boundary.png": "the classes over both features",
}


def names_of(data: Data, *, report: bool = False, classes: bool = False) -> dict[str, str]:
    """Return the files that a fit to these data leaves behind, with a word on each."""
    files = dict(_ALWAYS)
    if data.kind == "classes" or classes:
        chosen = "decision_boundary.png" if data.n_features == 2 else None
    else:
        chosen = "predictive.png"
    files |= {chosen: _PICTURES[chosen]} if chosen else {}
    return files | ({"report.html": "everything on one page"} if report else {})


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


def write_results(posterior: Posterior, folder: Path, *, report: bool = False) -> dict[str, str]:
    """Write the posterior, its summary and its pictures in place of others; return the files with a word on each.

    Raises
    ------
    ResultFileError
        If a file cannot be written.
    """
    files = names_of(posterior.target.data, report=report, classes=bool(posterior.classes))
    for name in {"report.html", *_PICTURES} - files.keys():
        # of an earlier fit, and of another model
        (folder / name).unlink(missing_ok=True)
    posterior.save(folder / "posterior.nc")
    write_bytes(posterior.summary().to_csv().encode(), folder / "summary.csv")
    if report:
        bf.report(posterior, folder / "report.html")
    for name, what in files.items():
        if name.endswith(".png"):
            try:
                write_figure(_draw(posterior, name), folder / name)
            except BayesfitError as error:
                files[name] = f"not drawn, {error}" if not isinstance(error, ResultFileError) else what
    return files


def _draw(posterior, name):
    # no window may open, and no display be asked for; matplotlib reads this when it is first imported
    os.environ.setdefault("MPLBACKEND", "agg")
    if name == "corner.png":
        return bf.plots.corner(posterior)
    if name == "decision_boundary.png":
        return bf.plots.decision_boundary(posterior)
    # new labels can be shown along one feature only
    return bf.plots.predictive(posterior, observed=posterior.target.data.n_features == 1)


def write_figure(drawn, path: Path):
    """Write a matplotlib Figure, or the one that holds the Axes, as a PNG file."""
    write_bytes(bf.plots.png(drawn, dpi=120), path)


def find_result(folder: Path) -> Path:
    """Return the result file in a folder, or the file itself.

    Raises
    ------
    ResultFileError
        If there is none.
    """
    path = folder / "posterior.nc" if folder.is_dir() else folder
    if not path.is_file():
        where = f"in the folder {str(folder)!r}" if folder.is_dir() else f"at {str(folder)!r}"
        raise ResultFileError(f"there is no posterior.nc {where}; give the folder that 'bayesfit fit' wrote with --out")
    return path


def read_posterior(folder: Path) -> Posterior:
    """Bring back the posterior in a folder.

    Raises
    ------
    ResultFileError
        If it cannot be read, or its model holds a function of the user's.
    """
    path = find_result(folder)
    try:
        return bf.load(path)
    except ResultFileError as error:
        if "model=" in str(error):
            raise ResultFileError(
                f"{path}: {error}. The command line runs no code of a file; use bayesfit.load in Python"
            ) from None
        raise
