"""ln p(x̂, ŷ | θ) of single rows by integrating over the true features on dense grids, nothing in closed form."""

import numpy as np
from scipy.special import logsumexp
from scipy.stats import multivariate_normal, norm

__all__ = ["log_features_and_label", "log_integral_of_box"]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(10)


def _panels(low, high, n_panels, breaks):
    edges = np.unique([*np.linspace(low, high, n_panels + 1), *(b for b in breaks if low < b < high)])
    half = 0.5 * np.diff(edges)
    nodes = (edges[:-1] + half)[:, None] + half[:, None] * _NODES
    return nodes.ravel(), np.log(half[:, None] * _WEIGHTS).ravel()


def log_features_and_label(row, population, log_label, breaks=(), n_panels=700):
    """Return ln ∫ p(ξ) p(x̂ | ξ) p(ŷ | ξ, x̂) dξ for one noisy feature.

    ``row`` is (x̂ or NaN, σ_x); ``population`` a list of (weight, mean, sd), empty where it is flat;
    ``log_label`` a function of ξ.
    """
    measured, error = row
    known = np.isfinite(measured)
    pieces = population or [(1.0, measured, np.inf)]
    ends = []
    for _, mean, sd in pieces:
        precision = (1 / sd**2 if population else 0.0) + (1 / error**2 if known else 0.0)
        middle = ((mean / sd**2 if population else 0.0) + (measured / error**2 if known else 0.0)) / precision
        ends += [middle - 15 / np.sqrt(precision), middle + 15 / np.sqrt(precision)]
    xi, log_weight = _panels(min(ends), max(ends), n_panels, breaks)
    prior = logsumexp([np.log(w) + norm.logpdf(xi, m, s) for w, m, s in population], axis=0) if population else 0.0
    measurement = norm.logpdf(measured, xi, error) if known else 0.0
    return logsumexp(log_weight + prior + measurement + log_label(xi))


def log_integral_of_box(measured, error_cov, mean, cov, log_label, step):
    """Return ln p(x̂) and ln p(x̂, ŷ) for several noisy features, some of them perhaps NaN, on a grid of true ones."""
    known = np.isfinite(measured)
    precision = np.linalg.inv(cov)
    pull = precision @ mean
    inverse = np.linalg.inv(error_cov[np.ix_(known, known)])
    precision[np.ix_(known, known)] += inverse
    pull[known] += inverse @ measured[known]
    spread = np.linalg.inv(precision)
    axis = np.arange(-8.5, 8.5 + step, step)
    grid = np.stack(np.meshgrid(*[axis] * len(mean), indexing="ij"), axis=-1).reshape(-1, len(mean))
    xi = spread @ pull + grid @ np.linalg.cholesky(spread).T
    terms = multivariate_normal(mean, cov).logpdf(xi) + len(mean) * np.log(step) + 0.5 * np.linalg.slogdet(spread)[1]
    errors = multivariate_normal(np.zeros(known.sum()), error_cov[np.ix_(known, known)])
    terms = terms + errors.logpdf(measured[known] - xi[:, known])
    return logsumexp(terms), logsumexp(terms + log_label(xi))
