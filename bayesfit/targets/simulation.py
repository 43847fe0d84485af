"""Data as a model might have produced them."""

import numpy as np

from bayesfit.data import Data
from bayesfit.errors import SamplingError
from bayesfit.likelihoods import Classes
from bayesfit.populations import Features

__all__ = ["simulate"]

#: rounds of redrawing rows that fell outside the window of selection
_MOST_ROUNDS = 10_000


def simulate(target, theta: np.ndarray, rng: np.random.Generator) -> Data:
    """Return the target's data with measured labels, and measured noisy features, drawn anew.

    Rows that selection would have kept out are drawn again, features included, until they are in.

    Parameters
    ----------
    target : RegressionTarget
    theta : ndarray (D,)
    rng : Generator
    """
    values = target.parameters.unpack(theta[None])
    likelihood = target.likelihood
    if isinstance(likelihood, Classes):
        with np.errstate(all="ignore"):
            return target.data.with_classes(*_draw(target, values, target.data, rng))
    plain = target.data.measured_everywhere()
    with np.errstate(all="ignore"):
        x, labels = _draw(target, values, plain, rng)
        window = likelihood.window(plain) if likelihood.window_rows(plain) is not None else None
        for _ in range(_MOST_ROUNDS):
            outside = np.zeros(len(plain), bool) if window is None else ~((labels > window[0]) & (labels < window[1]))
            if not outside.any():
                return plain.with_measurements(x, labels)
            again = _draw(target, values, plain, rng)
            x[outside], labels[outside] = again[0][outside], again[1][outside]
    raise SamplingError(f"simulate: {outside.sum()} rows hardly ever fall inside the truncation window")


def _draw(target, values, data, rng):
    """Return measured features (N, p) and labels (N,)."""
    likelihood = target.likelihood.untruncated
    if target.population is None:
        eta = target.predictor(values, data.x)
        return data.x.copy(), likelihood.simulate(values, eta, data, rng)[0]
    features = Features(data, target.noisy)
    true = target.population.simulate(values, features, rng)
    errors = features.draw_errors(rng)
    x = data.x.copy()
    x[:, target.noisy] = np.where(features.present, true + errors, np.nan)
    exact = data.x.copy()
    exact[:, target.noisy] = true
    eta = target.predictor(values, exact)
    gain = features.label_gain
    if gain is None:
        return x, likelihood.simulate(values, eta, data, rng)[0]
    explained = np.einsum("ij,ijk,ik->i", gain, features.error_cov, gain)
    rest = data.with_label_errors(np.sqrt(np.maximum(np.square(data.y_err) - explained, 0.0)))
    return x, likelihood.simulate(values, eta + (gain * errors).sum(axis=1), rest, rng)[0]
