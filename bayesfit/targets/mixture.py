"""Features without labels: a mixture of Gaussians, every row with its own errors and gaps."""

from functools import cached_property

import numpy as np

from bayesfit.data import Data
from bayesfit.likelihoods.classes import draw_codes, reweighted
from bayesfit.parameters import Parameters
from bayesfit.populations import Features, Population
from bayesfit.targets.base import Target

__all__ = ["MixtureTarget"]


class MixtureTarget(Target):
    """ln p(x̂ | θ) = Σ_i ln Σ_k w_k N(x̂_i; μ_k, Σ_k + S_i), missing features marginalised.

    The labels play no part; the stored terms are ln p(x̂_i | θ), of all rows.
    """

    def __init__(self, data: Data, parameters: Parameters, model, *, population: Population, n_components: int):
        super().__init__(data, parameters, model)
        self.population, self.classes = population, tuple(range(n_components))

    @property
    def term_rows(self):
        return np.arange(len(self.data))

    def features(self, data: Data) -> Features:
        """Return the features of some rows, all of which have the population."""
        return Features(data, np.ones(self.data.n_features, dtype=bool))

    @cached_property
    def _features(self):
        return self.features(self.data)

    def _log_joint(self, values):
        return self._pointwise(values).sum(axis=1)

    def _pointwise(self, values):
        return self.population.condition(values, self._features).log_density

    def without_labels(self, rows):
        """Return the target without these rows: their features are what is predicted here."""
        kept = np.setdiff1d(np.arange(len(self.data)), rows)
        return self.on(self.data[kept])

    def on(self, data: Data) -> "MixtureTarget":
        """Return the same model, priors as they are, on other rows."""
        n_components = len(self.classes)
        return MixtureTarget(data, self.parameters, self.model, population=self.population, n_components=n_components)

    def class_probabilities(self, theta, data: Data, log_odds=None) -> np.ndarray:
        """Return the probability (W, N, K) of each component."""
        values = self.parameters.unpack(theta)
        conditional = self.population.condition(values, self.features(data))
        shape = (len(theta), len(data))
        shares = [np.broadcast_to(np.exp(weight), shape) for weight, _ in conditional.components]
        found = np.stack(shares, axis=-1)
        if log_odds is None or len(self.classes) == 1:
            return found
        return reweighted(found, log_odds - np.log(values["x_weight"][:, None]))

    def log_feature_density(self, theta, data: Data) -> np.ndarray:
        """Return ln p(x̂_i | θ) (W, N)."""
        return self.population.condition(self.parameters.unpack(theta), self.features(data)).log_density

    def predict_mean(self, theta, data):
        return self.class_probabilities(theta, data)

    def predict_observed(self, theta, data, rng):
        """Return the components (W, N) that rows are drawn to belong to."""
        return draw_codes(self.class_probabilities(theta, data), rng)

    def simulate_features(self, theta, data: Data, rng, codes=None) -> tuple[np.ndarray, None]:
        """Return measured features (N, p), gaps kept, drawn for theta (D,) or, row by row, (N, D)."""
        features = self.features(data)
        vectors = np.broadcast_to(theta, (len(data), len(self.names)))
        true = np.empty(data.x.shape)
        for vector in np.unique(vectors, axis=0):
            rows = np.flatnonzero((vectors == vector).all(axis=1))
            part = self.features(data[rows])
            true[rows] = self.population.simulate(self.parameters.unpack(vector[None]), part, rng)
        return np.where(data.missing, np.nan, true + features.draw_errors(rng)), None
