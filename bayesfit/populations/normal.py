"""One Gaussian population: the default wherever features are noisy or missing."""

from dataclasses import dataclass

import numpy as np

from bayesfit.parameters import Parameter
from bayesfit.populations.base import Conditional, Features, Population
from bayesfit.populations.gaussians import Unconditioned, condition_gaussian
from bayesfit.populations.layout import gaussian_of, gaussian_parameters

__all__ = ["Normal"]


@dataclass(frozen=True, repr=False)
class Normal(Population):
    r"""ξ ~ N(x_mean + x_slope · exact features, Σ), Σ from "x_sd" and "x_corr".

    What is sampled is ln p(x̂_i, ŷ_i | θ); what is stored is ln p(ŷ_i | x̂_i, θ).

    Notes
    -----
    Parameters: "x_mean", "x_sd" for each noisy feature, "x_corr" for each pair of them and, where the data
    also have exact features, "x_slope": how the mean depends on those, without which a noisy feature that
    is correlated with an exact one would be pulled to the wrong place.  Default priors, with m and s the
    mean and the noise-free spread of a feature: x_mean at the centre of the exact features ~ Normal(m, 10 s),
    x_sd ~ LogNormal(ln s, 1), which keeps it from zero, x_corr ~ LKJ(1), x_slope ~ Normal(0, 10 s / s_exact).

    One Gaussian is itself biased where the *size* of the errors is correlated with the true feature;
    `NormalMixture` then does better.

    References
    ----------
    Kelly (2007), ApJ 665, 1489; Bartlett & Desmond (2023), arXiv:2309.00948.
    """

    def parameters(self, features: Features) -> tuple[Parameter, ...]:
        return gaussian_parameters(features)

    def condition(self, values, features):
        log_density, component = condition_gaussian(*gaussian_of(values, features), features)
        return Conditional(log_density, [(0.0, component)])

    def prior(self, values, features):
        return Conditional(np.zeros(()), [(0.0, Unconditioned(*gaussian_of(values, features)))])

    def simulate(self, values, features, rng):
        mean, cov = gaussian_of(values, features)
        noise = rng.standard_normal((len(features.data), features.n_noisy))
        return mean[0] + noise @ np.linalg.cholesky(cov[0]).T
