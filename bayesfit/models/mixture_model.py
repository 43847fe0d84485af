"""Groups without labels: a mixture of Gaussians for features with errors and gaps."""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass

import numpy as np

from bayesfit.data import Data
from bayesfit.errors import DataError, ModelError, rows_text
from bayesfit.models.base import BaseModel, refuse_constant, refuse_unmeasured
from bayesfit.parameters import Parameters
from bayesfit.populations import Features, Normal, NormalMixture, Population
from bayesfit.populations.layout import Tightness
from bayesfit.targets import MixtureTarget

__all__ = ["MixtureModel"]

#: components are what is asked for here, and may be far narrower than all data together
LOOSE = Tightness(reach=3.0, width=1.0, concentration=2.0)


@dataclass(frozen=True, repr=False)
class MixtureModel(BaseModel):
    r"""p(x̂_i) = Σ_k w_k N(x̂_i; μ_k, Σ_k + S_i), with the rows' own errors and gaps marginalised exactly.

    Parameters
    ----------
    n : int
        The number of components, one or more.
    population : populations.Normal, optional
        The form of each component.
    priors : mapping, optional
        As for `Model`.

    Notes
    -----
    Parameters "x_weight" (component), "x_mean", "x_sd" and "x_corr", as for `populations.NormalMixture`; components
    are told apart by the order of their means in the first feature.  Default priors are looser than there: x_mean ~
    Normal(m, 3 s), x_sd ~ LogNormal(ln s/√n, 1), x_weight ~ Dirichlet(2, …, 2).  Labels, if there are any, play no
    part.  The pointwise terms are ln p(x̂_i).
    """

    n: int
    _: KW_ONLY
    population: Population | None = None
    priors: Mapping | None = None

    def __post_init__(self):
        if isinstance(self.n, bool) or not isinstance(self.n, int | np.integer) or self.n < 1:
            raise ModelError(f"MixtureModel: n={self.n!r} should be a whole number, 1 or more")
        if self.population is not None and not isinstance(self.population, Normal):
            raise ModelError(f"MixtureModel: population={self.population!r}; each component is a populations.Normal()")
        if self.priors is not None and not isinstance(self.priors, Mapping):
            raise ModelError(f"MixtureModel: priors should be a mapping from names to priors, got {self.priors!r}")

    @property
    def _law(self) -> Population:
        return Normal() if self.n == 1 else NormalMixture(self.n)

    def parameters(self, data: Data) -> Parameters:
        """Return the parameters with their priors, the defaults scaled to ``data``."""
        refuse_unmeasured(data)
        empty = np.flatnonzero(data.missing.all(axis=1))
        if empty.size:
            raise DataError(f"x: {rows_text(empty)} have no feature at all; leave them out")
        refuse_constant(data, "a component")
        features = Features(data, np.ones(data.n_features, dtype=bool))
        law = self._law
        made = law.components(features, LOOSE) if isinstance(law, NormalMixture) else law.parameters(features)
        return Parameters(made, self.priors)

    def target(self, data: Data) -> MixtureTarget:
        """Return the log posterior density on ``data``."""
        return MixtureTarget(data, self.parameters(data), self, population=self._law, n_components=self.n)

    def simulate(self, theta, data: Data, *, seed=None) -> Data:
        """Return ``data`` with features drawn for one parameter vector theta (D,)."""
        target = self.target(data)
        x, _ = target.simulate_features(np.asarray(theta, dtype=float), data, np.random.default_rng(seed))
        return data.with_features(x)
