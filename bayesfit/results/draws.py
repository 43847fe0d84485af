"""What a file says of its draws and of their convergence, checked before it is believed."""

from dataclasses import fields
from typing import Any

import numpy as np
import xarray as xr

from bayesfit.diagnostics import Diagnostics
from bayesfit.errors import ResultFileError
from bayesfit.results.records import parsed
from bayesfit.results.thinning import theta_of

__all__ = ["check_draws", "recorded_diagnostics"]

#: what is stored of each diagnostic, besides those that have one number for each parameter
_KINDS: dict[str, Any] = {"converged": bool, "messages": list, "acceptance": int | float, "n_steps": int}


def recorded_diagnostics(tree: xr.DataTree, names) -> Diagnostics:
    """Return the verdict on the run of which the parameters have these names.

    Raises
    ------
    ResultFileError
        If something is missing, or is not of the kind that it has to be.
    """
    found = parsed(tree, "diagnostics", "the diagnostics", dict)
    wrong = [f.name for f in fields(Diagnostics) if not _is_sound(found.pop(f.name, None), f.name, names)]
    if wrong or found:
        raise ResultFileError(f"the diagnostics are damaged: {', '.join([*wrong, *map(str, found)])[:200]}")
    found = parsed(tree, "diagnostics", "the diagnostics", dict)
    messages = tuple(found.pop("messages"))
    return Diagnostics(messages=messages, **found)


def _is_sound(value, name, names) -> bool:
    if name in _KINDS:
        texts = value if name == "messages" and isinstance(value, list) else []
        return isinstance(value, _KINDS[name]) and all(isinstance(text, str) for text in texts)
    return isinstance(value, dict) and all(isinstance(value.get(each), int | float) for each in names)


def check_draws(tree: xr.DataTree, target) -> None:
    """Refuse a tree whose draws are not finite values of the target's parameters.

    Raises
    ------
    ResultFileError
        Naming the group that is missing or has another shape.
    """
    try:
        theta = theta_of(tree["posterior"].to_dataset(), target.parameters)
    except Exception as error:
        raise ResultFileError(f"the draws are damaged: {type(error).__name__}: {error}") from error
    if theta.ndim != 3 or not theta.size or theta.dtype.kind != "f" or not np.isfinite(theta).all():
        raise ResultFileError(f"the draws are damaged: shape {theta.shape}, or not all of them finite numbers")
    if "log_likelihood" in tree.children:
        terms = tree["log_likelihood"].get("y")
        expected = (*theta.shape[:2], len(target.term_rows))
        if terms is None or terms.shape != expected:
            raise ResultFileError(f"the pointwise log-likelihood is damaged: it should have shape {expected}")
    if not str(parsed(tree, "provenance", "the provenance", dict).get("seed")).isdecimal():
        raise ResultFileError("the provenance is damaged: it has no seed")
    if "audit" in tree.attrs:
        parsed(tree, "audit", "the audit", list)
