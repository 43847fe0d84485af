"""Which columns of a table in a file are features, label, errors, limits and the rest."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from bayesfit.cli.options import Features, Label
from bayesfit.data import Data
from bayesfit.data.columns import as_numbers
from bayesfit.data.tables import closest, read_table, select, table_columns
from bayesfit.errors import BayesfitError, DataError

__all__ = ["by_feature", "column_or_number", "open_table", "read_data", "split_names", "spread", "units_of"]


def read_data(
    path: Path, features: Features, label: Label | None = None, *, columns: Sequence[str] = (), classes: bool = False
) -> Data:
    """Return the chosen columns of a table in a file.

    Parameters
    ----------
    path : path
    features : Features
    label : Label, optional
    columns : sequence of str
        Further columns, such as those that a likelihood names.
    classes : bool
        Whether the label may be text.

    Raises
    ------
    DataError
        If there is no such file, it is not a table, or its columns are not what they should be.
    """
    label = Label() if label is None else label
    known = open_table(path)
    try:
        names = split_names(features.x, known, "--x")
        y = _label(features.y, known)
        if not classes and isinstance(y, str):
            # text in a label would make classes of it, and the stray cell would not be found
            as_numbers(select(known, y, "y").values, f"y (column {y!r})")
        units, y_unit = units_of(names, known), _unit(y if isinstance(y, str) else y[0], known)
        products = {name: unit * y_unit for name, unit in units.items() if unit is not None and y_unit is not None}
        wanted = [*(features.column or ()), *([features.group] if features.group else ()), *columns]
        return Data.from_table(
            known,
            x=names,
            y=y,
            x_err=by_feature(features.x_err, names, known, "--x-err", units),
            y_err=spread(label.y_err, known, y_unit),
            xy_cov=by_feature(label.xy_cov, names, known, "--xy-cov", products),
            limits=label.limits,
            columns=list(dict.fromkeys(wanted)) or None,
            units=_units(features.units),
        )
    except DataError as error:
        raise DataError(f"{path.name}: {error}") from None


def open_table(path: Path) -> dict:
    """Return the columns of a table in a file, by name."""
    try:
        return table_columns(read_table(path))
    except BayesfitError:
        raise
    except (OSError, ValueError, csv.Error) as error:
        raise DataError(f"{str(path)!r} cannot be read as a table: {error}") from error


def split_names(texts: Sequence[str], known: Mapping, option: str) -> list[str]:
    """Return the names in options such as ``--x a,b --x c``; a column with a comma in its name wins.

    Raises
    ------
    DataError
        If there is no name, or one is there twice.

    Examples
    --------
    >>> split_names(["a,b", "c, d"], {"a": 0, "b": 0, "c, d": 0}, "--x")
    ['a', 'b', 'c, d']
    """
    names = _parts(texts, known)
    if not all(names):
        raise DataError(f"{option} {','.join(texts)!r} has an empty name; write the column's name, or COL,COL")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError(f"{option} names {', '.join(map(repr, twice))} more than once; keep one")
    return names


def _parts(texts, known):
    parts = [part for text in texts for part in ([text] if text in known else text.split(","))]
    return [part if part in known else part.strip() for part in parts]


def units_of(names: Sequence[str], known: Mapping) -> dict:
    """Return the unit, or None, of each column."""
    return {name: _unit(name, known) for name in names}


def _unit(name, known):
    return getattr(known.get(name), "unit", None)


def by_feature(
    texts: Sequence[str] | None, names: Sequence[str], known: Mapping, option: str, units: Mapping | None = None
) -> dict | None:
    """Return errors by feature, from one text for each feature or from texts NAME=COL; numbers are in ``units``.

    Raises
    ------
    DataError
        If their number is not that of the features, or a name is no feature.

    Examples
    --------
    >>> by_feature(["ea,0.5"], ["a", "b"], {"a": 0, "b": 0, "ea": 0}, "--x-err")
    {'a': 'ea', 'b': 0.5}
    >>> by_feature(["b=0.5"], ["a", "b"], {"a": 0, "b": 0}, "--x-err")
    {'b': 0.5}
    """
    if not texts:
        return None
    parts = _parts(texts, known)
    pairs = [part.partition("=") for part in parts]
    if all(mark and part not in known for part, (_, mark, _) in zip(parts, pairs, strict=True)):
        names_given = [name.strip() for name, _, _ in pairs]
        for name in names_given:
            if name not in names:
                raise DataError(f"{option}: {name!r} is not among the features of --x; {closest(name, names)}")
            if names_given.count(name) > 1:
                raise DataError(f"{option}: {name!r} is given twice; keep one")
        parts = [value.strip() for _, _, value in pairs]
    elif len(parts) != len(names):
        raise DataError(
            f"{option} is given {len(parts)} time(s) for {len(names)} feature(s) ({', '.join(names)}); give one for "
            "each, 'none' for an exact one, or write NAME=COL"
        )
    else:
        names_given = list(names)
    values = {name: column_or_number(part, known) for name, part in zip(names_given, parts, strict=True)}
    given = {name: value for name, value in values.items() if value is not None and value != "none"}
    return {name: _in_unit(value, (units or {}).get(name)) for name, value in given.items()} or None


def spread(text: str | None, known: Mapping, unit=None):
    """Return the error of the label: a column, a number in ``unit``, or a pair (minus, plus) of either.

    Examples
    --------
    >>> spread("0.1", {"y": [1, 2]}), spread("lo,hi", {"lo": [1], "hi": [2]})
    (0.1, ('lo', 'hi'))
    """
    value = column_or_number(text, known)
    if not isinstance(value, str) or value in known or "," not in value:
        return _in_unit(value, unit)
    parts = [column_or_number(part.strip(), known) for part in value.split(",")]
    if len(parts) != 2 or not all(part not in ("", None) for part in parts):
        raise DataError(f"--y-err {text!r} should be one column or number, or two: MINUS,PLUS")
    size = len(next(iter(known.values())))
    low, high = (part if isinstance(part, str) else _in_unit(np.full(size, part), unit) for part in parts)
    return low, high


def _in_unit(value, unit):
    """Return a number with the unit of what it is the error of; the name of a column stays."""
    return value if unit is None or isinstance(value, str | None) else value * unit


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


def _label(text, known):
    if text in known or "," not in text:
        return text
    ends = tuple(part.strip() for part in text.split(","))
    if len(ends) != 2 or not all(ends):
        raise DataError(f"--y {text!r} should be one column, or two for intervals: LOW,HIGH")
    return ends


def _units(texts):
    units = {}
    for text in texts or ():
        name, mark, unit = (part.strip() for part in text.partition("="))
        if not (name and mark and unit):
            raise DataError(f"--units {text!r} should be NAME=UNIT, such as 'distance=kpc'")
        if name in units:
            raise DataError(f"--units: {name!r} is given twice; keep one")
        units[name] = unit
    return units or None
