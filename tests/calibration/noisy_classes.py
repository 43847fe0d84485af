"""Simulated classes whose single feature has errors: the true weight is 2."""

import numpy as np

from bayesfit import Data

__all__ = ["WEIGHT", "noisy_classes"]

WEIGHT = 2.0


def noisy_classes(rng, n_rows: int, *, two_groups: bool, link=None) -> Data:
    """Return x ~ N(0, 1), or two groups of sd 0.7 at ∓1, measured with errors U(.5, 1.1), and classes P = Φ(2 x)."""
    true = rng.standard_normal(n_rows)
    if two_groups:
        true = 0.7 * true + rng.choice([-1.0, 1.0], n_rows)
    noise = rng.logistic(size=n_rows) if link == "logit" else rng.standard_normal(n_rows)
    x_err = rng.uniform(0.5, 1.1, n_rows)
    labels = np.where(WEIGHT * true + noise > 0, "yes", "no")
    return Data(true + x_err * rng.standard_normal(n_rows), labels, x_err=x_err)
