"""``bayesfit report``: a saved fit on one page."""

from collections.abc import Sequence
from pathlib import Path

import bayesfit as bf
from bayesfit.cli.compare import names_of_folders
from bayesfit.cli.fitting import status_of
from bayesfit.cli.results import find_result, read_posterior
from bayesfit.cli.words import Printer

__all__ = ["run_report"]


def run_report(folder: Path, *, against: Sequence[Path], out: Path | None, quiet: bool) -> int:
    """Write the page; return the exit code.

    Raises
    ------
    ResultFileError
        If the result cannot be read, or the page not be written.
    """
    page = find_result(folder).parent / "report.html" if out is None else out
    posterior = read_posterior(folder)
    comparison = None
    if against:
        names = names_of_folders([folder, *against])
        others = [read_posterior(other) for other in against]
        comparison = bf.compare(dict(zip(names, [posterior, *others], strict=True)))
    bf.report(posterior, page, comparison=comparison)
    Printer(quiet).text(f"Written: {page}")
    return status_of([posterior])
