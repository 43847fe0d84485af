"""From chains to the DataTree that ArviZ and corner take as it stands."""

import json
from importlib.metadata import version

import numpy as np
import xarray as xr

from bayesfit.likelihoods.classes import class_codes
from bayesfit.parameters import Parameters
from bayesfit.pieces import in_pieces

__all__ = ["build_tree", "theta_of", "thin"]

#: draws kept of all ensembles together
MOST_DRAWS = 4000
#: elements of draws × rows up to which pointwise terms, and predictive draws, are stored
MOST_POINTWISE = 40_000_000
MOST_PREDICTIVE = 4_000_000


def thin(chains: np.ndarray, tau: float) -> np.ndarray:
    """Thin (ensemble, step, walker, …) to near-independence and join walker by walker: (ensemble, draw, …).

    A step of about τ makes draws nearly independent; joined walker by walker, an estimate of the
    effective sample size that takes an ensemble for a chain is honest.
    """
    ensembles, steps, walkers = chains.shape[:3]
    stride = max(int(np.ceil(tau)), -(-ensembles * steps * walkers // MOST_DRAWS), 1)
    stride = min(stride, max(1, steps // 2))
    kept = chains[:, stride - 1 :: stride]
    return np.swapaxes(kept, 1, 2).reshape(ensembles, -1, *chains.shape[3:])


def build_tree(target, theta, log_density, *, diagnostics, provenance: dict, seed) -> xr.DataTree:
    """Return posterior, pointwise log-likelihood, priors, statistics and data as one tree.

    Parameters
    ----------
    target : Target
    theta : ndarray (chain, draw, D)
    log_density : ndarray (chain, draw)
    diagnostics : Diagnostics
    provenance : dict
        Plain data about how the draws were made.
    seed : int or SeedSequence
        For the predictive draws.
    """
    shape, flat = theta.shape[:2], theta.reshape(-1, theta.shape[-1])
    rows = target.term_rows
    groups = {
        "posterior": _posterior(target.parameters, theta),
        "sample_stats": xr.Dataset({"lp": (("chain", "draw"), log_density)}),
        "log_prior": xr.Dataset({"total": (("chain", "draw"), target.log_prior(flat).reshape(shape))}),
    }
    if len(flat) * len(rows) <= MOST_POINTWISE:
        terms = in_pieces(target.log_likelihood, flat, len(rows)).reshape(*shape, len(rows))
        groups["log_likelihood"] = xr.Dataset({"y": (("chain", "draw", "row"), terms)})
    n_predictive = min(shape[1], MOST_PREDICTIVE // max(1, shape[0] * len(rows)))
    if n_predictive and target.data.kind != "none":
        chosen = np.linspace(0, shape[1] - 1, n_predictive).astype(int)
        groups["posterior_predictive"] = _predictive(target, theta[:, chosen], np.random.default_rng(seed))
    groups |= _data_groups(target.data, rows)
    coordinates = {"chain": np.arange(shape[0]), "row": rows}
    tree = xr.DataTree.from_dict({name: _with_coordinates(g, coordinates) for name, g in groups.items()})
    tree.attrs = {
        "creation_library": "bayesfit",
        "creation_library_version": version("bayesfit-toolkit"),
        "inference_library": "emcee",
        "inference_library_version": version("emcee"),
        "provenance": json.dumps(provenance),
        "diagnostics": json.dumps(diagnostics),
    }
    return tree


def _with_coordinates(dataset, coordinates):
    return dataset.assign_coords(
        {n: c for n, c in coordinates.items() if n in dataset.dims and dataset.sizes[n] == len(c)}
        | {n: np.arange(dataset.sizes[n]) for n in ("draw",) if n in dataset.dims}
    )


def _posterior(parameters: Parameters, theta):
    r"""Return variables (chain, draw, \*shape) of the parameters that are not wholly fixed."""
    variables, coordinates = {}, {}
    values = parameters.unpack(theta.reshape(-1, theta.shape[-1]))
    for parameter in parameters.parameters:
        free = [name not in parameters.fixed for name in parameter.elements]
        if not any(free):
            continue
        array, labels = values[parameter.name].reshape(*theta.shape[:2], *parameter.shape), parameter.coords
        dims = parameter.dims
        if not all(free) and len(dims) == 1:
            array, labels = array[..., np.flatnonzero(free)], (tuple(np.array(labels[0], dtype=object)[free]),)
            dims = (f"{dims[0]}_of_{parameter.name}",)
        variables[parameter.name] = xr.DataArray(array, dims=("chain", "draw", *dims), attrs=_unit(parameter))
        coordinates |= {dim: list(names) for dim, names in zip(dims, labels, strict=True)}
    return xr.Dataset(variables, coords=coordinates)


def _unit(parameter):
    """An attribute is of the whole variable: elements of different units have theirs in a summary only."""
    units = set(parameter.units) or {parameter.unit}
    return {"unit": units.pop()} if len(units) == 1 and units != {""} else {}


def theta_of(dataset: xr.Dataset, parameters: Parameters) -> np.ndarray:
    """Return theta (chain, draw, D) from the posterior group; the inverse of what `build_tree` stores."""
    columns = {}
    for parameter in parameters.parameters:
        names = parameter.elements
        if parameter.name not in dataset:
            continue
        array = dataset[parameter.name].to_numpy()
        free = [name for name in names if name not in parameters.fixed] if len(parameter.shape) == 1 else names
        flat = array.reshape(*array.shape[:2], -1)
        columns |= {name: flat[..., i] for i, name in enumerate(free)}
    return np.stack([columns[name] for name in parameters.names], axis=-1)


def _predictive(target, theta, rng):
    rows = target.data[target.term_rows]
    flat = theta.reshape(-1, theta.shape[-1])
    draws = in_pieces(lambda piece: target.predict_observed(piece, rows, rng), flat, len(rows))
    return xr.Dataset({"y": (("chain", "draw", "row"), draws.reshape(*theta.shape[:2], len(rows)))})


def _data_groups(data, rows):
    observed = xr.Dataset() if data.y is None else xr.Dataset({"y": ("row", _numbers(data)[rows])})
    constant = xr.Dataset(
        {"x": (("row", "feature"), data.x[rows])},
        coords={"feature": list(data.names)},
    )
    return {"observed_data": observed, "constant_data": constant}


def _numbers(data):
    """Return labels as numbers: class labels as their positions among the classes."""
    return class_codes(data) if data.kind == "classes" else data.y
