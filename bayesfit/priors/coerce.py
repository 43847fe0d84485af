"""What users may write in place of a prior."""

from numbers import Real

import numpy as np

from bayesfit.errors import PriorError
from bayesfit.priors.base import JointPrior, Prior
from bayesfit.priors.fixed import Fixed
from bayesfit.priors.from_scipy import FromScipy, is_frozen

__all__ = ["as_prior"]


def as_prior(value) -> Prior | JointPrior:
    """Return a prior: itself, `Fixed` for a plain number, `FromScipy` for a frozen scipy distribution.

    Raises
    ------
    PriorError
        For anything else, text included.

    Examples
    --------
    >>> as_prior(3)
    Fixed(3)
    """
    if isinstance(value, Prior | JointPrior):
        return value
    if _is_number(value):
        return Fixed(value)
    if is_frozen(value):
        return FromScipy(value)
    raise PriorError(f"a prior must be one of bayesfit.priors, or a number to fix it; {_hint(value)}")


def _is_number(value):
    if isinstance(value, np.ndarray):
        return value.ndim == 0 and value.dtype.kind in "iuf"
    return isinstance(value, Real) and not isinstance(value, bool)


def _hint(value):
    shown = repr(value)
    shown = shown if len(shown) <= 60 else shown[:57] + "..."
    if isinstance(value, str):
        return f"text is for files and the command line: write priors.parse({shown})"
    if isinstance(value, type) and issubclass(value, Prior | JointPrior):
        return f"{value.__name__} is a class: give it its arguments, as in {value.__name__}(...)"
    if hasattr(value, "logpdf") or hasattr(value, "pdf"):
        return f"{shown} is no frozen continuous distribution of one variable like scipy.stats.norm(0, 1)"
    return f"not {shown} ({type(value).__name__})"
