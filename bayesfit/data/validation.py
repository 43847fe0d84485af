"""From the arguments of Data to its fields: everything is read once, checked, and made to agree."""

from collections.abc import Mapping

import numpy as np

from bayesfit.data.columns import Column, as_numbers, as_values, convert, is_pandas, unpack
from bayesfit.data.covariances import read_y_cov
from bayesfit.data.features import read_features
from bayesfit.data.labels import distinct_labels, read_labels
from bayesfit.data.tables import closest, is_table, select, table_columns
from bayesfit.data.uncertainties import read_x_err, read_xy_cov, read_y_err
from bayesfit.errors import DataError

__all__ = ["arguments_of", "from_table_arguments", "read_fields", "refuse_unknown"]

_ARGUMENTS = ("x", "y", "x_err", "y_err", "xy_cov", "y_cov", "limits", "columns", "names", "label", "units")


def read_fields(x, y, *, x_err, y_err, xy_cov, y_cov, limits, columns, names, label, units) -> dict:
    """Return the fields of `Data` by name."""
    _check_indexes(x=x, y=y, x_err=x_err, y_err=y_err, xy_cov=xy_cov, y_cov=y_cov, limits=limits, columns=columns)
    features = read_features(x, names)
    size = len(features.values)
    y = None if y is None else unpack(y, "y")
    labels = read_labels(y, limits, size)
    label = _label_name(label, y, features.names)
    further, column_units = _read_columns(columns, size)
    found = dict(zip(features.names, features.units, strict=True)) | column_units
    # of labels not yet measured, the unit is that of their errors
    found |= {label: y.unit} if y is not None else {} if y_err is None else {label: unpack(y_err, "y_err").unit}
    errors = {"x_err": _named(x_err), "y_err": y_err, "xy_cov": _named(xy_cov), "y_cov": y_cov}
    ends = None if labels.low is None or labels.high is None else np.stack([labels.low, labels.high], axis=1)
    return {
        "x": features.values,
        "names": features.names,
        "label": label,
        "units": _units(units, found, [*features.names, label, *further]),
        "kind": labels.kind,
        "y": labels.y,
        "labels": labels.given,
        "classes": distinct_labels(labels),
        "limits": labels.limits,
        "y_low": labels.low,
        "y_high": labels.high,
        **_read_errors(errors, features, labels, None if y is None else y.unit),
        "columns": further,
        "log_jacobian": np.zeros(size),
        "origin": labels.y if ends is None else ends,
    }


def from_table_arguments(table, *, x, y, x_err, y_err, xy_cov, limits, columns) -> dict:
    """Return the arguments of `Data` that take the named columns of a table."""
    found = table_columns(table)
    names = _column_names(x, "x")
    if not names:
        raise DataError("x names no columns; give at least one feature")
    arguments = {
        "x": {name: select(found, name, "x") for name in names},
        "x_err": _select_by_feature(found, x_err, names, "x_err"),
        "y_err": _select_pair(found, y_err, "y_err"),
        "xy_cov": _select_by_feature(found, xy_cov, names, "xy_cov"),
        "limits": None if limits is None else select(found, limits, "limits"),
    }
    if len(arguments["x"]) < len(names):
        raise DataError(f"x names a column twice: {', '.join(names)}")
    if columns is not None:
        wanted = columns if isinstance(columns, Mapping) else {name: name for name in _column_names(columns, "columns")}
        arguments["columns"] = {new: select(found, old, "columns") for new, old in wanted.items()}
    if y is None:
        return arguments
    label = y if isinstance(y, str) else None
    return {**arguments, "y": _select_pair(found, y, "y"), "label": label}


def _column_names(names, argument: str) -> list[str]:
    """Return names of columns as a list, one name being a list of one."""
    listed = [names] if isinstance(names, str) else list(names) if isinstance(names, list | tuple) else [None]
    if not all(isinstance(name, str) for name in listed):
        raise DataError(f"{argument}={names!r} should be the name of a column, or a list of names")
    return listed


def arguments_of(data, changes: Mapping) -> dict:
    """Return the arguments that make ``data`` again, but for the changes; renamed things lose their units."""
    refuse_unknown(name for name in changes if name not in _ARGUMENTS)
    arguments = {name: getattr(data, name) for name in _ARGUMENTS} | {"y": None, "limits": None}
    if is_table(changes.get("x")):
        arguments["names"] = None
    # units go with the names that they were given for
    kept = [
        *([] if "names" in changes or arguments["names"] is None else data.names),
        *([] if "label" in changes else [data.label]),
        *([] if "columns" in changes else data.columns),
    ]
    arguments["units"] = {name: unit for name, unit in data.units.items() if name in kept}
    if data.kind == "classes":
        arguments["y"] = Column(data.y, categorical=True)
    elif data.kind == "numbers":
        ends = data.limits.any() and "limits" not in changes
        arguments["y"] = np.stack([data.y_low, data.y_high], axis=1) if ends else data.labels
    return {**arguments, **changes}


def refuse_unknown(names):
    """Refuse arguments that Data does not have, weights with the reason."""
    for name in names:
        if "weight" in name:
            raise DataError(
                f"{name}= is refused: weights have no meaning in a likelihood. For unequal precision give"
                " y_err; for repeated rows repeat them; for exposure or trials use a column"
            )
        raise TypeError(f"Data has no argument {name!r}; {closest(name, _ARGUMENTS)}")


def _read_errors(errors, features, labels, y_unit):
    x_err, y_err, xy_cov, y_cov = (errors[name] for name in ("x_err", "y_err", "xy_cov", "y_cov"))
    if labels.kind == "classes":
        for name in ("y_err", "xy_cov", "y_cov"):
            if errors[name] is not None:
                raise DataError(f"{name} was given, but y holds class labels, which have no errors of that kind")
    labelled = np.zeros(len(features.values), bool) if labels.low is None else ~np.isnan(labels.y)
    fields = dict.fromkeys(errors)
    if x_err is not None:
        fields["x_err"] = read_x_err(x_err, features.values, features.names, features.units)
    if y_cov is not None:
        _check_companions(y_err, labels)
        fields["y_cov"] = read_y_cov(unpack(y_cov, "y_cov"), labelled, y_unit)
    if y_err is not None:
        y_unit_or_own = y_unit if labels.kind != "none" else unpack(y_err, "y_err").unit
        fields["y_err"] = read_y_err(y_err, labels.limits, labelled, y_unit_or_own)
    if xy_cov is not None:
        fields["xy_cov"] = read_xy_cov(xy_cov, features, fields["x_err"], fields["y_err"], y_unit)
    return fields


def _check_companions(y_err, labels):
    if y_err is not None:
        raise DataError("y_cov and y_err were both given; the diagonal of y_cov holds the variances, so give only one")
    if labels.kind == "none":
        raise DataError("y_cov was given without y")
    if labels.limits.any():
        raise DataError("y_cov does not go with limits or intervals; give y_err instead")


def _named(errors):
    return table_columns(errors) if errors is not None and is_table(errors) else errors


def _label_name(label, y, features):
    if label is None:
        label = "y" if y is None or y.name is None else y.name
    if not isinstance(label, str) or not label:
        raise DataError(f"label must be text, not {label!r}")
    if label in features and y is not None:
        raise DataError(f"the label and a feature are both called {label!r}; give label= or names=")
    return label


def _read_columns(columns, size):
    if columns is None:
        return {}, {}
    if not is_table(columns):
        raise DataError(f"columns is a {type(columns).__name__}; give a mapping from names to arrays, or a table")
    values, units = {}, {}
    for name, native in table_columns(columns).items():
        argument = f"column {name!r}"
        column = unpack(native, argument)
        if column.values.shape != (size,):
            raise DataError(f"{argument} has shape {column.values.shape}; it needs one value for each of {size} rows")
        values[name], units[name] = as_values(column, argument), column.unit
    return values, units


def _units(given, found, names):
    if not isinstance(given, Mapping | None):
        raise DataError(f"units={given!r} should be a mapping from names to units, such as {{{names[0]!r}: 'km'}}")
    units = {name: str(unit) for name, unit in found.items() if unit is not None}
    for name, unit in (given or {}).items():
        if name not in names:
            raise DataError(f"units names {name!r}, which is neither feature, label nor column; {closest(name, names)}")
        if unit is not None and units.setdefault(name, str(unit)) != str(unit):
            raise DataError(f"units says {str(unit)!r} for {name!r}, but its values carry {units[name]!r}")
    return units


def _check_indexes(**arguments):
    """Refuse pandas objects whose indexes differ: they would be matched by position, not by label."""
    first = None
    for name, value in arguments.items():
        parts = list(value.values()) if isinstance(value, dict) else [value]
        for part in parts:
            index = part.index if isinstance(part, Column) or (is_pandas(part) and hasattr(part, "iloc")) else None
            if index is None:
                continue
            first = first or (name, index)
            if index is not first[1] and not index.equals(first[1]):
                raise DataError(
                    f"the index of {first[0]} and that of {name} differ; align them, or pass"
                    " .to_numpy() to go by position"
                )


def _select_pair(found, names, argument):
    if names is None or isinstance(names, str):
        return None if names is None else select(found, names, argument)
    if not isinstance(names, list | tuple):
        return unpack(names, argument)
    if len(names) != 2:
        raise DataError(f"{argument} names {len(names)} columns; give one, or a pair")
    first, second = (
        select(found, name, argument) if isinstance(name, str) else unpack(name, argument) for name in names
    )
    both = convert(second, first.unit, argument, str(names[0]), differences=argument != "y")
    values = [as_numbers(first.values, argument), as_numbers(both, argument)]
    # one number is that of all rows
    size = len(next(iter(found.values())))
    values = [np.full(size, each) if each.ndim == 0 else each for each in values]
    if values[0].shape != values[1].shape:
        raise DataError(
            f"{argument}: the columns {names[0]!r} and {names[1]!r} have the shapes {values[0].shape} and "
            f"{values[1].shape}; give a number for each row in both"
        )
    return Column(np.stack(values, axis=1), first.unit, None, first.index)


def _select_by_feature(found, names, features, argument):
    if names is None:
        return None
    if isinstance(names, Mapping):
        return {feature: select(found, name, f"{argument}[{feature!r}]") for feature, name in names.items()}
    names = list(names) if isinstance(names, list | tuple) else [names]
    if len(names) != len(features):
        raise DataError(f"{argument} names {len(names)} columns for {len(features)} features; None is an exact feature")
    pairs = zip(features, names, strict=True)
    return {feature: select(found, name, argument) for feature, name in pairs if name is not None}
