"""``bayesfit predict``: labels of new rows, as a table."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from bayesfit.cli.results import read_posterior
from bayesfit.cli.rows import by_feature, open_table, spread, units_of
from bayesfit.cli.words import Printer
from bayesfit.data import Data
from bayesfit.errors import DataError, ModelError, ResultFileError
from bayesfit.posterior import Posterior
from bayesfit.prediction import log_prevalence
from bayesfit.results.files import write_bytes

__all__ = ["class_table", "read_prevalence", "read_rows", "run_predict"]


def run_predict(
    folder: Path,
    table: Path,
    *,
    x_err: Sequence[str] | None,
    y_err: str | None,
    kind: str,
    prob: float | None,
    prevalence: Sequence[str],
    seed: int | None,
    out: Path | None,
    quiet: bool,
) -> int:
    """Write a row of predictions for each new row, to a file or to standard output; return the exit code.

    Raises
    ------
    BayesfitError
        For whatever is wrong with the result, the table or the words.
    """
    if out is not None and out.exists() and table.exists() and out.samefile(table):
        raise ResultFileError(f"the predictions would replace the table {str(table)!r}; choose another file with --out")
    posterior = read_posterior(folder)
    _refuse_idle(posterior, kind=kind, prob=prob, y_err=y_err, prevalence=prevalence)
    new = read_rows(posterior.target.data, table, x_err=x_err, y_err=y_err)
    if posterior.classes:
        found = class_table(posterior, new, prevalence=read_prevalence(prevalence, posterior.classes))
    else:
        found = _numbers(posterior, new, kind=kind, prob=0.9 if prob is None else prob, seed=seed)
    text = found.to_csv(index=False)
    if out is None:
        # the result itself, which --quiet leaves alone
        Printer(False).raw(text)
    else:
        write_bytes(text.encode(), out)
        Printer(quiet).text(f"Written: {out}, {len(new)} rows")
    return 0


def _refuse_idle(posterior, *, kind, prob, y_err, prevalence):
    """Refuse options that would change nothing."""
    if posterior.classes:
        for option, value in (("--kind", None if kind == "mean" else kind), ("--prob", prob), ("--y-err", y_err)):
            if value is not None:
                raise ModelError(f"{option} {value}: a model with classes predicts their probabilities; leave it out")
    elif prevalence:
        raise ModelError("--prevalence is for models with classes; this one has none")
    elif kind == "mean" and y_err is not None:
        raise ModelError(f"--y-err {y_err}: the expected label has no noise; leave it out, or add --kind observed")


def read_rows(fitted: Data, table: Path, *, x_err=None, y_err: str | None = None) -> Data:
    """Return the new rows in a table, with the features of the fit and those of its columns that are there.

    Raises
    ------
    DataError
        If a feature is missing or no number.
    """
    known = open_table(table)
    try:
        return Data.from_table(
            known,
            x=list(fitted.names),
            y=None,
            x_err=by_feature(x_err, fitted.names, known, "--x-err", units_of(fitted.names, known)),
            y_err=spread(y_err, known),
            columns=[name for name in fitted.columns if name in known] or None,
        )
    except DataError as error:
        raise DataError(f"{table.name}: {error}") from None


def _numbers(posterior, new, *, kind, prob, seed):
    import pandas as pd

    prediction = posterior.predict(new, kind=kind, seed=seed)
    low, high = prediction.interval(prob).T
    tails = [f"{100 * share:g} %" for share in ((1 - prob) / 2, (1 + prob) / 2)]
    return pd.DataFrame(
        {
            **dict(zip(new.names, new.x.T, strict=True)),
            "mean": prediction.mean,
            "sd": prediction.sd,
            tails[0]: low,
            tails[1]: high,
            "extrapolated": prediction.extrapolated,
        }
    )


def class_table(posterior: Posterior, new: Data, prevalence: Mapping | None = None):
    """Return a DataFrame: features, most probable class, its probabilities, whether extrapolated, and novelty."""
    import pandas as pd

    probability = posterior.predict_proba(new, prevalence=prevalence)
    classes = np.array([str(label) for label in posterior.classes], dtype=object)
    table = {
        **dict(zip(new.names, new.x.T, strict=True)),
        "most_probable": classes[probability.argmax(axis=1)],
        **{f"p[{label}]": column for label, column in zip(classes, probability.T, strict=True)},
        "extrapolated": posterior.predict(new).extrapolated,
    }
    if hasattr(posterior.target, "log_feature_density"):
        table["novelty"] = posterior.novelty(new)
    return pd.DataFrame(table)


def read_prevalence(texts: Sequence[str], classes: Sequence) -> dict | None:
    """Return shares by class from texts CLASS=SHARE.

    Raises
    ------
    ModelError
        For other texts, a class that is not there, and one that is named twice or not at all.

    Examples
    --------
    >>> read_prevalence(["0=0.9", "1=0.1"], (0, 1))
    {0: 0.9, 1: 0.1}
    """
    shares: dict = {}
    by_text = {str(label): label for label in classes} | {f"{label:g}": label for label in classes if _is_float(label)}
    for text in texts:
        name, _, value = (part.strip() for part in text.rpartition("="))
        if name not in by_text:
            raise ModelError(f"--prevalence {text!r} should be CLASS=SHARE; classes are {', '.join(by_text)}")
        if by_text[name] in shares:
            raise ModelError(f"--prevalence: {name!r} is given twice; keep one")
        try:
            shares[by_text[name]] = float(value)
        except ValueError:
            raise ModelError(f"--prevalence {text!r}: the share {value!r} should be a number") from None
    if shares:
        log_prevalence(shares, classes)
    return shares or None


def _is_float(label):
    return isinstance(label, float)
