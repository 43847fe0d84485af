"""The record of a fit inside its result file: the data as they were, and the model as plain text."""

import hashlib
import json
from typing import TYPE_CHECKING

import numpy as np

from bayesfit.data import Data
from bayesfit.errors import ResultFileError

if TYPE_CHECKING:
    import xarray as xr

__all__ = [
    "RECORD",
    "attach_record",
    "check_numbers",
    "parsed",
    "recorded_data",
    "recorded_fingerprints",
    "recorded_model",
]

#: the group of the tree that holds the record
RECORD = "fit_record"
_FORMAT = 1


def attach_record(tree: "xr.DataTree", target) -> "xr.DataTree":
    """Return a copy of ``tree`` with a group that brings data and model back."""
    import xarray as xr

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
        "numbers": _digest(tree),
    }
    copy = tree.copy()
    copy[RECORD] = xr.DataTree(record)
    return copy


def check_numbers(tree: "xr.DataTree") -> None:
    """Refuse a tree in which a number is not the one that was written.

    Raises
    ------
    ResultFileError
        Naming no number: a sum over all of them tells.
    """
    if _record(tree).attrs.get("numbers") != _digest(tree):
        raise ResultFileError("the draws are damaged: their checksum is not that of what was written")


def _digest(tree) -> str:
    """Return a hash of all numbers outside the record, by group and name."""
    found = hashlib.sha256()
    for group in sorted(set(tree.children) - {RECORD}):
        for name, variable in sorted(tree[group].variables.items()):
            values = np.ascontiguousarray(variable.to_numpy())
            if values.dtype.kind in "fiub":
                found.update(f"{group}/{name} {values.shape} {values.dtype.kind}".encode())
                found.update(values)
    return found.hexdigest()


def recorded_data(tree: "xr.DataTree") -> Data:
    """Return the data of the fit.

    Raises
    ------
    ResultFileError
        If the record is missing or does not match its fingerprint.
    """
    record = _record(tree)
    expected = recorded_fingerprints(tree)["data"]
    try:
        contents = {name: variable.to_numpy() for name, variable in record.data_vars.items()}
        for name, value in json.loads(record.attrs["data"]).items():
            contents[name] = _restore(value)
        columns = {name: contents.pop(f"column:{i}") for i, name in enumerate(contents.pop("column_names"))}
        data = Data.from_contents({**contents, "columns": columns})
        # what is in the file need not have gone through the checks that the user's own data went through
        honest = data.replace().fingerprint == data.fingerprint
    except Exception as error:  # whatever the record makes of the data, the file is at fault
        raise ResultFileError(f"the record of the data is damaged: {type(error).__name__}: {error}") from error
    if data.fingerprint != expected:
        raise ResultFileError("the data in the file are not those that were fitted: their fingerprint differs")
    if not honest:
        raise ResultFileError("the record of the data is damaged: it holds what Data would not take")
    return data


def recorded_model(tree: "xr.DataTree"):
    """Return the model as plain data (None where it holds a function of the user's) and as text."""
    record = _record(tree)
    plain = parsed(record, "model", "the record of the model")
    return plain, str(record.attrs.get("model_text", "not described"))


def recorded_fingerprints(tree: "xr.DataTree") -> dict:
    """Return the fingerprints, by part, of what was fitted."""
    marks = parsed(_record(tree), "fingerprints", "the record of the fingerprints", dict)
    if "data" not in marks:
        raise ResultFileError("the record of the fingerprints is damaged: there is none of the data")
    return marks


def parsed(holder, name: str, what: str, kind: type = object):
    """Return the JSON text of an attribute as plain values.

    Raises
    ------
    ResultFileError
        If there is no such attribute, or it is not JSON text of the ``kind`` wanted, of bounded depth.
    """
    try:
        value = json.loads(holder.attrs[name])
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise ResultFileError(f"{what} is damaged: {type(error).__name__}: {error}") from error
    if not isinstance(value, kind):
        raise ResultFileError(f"{what} is damaged: it holds a {type(value).__name__}, not a {kind.__name__}")
    return value


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
    elif isinstance(value, np.ndarray) and value.dtype.kind in "mM":
        plain[name] = {"list": value.astype(np.int64).tolist(), "times": str(value.dtype)}
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
    if isinstance(value, dict) and set(value) == {"list", "times"}:
        kind = np.dtype(value["times"])
        if kind.kind not in "mM":
            raise ValueError(f"{kind} is no kind of time")
        return np.array(value["list"], dtype=np.int64).view(kind)
    if isinstance(value, dict) and set(value) == {"list"}:
        restored = np.empty(len(value["list"]), dtype=object)
        restored[:] = value["list"]
        return restored
    return tuple(value) if isinstance(value, list) else value


def _dims(array):
    # by axis too: a square array may not have the same dimension twice
    return tuple(f"record_{axis}_{size}" for axis, size in enumerate(array.shape))
