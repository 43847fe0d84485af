"""Where each label falls in what the other rows predict for it."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bayesfit.errors import ModelError
from bayesfit.loo.estimate import terms_and_draws
from bayesfit.loo.psis import good_k, psis
from bayesfit.pieces import in_pieces

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["Pit", "loo_pit"]

#: rows judged: more would not change the picture
MOST_ROWS = 1000
#: in place of ln 0, so that a weight is large but a number
_LOWEST = -700.0
#: the range of ln p of a row, over all draws, within which its weights are even
_ALIKE = 1e-6


class Pit(NamedTuple):
    """What `loo_pit` found.

    rows : ndarray (n,)
        Row numbers in the data.
    values : ndarray (n,)
        P(ỹ_i ≤ y_i | labels of the other rows), uniform between 0 and 1 where the model is right.
    bad : ndarray (n,) of bool
        Whether the Pareto k of a row is too large for its value to be trusted.
    """

    rows: np.ndarray
    values: np.ndarray
    bad: np.ndarray


def loo_pit(tree: "xr.DataTree", target, *, seed: int = 0) -> Pit:
    """Return the probability integral transform of each label, given the other rows.

    PIT_i = P(ỹ_i ≤ y_i | x̂_i, y_-i), the share of labels drawn from p(ỹ_i | x̂_i, θ) that lie at or below y_i, with θ
    weighted by Pareto-smoothed 1 / p(y_i | x̂_i, θ).  Where y_i is a count, or says only that the label lies between two
    ends (a limit, an interval), PIT_i is drawn evenly between the values just below and at it, which again is uniform
    where the model is right.

    Parameters
    ----------
    tree : xarray.DataTree
    target : Target
        Of numbers.
    seed : int
        For the drawn labels, and for the choice of rows where there are more than a thousand.

    Raises
    ------
    ModelError
        If labels are no numbers, or have a covariance: they then depend on each other also when the model is right.
    SamplingError
        For fewer than 25 draws.

    References
    ----------
    Gelfand, Dey & Chang (1992), Bayesian Statistics 4, 147; Vehtari, Gelman & Gabry (2017), Statistics and Computing
    27, 1413; Czado, Gneiting & Held (2009), Biometrics 65, 1254, for counts.
    """
    data = target.data
    if data.kind != "numbers":
        raise ModelError(f"LOO-PIT is of numbers, but these labels are {data.kind}; use plots.calibration for classes")
    if data.y_cov is not None:
        raise ModelError("LOO-PIT needs independent labels, but these have a covariance (y_cov); use kind='ecdf'")
    rng = np.random.default_rng(seed)
    places = np.arange(target.n_rows)
    if places.size > MOST_ROWS:
        places = np.sort(rng.choice(places, MOST_ROWS, replace=False))
    rows = target.term_rows[places]
    theta, terms, efficiency = terms_and_draws(tree, target, places)
    k = psis(terms, efficiency).k
    flat, judged = theta.reshape(-1, theta.shape[-1]), data[rows]
    labels = in_pieces(lambda t: target.predict_observed(t, judged, rng), flat, len(rows))
    with np.errstate(all="ignore"):
        terms = np.maximum(terms, np.where(np.isfinite(terms), terms, np.inf).min(axis=0) + _LOWEST)
    # ArviZ fits a tail to weights that are all the same, as of a limit far on the side that is allowed, and fails
    alike = np.ptp(terms, axis=0) < _ALIKE
    terms[:, alike] = np.linspace(0, _ALIKE, len(terms))[:, None]
    low, high = judged.y_low, judged.y_high
    at = [_share(theta, terms, labels, end, seed) for end in ([low] if (low == high).all() else [low, high])]
    return Pit(rows, at[0] + rng.uniform(size=len(rows)) * (at[-1] - at[0]), ~(k <= good_k(len(terms))))


def _share(theta, terms, labels, observed, seed):
    """Return the weighted share (n,) of labels below ``observed``, ties at random, from ArviZ."""
    from arviz_base import from_dict
    from arviz_stats import loo_pit as pit_of

    shape = (*theta.shape[:2], len(observed))
    tree = from_dict(
        {
            "posterior": {"theta": theta},
            "posterior_predictive": {"y": labels.reshape(shape)},
            "log_likelihood": {"y": terms.reshape(shape)},
            "observed_data": {"y": observed},
        }
    )
    return pit_of(tree, var_names="y", random_state=seed)["y"].to_numpy()
