"""Means and sds of a problem's posterior from importance sampling, which no sampler under test had a part in."""

import numpy as np
from problems import Problem
from scipy.optimize import minimize
from scipy.special import gammaln

DOF, ROUNDS = 7.0, 6


def reference(problem: Problem, n_draws: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Return means (d,), sds (d,), and the effective number of draws.

    Draws come from Student t densities of 7 degrees of freedom: around the maximum first, then one for each of the
    rounds, fitted to the weighted draws of the round before.
    """
    rng = np.random.default_rng(0)
    centre = _maximum(problem)
    factor = np.linalg.cholesky(_shape(problem, centre))
    for k in range(ROUNDS):
        size = n_draws if k == ROUNDS - 1 else max(n_draws // 4, 1000)
        normal = rng.standard_normal((size, len(centre)))
        normal /= np.sqrt(rng.chisquare(DOF, size) / DOF)[:, None]
        theta = centre + normal @ factor.T
        log_weight = _density(problem, theta) - _log_t(normal)
        weight = np.exp(log_weight - log_weight.max())
        weight /= weight.sum()
        effective = float(1 / np.sum(weight**2))
        mean = weight @ theta
        cov = (theta - mean).T @ ((theta - mean) * weight[:, None])
        if k < ROUNDS - 1 and effective > 20 * len(centre):
            centre, factor = mean, np.linalg.cholesky(cov)
    return mean, np.sqrt(np.diag(cov)), effective


def _maximum(problem):
    point = problem.start
    for _ in range(3):
        with np.errstate(all="ignore"):
            point = minimize(
                lambda t: -problem.log_prob(t)[0], point, method="Nelder-Mead", options={"maxiter": 4000}
            ).x
            point = minimize(lambda t: -problem.log_prob(t)[0], point, method="BFGS").x
    return point


def _shape(problem, centre):
    """Return the inverse of the negative Hessian at the maximum, by differences a tenth of a width apart."""
    width = problem.scale / np.sqrt(max(problem.n_rows / 20, 1))
    for _ in range(3):
        d = len(centre)
        hessian = np.empty((d, d))
        for i in range(d):
            for j in range(i + 1):
                ends = [(1, 1), (1, -1), (-1, 1), (-1, -1)]
                step = 0.1 * width * np.eye(d)
                points = np.array([centre + a * step[i] + b * step[j] for a, b in ends])
                v = _density(problem, points)
                hessian[i, j] = hessian[j, i] = (v[0] - v[1] - v[2] + v[3]) / (4 * 0.01 * width[i] * width[j])
        width = 1 / np.sqrt(np.maximum(-np.diag(hessian), 1e-8))
    values, vectors = np.linalg.eigh(-hessian * np.outer(width, width))
    inverse = (vectors / np.maximum(np.abs(values), 1e-3)) @ vectors.T
    return inverse * np.outer(width, width)


def _density(problem, theta):
    most = max(1, 2_000_000 // problem.n_rows)
    return np.concatenate([problem.log_prob(theta[i : i + most]) for i in range(0, len(theta), most)])


def _log_t(normal):
    d = normal.shape[1]
    level = gammaln((DOF + d) / 2) - gammaln(DOF / 2)
    return level - 0.5 * (DOF + d) * np.log1p((normal**2).sum(axis=1) / DOF)
