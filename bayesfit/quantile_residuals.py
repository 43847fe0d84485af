"""How far each label lies from what is predicted for it, in standard deviations of a normal law."""

import numpy as np
from scipy.special import ndtr, ndtri

from bayesfit.pieces import in_pieces
from bayesfit.seeds import generator

__all__ = ["quantile_residuals"]

#: predicted labels of each row: as many as their total allows, within bounds
_FEWEST, _USUAL, _TOTAL = 4000, 20_000, 4_000_000
#: predicted labels that are held at once
_AT_ONCE = 4_000_000
#: predicted labels beyond the point from which a tail is continued
_BEYOND = 20


def quantile_residuals(target, theta, data, labels, *, seed=0) -> np.ndarray:
    """Return r = Φ⁻¹(P(ỹ_i ≤ y | x̂_i)) (k, rows) of labels y, with ỹ_i from the posterior predictive law of row i.

    Of a right model's measured labels they are about standard normal, whatever the law of the noise; where that law is
    normal, r = (y - E[ỹ_i]) / sd[ỹ_i].  For counts the probability is drawn evenly between P(ỹ_i < y) and P(ỹ_i ≤ y).

    Parameters
    ----------
    target : Target
        Of numbers.
    theta : ndarray (draws, D)
    data : Data
        The rows, with the errors of their labels.
    labels : ndarray (k, rows)
        The labels to judge, some of which may be infinite.
    seed : int
        For the predicted labels.

    Notes
    -----
    P is the share of 4000 or more predicted labels.  Beyond the outermost twenty r goes on along a straight line, as it
    does for a normal law; where tails are heavier than that it is too large there.

    References
    ----------
    Dunn & Smyth (1996), Journal of Computational and Graphical Statistics 5, 236.
    """
    rng = generator(seed)
    size = int(np.clip(_TOTAL // len(data), _FEWEST, _USUAL))
    theta = theta[np.arange(size) * len(theta) // size]
    found = np.empty(labels.shape)
    for rows in np.array_split(np.arange(len(data)), -(-len(data) * size // _AT_ONCE)):
        part = data[rows]
        predicted = in_pieces(lambda t, part=part: target.predict_observed(t, part, rng), theta, len(rows))
        even = rng.uniform(size=len(rows))
        found[:, rows] = _scores(np.sort(predicted, axis=0), labels[:, rows], even, target.likelihood.discrete)
    return found


def _scores(predicted, labels, even, discrete):
    """Return r (k, rows) of labels among sorted predicted ones (draws, rows)."""
    size = len(predicted)
    below, upto = (
        np.array([compared(predicted, y).sum(axis=0) for y in labels]) for compared in (np.less, np.less_equal)
    )
    r = ndtri((below + even * (upto - below) + 0.5) / (size + 1))
    far = -ndtri(_BEYOND / (size + 1))
    one_sd = round(size * ndtr(-1.0))
    for sign, end, inner in (
        (-1, predicted[_BEYOND - 1], predicted[one_sd - 1]),
        (1, predicted[-_BEYOND], predicted[-one_sd]),
    ):
        # counts may all be the same as far as the draws tell
        unit = np.maximum(np.abs(end - inner) / (far - 1), 1.0 if discrete else np.finfo(float).tiny)
        distance = sign * (labels - end)
        with np.errstate(over="ignore"):
            r = np.where(distance > 0, sign * (far + distance / unit), r)
    return r
