"""Errors of features and labels: their shapes, signs and covariances, checked row by row."""

from collections.abc import Mapping

import numpy as np

from bayesfit.data.columns import as_numbers, convert, unpack
from bayesfit.data.features import Features
from bayesfit.data.tables import closest
from bayesfit.errors import DataError, rows_text

__all__ = ["feature_covariances", "read_x_err", "read_xy_cov", "read_y_err"]

#: relative slack for rounding in a covariance that was computed in floating point
_ROUNDING = 1e-9


def read_x_err(x_err, x: np.ndarray, names: tuple, units: list) -> np.ndarray:
    """Return standard deviations (N, p) or covariances (N, p, p), zero where a feature is missing."""
    if isinstance(x_err, Mapping):
        errors = _by_name(x_err, x.shape, names, units, "x_err")
    else:
        errors = _feature_array(unpack(x_err, "x_err"), x.shape, units)
    missing = np.isnan(x)
    if errors.ndim == 3:
        errors[missing] = 0.0
        errors.transpose(0, 2, 1)[missing] = 0.0
        _check_covariances(errors, "x_err")
        return (errors + errors.transpose(0, 2, 1)) / 2
    errors[missing] = 0.0
    bad = np.flatnonzero(~(np.isfinite(errors) & (errors >= 0)).all(axis=1))
    if bad.size:
        value = next(error for error in errors[bad[0]] if not (np.isfinite(error) and error >= 0))
        raise DataError(
            f"x_err {rows_text(bad)}: {value:g} is not an error; give standard deviations, 0 for an"
            " exact feature"
            " (a missing feature is NaN in x)"
        )
    return errors


def read_y_err(y_err, limits: np.ndarray | None, labelled: np.ndarray, unit) -> np.ndarray:
    """Return (N,) or (N, 2) as (minus, plus): 0 on sharp limits, NaN where neither known nor used."""
    column = unpack(y_err, "y_err")
    size = len(labelled)
    errors = as_numbers(convert(column, unit, "y_err", "y"), "y_err")
    if errors.ndim == 0:
        errors = np.full(size, float(errors))
    if errors.shape not in ((size,), (size, 2)):
        raise DataError(
            f"y_err has shape {errors.shape}; for {size} rows give a number, ({size},) or ({size}, 2) as (minus, plus)"
        )
    table = errors.reshape(size, -1)
    good = np.isfinite(table) & (table > 0)
    table[~labelled[:, None] & ~good] = np.nan
    limited = labelled & (np.zeros(size, bool) if limits is None else limits != 0)
    table[limited[:, None] & np.isnan(table)] = 0.0
    bad = np.flatnonzero(labelled & ~(good | (limited[:, None] & (table == 0))).all(axis=1))
    if bad.size:
        raise DataError(_label_error_text(bad, table))
    return errors


def read_xy_cov(xy_cov, features: Features, x_err, y_err, y_unit) -> np.ndarray:
    """Return the covariance of each feature's error with the label's, (N, p), zero at gaps."""
    if x_err is None or y_err is None:
        absent = "x_err" if x_err is None else "y_err"
        raise DataError(f"xy_cov was given without {absent}; a covariance needs both errors")
    if y_err.ndim == 2:
        raise DataError("xy_cov does not go with asymmetric y_err; give y_err of shape (N,)")
    x = features.values
    units = [None if unit is None or y_unit is None else unit * y_unit for unit in features.units]
    if isinstance(xy_cov, Mapping):
        covariances = _by_name(xy_cov, x.shape, features.names, units, "xy_cov")
    else:
        covariances = _cross_array(unpack(xy_cov, "xy_cov"), x.shape, units)
    covariances[np.isnan(x) | np.isnan(y_err)[:, None]] = 0.0
    _check_cross(covariances, x_err, np.where(np.isnan(y_err), 0.0, y_err))
    return covariances


def feature_covariances(x_err: np.ndarray | None) -> np.ndarray | None:
    """Return covariances (N, p, p) from standard deviations (N, p) or covariances."""
    if x_err is None or x_err.ndim == 3:
        return x_err
    return x_err[:, :, None] ** 2 * np.eye(x_err.shape[1])


def _by_name(given, shape, names, units, which):
    errors = np.zeros(shape)
    for name, value in given.items():
        if name not in names:
            raise DataError(f"{which} names {name!r}, which is not a feature; {closest(name, names)}")
        place = names.index(name)
        argument = f"{which}[{name!r}]"
        column = unpack(value, argument)
        if column.values.shape not in ((), (shape[0],)):
            raise DataError(f"{argument} has shape {column.values.shape}; give a number or ({shape[0]},)")
        errors[:, place] = as_numbers(convert(column, units[place], argument, f"feature {name!r}"), argument)
    return errors


def _feature_array(column, shape, units):
    size, width = shape
    values = column.values
    if values.ndim == 0:
        values = np.broadcast_to(values, shape)
    if values.shape == (size,) and width == 1:
        values = values.reshape(size, 1)
    if values.shape not in (shape, (*shape, width)):
        raise DataError(
            f"x_err has shape {values.shape}; for {size} rows and {width} features give a number, a"
            " mapping by name,"
            f" {shape} standard deviations or {(*shape, width)} covariances"
        )
    column = column._replace(values=values)
    if values.ndim == 2:
        return _per_feature(column, units, "x_err")
    if any(unit is not None for unit in units) or column.unit is not None:
        if len(set(map(str, units))) > 1:
            raise DataError("x_err as covariances cannot carry units when the features have different ones")
        return as_numbers(convert(column, None if units[0] is None else units[0] ** 2, "x_err", "x"), "x_err")
    return as_numbers(values, "x_err")


def _cross_array(column, shape, units):
    values = column.values.reshape(-1, 1) if column.values.ndim == 1 and shape[1] == 1 else column.values
    if values.shape != shape:
        raise DataError(f"xy_cov has shape {column.values.shape}; it needs that of x, {shape}")
    return _per_feature(column._replace(values=values), units, "xy_cov")


def _per_feature(column, units, argument):
    if column.unit is None and all(unit is None for unit in units):
        return as_numbers(column.values, argument)
    parts = [
        as_numbers(convert(column._replace(values=values), unit, argument, "x"), argument)
        for values, unit in zip(column.values.T, units, strict=True)
    ]
    return np.stack(parts, axis=1)


def _label_error_text(bad, table):
    values = table[bad[0]]
    value = next(value for value in values if not (np.isfinite(value) and value > 0))
    where = f"y_err {rows_text(bad)}"
    if value == 0:
        return (
            f"{where}: the error is zero, which would tie the model to the row exactly; give its real"
            " error, or leave"
            " y_err out and let the intrinsic scatter be inferred (scatter=True)"
        )
    if value < 0:
        return f"{where}: {value:g} is negative; errors are positive, also as (minus, plus)"
    return f"{where}: {value:g} is not an error; give a positive number, or make the label NaN to leave the row out"


def _check_covariances(matrices, argument):
    bad = np.flatnonzero(~np.isfinite(matrices).all(axis=(1, 2)))
    if bad.size:
        raise DataError(f"{argument} {rows_text(bad)}: a covariance is not finite for features that are present")
    scale = np.sqrt(np.abs(np.einsum("nii->ni", matrices)))
    slack = _ROUNDING * scale[:, :, None] * scale[:, None, :]
    bad = np.flatnonzero((np.abs(matrices - matrices.transpose(0, 2, 1)) > 2 * slack).any(axis=(1, 2)))
    if bad.size:
        raise DataError(f"{argument} {rows_text(bad)}: the covariance is not symmetric")
    # scaled to unit diagonal, so that features in different units are judged alike
    unit = np.where(scale > 0, scale, 1.0)
    lowest = np.linalg.eigvalsh(matrices / unit[:, :, None] / unit[:, None, :])[:, 0]
    bad = np.flatnonzero(lowest < -_ROUNDING)
    if bad.size:
        raise DataError(
            f"{argument} {rows_text(bad)}: not a covariance, the smallest eigenvalue at unit diagonal is"
            f" {lowest[bad[0]]:.3g}; it must be positive semi-definite"
        )


def _check_cross(covariances, x_err, y_err):
    bad = np.flatnonzero(~np.isfinite(covariances).all(axis=1))
    if bad.size:
        raise DataError(f"xy_cov {rows_text(bad)}: not finite for features and labels that are present")
    if x_err.ndim == 3:
        size, width = covariances.shape
        joint = np.empty((size, width + 1, width + 1))
        joint[:, :width, :width] = x_err
        joint[:, :width, width] = joint[:, width, :width] = covariances
        joint[:, width, width] = y_err**2
        # a zero variance with a covariance is impossible; the scaled matrix below shows it as negative
        _check_covariances(joint, "x_err with y_err and xy_cov")
        return
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(covariances == 0, 0.0, covariances / (x_err * y_err[:, None]))
    bad = np.flatnonzero(~((share**2).sum(axis=1) <= 1 + _ROUNDING))
    if bad.size:
        worst = np.abs(share[bad[0]]).max()
        raise DataError(
            f"xy_cov {rows_text(bad)}: larger than the errors allow (correlation {worst:.3g});"
            " |xy_cov| is at most x_err * y_err"
        )
