"""What an array-like becomes on its way into Data: plain values, its gaps, its unit and where it came from.

Lists, arrays, masked arrays, quantities and the columns of pandas, polars, pyarrow and astropy all
end as a `Column`.  A mask becomes a gap (NaN, or None among text): the value under it is never used.
"""

import sys
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from bayesfit.errors import DataError, rows_text

__all__ = [
    "Column",
    "OptionalArray",
    "as_numbers",
    "as_objects",
    "as_values",
    "convert",
    "is_gap",
    "is_pandas",
    "is_plain",
    "is_whole",
    "unpack",
]

#: An array, or None where the data have nothing of the kind.  Not written ``ndarray | None``: what is there is
#: known from the data as a whole (their `kind`, their checks), which no type checker follows, and narrowing at
#: every use would drown the formulas.
type OptionalArray = Any


class Column(NamedTuple):
    """An array as it was given, without its mask and unit."""

    values: np.ndarray
    unit: Any = None
    name: str | None = None
    index: Any = None
    categorical: bool = False


def unpack(value, argument: str) -> Column:
    """Take an array-like apart; ``argument`` is its name in messages.

    Raises
    ------
    DataError
        For matrices, sparse and ragged input, and anything that is no array.
    """
    if isinstance(value, Column):
        return value
    _refuse_exotic(value, argument)
    if is_pandas(value) and not hasattr(value, "iloc"):
        # a pandas array or index: only as a series does it tell its gaps and categories
        return unpack(sys.modules["pandas"].Series(value), argument)._replace(index=None)
    if not is_plain(value):
        # narwhals takes longer to load than many a fit
        import narwhals.stable.v2 as nw

        series = nw.from_native(value, pass_through=True, allow_series=True)
        if isinstance(series, nw.Series):
            return _unpack_series(series, value)
    unit = getattr(value, "unit", None)
    name = getattr(getattr(value, "info", None), "name", None)
    return Column(_native(_unmask(value, argument)), unit, name)


def as_numbers(values: np.ndarray, argument: str) -> np.ndarray:
    """Return a float64 copy; gaps become NaN, and whatever is not a real number is refused.

    Examples
    --------
    >>> as_numbers(np.array([1, None, 3], dtype=object), "x")
    array([ 1., nan,  3.])
    """
    if values.dtype.kind in "biuf":
        with np.errstate(over="ignore"):  # what overflows is infinite, and refused by its row
            return np.array(values, dtype=np.float64, order="C")
    if values.dtype.kind == "c":
        raise DataError(f"{argument} is complex ({values.dtype}); pass real numbers, such as its .real or abs()")
    if values.dtype.kind not in "OUS":
        raise DataError(f"{argument} has dtype {values.dtype}, which is not a number; convert it to one first")
    flat = [_number(item, place, values, argument) for place, item in enumerate(values.ravel())]
    return np.array(flat, dtype=np.float64).reshape(values.shape)


def as_objects(values: np.ndarray) -> np.ndarray:
    """Return plain Python objects, text decoded and gaps as None."""
    objects = np.empty(values.shape, dtype=object)
    plain = [_plain(item) for item in values.ravel()]
    objects.ravel()[:] = plain
    return objects


def as_values(column: Column, argument: str) -> np.ndarray:
    """Return a copy for keeping: numbers and times as they are, whole numbers whole, and text as text."""
    kind = column.values.dtype.kind
    if kind in "biuMm":
        return column.values.copy()
    if kind in "fc":
        return as_numbers(column.values, argument)
    objects = as_objects(column.values)
    items = objects.ravel().tolist()
    kinds = {type(item) for item in items}
    if kinds in ({str}, {int}, {bool}):
        return np.array(items).reshape(objects.shape)
    return objects if kinds == {str, type(None)} else as_numbers(objects, argument)


def convert(column: Column, unit, argument: str, partner: str, *, differences: bool = True) -> np.ndarray:
    """Return the values in ``unit``, which is that of ``partner``; both have one or neither has.

    They are ``differences``, such as errors, or values: in logarithmic units these are not the same.
    """
    if unit is None and column.unit is None:
        return column.values
    if unit is None or column.unit is None:
        with_unit, without = (argument, partner) if unit is None else (partner, argument)
        found = column.unit if unit is None else unit
        raise DataError(
            f"{with_unit} has unit {str(found) or 'dimensionless'}, {without} has none; give both a unit or neither"
        )
    try:
        numbers = as_numbers(column.values, argument)
        return numbers * _ratio(column.unit, unit) if differences else column.unit.to(unit, numbers)
    except (ValueError, TypeError, AttributeError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(
            f"{argument} has unit {column.unit}, which does not convert to {unit}, as {partner} asks"
        ) from None


def _ratio(own, unit) -> float:
    """Return what a difference of one is in another unit; astropy's magnitudes and dex differ in steps of their own."""
    steps, wanted = (getattr(each, "function_unit", None) for each in (own, unit))
    if wanted is None and steps is not None:
        raise ValueError("a step in a logarithm is no difference of values")
    if steps is not None and not own.physical_unit.is_equivalent(unit.physical_unit):
        raise ValueError("these are logarithms of different things")
    # a dex is -2.5 magnitudes
    return abs((steps or own).to(wanted or unit))


def is_gap(item) -> bool:
    """Return whether an object stands for a missing value: None, NaN, or a table's null."""
    if item is None or type(item).__name__ in ("NAType", "NaTType", "MaskedConstant"):
        return True
    return isinstance(item, float | np.floating) and bool(np.isnan(item))


def is_plain(value) -> bool:
    """Return whether a value is one of Python's own, or an array of NumPy's: nothing that holds a table or a column."""
    return value is None or isinstance(value, np.ndarray | np.generic | list | tuple | str | bytes | int | float)


def is_pandas(value) -> bool:
    """Return whether a value is one of pandas' own, without importing it."""
    return type(value).__module__.partition(".")[0] == "pandas"


def is_whole(items: Sequence) -> bool:
    """Return whether all objects are whole numbers (not booleans)."""
    return all(isinstance(item, int | np.integer) and not isinstance(item, bool) for item in items)


def _refuse_exotic(value, argument):
    exotic = isinstance(value, np.matrix) or type(value).__module__.startswith("scipy.sparse")
    if exotic or isinstance(value, str | bytes | dict | set):
        raise DataError(f"{argument} is a {type(value).__name__}; pass a dense 1-D or 2-D array of numbers")


def _unpack_series(series, native):
    import narwhals.stable.v2 as nw

    index = native.index if is_pandas(native) else None
    name = None if series.name is None or series.name == "" else str(series.name)
    if series.dtype in (nw.Categorical, nw.Enum):
        values = np.empty(len(series), dtype=object)
        values[:] = series.to_list()
        return Column(values, None, name, index, categorical=True)
    values = series.to_numpy()
    if values.dtype.kind == "O":
        values = np.array([None if is_gap(item) else item for item in values] + [None], dtype=object)[:-1]
    return Column(_native(values), None, name, index)


def _unmask(value, argument):
    if isinstance(value, np.ma.MaskedArray):
        return _fill(np.asarray(np.ma.getdata(value)), np.ma.getmaskarray(value))
    if hasattr(value, "unmasked") and hasattr(value, "mask"):
        return _fill(np.asarray(value.unmasked), np.asarray(value.mask))
    try:
        values = np.asarray(value)
    except (ValueError, TypeError) as error:
        raise DataError(f"{argument} cannot be read as an array: {error}") from None
    if values.dtype.kind in "US" and isinstance(value, list | tuple):
        # numpy turns [1, "a"] into text without a word
        values = np.array(value, dtype=object)
    return values


def _fill(values, mask):
    if not mask.any():
        return values
    filled = values.astype(np.float64 if values.dtype.kind in "iuf" else object)
    filled[mask] = np.nan if filled.dtype.kind == "f" else None
    return filled


def _native(values):
    return values if values.dtype.isnative else values.astype(values.dtype.newbyteorder("="))


def _plain(item):
    if is_gap(item):
        return None
    if isinstance(item, bytes):
        return item.decode(errors="backslashreplace")  # what is no text stays distinct
    return item.item() if isinstance(item, np.generic) else item


def _number(item, place, values, argument):
    if is_gap(item):
        return np.nan
    row = np.unravel_index(place, values.shape)[0] if values.ndim else 0
    if isinstance(item, str | bytes):
        raise DataError(_text_found(values, argument))
    try:
        return float(item)
    except (TypeError, ValueError, OverflowError):
        raise DataError(f"{argument} {rows_text([row])} is {item!r}, which is not a real number") from None


def _text_found(values, argument):
    """Name the first text that spells no number, or the first of all, since text is not parsed."""
    texts = [(place, _plain(item)) for place, item in enumerate(values.ravel()) if isinstance(item, str | bytes)]
    place, text = next(((place, text) for place, text in texts if not _spells_number(text)), texts[0])
    row = np.unravel_index(place, values.shape)[0] if values.ndim else 0
    return (
        f"{argument} {rows_text([row])} is text, {text!r} (dtype {values.dtype}), where a number is needed;"
        " convert the column, or leave the cell blank where the value is missing"
    )


def _spells_number(text):
    """Return whether readers of tables take a text for a number: they know neither 1_000 nor NAN."""
    try:
        return "_" not in text and text.isascii() and not np.isnan(float(text))
    except ValueError:
        return False
