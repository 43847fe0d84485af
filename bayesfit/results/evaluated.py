"""What a target says of the draws that are kept: prior, pointwise terms and predictive draws, as plain arrays."""

from dataclasses import dataclass

import numpy as np

from bayesfit.pieces import in_pieces
from bayesfit.sampling import pointwise_terms

__all__ = ["Evaluated", "evaluate"]

#: elements of draws × rows up to which pointwise terms are stored
MOST_POINTWISE = 40_000_000
#: the same of predictive draws, and how many of them there are: enough for any picture
MOST_PREDICTIVE, ENOUGH_PREDICTIVE = 4_000_000, 1000


@dataclass(frozen=True, eq=False)
class Evaluated:
    """Draws, and what was evaluated at them.

    Attributes
    ----------
    theta : ndarray (chain, draw, D)
    log_density, log_prior : ndarray (chain, draw)
    terms : ndarray (chain, draw, row) or None
        Pointwise log-likelihood of the rows that have terms; None where there are too many to be stored.
    predictive : ndarray (chain, draw, row) or None
        Labels drawn for up to a thousand of the draws, evenly chosen.
    predictive_draws : ndarray (draw,)
        Which draws of each chain these are.
    """

    theta: np.ndarray
    log_density: np.ndarray
    log_prior: np.ndarray
    terms: np.ndarray | None
    predictive: np.ndarray | None
    predictive_draws: np.ndarray


def evaluate(target, theta, log_density, seed, executor=None) -> Evaluated:
    """Evaluate ``target`` at draws theta (chain, draw, D) of known log density (chain, draw).

    Parameters
    ----------
    seed : int or SeedSequence
        For the predictive draws.
    executor : concurrent.futures.Executor, optional
        For the pointwise terms, where they take long.
    """
    chains, draws = theta.shape[:2]
    n_rows = len(target.term_rows)
    terms = predictive = None
    if chains * draws * n_rows <= MOST_POINTWISE:
        terms = pointwise_terms(target, theta.reshape(-1, theta.shape[-1]), executor).reshape(chains, draws, n_rows)
    n_predictive = min(draws, ENOUGH_PREDICTIVE // chains, MOST_PREDICTIVE // max(1, chains * n_rows))
    chosen = np.linspace(0, draws - 1, n_predictive).astype(int)
    if n_predictive and target.data.kind != "none":
        rows, rng = target.data[target.term_rows], np.random.default_rng(seed)
        predictive = _at(theta[:, chosen], lambda piece: target.predict_observed(piece, rows, rng), n_rows)
    return Evaluated(theta, log_density, _at(theta, target.log_prior, 1), terms, predictive, chosen)


def _at(theta, function, n_columns) -> np.ndarray:
    """Return ``function`` of all draws, (chain, draw, …)."""
    found = in_pieces(function, theta.reshape(-1, theta.shape[-1]), n_columns)
    return found.reshape(*theta.shape[:2], *found.shape[1:])
