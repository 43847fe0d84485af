"""Simulated lines with errors on both axes, for which the answer is known."""

import numpy as np

from bayesfit import Data

__all__ = ["INTERCEPT", "SCATTER", "SLOPE", "correlated_sizes", "noisy_line", "selected_line"]

INTERCEPT, SLOPE, SCATTER = 1.0, 2.0, 0.5


def noisy_line(rng, n_rows: int, n_features: int = 1) -> Data:
    """Return x ~ N(2, 1) with errors U(.3, .8), labels with errors U(.1, .4): every slope is 2."""
    true = rng.normal(2, 1, (n_rows, n_features))
    x_err, y_err = rng.uniform(0.3, 0.8, true.shape), rng.uniform(0.1, 0.4, n_rows)
    y = INTERCEPT + SLOPE * true.sum(axis=1) + SCATTER * rng.standard_normal(n_rows)
    return Data(
        true + x_err * rng.standard_normal(true.shape),
        y + y_err * rng.standard_normal(n_rows),
        x_err=x_err,
        y_err=y_err,
    )


def selected_line(rng, n_rows: int, threshold: float) -> Data:
    """Return a line of slope 1.5 through the origin of which only labels above a threshold are seen."""
    kept = []
    while sum(len(part) for part in kept) < n_rows:
        true = rng.standard_normal(n_rows)
        y = 1.5 * true + np.hypot(0.5, 0.2) * rng.standard_normal(n_rows)
        x = true + 0.6 * rng.standard_normal(n_rows)
        kept.append(np.column_stack([x, y])[y > threshold])
    x, y = np.concatenate(kept)[:n_rows].T
    return Data(x, y, x_err=0.6, y_err=0.2)


def correlated_sizes(rng, n_rows: int) -> Data:
    """Return a line of slope 1.5 whose features are exponential, with errors that grow with them."""
    true = rng.exponential(1, n_rows)
    x_err = 0.1 + 0.5 * true
    y = 1.5 * true + np.hypot(0.5, 0.2) * rng.standard_normal(n_rows)
    return Data(true + x_err * rng.standard_normal(n_rows), y, x_err=x_err, y_err=0.2)
