"""One self-contained page of HTML: model, data, verdict, parameters, pictures, and how to read them."""

import base64
import math
import tempfile
from pathlib import Path

from bayesfit.comparison import Comparison
from bayesfit.errors import ComparisonError, ModelError, ResultFileError
from bayesfit.posterior import Posterior
from bayesfit.reports.accuracy import accuracy_of
from bayesfit.reports.figures import draw_all
from bayesfit.reports.formulas import model_of
from bayesfit.reports.lights import RHAT, light_of
from bayesfit.reports.tables import comparison_rows, parameter_rows, prior_rows, provenance_rows
from bayesfit.results.files import write_bytes

__all__ = ["report"]


def report(posterior: Posterior, path, *, comparison: Comparison | None = None) -> Path:
    """Write everything about a fit to one HTML file that needs nothing besides.

    The model in words and as a formula, what the audit found in the data, the verdict on convergence, the
    parameters with units and priors, pictures, each with a sentence on how to read it, leave-one-out accuracy,
    and how to make the fit again.  What does not exist for a model is left out with a sentence.

    Parameters
    ----------
    posterior : Posterior
        Also one that has not converged, or was brought back by `bayesfit.load`.
    path : path
        The file; one that is there is replaced when the new one is complete.
    comparison : Comparison, optional
        As `bayesfit.compare` returns it; best one in which this posterior takes part.

    Returns
    -------
    Path

    Raises
    ------
    ResultFileError
        If the file cannot be written; before anything is drawn.
    ModelError, ComparisonError
        For something else than a posterior, or a comparison.

    Notes
    -----
    Leave-one-out accuracy is worked out anew unless ``posterior.loo()`` was called before or the posterior is part
    of the comparison; refits are made only of a posterior that has converged.
    """
    if not isinstance(posterior, Posterior):
        raise ModelError(f"report: the first argument should be a Posterior, got {type(posterior).__name__}")
    if not isinstance(comparison, Comparison | None):
        raise ComparisonError(f"report: comparison should be what compare() returns, got {type(comparison).__name__}")
    path = _writable(path)
    return write_bytes(_render(_contents(posterior, comparison)).encode(), path)


def _contents(posterior, comparison) -> dict:
    accuracy = accuracy_of(posterior, comparison)
    drawn, left_out = draw_all(posterior, accuracy.loo, comparison)
    data = posterior.target.data
    return {
        "title": _title(posterior),
        "light": light_of(posterior, accuracy),
        "model": model_of(posterior),
        "data": f"{data!r}",
        "audit": posterior.audit or tuple(data.describe()),
        "parameters": parameter_rows(posterior),
        "priors": prior_rows(posterior),
        "accuracy": accuracy,
        "comparison": comparison,
        "comparison_rows": [] if comparison is None else comparison_rows(comparison),
        "provenance": provenance_rows(posterior),
        "rhat": RHAT,
        "sections": _by_section(drawn),
        "left_out": left_out,
    }


def _by_section(drawn) -> dict:
    sections: dict = {}
    for figure in drawn:
        sections.setdefault(figure.section, []).append(figure)
    return sections


def _title(posterior) -> str:
    data = posterior.target.data
    names = ", ".join(data.names) if data.n_features < 5 else f"{data.n_features} features"
    return names if data.kind == "none" else f"{data.label} from {names}"


def _render(contents) -> str:
    # only who writes a page waits for it
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("bayesfit.reports"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": _number, "embedded": _embedded}
    return environment.get_template("report.html.j2").render(**contents)


def _number(value, digits=4) -> str:
    """Return a number as text, with a true minus sign."""
    if not math.isfinite(value):
        return "—"
    return f"{value:.{digits}g}".replace("-", "\N{MINUS SIGN}")


def _embedded(content: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(content).decode()}"


def _writable(path) -> Path:
    """Prove that the file can be written, before minutes go by."""
    try:
        path = Path(path)
    except TypeError:
        raise ResultFileError(f"report: path should be the path of a file, got {path!r}") from None
    if path.is_dir():
        raise ResultFileError(f"report: {str(path)!r} is a folder; give a file in it, such as {path / 'report.html'}")
    try:
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ResultFileError(
            f"report: cannot write into {str(path.parent)!r}: {reason}; choose a folder that is there"
        ) from None
    return path
