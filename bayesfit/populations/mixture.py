"""A mixture of Gaussians: for features that one Gaussian does not describe."""

from dataclasses import dataclass

import numpy as np

from bayesfit.densities import log_sum_exp
from bayesfit.errors import ModelError
from bayesfit.parameters import Parameter
from bayesfit.populations.base import Conditional, Features, Population
from bayesfit.populations.gaussians import Unconditioned, condition_gaussian
from bayesfit.populations.layout import Anchors, Tightness, class_anchors, gaussian_of, gaussian_parameters
from bayesfit.priors import Dirichlet
from bayesfit.supports import Interval

__all__ = ["NormalMixture"]


@dataclass(frozen=True, repr=False)
class NormalMixture(Population):
    r"""ξ ~ Σ_k x_weight_k N(x_mean_k + x_slope · exact features, Σ_k), k = 0 … n - 1.

    Parameters
    ----------
    n : int
        Number of components, two or more.

    Notes
    -----
    Parameters "x_weight" (component), "x_mean", "x_sd" (component, noisy feature), "x_corr" and, where the
    data have exact features too, "x_slope", shared by the components.  Components are told apart by
    the order of their means in the first noisy feature, so that they do not switch labels.  Default priors as
    for `Normal`, with x_mean ~ Normal(m, 2 s), x_sd ~ LogNormal(ln s/√n, 0.5) and x_weight ~ Dirichlet(4, …, 4):
    where fewer components would do, wider ones let the needless component wander far off, which takes a sampler
    long and says nothing about the labels.  Where the labels are n classes whose features differ (by half a standard
    deviation in one noisy feature, every two of them), component k is told apart by where class k lies instead:
    x_mean_k ~ Normal(m_k, s_k/2), x_sd_k ~ LogNormal(ln s_k, 0.4), x_weight ~ Dirichlet(8, …, 8).
    """

    n: int

    def __post_init__(self):
        if isinstance(self.n, bool) or not isinstance(self.n, int | np.integer) or self.n < 2:
            raise ModelError(f"NormalMixture: n={self.n!r} should be a whole number, 2 or more; Normal() is for one")

    def parameters(self, features: Features) -> tuple[Parameter, ...]:
        anchors = class_anchors(features, self.n)
        if anchors is not None:
            return self.components(features, Tightness(reach=0.5, width=0.4, concentration=8.0), anchors)
        return self.components(features, Tightness(reach=2.0, width=0.5, concentration=4.0))

    def components(
        self, features: Features, tightness: Tightness, anchors: Anchors | None = None
    ) -> tuple[Parameter, ...]:
        """Return the parameters with default priors of a given tightness, around anchors where there are any."""
        parts = tuple(range(self.n))
        elements = tuple(f"x_weight[{k}]" for k in parts)
        weight = Parameter(
            "x_weight",
            dims=("component",),
            coords=(parts,),
            joint=((elements, Dirichlet((tightness.concentration,) * self.n)),),
            bounds=Interval(0.0, 1.0),
            hidden=True,
        )
        return (weight, *gaussian_parameters(features, ("component", parts), tightness, anchors))

    def _parts(self, values, features):
        """Return ln weight (W, 1), mean (W, 1 or N, q) and covariance (W, q, q) of each component."""
        log_weight = np.log(values["x_weight"])
        return [(log_weight[:, k : k + 1], *gaussian_of(values, features, k)) for k in range(self.n)]

    def condition(self, values, features):
        parts = self._parts(values, features)
        conditioned = [condition_gaussian(mean, cov, features) for _, mean, cov in parts]
        joint = [
            log_weight + log_density for (log_weight, *_), (log_density, _) in zip(parts, conditioned, strict=True)
        ]
        log_density = log_sum_exp(joint)
        components = [(term - log_density, component) for term, (_, component) in zip(joint, conditioned, strict=True)]
        return Conditional(log_density, components)

    def prior(self, values, features):
        parts = self._parts(values, features)
        return Conditional(np.zeros(()), [(log_weight, Unconditioned(mean, cov)) for log_weight, mean, cov in parts])

    def simulate(self, values, features, rng):
        parts = self._parts(values, features)
        n_rows = len(features.data)
        shares = np.exp([log_weight[0, 0] for log_weight, _, _ in parts])
        chosen = rng.choice(self.n, size=n_rows, p=shares / shares.sum())
        noise = rng.standard_normal((n_rows, features.n_noisy))
        drawn = [mean[0] + noise @ np.linalg.cholesky(cov[0]).T for _, mean, cov in parts]
        return np.stack(drawn)[chosen, np.arange(n_rows)]
