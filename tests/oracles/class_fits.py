"""Maxima and draws of small posteriors, and the parameters of Gaussian classes in closed form."""

import sys
from pathlib import Path

import numpy as np

from bayesfit.sampling.laplace import derivatives
from bayesfit.sampling.start import search

sys.path.append(str(Path(__file__).parents[1] / "calibration"))

from particles import Bell, draw

__all__ = ["check_moments", "gaussian_theta", "log_score", "peak", "standardised"]


def standardised(table, like=None) -> np.ndarray:
    """Return columns with mean 0 and sd 1 (over n - 1) in ``like``."""
    like = table if like is None else like
    return ((table - like.mean()) / like.std(ddof=1)).to_numpy(float)


def peak(target, start=None) -> np.ndarray:
    """Return where log_prob is highest in natural units (D,): the search, then Newton until nothing changes."""
    if start is None:
        start = target.natural(search(target, np.random.default_rng(1)).modes.means)[0]
    widths = np.full(len(start), 1e-3) * np.maximum(np.abs(start), 1.0)
    for _ in range(30):
        _, gradient, hessian = (part[0] for part in derivatives(target.log_prob, start[None], widths[None]))
        step = -np.linalg.solve(hessian, gradient)
        start, widths = start + step, 1e-3 / np.sqrt(np.abs(np.diag(hessian)))
        if (np.abs(step) < 1e-6 * widths).all():
            break
    return start


def check_moments(target, expected: dict, names: dict, *, n=1000, seed=1):
    """|mean - value| < 0.1 sd plus 3 Monte Carlo errors, and the sd within 10 %: the data sets' own rule."""
    rng = np.random.default_rng(seed)
    modes = search(target, rng).modes
    found = draw(target, rng, n=n, start=Bell(modes.means[0], modes.factors[0]))
    mean, sd = found.mean(), found.history.std(axis=0)
    for ours, theirs in names.items():
        value, width = expected[theirs]
        j = target.names.index(ours)
        assert abs(mean[j] - value) < 0.1 * width + 3 * sd[j] / np.sqrt(n), theirs
        assert abs(sd[j] / width - 1) < 0.1, theirs


def gaussian_theta(target, means, covariances, fractions) -> np.ndarray:
    """Return theta (D,) of Gaussian classes: ``covariances`` one for each class, or one for all."""
    data, classes = target.data, target.classes
    element = dict(zip((f"class_fraction[{label}]" for label in classes), fractions, strict=True))
    shared = np.ndim(covariances) == 2
    for k, label in enumerate(classes):
        cov = np.asarray(covariances if shared else covariances[k])
        sd, lead = np.sqrt(np.diag(cov)), "" if shared else f"{label}, "
        for j, name in enumerate(data.names):
            element[f"x_mean[{label}, {name}]"] = means[k][j]
            element[f"x_sd[{lead}{name}]"] = sd[j]
            for i in range(j):
                element[f"x_corr[{lead}{data.names[i]}:{name}]"] = cov[i, j] / sd[i] / sd[j]
    return np.array([element[name] for name in target.names])


def log_score(target, theta, data) -> tuple[float, float]:
    """Return accuracy and mean ln p(label) of labelled rows."""
    found = target.class_probabilities(theta[None], data)[0]
    codes = np.array([target.classes.index(label) for label in data.labels])
    return float(np.mean(found.argmax(axis=1) == codes)), float(np.log(found[np.arange(len(codes)), codes]).mean())
