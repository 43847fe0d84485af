"""Between the posterior without a label and the one with it."""

import numpy as np

from bayesfit.targets import Target

__all__ = ["Tilted", "TiltedMarginal"]


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
        # whole may walk in fewer parameters
        return self.walked(self.whole.complete(self.whole.starts(rng, size), rng))

    def without_labels(self, rows):
        raise NotImplementedError("a label that counts in part is a step between two fits")

    def predict_mean(self, theta, data):
        return self.whole.predict_mean(theta, data)

    def predict_observed(self, theta, data, rng):
        return self.whole.predict_observed(theta, data, rng)


class TiltedMarginal(Tilted):
    """p(φ | y_-i)^(1 - β) p(φ | y)^β of the parameters φ that are left where both integrate the same others.

    The integrated term p(y_i | y_-i, φ) counts in part.  What is integrated plays no part here: it is drawn back
    as if all labels counted.

    Parameters
    ----------
    whole, left : Target
        With the label and without it, walked in the same parameters.
    row : int
    share : float
        β.
    """

    def __init__(self, whole: Target, left: Target, row: int, share: float):
        super().__init__(whole, row, share)
        self.left = left

    @property
    def walked_names(self):
        return self.whole.walked_names

    def _log_walked(self, z):
        return (1.0 - self.share) * self.left.log_density(z) + self.share * self.whole.log_density(z)

    def natural(self, z):
        return self.whole.natural(z)

    def walked(self, theta):
        return self.whole.walked(theta)

    def complete(self, z, rng):
        return self.whole.complete(z, rng)
