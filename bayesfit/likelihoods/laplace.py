"""Laplace noise: the Bayesian twin of the mean absolute error."""

from dataclasses import dataclass

import numpy as np

from bayesfit.densities import log_symmetric_difference, normal_laplace_log_cdf, normal_laplace_log_pdf
from bayesfit.likelihoods.location import Location, Noise
from bayesfit.parameters import Parameter
from bayesfit.priors import HalfNormal
from bayesfit.scales import label_spread
from bayesfit.supports import Interval

__all__ = ["Laplace"]


@dataclass(frozen=True, repr=False)
class Laplace(Location):
    r"""p(y_i | η_i): a Laplace deviate of scale b, p(r) = e^{-|r|/b} / 2b, plus a normal one of σ_i.

    Parameters
    ----------
    truncation : (low, high), optional
        As for `Gaussian`.

    Notes
    -----
    The scale b is inferred as "scale"; without label errors and with b fixed, the maximum of the
    likelihood minimises the mean absolute error.  The convolution with the rows' errors and with a
    Gaussian η is in closed form.  Default prior: b ~ HalfNormal(2 sd(y)).

    References
    ----------
    Reed (2006), "The normal-Laplace distribution and its relatives".
    """

    truncation: tuple | None = None

    scatter = None
    has_scatter = False
    is_closed = True

    @property
    def smooth(self):
        # a kink at y = η remains where a row has no error of its own
        return False

    def infers_scatter(self, data):
        return False

    def parameters(self, data):
        unit = data.units.get(data.label, "")
        prior = HalfNormal(2 * label_spread(data))
        return (Parameter("scale", prior, bounds=Interval(0.0, np.inf), unit=unit),)

    def guess(self, residual, data):
        return {"scale": float(np.mean(np.abs(residual)))} if residual.any() else {}

    def log_density(self, values, labels, eta, noise: Noise):
        return normal_laplace_log_pdf(labels - eta, np.sqrt(noise.total), values["scale"][:, None])

    def log_interval(self, values, low, high, eta, noise: Noise):
        sd, scale = np.sqrt(noise.total), values["scale"][:, None]
        return log_symmetric_difference(
            lambda r: normal_laplace_log_cdf(r, sd, scale),
            lambda r: normal_laplace_log_pdf(r, sd, scale),
            low - eta,
            high - eta,
        )

    def simulate(self, values, eta, data, rng):
        own = np.sqrt(self.noise(values, 0.0, data).own)
        return eta + rng.laplace(scale=values["scale"][:, None], size=eta.shape) + own * rng.standard_normal(eta.shape)
