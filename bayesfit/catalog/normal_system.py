"""Least squares with normal priors, for many objects at once: posterior moments and exact leave-one-out terms."""

from typing import NamedTuple

import numpy as np

from bayesfit.densities import HALF_LOG_TWO_PI

__all__ = ["Moments", "NormalSystem"]

#: share 1 - leverage of a row below which its leave-one-out term is worked out without the row
_LEAST_SHARE = 1e-6
#: ratio of singular values below which rows leave a coefficient undetermined
_SINGULAR = 1e-13


class Moments(NamedTuple):
    """The normal posterior of M objects with n rows and P coefficients each.

    Parameters
    ----------
    mean, sd : ndarray (M, P)
    elpd, lpd : ndarray (M, n)
        ln p(y_i | y_-i), and ln p(y_i | y), exactly.
    residual : ndarray (M, n)
        At the posterior mean, in units of the errors.
    """

    mean: np.ndarray
    sd: np.ndarray
    elpd: np.ndarray
    lpd: np.ndarray
    residual: np.ndarray


class NormalSystem(NamedTuple):
    """y = A z + e with e ~ N(0, σ²), and priors G z ~ N(g, 1), of M objects with n rows each.

    Parameters
    ----------
    design : ndarray (M, n, P)
        A, for coefficients z that are centred.
    labels, errors : ndarray (M, n)
    prior_rows : ndarray (M, k, P)
    prior_values : ndarray (M, k)
    natural : ndarray (M, P, P)
        Takes z to the coefficients of the model.
    """

    design: np.ndarray
    labels: np.ndarray
    errors: np.ndarray
    prior_rows: np.ndarray
    prior_values: np.ndarray
    natural: np.ndarray

    def solve(self) -> Moments:
        """Return the posterior, by QR of the rows and the priors together.

        Notes
        -----
        With the leverage h_i of a row, its residual t_i in units of σ_i, and g = 1 - h_i, the row is predicted by
        the others with residual t_i / √g and standard deviation σ_i / √g.  Nothing is approximated.

        Raises
        ------
        numpy.linalg.LinAlgError
            If the rows and the priors of an object leave a coefficient undetermined.
        """
        n = self.labels.shape[1]
        rows, values = self._weighted()
        z, inverse, orthogonal = _triangular(rows, values)
        mean = np.einsum("mij,mj->mi", self.natural, z)
        sd = np.sqrt(np.square(self.natural @ inverse).sum(axis=-1))
        residual = (values - np.einsum("mij,mj->mi", rows, z))[:, :n]
        leverage = np.square(orthogonal[:, :n]).sum(axis=-1)
        log_sd = np.log(self.errors) + HALF_LOG_TWO_PI
        share = 1.0 - leverage
        with np.errstate(all="ignore"):
            elpd = -0.5 * (residual**2 / share - np.log(share)) - log_sd
        for m, i in np.argwhere(~(share > _LEAST_SHARE)):
            elpd[m, i] = _without(rows[m], values[m], i) - np.log(self.errors[m, i])
        lpd = -0.5 * (residual**2 / (1.0 + leverage) + np.log1p(leverage)) - log_sd
        return Moments(mean, sd, elpd, lpd, residual)

    def _weighted(self):
        rows = np.concatenate([self.design / self.errors[..., None], self.prior_rows], axis=1)
        return rows, np.concatenate([self.labels / self.errors, self.prior_values], axis=1)


def _triangular(rows, values):
    """Return the solutions (M, P), factors F (M, P, P) of their covariances F Fᵀ, and the orthogonal parts."""
    lengths = np.sqrt(np.square(rows).sum(axis=1))
    if not (lengths > 0).all():
        raise np.linalg.LinAlgError("a coefficient that no row and no prior speaks of")
    orthogonal, triangle = np.linalg.qr(rows / lengths[:, None])
    pivots = np.abs(np.diagonal(triangle, axis1=1, axis2=2))
    if not (pivots.min(axis=1) > _SINGULAR * pivots.max(axis=1)).all():
        raise np.linalg.LinAlgError("coefficients that depend on each other")
    inverse = np.linalg.inv(triangle) / lengths[..., None]
    projected = np.einsum("mij,mi->mj", orthogonal, values)
    return np.einsum("mij,mj->mi", inverse, projected), inverse, orthogonal


def _without(rows, values, i) -> float:
    """Return ln p of a value in units of its error given all others; minus infinity where these leave it open."""
    kept = np.arange(len(rows)) != i
    try:
        z, factor, _ = _triangular(rows[None, kept], values[None, kept])
    except np.linalg.LinAlgError:
        return -np.inf
    variance = 1.0 + np.square(rows[i] @ factor[0]).sum()
    return float(-0.5 * ((values[i] - rows[i] @ z[0]) ** 2 / variance + np.log(variance)) - HALF_LOG_TWO_PI)
