"""What a command's words mean: predictors, priors, columns and rows."""

import csv
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from bayesfit.data import Data
from bayesfit.data.columns import as_numbers
from bayesfit.data.tables import read_table, select, table_columns
from bayesfit.errors import BayesfitError, DataError, ModelError, PriorError
from bayesfit.predictors import Linear, Polynomial, Predictor
from bayesfit.priors import JointPrior, Prior, parse

__all__ = ["column_or_number", "feature_columns", "read_data", "read_predictor", "read_priors"]


def read_predictor(text: str) -> Predictor:
    """Return the predictor that a text such as ``"polynomial:3"`` names.

    Raises
    ------
    ModelError
        For any other text.

    Examples
    --------
    >>> read_predictor("linear"), read_predictor("polynomial:3")
    (Linear(), Polynomial(3))
    """
    name, mark, degree = text.strip().lower().partition(":")
    if name == "linear" and not mark:
        return Linear()
    if name == "polynomial" and re.fullmatch(r"[0-9]{1,2}", degree):
        return Polynomial(int(degree))
    raise ModelError(f"--predictor {text!r} is not known; write linear, or polynomial:2 (any degree)")


def read_priors(texts: Sequence[str]) -> dict[str, Prior | JointPrior]:
    """Return priors by parameter from texts such as ``"slope=normal(0, 10)"``.

    Raises
    ------
    PriorError
        For a text without a parameter, a prior that cannot be read, or a parameter named twice.

    Examples
    --------
    >>> read_priors(["slope=normal(0, 10)", "intercept=0"])
    {'slope': Normal(0, 10), 'intercept': Fixed(0)}
    """
    priors: dict[str, Prior | JointPrior] = {}
    for text in texts:
        name, _, prior = (part.strip() for part in text.partition("="))
        if not (name and prior):
            raise PriorError(f"--prior {text!r} should be PARAMETER=PRIOR, such as 'slope=normal(0,10)'")
        if name in priors:
            raise PriorError(f"--prior: {name!r} is given twice; keep one")
        try:
            priors[name] = parse(prior)
        except PriorError as error:
            raise PriorError(f"--prior {text!r}: {error}") from None
    return priors


def read_data(path: Path, *, x: Sequence[str], y: str, y_err: str | None) -> Data:
    """Return the chosen columns of a table in a file.

    Raises
    ------
    DataError
        If there is no such file, it is not a table, or its columns are not what they should be.
    """
    table = _read_rows(path)
    try:
        known = table_columns(table)
        # text in a label would make classes of it, and the stray cell would not be found
        as_numbers(select(known, y, "y").values, f"y (column {y!r})")
        return Data.from_table(table, x=feature_columns(x, known), y=y, y_err=column_or_number(y_err, known))
    except DataError as error:
        raise DataError(f"{path.name}: {error}") from None


def _read_rows(path):
    try:
        return read_table(path)
    except BayesfitError:
        raise
    except (OSError, ValueError, csv.Error) as error:
        raise DataError(f"{str(path)!r} cannot be read as a table: {error}") from error


def feature_columns(texts: Sequence[str], known: Mapping) -> list[str]:
    """Return the names in options such as ``--x a,b --x c``; a column with a comma in its name wins.

    Raises
    ------
    DataError
        If there is no name, or one is there twice.

    Examples
    --------
    >>> feature_columns(["a,b", "c, d"], {"a": 0, "b": 0, "c, d": 0})
    ['a', 'b', 'c, d']
    """
    parts = [part for text in texts for part in ([text] if text in known else text.split(","))]
    names = [part if part in known else part.strip() for part in parts]
    if not all(names):
        raise DataError(f"--x {','.join(texts)!r} has an empty name; write the column's name, or COL,COL")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError(f"--x names {', '.join(map(repr, twice))} more than once; keep one")
    return names


def column_or_number(text: str | None, known: Mapping) -> str | float | None:
    """Return a column's name, or the number that stands for the same value in every row.

    Examples
    --------
    >>> column_or_number("0.5", {"a": 0}), column_or_number("e", {"a": 0})
    (0.5, 'e')
    """
    if text is None or text in known:
        return text
    try:
        return float(text)
    except ValueError:
        return text
