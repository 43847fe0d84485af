"""A mixture of good labels and outliers."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from bayesfit.likelihoods.location import Location, Noise
from bayesfit.likelihoods.normal_noise import normal_density, normal_draw, normal_interval
from bayesfit.logarithms import log_add, sum_log_add
from bayesfit.parameters import Parameter
from bayesfit.priors import Beta, LogNormal, Normal
from bayesfit.scales import label_centre, label_spread
from bayesfit.supports import Interval

__all__ = ["OutlierMixture"]


@dataclass(frozen=True, repr=False)
class OutlierMixture(Location):
    r"""p(y_i | η_i) = (1 - q) N(y_i; η_i, V_i) + q N(y_i; Y_b, V_b + V_i), V_i = σ_i² + s².

    Parameters
    ----------
    scatter : bool or None
        As for `Gaussian`.
    truncation : (low, high), optional
        As for `Gaussian`.

    Notes
    -----
    Parameters: q "outlier_fraction", Y_b "outlier_mean", √V_b "outlier_scale".  Which row is an
    outlier is summed out; `Posterior.outlier_probability` says it afterwards.  Default priors: q ~ Beta(1, 4)
    (outliers are a minority), Y_b ~ Normal(mean y, 2 sd(y)), √V_b ~ LogNormal(ln sd(y), 1), which keeps
    it from zero.

    References
    ----------
    Hogg, Bovy & Lang (2010), arXiv:1008.4686, equation 17.
    """

    scatter: bool | None = None
    truncation: tuple | None = None

    takes_asymmetric = True
    is_closed = True
    about_eta = False

    def parameters(self, data):
        centre, spread, unit = label_centre(data), label_spread(data), data.units.get(data.label, "")
        return (
            *super().parameters(data),
            Parameter("outlier_fraction", Beta(1.0, 4.0), bounds=Interval(0.0, 1.0)),
            Parameter("outlier_mean", Normal(centre, 2 * spread), unit=unit),
            Parameter("outlier_scale", LogNormal(np.log(spread), 1.0), bounds=Interval(0.0, np.inf), unit=unit),
        )

    def guess(self, residual, data):
        spread = float(np.subtract(*np.quantile(residual, [0.75, 0.25])) / 1.35)
        return {"scatter": spread} if spread > 0 else {}

    def _mix(self, values, member, eta, noise):
        """Return a member of the Gaussian likelihood for good labels and for outliers, each with its weight."""
        fraction = values["outlier_fraction"][:, None]
        scale, centre = values["outlier_scale"][:, None], values["outlier_mean"][:, None]
        shift, spread = (0.0, 0.0) if noise.shift is None else noise.shift
        outliers = Noise(noise.minus, noise.plus, noise.scatter + np.square(scale), spread)
        good = member(eta, noise, np.log1p(-fraction))
        return good, member(centre + shift, outliers, np.log(fraction))

    def _densities(self, values, labels, eta, noise):
        return self._mix(values, partial(normal_density, labels), eta, noise)

    def log_density(self, values, labels, eta, noise: Noise):
        return log_add(*self._densities(values, labels, eta, noise))

    def log_density_sum(self, values, labels, eta, noise: Noise):
        return sum_log_add(*self._densities(values, labels, eta, noise))

    def log_interval(self, values, low, high, eta, noise: Noise):
        return log_add(*self._mix(values, lambda e, n, w: normal_interval(low, high, e, n) + w, eta, noise))

    def simulate(self, values, eta, data, rng):
        outlier = rng.uniform(size=eta.shape) < values["outlier_fraction"][:, None]
        wild = values["outlier_mean"][:, None] + values["outlier_scale"][:, None] * rng.standard_normal(eta.shape)
        return normal_draw(np.where(outlier, wild, eta), self.noise(values, 0.0, data), rng)

    def mean(self, values, eta, data):
        return eta
