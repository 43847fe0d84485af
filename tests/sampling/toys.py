"""Toy targets with known answers, following the protocol of a target."""

import numpy as np


class Toy:
    """A log density on real coordinates; natural values are the coordinates themselves."""

    n_rows = 10
    faults = ()

    def __init__(self, log_density, n_walked, spread=10.0, centre=0.0, fingerprint="toy"):
        self._log_density = log_density
        self.n_walked = n_walked
        self.names = self.walked_names = tuple(f"p{i}" for i in range(n_walked))
        self.spread, self.centre = spread, centre
        self.fingerprint = fingerprint

    def log_density(self, z):
        with np.errstate(all="ignore"):
            value = self._log_density(z)
        return np.where(np.isnan(value), -np.inf, value)

    def natural(self, z):
        return z

    def complete(self, z, rng):
        return self.natural(z)

    def walked(self, theta):
        return np.asarray(theta, dtype=float)

    def starts(self, rng, n):
        return self.centre + self.spread * rng.standard_normal((n, self.n_walked))

    def describe_point(self, z):
        return ", ".join(f"{name} = {value:.4g}" for name, value in zip(self.names, z, strict=True))


class Positive(Toy):
    """The first parameter is positive and walked as its logarithm."""

    def natural(self, z):
        return np.concatenate([np.exp(z[:, :1]), z[:, 1:]], axis=1)

    def walked(self, theta):
        return np.concatenate([np.log(theta[:, :1]), theta[:, 1:]], axis=1)


class Normal:
    """A multivariate normal log density."""

    def __init__(self, mean, covariance):
        self.mean = np.asarray(mean, dtype=float)
        self.factor = np.linalg.inv(np.linalg.cholesky(covariance))

    def __call__(self, z):
        return -0.5 * np.square((z - self.mean) @ self.factor.T).sum(axis=1)


def correlated(d, rho=0.99):
    """A covariance with unit variances and one correlation."""
    return (1 - rho) * np.eye(d) + rho


def banana(z, width=0.1):
    """z0 ~ N(0, 1), z1 | z0 ~ N(z0², width²): mean (0, 1), variances (1, 2 + width²)."""
    return -0.5 * z[:, 0] ** 2 - 0.5 * ((z[:, 1] - z[:, 0] ** 2) / width) ** 2


def funnel(z):
    """z0 ~ N(0, 3²), the others N(0, exp(z0))."""
    return (
        -0.5 * (z[:, 0] / 3) ** 2
        - 0.5 * (z[:, 1:] ** 2).sum(axis=1) * np.exp(-z[:, 0])
        - 0.5 * (z.shape[1] - 1) * z[:, 0]
    )


def bimodal(z):
    """0.9 N(5, 1) + 0.1 N(-5, 1) in each coordinate together."""
    return np.logaddexp(np.log(0.9) - 0.5 * ((z - 5) ** 2).sum(axis=1), np.log(0.1) - 0.5 * ((z + 5) ** 2).sum(axis=1))


def half_normal(z):
    """exp(z0) half-normal, the others normal."""
    return -0.5 * np.exp(2 * z[:, 0]) + z[:, 0] - 0.5 * (z[:, 1:] ** 2).sum(axis=1)


def nowhere(z):
    return np.full(len(z), -np.inf)


def fails(z):
    raise ZeroDivisionError("division by zero")
