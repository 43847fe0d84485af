"""A change of the label's scale: its derivative, and what it does to errors and limits."""

import numpy as np

from bayesfit.data.columns import as_numbers
from bayesfit.data.labels import INTERVAL, MEASURED, midpoint
from bayesfit.errors import DataError, rows_text

__all__ = ["slope_of", "transformed"]

_KNOWN = {
    np.log: lambda y: 1 / y,
    np.log2: lambda y: 1 / (y * np.log(2)),
    np.log10: lambda y: 1 / (y * np.log(10)),
    np.log1p: lambda y: 1 / (1 + y),
    np.sqrt: lambda y: 0.5 / np.sqrt(y),
    np.cbrt: lambda y: 1 / (3 * np.cbrt(y) ** 2),
    np.exp: np.exp,
    np.expm1: np.exp,
    np.exp2: lambda y: np.exp2(y) * np.log(2),
    np.arcsinh: lambda y: 1 / np.sqrt(1 + y**2),
    np.sinh: np.cosh,
    np.square: lambda y: 2 * y,
    np.reciprocal: lambda y: -1 / y**2,
    np.negative: lambda y: np.full_like(y, -1.0),
}

#: a numerical derivative is believed when its own error estimate is this small
_TOLERANCE = 1e-6
_STEPS = 8
#: places inside an interval, its ends among them, at which the transformation is looked at
_INSIDE = 17


def transformed(data, f, derivative) -> dict:
    """Return the fields of ``data`` that change when its label becomes f(y)."""
    if data.kind != "numbers":
        raise DataError(f"transform needs labels that are numbers; these are {data.kind}")
    for name, given in (("f", f), ("derivative", f if derivative is None else derivative)):
        if not callable(given):
            raise DataError(f"transform: {name}={given!r} is not a function; give one, such as np.log10")
    rows = np.flatnonzero(data.labelled)
    y, slope, log_slope = (np.full(data.size, np.nan) for _ in range(3))
    y[rows], slope[rows] = slope_of(f, derivative, data.y[rows], rows)
    falls = bool((slope[rows] < 0).any())
    measured = data.limits == MEASURED
    log_slope = np.where(measured & data.labelled, np.log(np.abs(slope)), 0.0)
    low, high = _ends(f, data, y, rows, falls)
    inside = data.limits == INTERVAL
    y[inside] = midpoint(low[inside], high[inside])
    label = transform_name(f, data.label)
    return {
        "label": label,
        "units": {name: unit for name, unit in data.units.items() if name != data.label},
        "y": y,
        "labels": y,
        "y_low": low,
        "y_high": high,
        "limits": np.where(falls & (data.limits != INTERVAL), -data.limits, data.limits).astype(np.int8),
        **_errors(data, slope, falls),
        "log_jacobian": data.log_jacobian + log_slope,
    }


def _ends(f, data, y, rows, falls):
    """Return the new low and high ends; an open end stays open, and a fall swaps the two."""
    ends = []
    for end in (data.y_low, data.y_high):
        new = end.copy()
        closed = rows[np.isfinite(end[rows])]
        new[closed] = apply(f, end[closed])
        _refuse(~np.isfinite(new[closed]), end[closed], closed, "the transformation is not finite")
        if falls:
            new = np.where(np.isinf(end), -end, new)
        ends.append(new)
    low, high = ends[::-1] if falls else ends
    inside = np.flatnonzero(data.limits == INTERVAL)
    places = data.y_low[inside] + np.linspace(0, 1, _INSIDE)[:, None] * (data.y_high - data.y_low)[inside]
    steps = np.diff(apply(f, places.ravel()).reshape(places.shape), axis=0) * (-1 if falls else 1)
    crossed = inside[(steps < 0).any(axis=0)]
    if crossed.size:
        raise DataError(f"transform: the transformation is not monotone inside the interval of {rows_text(crossed)}")
    measured = data.limits == MEASURED
    return np.where(measured, y, low), np.where(measured, y, high)


def _errors(data, slope, falls):
    """Carry errors through the slope, to first order; without a label there is neither slope nor error."""
    changes = {}
    if data.y_err is not None:
        y_err = data.y_err[:, ::-1] if falls and data.y_err.ndim == 2 else data.y_err
        changes["y_err"] = y_err * np.abs(slope).reshape(-1, *[1] * (y_err.ndim - 1))
    known = np.where(data.labelled, slope, 0.0)
    if data.xy_cov is not None:
        changes["xy_cov"] = data.xy_cov * known[:, None]
    if data.y_cov is not None:
        changes["y_cov"] = data.y_cov * np.outer(known, known)
    return changes


def transform_name(f, label: str) -> str:
    """Return the label's new name, such as ``log10(y)``."""
    name = getattr(f, "__name__", "f")
    return f"{'f' if name == '<lambda>' else name}({label})"


def apply(f, values: np.ndarray) -> np.ndarray:
    """Return f at every value, whether f takes arrays or single numbers."""
    try:
        with np.errstate(all="ignore"):
            try:
                result = np.asarray(f(values.copy()))
            except (TypeError, ValueError):
                result = np.array([f(float(value)) for value in values])
    except Exception as error:
        raise DataError(f"transform: the function raised {type(error).__name__}: {error}") from error
    result = as_numbers(result, "transform: the function's result")
    if result.shape != values.shape:
        raise DataError(f"the transformation turned {len(values)} labels into shape {result.shape}; it must keep them")
    return result


def slope_of(f, derivative, y: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return f(y) and f'(y), of one sign and finite everywhere; ``rows`` are the rows' numbers for messages.

    Raises
    ------
    DataError
        Where f or f' is not finite, f' is zero or changes sign, or f' disagrees with f.
    """
    result = apply(f, y)
    _refuse(~np.isfinite(result), y, rows, "the transformation is not finite")
    exact = _KNOWN.get(f) if derivative is None and isinstance(f, np.ufunc) else None
    slope = apply(exact, y) if exact else _numerical(f, derivative, y, rows)
    _refuse(~np.isfinite(slope), y, rows, "the derivative of the transformation is not finite")
    _refuse(slope == 0, y, rows, "the derivative of the transformation is zero")
    order = np.argsort(y)
    falls = np.diff(result[order]) * np.sign(slope[:1].sum()) < 0
    _refuse(np.sign(slope) != np.sign(slope[:1].sum()), y, rows, "the transformation is not monotone")
    _refuse(np.isin(np.arange(len(y)), order[1:][falls]), y, rows, "the transformation is not monotone")
    return result, slope


def _numerical(f, derivative, y, rows):
    slope, error = _ridders(f, y)
    certain = error <= _TOLERANCE * np.abs(slope)
    if derivative is None:
        _refuse(~certain, y, rows, "no numerical derivative can be trusted; pass derivative=")
        return slope
    given = apply(derivative, y)
    wrong = certain & ~(np.abs(given - slope) <= 1e-3 * np.abs(slope))
    _refuse(wrong, y, rows, "derivative= is not the derivative of the transformation")
    return given


def _ridders(f, y):
    """Central differences with halved steps, extrapolated to step zero (Ridders 1982)."""
    spread = np.abs(y).max(initial=0.0) or 1.0
    step = np.where(y == 0, 1e-3 * spread, 0.02 * np.abs(y))
    best, error, column = np.full_like(y, np.nan), np.full_like(y, np.inf), []
    for _ in range(_STEPS):
        with np.errstate(all="ignore"):
            row = [(apply(f, y + step) - apply(f, y - step)) / (2 * step)]
            for order, previous in enumerate(column, start=1):
                row.append(row[-1] + (row[-1] - previous) / (4.0**order - 1))
                change = np.abs(row[-1] - previous)
                better = change < error
                best, error = np.where(better, row[-1], best), np.where(better, change, error)
        column, step = row, step / 2
    return best, error


def _refuse(bad, y, rows, reason):
    if bad.any():
        raise DataError(f"transform: {reason} at {rows_text(rows[bad])} (y = {y[bad][0]:g})")
