"""Objects of no known class: how unusual features are under the fitted populations."""

import numpy as np

from bayesfit.data import Data
from bayesfit.errors import ModelError
from bayesfit.seeds import generator

__all__ = ["novelty"]

#: parameter vectors that stand for the posterior, and simulated objects per row
N_VECTORS, N_SIMULATED = 100, 2000


def novelty(target, flat: np.ndarray, new: Data, *, seed=0) -> np.ndarray:
    """Return the tail probability (rows,) of each row's features under all classes together.

    The statistic is the posterior predictive density p(x̂_i) at the row's own errors and gaps.  Its distribution is
    simulated: 2,000 objects drawn from the posterior predictive and measured with the same errors; the tail
    probability is the share of them that is no more probable than the row.  Rows of the known classes have uniform
    tail probabilities; a row of no known class has one near zero.

    Parameters
    ----------
    target : Target
        Of a ClassModel or a MixtureModel.
    flat : ndarray (draws, D)
    new : Data
    seed : int

    Raises
    ------
    ModelError
        If the model has no population of all features.
    """
    if not hasattr(target, "log_feature_density"):
        raise ModelError(
            f"{target.model!r} has no population of features; novelty needs a ClassModel or a MixtureModel"
        )
    rng = generator(seed)
    chosen = flat[rng.choice(len(flat), size=min(N_VECTORS, len(flat)), replace=False)]
    found = _predictive_density(target, chosen, new)
    tail = np.empty(len(new))
    for rows in _alike(new):
        simulated = _simulate(target, flat, new, rows[0], rng)
        reference = np.sort(_predictive_density(target, chosen, simulated))
        tail[rows] = (np.searchsorted(reference, found[rows], side="right") + 1) / (len(reference) + 1)
    return tail


def _predictive_density(target, vectors, data):
    """Return ln of the mean density (rows,) over parameter vectors."""
    with np.errstate(all="ignore"):
        step = max(1, 2_000_000 // len(vectors))
        pieces = [
            np.logaddexp.reduce(target.log_feature_density(vectors, data[start : start + step]), axis=0)
            for start in range(0, len(data), step)
        ]
    return np.concatenate(pieces) - np.log(len(vectors))


def _alike(data):
    """Return groups of rows with the same errors and gaps."""
    keys = data.missing.astype(float)
    if data.x_err is not None:
        keys = np.concatenate([keys, data.x_err.reshape(len(data), -1)], axis=1)
    _, group = np.unique(keys, axis=0, return_inverse=True)
    return [np.flatnonzero(group.ravel() == g) for g in range(group.max() + 1)]


def _simulate(target, flat, new, row, rng):
    """Return objects drawn from the posterior predictive, measured as this row was."""
    repeated = new[np.full(N_SIMULATED, row)]
    vectors = flat[rng.integers(len(flat), size=N_SIMULATED)]
    x, _ = target.simulate_features(vectors, repeated, rng)
    return repeated.with_features(x)
