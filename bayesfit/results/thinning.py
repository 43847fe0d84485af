"""Chains thinned to the draws that are kept, and these read back from a tree."""

from typing import TYPE_CHECKING

import numpy as np

from bayesfit.parameters import Parameters

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["theta_of", "thin"]

#: draws kept of all ensembles together
MOST_DRAWS = 4000


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


def theta_of(dataset: "xr.Dataset", parameters: Parameters) -> np.ndarray:
    """Return theta (chain, draw, D) from the posterior group of a tree."""
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
