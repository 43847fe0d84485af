"""Pointwise terms of chosen rows, without ever holding those of all rows and all draws."""

import numpy as np

__all__ = ["held_out_terms", "in_chunks", "terms_of_rows"]

#: elements of a draws × rows array that are worked on at once
_CHUNK = 2_000_000


def in_chunks(function, theta: np.ndarray, n_rows: int) -> np.ndarray:
    """Return ``function(theta)``, evaluated for a few draws at a time."""
    step = max(1, _CHUNK // max(1, n_rows))
    return np.concatenate([function(theta[i : i + step]) for i in range(0, len(theta), step)])


def terms_of_rows(target, theta: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return the pointwise terms (draws, rows) of some of ``target.term_rows``, by their numbers in the data."""
    if target.data.y_cov is None:
        return in_chunks(target.on(target.data[rows]).log_likelihood, theta, len(rows))
    # the term of a correlated label depends on the others
    places = np.searchsorted(target.term_rows, rows)
    return in_chunks(lambda t: target.log_likelihood(t)[:, places], theta, target.n_rows)


def held_out_terms(target, theta: np.ndarray, rows: np.ndarray, left_out: np.ndarray) -> np.ndarray:
    """Return ln p(y_i | labels that were not left out, θ) (draws, rows) for rows among those left out."""
    if target.data.y_cov is None:
        return terms_of_rows(target, theta, rows)
    columns = []
    for row in rows:
        others = target.without_labels(np.setdiff1d(left_out, [row]))
        columns.append(terms_of_rows(others, theta, np.array([row])))
    return np.concatenate(columns, axis=1)
