"""Features: a matrix of numbers with names and units, from an array or a table."""

from typing import Any, NamedTuple

import numpy as np

from bayesfit.data.columns import Column, as_numbers, unpack
from bayesfit.data.tables import is_table, table_columns
from bayesfit.errors import DataError, rows_text

__all__ = ["Features", "read_features"]


class Features(NamedTuple):
    """The values (N, p), NaN where missing, with a name and a unit (or None) for each column."""

    values: np.ndarray
    names: tuple[str, ...]
    units: list[Any]


def read_features(x, names) -> Features:
    """Read the features; default names are the table's, or "x", or "x0", "x1", ..."""
    if is_table(x):
        columns = {name: unpack(column, f"x (column {name!r})") for name, column in table_columns(x).items()}
        features = _from_columns(columns)
    else:
        features = _from_array(unpack(x, "x"))
    if names is not None:
        features = features._replace(names=_check_names(names, features.values.shape))
    _check_values(features)
    return features


def _from_columns(columns):
    sizes = {name: column.values.shape for name, column in columns.items()}
    first = next(iter(sizes.values()), None)
    for name, shape in sizes.items():
        if len(shape) != 1 or shape != first:
            raise DataError(f"x column {name!r} has shape {shape}; every column needs one value for each row")
    if first is None:
        raise DataError("x is a table without columns; it needs at least one feature")
    values = [as_numbers(column.values, f"x (column {name!r})") for name, column in columns.items()]
    return Features(np.stack(values, axis=1), tuple(columns), [column.unit for column in columns.values()])


def _from_array(column: Column):
    shape = column.values.shape
    if len(shape) not in (1, 2):
        raise DataError(f"x has shape {shape} ({len(shape)}-d); pass (N,) values or (N, p) features")
    values = as_numbers(column.values, "x")
    values = values.reshape(len(values), -1) if values.size else values.reshape(shape[0], shape[1] if shape[1:] else 1)
    width = values.shape[1]
    if width == 0:
        raise DataError(f"x has shape {shape}; it needs at least one feature")
    names = (column.name or "x",) if width == 1 else tuple(f"x{place}" for place in range(width))
    return Features(values, names, [column.unit] * width)


def _check_names(names, shape):
    names = (names,) if isinstance(names, str) else tuple(names)
    if len(names) != shape[1]:
        raise DataError(f"names has {len(names)} entries for {shape[1]} features (x has shape {shape})")
    if not all(isinstance(name, str) and name for name in names):
        raise DataError(f"names must be non-empty text, not {names}")
    if len(set(names)) < len(names):
        raise DataError(f"names repeat: {names}; every feature needs its own")
    return names


def _check_values(features):
    if len(features.values) == 0:
        raise DataError("x has no rows: there are no data")
    infinite = np.flatnonzero(np.isinf(features.values).any(axis=1))
    if infinite.size:
        row = features.values[infinite[0]]
        place = int(np.flatnonzero(np.isinf(row))[0])
        raise DataError(
            f"x {rows_text(infinite)} is not finite ({row[place]} in feature {features.names[place]!r});"
            " NaN marks a missing feature"
        )
