"""Hashes by which models are told apart, the code of a user's functions included."""

import hashlib
from contextlib import suppress
from functools import partial
from types import ModuleType

import numpy as np

from bayesfit.specification import exact_text

__all__ = ["digest", "model_fingerprint"]


def model_fingerprint(model) -> str:
    """Return the hash of a model's specification, the code of a user's functions included."""
    return digest(f"{exact_text(model)} {_code(model)}")


def digest(text: str) -> str:
    """Return the hash of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def _code(model):
    """Return the compiled code of a user's functions: another body under the same name is another model."""
    predictor = getattr(model, "predictor", None)
    functions = (getattr(predictor, "f", None), *getattr(predictor, "functions", ()))
    return " ".join(_called(function, set()) for function in functions if function is not None)


def _called(function, seen: set) -> str:
    """Return the text of a function, or of an object that is called as one with its attributes."""
    call = vars(type(function)).get("__call__")
    if hasattr(function, "__code__") or isinstance(function, partial) or not hasattr(call, "__code__"):
        return _text(function, seen)
    return _text((call, *sorted(vars(function).items())) if hasattr(function, "__dict__") else call, seen)


def _text(value, seen: set) -> str:
    """Return what a value is, in as far as a function's results may depend on it.

    Of lists, dictionaries and other objects that may change while it runs (a count of calls, what was remembered)
    only the kind counts.
    """
    if value is None or isinstance(value, bool | int | float | complex | str | bytes):
        return repr(value)
    if isinstance(value, np.ndarray | np.generic) and value.dtype != object:
        array = np.ascontiguousarray(value)
        return f"{array.dtype} {array.shape} {hashlib.sha256(array).hexdigest()}"
    if isinstance(value, tuple):
        return f"({', '.join(_text(each, seen) for each in value)})"
    if isinstance(value, partial):
        return _text((value.func, *value.args, *sorted(value.keywords.items())), seen)
    if not hasattr(value, "__code__"):
        return type(value).__qualname__
    if value.__code__ in seen:
        # of a function that calls itself, its name has been seen
        return ""
    return _function_text(value, {*seen, value.__code__})


def _function_text(function, seen: set) -> str:
    """Return a function's code, and the values that it sees beside its arguments."""
    code = function.__code__
    known = getattr(function, "__globals__", {})
    cells = [_text(each, seen) for each in _contents(getattr(function, "__closure__", None) or ())]
    others = {name: known[name] for name in _names(code) if name in known and not isinstance(known[name], ModuleType)}
    outside = cells + [f"{name}={_text(value, seen)}" for name, value in sorted(others.items())]
    return " ".join([_code_text(code), *outside])


def _code_text(code) -> str:
    constants = [c for c in code.co_consts if not hasattr(c, "co_code")]
    inner = [_code_text(c) for c in code.co_consts if hasattr(c, "co_code")]
    return " ".join([f"{code.co_code!r} {code.co_names!r} {constants!r}", *inner])


def _names(code) -> set:
    """Return the names that a function's code looks up, that of functions inside it included."""
    return set(code.co_names).union(*(_names(c) for c in code.co_consts if hasattr(c, "co_code")))


def _contents(cells) -> list:
    """Return what a closure's cells hold; one that holds nothing yet is passed over."""
    found = []
    for cell in cells:
        with suppress(ValueError):
            found.append(cell.cell_contents)
    return found
