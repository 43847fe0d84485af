"""The record of a fit inside its result file: the data as they were, and the model as plain text."""

import json

import numpy as np
import xarray as xr

from bayesfit.data import Data
from bayesfit.errors import ResultFileError

__all__ = ["RECORD", "attach_record", "recorded_data", "recorded_model"]

#: the group of the tree that holds the record
RECORD = "fit_record"
_FORMAT = 1


def attach_record(tree: xr.DataTree, target) -> xr.DataTree:
    """Return a copy of ``tree`` with a group that brings data and model back."""
    arrays, plain = {}, {}
    for name, value in target.data.contents().items():
        _store(name, value, arrays, plain)
    record = xr.Dataset({name: (_dims(array), array) for name, array in arrays.items()})
    record.attrs = {
        "format": _FORMAT,
        "data": json.dumps(plain),
        "model": json.dumps(_plain_model(target.model)),
        "model_text": repr(target.model),
        "fingerprints": json.dumps(target.fingerprints),
    }
    copy = tree.copy()
    copy[RECORD] = xr.DataTree(record)
    return copy


def recorded_data(tree: xr.DataTree) -> Data:
    """Return the data of the fit.

    Raises
    ------
    ResultFileError
        If the record is missing or does not match its fingerprint.
    """
    record = _record(tree)
    try:
        contents = {name: variable.to_numpy() for name, variable in record.data_vars.items()}
        for name, value in json.loads(record.attrs["data"]).items():
            contents[name] = _restore(value)
        columns = {name: contents.pop(f"column:{i}") for i, name in enumerate(contents.pop("column_names"))}
        data = Data.from_contents({**contents, "columns": columns})
        expected = json.loads(record.attrs["fingerprints"])["data"]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ResultFileError(f"the record of the data is damaged: {error}") from error
    if data.fingerprint != expected:
        raise ResultFileError("the data in the file are not those that were fitted: their fingerprint differs")
    return data


def recorded_model(tree: xr.DataTree):
    """Return the model as plain data (None where it holds a function of the user's) and as text."""
    record = _record(tree)
    try:
        return json.loads(record.attrs["model"]), str(record.attrs["model_text"])
    except (KeyError, ValueError) as error:
        raise ResultFileError(f"the record of the model is damaged: {error}") from error


def _record(tree):
    if RECORD not in tree.children:
        raise ResultFileError("this is a netCDF file, but not a result of bayesfit: it has no record of the fit")
    record = tree[RECORD].to_dataset()
    if record.attrs.get("format") != _FORMAT:
        raise ResultFileError(
            f"the record has format {record.attrs.get('format')}, this version of bayesfit reads {_FORMAT}"
        )
    return record


def _plain_model(model):
    try:
        return model.to_plain()
    except TypeError:
        return None


def _store(name, value, arrays, plain):
    if isinstance(value, np.ndarray) and value.dtype.kind in "fiub":
        arrays[name] = value
    elif isinstance(value, np.ndarray):
        plain[name] = {"list": value.tolist()}
    elif name == "columns":
        # by place: a name may hold what names in a file may not
        plain["column_names"] = list(value)
        for place, column in enumerate(value.values()):
            _store(f"column:{place}", column, arrays, plain)
    else:
        plain[name] = dict(value) if name == "units" else list(value) if isinstance(value, tuple) else value


def _restore(value):
    if isinstance(value, dict) and set(value) == {"list"}:
        restored = np.empty(len(value["list"]), dtype=object)
        restored[:] = value["list"]
        return restored
    return tuple(value) if isinstance(value, list) else value


def _dims(array):
    # by axis too: a square array may not have the same dimension twice
    return tuple(f"record_{axis}_{size}" for axis, size in enumerate(array.shape))
