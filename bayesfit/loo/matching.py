"""Moment matching: move the draws to where the posterior without a row lies, and weigh them there."""

import warnings
from typing import NamedTuple

import numpy as np

from bayesfit.loo.psis import good_k
from bayesfit.loo.terms import terms_of_rows
from bayesfit.pieces import in_pieces

__all__ = ["Matched", "match_moments"]

#: rows that are tried, and the evaluations (draws × rows of the data × rows tried) they may cost
MOST_ROWS, MOST_COST = 40, 2e8
#: effective draws after matching that make an error of about a tenth
LEAST_DRAWS = 100
#: the k after matching up to which weights have a variance, and terms are off by a tenth or two at most; with 0.65,
#: terms of labels ten standard errors off came out up to 1.2 too high
SURE_K = 0.5


class Matched(NamedTuple):
    """What matching made of a term: ln p(y_i | y_-i), and the Pareto k that is left."""

    elpd: float
    k: float

    @property
    def sure(self) -> bool:
        """Whether a refit would not do better."""
        return self.k <= SURE_K


def match_moments(target, theta: np.ndarray, rows: np.ndarray, terms, k, efficiency: float) -> dict[int, Matched]:
    """Return the terms of those rows for which moment matching brings k below the threshold.

    Parameters
    ----------
    target : Target
    theta : ndarray (chain, draw, D)
    rows : ndarray (n,)
        Row numbers, the worst first.
    terms : ndarray (draws, n)
        Their pointwise terms.
    k : ndarray (n,)
        Their Pareto k.
    efficiency : float
        Effective draws per draw.

    References
    ----------
    Paananen, Piironen, Bürkner & Vehtari (2021), Statistics and Computing 31, 16.
    """
    draws = theta.reshape(-1, theta.shape[-1])
    n_most = int(min(MOST_ROWS, MOST_COST // (len(draws) * target.n_rows)))
    walk = _Walk(target, theta)
    found = {}
    for place, row in enumerate(rows[:n_most]):
        if np.isfinite(terms[:, place]).all() and np.isfinite(k[place]):
            elpd, left, effective = _match(walk, int(row), terms[:, place], efficiency)
            if left <= good_k(len(draws)) and effective >= LEAST_DRAWS and np.isfinite(elpd):
                found[int(row)] = Matched(elpd, left)
    return found


class _Walk:
    """The joint density and the terms in coordinates that are unbounded and white."""

    def __init__(self, target, theta):
        self.target = target
        with np.errstate(all="ignore"):
            z = target.parameters.unconstrain(theta.reshape(-1, theta.shape[-1]))
        self.centre = z.mean(axis=0)
        deviation = np.where(z.std(axis=0) > 0, z.std(axis=0), 1.0)
        values, vectors = np.linalg.eigh(np.cov(((z - self.centre) / deviation).T).reshape(z.shape[1], -1))
        self.factor = deviation[:, None] * (vectors * np.sqrt(np.maximum(values, 1e-12)))
        white = np.linalg.solve(self.factor, (z - self.centre).T).T
        self.white = white.reshape(theta.shape)
        self._here = self.density(white)

    def natural(self, white):
        """Return theta (W, D) and the log Jacobian (W,)."""
        with np.errstate(all="ignore"):
            return self.target.parameters.constrain(self.centre + white @ self.factor.T)

    def density(self, white):
        """Return the joint log density (W,) with its Jacobian; that of the draws themselves is remembered."""
        if hasattr(self, "_here") and np.array_equal(white, self.white.reshape(white.shape)):
            return self._here
        theta, log_jacobian = self.natural(white)
        return in_pieces(self.target.log_prob, theta, self.target.n_rows) + log_jacobian

    def term(self, white, row):
        """Return the term (W,) of one row."""
        return terms_of_rows(self.target, self.natural(white)[0], np.array([row]))[:, 0]


def _match(walk, row, term, efficiency) -> tuple[float, float, float]:
    """Return elpd, k and effective draws of one row, from ArviZ."""
    import arviz_stats as az
    import xarray as xr
    from arviz_base import from_dict

    shape, dims = walk.white.shape[:2], ("chain", "draw")

    def on_draws(function):
        def wrapped(upars, *_):
            flat = upars.transpose(*dims, "parameter").to_numpy().reshape(-1, walk.white.shape[-1])
            return xr.DataArray(function(flat).reshape(shape), dims=dims)

        return wrapped

    tree = from_dict({"posterior": {"z": walk.white}, "log_likelihood": {"y": term.reshape(*shape, 1)}})
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        # what matching could not mend is told by its k, and met by a refit
        warnings.simplefilter("ignore")
        try:
            plain = az.loo(tree, pointwise=True, reff=efficiency)
            matched = az.loo_moment_match(
                tree,
                plain,
                log_prob_upars_fn=on_draws(walk.density),
                log_lik_i_upars_fn=on_draws(lambda flat: walk.term(flat, row)),
                upars=xr.DataArray(walk.white, dims=(*dims, "parameter")),
                reff=efficiency,
            )
        except ValueError:
            return np.nan, np.inf, 0.0
    if matched.n_eff_i is None:
        return np.nan, np.inf, 0.0
    elpd, k, n_eff = (float(each.to_numpy()[0]) for each in (matched.elpd_i, matched.pareto_k, matched.n_eff_i))
    return elpd, k, n_eff
