"""Between the posterior without a label and the one with it."""

import numpy as np

from bayesfit.targets import Target

__all__ = ["Tilted"]


class Tilted(Target):
    """p(θ | y_-i) p(y_i | θ)^β, up to a constant: one label counts in part only.

    Parameters
    ----------
    whole : Target
    row : int
    share : float
        β, between 0 and 1.
    """

    def __init__(self, whole: Target, row: int, share: float):
        super().__init__(whole.data, whole.parameters, whole.model)
        self.whole, self.share = whole, share
        # the term of a correlated label depends on the others
        self._lone = whole.on(whole.data[[row]]) if whole.data.y_cov is None else None
        self._place = int(np.searchsorted(whole.term_rows, row))

    def _log_joint(self, values):
        joint = self.whole._log_joint(values)
        lone = self._lone
        term = self.whole._pointwise(values)[:, self._place] if lone is None else lone._pointwise(values)[:, 0]
        return np.where(joint > -np.inf, joint - (1.0 - self.share) * term, -np.inf)

    def _pointwise(self, values):
        return self.whole._pointwise(values)

    def starts(self, rng, size):
        return self.whole.starts(rng, size)

    def without_labels(self, rows):
        raise NotImplementedError("a label that counts in part is a step between two fits")

    def predict_mean(self, theta, data):
        return self.whole.predict_mean(theta, data)

    def predict_observed(self, theta, data, rng):
        return self.whole.predict_observed(theta, data, rng)
