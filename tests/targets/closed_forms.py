"""Coefficients integrated over in closed form, y ~ N(A m, V + A C Aᵀ), from the natural density alone."""

from typing import NamedTuple

import numpy as np
from scipy.special import logsumexp

__all__ = ["Given", "conditional", "given", "log_evidence", "moments_over_scatter"]


class Given(NamedTuple):
    """What is normal given the other parameters: labels' mean and variances, design A, and the prior m, C."""

    rest: np.ndarray
    variance: np.ndarray
    design: np.ndarray
    mean: np.ndarray
    cov: np.ndarray


def _normal_of(log_density, mean, step):
    """Return mean and covariance of a normal log density (W, n) -> (W,), by differences about a rough guess."""
    n = len(mean)
    for _ in range(2):
        unit = np.diag(step)
        up, down, here = log_density(mean + unit), log_density(mean - unit), log_density(mean[None])[0]
        pairs = log_density((mean + unit[:, None] + unit[None]).reshape(-1, n)).reshape(n, n)
        hessian = pairs - up[:, None] - up[None] + here
        np.fill_diagonal(hessian, up + down - 2 * here)
        mean = mean - step * np.linalg.solve(hessian, (up - down) / 2)
        cov = np.linalg.inv(-hessian) * np.outer(step, step)
        step = step / np.sqrt(-np.diag(hessian))
    return mean, cov


def given(target, theta, names) -> Given:
    """Return the law of the coefficients in ``names``, the other parameters as in theta (D,)."""
    columns = [target.names.index(name) for name in names]

    def at(b):
        moved = np.repeat(theta[None], len(b), axis=0)
        moved[:, columns] = b
        return moved

    draws = target.parameters.sample_prior(np.random.default_rng(0), 100)[:, columns]
    mean, cov = _normal_of(lambda b: target.log_prior(at(b)), draws.mean(axis=0), draws.std(axis=0))
    everywhere = np.concatenate([np.zeros((1, len(names))), np.eye(len(names))])
    eta = target.predictor(target.parameters.unpack(at(everywhere)), target.rows.x)
    values = target.parameters.unpack(theta[None])
    errors = 0.0 if target.rows.y_err is None else target.rows.y_err
    variance = errors**2 + np.zeros(len(target.rows)) + np.sum(values.get("scatter", np.zeros(1))) ** 2
    return Given(target.rows.y - eta[0], variance, (eta[1:] - eta[0]).T, mean, cov)


def log_evidence(target, theta, names) -> float:
    """Return ln p(y | other parameters) + the log prior of the others, by least squares of rows and prior together.

    |V + A C Aᵀ| = |V| |C| |Aᵀ V⁻¹ A + C⁻¹|, and what is left of both is the exponent.
    """
    law = given(target, theta, names)
    root = np.linalg.cholesky(law.cov)
    sd = np.sqrt(law.variance)
    stacked = np.vstack([law.design @ root / sd[:, None], np.eye(len(root))])
    labels = np.append((law.rest - law.design @ law.mean) / sd, np.zeros(len(root)))
    orthogonal, triangle = np.linalg.qr(stacked)
    left = labels - orthogonal @ (orthogonal.T @ labels)
    log_det = 2 * np.log(sd).sum() + 2 * np.log(np.abs(np.diag(triangle))).sum()
    at_mean = theta.copy()
    at_mean[[target.names.index(name) for name in names]] = law.mean
    log_rest = target.log_prior(at_mean) + np.log(np.diag(root)).sum() + 0.5 * len(root) * np.log(2 * np.pi)
    return log_rest - 0.5 * (left @ left + log_det + len(sd) * np.log(2 * np.pi))


def conditional(target, theta, names) -> tuple[np.ndarray, np.ndarray]:
    """Return mean (k,) and covariance (k, k) of the coefficients given the other parameters and the labels."""
    law = given(target, theta, names)
    root = np.linalg.cholesky(law.cov)
    whitened = law.design @ root / np.sqrt(law.variance)[:, None]
    cov = np.linalg.inv(whitened.T @ whitened + np.eye(len(root)))
    step = cov @ whitened.T @ ((law.rest - law.design @ law.mean) / np.sqrt(law.variance))
    return law.mean + root @ step, root @ cov @ root.T


def moments_over_scatter(target, scatters) -> tuple[np.ndarray, np.ndarray]:
    """Return posterior means and sds (D,) by summing over scatters (n,) evenly spaced in their logarithm."""
    names = [name for name in target.names if name != "scatter"]
    log_weight, first, second = [], [], []
    for scatter in scatters:
        theta = np.array([scatter if name == "scatter" else 0.0 for name in target.names])
        mean, cov = conditional(target, theta, names)
        log_weight.append(log_evidence(target, theta, names) + np.log(scatter))
        own = dict(zip(names, mean, strict=True)) | {"scatter": scatter}
        variance = dict(zip(names, np.diag(cov), strict=True)) | {"scatter": 0.0}
        first.append([own[name] for name in target.names])
        second.append([own[name] ** 2 + variance[name] for name in target.names])
    weight = np.exp(log_weight - logsumexp(log_weight))
    assert max(weight[0], weight[-1]) < 1e-8
    mean = weight @ np.array(first)
    return mean, np.sqrt(weight @ np.array(second) - mean**2)
