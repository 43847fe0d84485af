"""Pointwise terms of chosen rows, without ever holding those of all rows and all draws."""

import numpy as np

from bayesfit.pieces import in_pieces

__all__ = ["held_out_terms", "terms_of_rows"]


def terms_of_rows(target, theta: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return the pointwise terms (draws, rows) of some of ``target.term_rows``, by their numbers in the data."""
    if target.data.y_cov is None:
        return in_pieces(target.on(target.data[rows]).log_likelihood, theta, len(rows))
    # the term of a correlated label depends on the others
    places = np.searchsorted(target.term_rows, rows)
    return in_pieces(lambda t: target.log_likelihood(t)[:, places], theta, target.n_rows)


def held_out_terms(target, theta: np.ndarray, rows: np.ndarray, left_out: np.ndarray) -> np.ndarray:
    """Return ln p(y_i | labels that were not left out, θ) (draws, rows) for rows among those left out."""
    if target.data.y_cov is None:
        return terms_of_rows(target, theta, rows)
    columns = []
    for row in rows:
        others = target.without_labels(np.setdiff1d(left_out, [row]))
        columns.append(terms_of_rows(others, theta, np.array([row])))
    return np.concatenate(columns, axis=1)
