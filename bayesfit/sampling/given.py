"""Starting points that the user gives in natural units."""

from collections.abc import Mapping
from difflib import get_close_matches

import numpy as np

from bayesfit.errors import SamplingError

__all__ = ["given_start"]


def given_start(target, start, n_ensembles: int, n_walkers: int):
    """Turn ``start`` into walking coordinates.

    Parameters
    ----------
    target
        Names the parameters and knows their supports.
    start
        A mapping by name, a vector (D,), or the position of every walker.
    n_ensembles, n_walkers
        The shape of the run.

    Returns
    -------
    numpy.ndarray
        (1, d) for a point to search from, (ensemble, walker, d) for every walker.

    Raises
    ------
    SamplingError
        If names or shapes are wrong, or points lie outside the support or where the density is not finite.
    """
    theta = _from_mapping(target, start) if isinstance(start, Mapping) else _array(start)
    n_names, n_all = len(target.names), n_ensembles * n_walkers
    shapes = {(n_names,), (n_all, n_names), (n_ensembles, n_walkers, n_names)}
    if theta.shape not in shapes:
        raise SamplingError(
            f"start has shape {theta.shape}; give ({n_names},) for {', '.join(target.names)}, or "
            "every walker as "
            f"({n_all}, {n_names}) or ({n_ensembles}, {n_walkers}, {n_names})"
        )
    flat = theta.reshape(-1, n_names)
    if not np.isfinite(flat).all():
        name = target.names[int(np.flatnonzero(~np.isfinite(flat).all(axis=0))[0])]
        raise SamplingError(f"start: {name} is not finite for {_count(~np.isfinite(flat).all(axis=1))}")
    with np.errstate(all="ignore"):
        z = np.asarray(target.walked(flat), dtype=float)
    _check_inside(target, flat, z)
    if theta.ndim == 1:
        return z
    _check_spread(target, z)
    return z.reshape(n_ensembles, n_walkers, -1)


def _array(start) -> np.ndarray:
    try:
        # integers would truncate every proposal
        return np.array(start, dtype=float)
    except (TypeError, ValueError) as error:
        raise SamplingError(f"start={start!r} is neither numbers nor a mapping by parameter name") from error


def _from_mapping(target, start) -> np.ndarray:
    unknown = [name for name in start if name not in target.names]
    if unknown:
        close = get_close_matches(str(unknown[0]), target.names, 1)
        hint = f"; did you mean {close[0]}?" if close else ""
        raise SamplingError(f"start names {unknown[0]!r}, but the parameters are {', '.join(target.names)}{hint}")
    missing = [name for name in target.names if name not in start]
    if missing:
        raise SamplingError(f"start has no value for {', '.join(missing)}; give every parameter, or start=None")
    return _array([start[name] for name in target.names])


def _count(bad: np.ndarray) -> str:
    return f"{int(bad.sum())} of {len(bad)} starting points"


def _check_inside(target, theta, z):
    outside = ~np.isfinite(z)
    if outside.any():
        column = int(np.flatnonzero(outside.any(axis=0))[0])
        name = target.walked_names[column] if len(target.walked_names) == z.shape[1] else "a parameter"
        values = theta[outside[:, column]]
        value = f" (value {values[0, target.names.index(name)]:.6g})" if name in target.names else ""
        raise SamplingError(
            f"start: {name} lies outside its prior's support for {_count(outside.any(axis=1))}{value}; "
            "move them inside or widen the prior"
        )
    impossible = ~np.isfinite(target.log_density(z))
    if impossible.any():
        first = z[np.flatnonzero(impossible)[0]]
        raise SamplingError(
            f"start: the log density is not finite for {_count(impossible)}, first at {target.describe_point(first)}"
        )


def _check_spread(target, z):
    """Walkers that share a value of some combination of parameters could never leave it."""
    still = np.ptp(z, axis=0) == 0
    if still.any():
        name = target.walked_names[int(np.flatnonzero(still)[0])] if len(still) == len(target.walked_names) else "one"
        raise SamplingError(f"start: all walkers have the same {name}, and ensemble moves would never change it")
    scaled = (z - z.mean(axis=0)) / z.std(axis=0)
    if np.linalg.matrix_rank(scaled) < z.shape[1]:
        raise SamplingError("start: the walkers lie in a plane of fewer dimensions than there are parameters")
