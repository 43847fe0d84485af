"""Toy targets with known answers, following the protocol of a target."""

import numpy as np


class Toy:
    """A log density on real coordinates; natural values are the coordinates themselves."""

    fingerprint = "toy"
    n_rows = 10

    def __init__(self, log_density, n_walked, spread=10.0, centre=0.0):
        self._log_density = log_density
        self.n_walked = n_walked
        self.names = self.walked_names = tuple(f"p{i}" for i in range(n_walked))
        self.spread, self.centre = spread, centre
        self.faults = []

    def log_density(self, z):
        value = self._log_density(z)
        return np.where(np.isnan(value), -np.inf, value)

    def natural(self, z):
        return z

    def walked(self, theta):
        return np.asarray(theta, dtype=float)

    def starts(self, rng, n):
        return self.centre + self.spread * rng.standard_normal((n, self.n_walked))

    def describe_point(self, z):
        return ", ".join(f"{name} = {value:.4g}" for name, value in zip(self.names, z, strict=True))


class Normal:
    """A multivariate normal log density."""

    def __init__(self, mean, covariance):
        self.mean = np.asarray(mean, dtype=float)
        self.factor = np.linalg.inv(np.linalg.cholesky(covariance))

    def __call__(self, z):
        return -0.5 * np.square((z - self.mean) @ self.factor.T).sum(axis=1)
