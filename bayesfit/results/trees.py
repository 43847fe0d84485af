"""From chains to the DataTree that ArviZ and corner take as it stands."""

import json
from importlib.metadata import version

import numpy as np
import xarray as xr

from bayesfit.likelihoods.classes import class_codes
from bayesfit.parameters import Parameters
from bayesfit.results.evaluated import Evaluated

__all__ = ["build_tree"]


def build_tree(target, evaluated: Evaluated, *, diagnostics: dict, provenance: dict, audit=()) -> xr.DataTree:
    """Return posterior, pointwise log-likelihood, priors, statistics and data as one tree.

    Parameters
    ----------
    target : Target
    evaluated : Evaluated
        The draws, and what the target says of them.
    diagnostics, provenance : dict
        Plain data about the verdict, and about how the draws were made.
    audit : sequence of str
        What was found in data and model before fitting.
    """
    rows = target.term_rows
    each, label = ("chain", "draw"), ("chain", "draw", "row")
    groups = {
        "posterior": _posterior(target.parameters, evaluated.theta),
        "sample_stats": xr.Dataset({"lp": (each, evaluated.log_density)}),
        "log_prior": xr.Dataset({"total": (each, evaluated.log_prior)}),
    }
    if evaluated.terms is not None:
        groups["log_likelihood"] = xr.Dataset({"y": (label, evaluated.terms)})
    if evaluated.predictive is not None:
        draws = {"draw": evaluated.predictive_draws}
        groups["posterior_predictive"] = xr.Dataset({"y": (label, evaluated.predictive)}, draws)
    groups |= _data_groups(target, rows)
    coordinates = {"chain": np.arange(len(evaluated.theta)), "row": rows}
    tree = xr.DataTree.from_dict({name: _with_coordinates(g, coordinates) for name, g in groups.items()})
    tree.attrs = {
        "creation_library": "bayesfit",
        "creation_library_version": version("bayesfit-toolkit"),
        "inference_library": "emcee",
        "inference_library_version": version("emcee"),
        "provenance": json.dumps(provenance),
        "diagnostics": json.dumps(diagnostics),
        "audit": json.dumps(list(audit)),
    }
    return tree


def _with_coordinates(dataset, coordinates):
    return dataset.assign_coords(
        {n: c for n, c in coordinates.items() if n in dataset.dims and dataset.sizes[n] == len(c)}
        | {n: np.arange(dataset.sizes[n]) for n in ("draw",) if n in dataset.dims and n not in dataset.coords}
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


def _data_groups(target, rows):
    data = target.data
    observed = xr.Dataset() if data.y is None else xr.Dataset({"y": ("row", _numbers(target)[rows])})
    constant = xr.Dataset(
        {"x": (("row", "feature"), data.x[rows])},
        coords={"feature": list(data.names)},
    )
    return {"observed_data": observed, "constant_data": constant}


def _numbers(target):
    """Return labels as numbers: class labels as their positions among the classes, as they are drawn."""
    data = target.data
    return class_codes(data) if data.kind == "classes" or (target.classes and data.classes) else data.y
