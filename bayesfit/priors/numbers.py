"""Checks of the numbers that priors are given, and the two masks that all their methods share."""

from collections.abc import Callable
from numbers import Real

import numpy as np

from bayesfit.errors import PriorError

__all__ = ["any_number", "finite", "fraction", "positive", "require", "settle", "within"]


def settle(prior, **checks: Callable) -> None:
    """Replace fields of a frozen dataclass by checked floats or read-only arrays that broadcast."""
    shapes = []
    for name, check in checks.items():
        value = check(prior, name, _as_float(prior, name, getattr(prior, name)))
        object.__setattr__(prior, name, value)
        shapes.append(value.shape if isinstance(value, np.ndarray) else ())
    if not any(shapes):  # numbers, as nearly always
        return
    try:
        np.broadcast_shapes(*shapes)
    except ValueError:
        shown = ", ".join(f"{name} {shape}" for name, shape in zip(checks, shapes, strict=True))
        raise PriorError(f"{_kind(prior)}: the arguments' shapes do not broadcast: {shown}") from None


def require(prior, holds, message: str) -> None:
    """Raise a PriorError that starts with the prior's name unless ``holds`` everywhere."""
    if not np.all(holds):
        raise PriorError(f"{_kind(prior)}: {message}")


def finite(prior, name: str, value):
    """Check that all numbers are finite."""
    return _allowed(prior, name, value, ~np.isfinite(value), "finite")


def positive(prior, name: str, value):
    """Check that all numbers are finite and greater than zero."""
    finite(prior, name, value)
    return _allowed(prior, name, value, np.less_equal(value, 0), "greater than zero")


def _allowed(prior, name, value, bad, what):
    # the message is made only where it is needed: default priors are made by the thousand
    if bad.any():
        raise PriorError(f"{_kind(prior)}: {name} must be {what}, not {_first(value, bad)}")
    return value


def any_number(prior, name: str, value):
    """Check that no number is NaN; infinity is allowed."""
    require(prior, ~np.isnan(value), f"{name} must be a number, not nan")
    return value


def within(value, low, high, density) -> np.ndarray:
    """Return ``density`` where low ≤ value ≤ high, minus infinity elsewhere and where it is NaN or +infinity.

    So an end of the support counts as inside exactly where the density has a finite limit there.
    """
    return np.where((value >= low) & (value <= high) & (density < np.inf), density, -np.inf)


def fraction(u) -> np.ndarray:
    """Return ``u`` as an array, NaN where it is not in [0, 1]."""
    u = np.asarray(u, dtype=float)
    return np.where((u >= 0) & (u <= 1), u, np.nan)


def _as_float(prior, name, value):
    if type(value) in (float, np.float64):  # a subclass may carry a unit
        return float(value)
    if hasattr(value, "unit"):
        raise PriorError(f"{_kind(prior)}: {name} carries a unit; give plain numbers in the data's units")
    if isinstance(value, Real) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError:
            raise PriorError(f"{_kind(prior)}: {name} is too large for a float") from None
    array = _as_array(value)
    if array is None or array.dtype.kind not in "iuf":
        shown = repr(value)
        shown = shown if len(shown) <= 60 else shown[:57] + "..."
        raise PriorError(f"{_kind(prior)}: {name} must be a real number, not {shown} ({type(value).__name__})")
    array = array.astype(float)
    if array.ndim == 0:
        return float(array)
    array.setflags(write=False)
    return array


def _as_array(value):
    try:
        return np.asarray(value)
    except (ValueError, TypeError):  # ragged nesting, or an object that refuses to be an array
        return None


def _first(value, bad):
    found = np.atleast_1d(value)[np.atleast_1d(bad)]
    return f"{found[0]:.6g}" if found.size else ""


def _kind(prior):
    return type(prior).__name__
