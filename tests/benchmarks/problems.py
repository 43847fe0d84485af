"""Six problems of fixed data, whose posteriors any sampler can be given: unbounded coordinates, proper smooth priors.

P1 a line with known errors; P2 a line with errors of both coordinates and scatter, true x flat; P3 ten features and
scatter; P4 logistic with five features; P5 a line with outliers; P6 a spectral line on a sloping continuum.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

LOG_TWO_PI = np.log(2 * np.pi)


@dataclass(frozen=True)
class Problem:
    """Data by name, coordinates, where a user would start, and ln p of a batch (W, d) -> (W,) as users write it."""

    name: str
    kind: str
    columns: dict
    names: tuple[str, ...]
    start: np.ndarray
    scale: np.ndarray
    likelihood: Callable
    prior: Callable

    @property
    def n_rows(self) -> int:
        """The number of rows."""
        return len(self.columns["y"])

    def log_prob(self, theta) -> np.ndarray:
        """Return ln p(θ | data) (W,) up to a constant."""
        theta = np.atleast_2d(theta)
        with np.errstate(all="ignore"):
            value = self.likelihood(theta, **self.columns) + self.prior(theta)
        return np.where(np.isnan(value), -np.inf, value)


def _normal(value, mean, sd):
    return -0.5 * ((value - mean) / sd) ** 2 - np.log(sd) - 0.5 * LOG_TWO_PI


def _gaussian(residual, variance):
    return -0.5 * (residual**2 / variance + np.log(variance) + LOG_TWO_PI).sum(axis=1)


def _line(t, x, y, y_err):
    return _gaussian(y - t[:, :1] - t[:, 1:2] * x, y_err**2)


def _noisy_line(t, x, y, x_err, y_err):
    return _gaussian(y - t[:, :1] - t[:, 1:2] * x, y_err**2 + (t[:, 1:2] * x_err) ** 2 + np.exp(2 * t[:, 2:3]))


def _plane(t, x, y, y_err):
    return _gaussian(y - t[:, :1] - t[:, 1:-1] @ x.T, y_err**2 + np.exp(2 * t[:, -1:]))


def _logistic(t, x, y):
    eta = t[:, :1] + t[:, 1:] @ x.T
    return (y * eta - np.logaddexp(0, eta)).sum(axis=1)


def _outliers(t, x, y, y_err):
    a, b, logit_q, centre, log_v = (t[:, i : i + 1] for i in range(5))
    good = -0.5 * (((y - a - b * x) / y_err) ** 2 + 2 * np.log(y_err) + LOG_TWO_PI) - np.logaddexp(0, logit_q)
    variance = np.exp(log_v) + y_err**2
    bad = -0.5 * ((y - centre) ** 2 / variance + np.log(variance) + LOG_TWO_PI) - np.logaddexp(0, -logit_q)
    return np.logaddexp(good, bad).sum(axis=1)


def _peak(t, x, y, y_err):
    height, centre, log_width, level, slope = (t[:, i : i + 1] for i in range(5))
    model = height * np.exp(-0.5 * ((x - centre) / np.exp(log_width)) ** 2) + level + slope * x
    return _gaussian(y - model, y_err**2)


def _prior(t, means, sds, scatter=False, fraction=None):
    """Normal coordinates; the last one ln s with s ~ HalfNormal(2); one of them the logit of a uniform fraction."""
    total = 0.0
    for i, (mean, sd) in enumerate(zip(means, sds, strict=True)):
        if i == fraction:
            total = total - np.logaddexp(0, t[:, i]) - np.logaddexp(0, -t[:, i])
        else:
            total = total + _normal(t[:, i], mean, sd)
    return total + np.log(2) + _normal(np.exp(t[:, -1]), 0, 2) + t[:, -1] if scatter else total


def _errors(rng, n):
    return np.exp(rng.normal(-0.5, 0.5, n))


def line(n):
    """P1."""
    rng = np.random.default_rng([1, n])
    x, y_err = rng.uniform(0, 10, n), _errors(rng, n)
    columns = {"x": x, "y": 1 + 2 * x + y_err * rng.standard_normal(n), "y_err": y_err}
    prior = partial(_prior, means=[0, 0], sds=[10, 10])
    return Problem(f"P1-{n}", "line", columns, ("a", "b"), np.array([0, 1.5]), np.array([1, 0.5]), _line, prior)


def noisy_line(n):
    """P2."""
    rng = np.random.default_rng([2, n])
    true, y_err, x_err = rng.uniform(0, 10, n), _errors(rng, n), 0.5 * _errors(rng, n)
    y = 1 + 2 * true + 0.7 * rng.standard_normal(n) + y_err * rng.standard_normal(n)
    columns = {"x": true + x_err * rng.standard_normal(n), "y": y, "x_err": x_err, "y_err": y_err}
    start, prior = np.array([0, 1.5, 0]), partial(_prior, means=[0, 0], sds=[10, 10], scatter=True)
    scale = np.array([1, 0.5, 0.5])
    return Problem(f"P2-{n}", "noisy line", columns, ("a", "b", "ln_s"), start, scale, _noisy_line, prior)


def plane(n, p=10):
    """P3."""
    rng = np.random.default_rng([3, n])
    x, y_err = rng.standard_normal((n, p)), _errors(rng, n)
    x[:, 1:] += 0.4 * x[:, :1]
    y = 0.5 + x @ np.linspace(-1, 1, p) + 0.7 * rng.standard_normal(n) + y_err * rng.standard_normal(n)
    names = ("a", *(f"b{i}" for i in range(p)), "ln_s")
    prior = partial(_prior, means=[0] * (p + 1), sds=[10] * (p + 1), scatter=True)
    columns = {"x": x, "y": y, "y_err": y_err}
    return Problem(f"P3-{n}", "plane", columns, names, np.zeros(p + 2), np.full(p + 2, 0.5), _plane, prior)


def logistic(n, p=5):
    """P4."""
    rng = np.random.default_rng([4, n])
    x = rng.standard_normal((n, p))
    odds = np.exp(-0.5 + x @ np.linspace(-1, 1, p))
    y = (rng.uniform(size=n) < odds / (1 + odds)).astype(float)
    names, prior = ("a", *(f"b{i}" for i in range(p))), partial(_prior, means=[0] * (p + 1), sds=[2.5] * (p + 1))
    start, scale = np.zeros(p + 1), np.full(p + 1, 0.3)
    return Problem(f"P4-{n}", "logistic", {"x": x, "y": y}, names, start, scale, _logistic, prior)


def outliers(n):
    """P5."""
    rng = np.random.default_rng([5, n])
    x, y_err = rng.uniform(0, 10, n), _errors(rng, n)
    y = 1 + 2 * x + y_err * rng.standard_normal(n)
    bad = rng.uniform(size=n) < 0.2
    y[bad] = rng.normal(10, 6, bad.sum())
    names = ("a", "b", "logit_q", "centre", "ln_v")
    prior = partial(_prior, means=[0, 0, 0, 0, 2], sds=[10, 10, 1, 10, 1.5], fraction=2)
    start, scale = np.array([1, 2, -1, 10, 3.0]), np.array([0.5, 0.1, 0.5, 1, 0.5])
    return Problem(f"P5-{n}", "outliers", {"x": x, "y": y, "y_err": y_err}, names, start, scale, _outliers, prior)


def peak(n=500):
    """P6."""
    rng = np.random.default_rng([6, n])
    x, y_err = np.linspace(0, 10, n), 0.3 * np.exp(rng.normal(0, 0.2, n))
    y = 2 * np.exp(-0.5 * ((x - 5.3) / 0.6) ** 2) + 1 + 0.1 * x + y_err * rng.standard_normal(n)
    names = ("height", "centre", "ln_width", "level", "slope")
    prior = partial(_prior, means=[0, 5, 0, 0, 0], sds=[10, 1, 0.5, 10, 10])
    start, scale = np.array([1.5, 5, 0, 0.8, 0]), np.array([0.3, 0.3, 0.2, 0.2, 0.05])
    return Problem(f"P6-{n}", "peak", {"x": x, "y": y, "y_err": y_err}, names, start, scale, _peak, prior)


PROBLEMS: dict[str, Callable[[], Problem]] = {
    **{f"P1-{n}": partial(line, n) for n in (20, 1000, 100_000, 1_000_000)},
    **{f"P2-{n}": partial(noisy_line, n) for n in (1000, 100_000)},
    **{f"P3-{n}": partial(plane, n) for n in (1000, 100_000)},
    **{f"P4-{n}": partial(logistic, n) for n in (1000, 100_000)},
    **{f"P5-{n}": partial(outliers, n) for n in (20, 1000)},
    "P6-500": peak,
}
