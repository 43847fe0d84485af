"""What scikit-learn would take without a word: it drops masks and units, and matches tables by position."""

import numpy as np
from scipy.sparse import issparse

from bayesfit.data.columns import as_numbers, as_objects, is_pandas, unpack
from bayesfit.data.tables import is_table, table_columns
from bayesfit.errors import DataError, rows_text

__all__ = ["check_inputs", "readable"]


def check_inputs(X, y=None, *, X_err=None, y_err=None) -> None:
    """Refuse units, labels that are missing, and pandas objects whose rows are in another order.

    Raises
    ------
    DataError
        Naming the argument, and the rows without a label.
    """
    arguments = {"X": X, "y": y, "X_err": X_err, "y_err": y_err}
    columns = {name: _columns(value, name) for name, value in arguments.items()}
    for each in columns.values():
        _refuse_units(each)
    _refuse_gaps(columns["y"])
    _check_indexes(columns)


def readable(X):
    """Return features in a form that scikit-learn reads as they are meant: NaN under masks, any table as pandas' own.

    Raises
    ------
    DataError
        For columns of a table that occur twice or hold no numbers.

    Examples
    --------
    >>> readable(np.ma.masked_equal([[1.0], [-99.0]], -99.0))
    array([[ 1.],
           [nan]])
    """
    if issparse(X):
        return X  # scikit-learn says best that these are not taken
    if not is_table(X):
        return unpack(X, "X").values
    # pandas takes longer to load than many a fit
    import pandas as pd

    columns = _columns(X, "X")
    table = pd.DataFrame({name: as_numbers(column.values, name) for name, column in columns.items()})
    return table.set_axis(X.columns if is_pandas(X) else list(table_columns(X)), axis=1)


def _columns(value, argument):
    """Return the columns of a table, or an array as the only one, by their names in messages."""
    if value is None or issparse(value):
        return {}
    if not is_table(value):
        return {argument: unpack(value, argument)}
    names = {f"{argument} (column {name!r})": column for name, column in table_columns(value).items()}
    return {name: unpack(column, name) for name, column in names.items()}


def _refuse_units(columns):
    for name, column in columns.items():
        if column.unit is not None:
            raise DataError(
                f"{name} has unit {str(column.unit) or 'dimensionless'}, but estimators take plain numbers: pass its "
                ".to_value(unit), in one unit for fits and predictions, or use Data and Model, which carry units"
            )


def _refuse_gaps(labels):
    for name, column in labels.items():
        gaps = np.flatnonzero([label is None for label in as_objects(column.values).ravel()])
        if gaps.size:
            raise DataError(
                f"{name} {rows_text(gaps)}: the label is missing (masked, NaN or None); leave such rows out, or use "
                "Data and Model, which take them"
            )


def _check_indexes(columns):
    """Refuse pandas objects whose indexes differ: they would be matched by position, not by label."""
    parts = [(name, column.index) for name, each in columns.items() for column in each.values()]
    indexed = [(name, index) for name, index in parts if index is not None]
    for name, index in indexed:
        first, expected = indexed[0]
        if not index.equals(expected):
            raise DataError(
                f"the index of {first} and that of {name} differ; align them, or pass .to_numpy() to go by position"
            )
