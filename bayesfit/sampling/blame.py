"""Why a density is finite at none of the points tried: which part, which parameter, which rows."""

import numpy as np

from bayesfit.errors import rows_text

__all__ = ["blame"]

#: points looked at, and how far a single parameter is moved, in widths of the candidates
LOOKED_AT, REACH = 8, 10.0 ** np.arange(-2.0, 5.0)


def blame(target, points: np.ndarray) -> str:
    """Return sentences about what keeps the log density from being finite.

    Parameters
    ----------
    target
        The density; what it offers beyond walking (`log_prior`, `log_likelihood`) is used where it is there.
    points
        Candidates (n, d) at none of which the density is finite.
    """
    inside = np.isfinite(points).all(axis=1)
    if not inside.any():
        names = [n for n, bad in zip(target.walked_names, (~np.isfinite(points)).all(axis=0), strict=False) if bad]
        return f"No draw from the prior of {', '.join(names) or 'the parameters'} is a usable number."
    some = points[inside][:: max(1, inside.sum() // LOOKED_AT)][:LOOKED_AT]
    sentences = [*_part(target, some), *_parameters(target, points[inside], some)]
    where = f"For example at {target.describe_point(some[0])}."
    return " ".join([*sentences, where, *target.faults[:1]])


def _part(target, points):
    """Tell a prior from a likelihood, and name the rows that are always at fault."""
    parts = _natural_parts(target, points)
    if parts is None:
        return
    log_prior, log_likelihood = parts
    if not np.isfinite(log_prior).any():
        yield "The prior itself is not finite there."
        return
    rows = np.flatnonzero(~np.isfinite(log_likelihood).any(axis=0))
    if np.isnan(log_likelihood).all():
        yield "The likelihood is NaN for every row wherever it was tried: the model's function returns NaN."
    elif rows.size:
        kind = "NaN" if np.isnan(log_likelihood[:, rows]).any() else "zero"
        labelled = np.flatnonzero(target.data.labelled) if hasattr(target, "data") else rows
        yield f"The likelihood is {kind} at all of them for {rows_text(labelled[rows])}."


def _natural_parts(target, points):
    """Return log prior (n,) and pointwise log likelihood (n, N), or None where a target has none."""
    if not hasattr(target, "log_prior"):
        return None
    try:
        theta = target.complete(points, None)
        return np.asarray(target.log_prior(theta)), np.asarray(target.log_likelihood(theta))
    except (ArithmeticError, ValueError, np.linalg.LinAlgError):
        # a target may be unable to complete or to evaluate such points, which is no reason to hide the rest
        return None


def _parameters(target, points, some):
    """Name the parameters of which a change alone makes the density finite."""
    width = np.maximum(points.std(axis=0), 1e-3 * np.maximum(np.abs(points).max(axis=0), 1e-3))
    factors = np.r_[-REACH[::-1], REACH]
    for column, name in enumerate(target.walked_names):
        moved = np.repeat(some, len(factors), axis=0)
        moved[:, column] += np.tile(factors, len(some)) * width[column]
        finite = np.flatnonzero(np.isfinite(target.log_density(moved)))
        if finite.size:
            nearest = finite[np.argmin(np.abs(np.tile(factors, len(some))[finite]))]
            before, after = (
                target.natural(z[None])[0, column] for z in (some[nearest // len(factors)], moved[nearest])
            )
            yield (
                f"Changing {name} alone, as from {before:.4g} to {after:.4g}, makes it finite: move or widen "
                f"the prior of {name}."
            )
