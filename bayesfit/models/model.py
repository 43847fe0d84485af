"""A predictor, a likelihood, priors and, where the features are noisy or missing, a population."""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass

import numpy as np

from bayesfit.data import Data
from bayesfit.errors import ModelError
from bayesfit.likelihoods import Likelihood
from bayesfit.models.base import BaseModel
from bayesfit.parameters import Parameters
from bayesfit.predictors import Predictor
from bayesfit.targets import RegressionTarget
from bayesfit.targets.propriety import refuse_improper

__all__ = ["Model"]


@dataclass(frozen=True, repr=False)
class Model(BaseModel):
    """Labels given features: y = f(x; θ) with noise.

    Parameters
    ----------
    predictor : predictors.Predictor
    likelihood : likelihoods.Likelihood
    priors : mapping, optional
        By parameter ("slope"), element ("slope[Teff]"), nested mapping, or tuple of names for a joint
        prior; a plain number fixes a parameter.  What is not named has its default prior.

    Examples
    --------
    >>> from bayesfit import Data, likelihoods, predictors
    >>> model = Model(predictors.Linear(), likelihoods.Gaussian(), priors={"intercept": 0})
    >>> model.parameters(Data([1.0, 2.0, 3.0], [2.1, 3.9, 6.0], y_err=0.1)).names
    ('slope',)
    """

    predictor: Predictor
    likelihood: Likelihood
    _: KW_ONLY
    priors: Mapping | None = None

    def __post_init__(self):
        for name, kind in (("predictor", Predictor), ("likelihood", Likelihood)):
            part = getattr(self, name)
            if isinstance(part, type) and issubclass(part, kind):
                raise ModelError(f"{name}: {part.__name__} is a class; write {part.__name__}()")
            if not isinstance(part, kind):
                raise ModelError(f"{name} should be one of bayesfit.{name}s, got {part!r}")

    def parameters(self, data: Data) -> Parameters:
        """Return the parameters with their priors, the defaults scaled to ``data``.

        Raises
        ------
        DataError, ModelError, PriorError
            Where data, parts and priors do not fit together.
        """
        self.likelihood.check(data)
        parts = (
            *self.predictor.parameters(data, self.likelihood.outputs(data)),
            *self.likelihood.parameters(data),
        )
        return Parameters(parts, self.priors)

    def target(self, data: Data) -> RegressionTarget:
        """Return the log posterior density on ``data``."""
        target = RegressionTarget(data, self.parameters(data), self, self.predictor, self.likelihood)
        refuse_improper(target)
        return target

    def simulate(self, theta, data: Data, *, seed=None) -> Data:
        """Return ``data`` with labels simulated for one parameter vector theta (D,), none of them censored."""
        target = self.target(data)
        theta = np.asarray(theta, dtype=float)
        if theta.shape != (len(target.names),):
            raise ModelError(f"theta has shape {theta.shape}, expected ({len(target.names)},): {target.names}")
        labels = target.predict_observed(theta[None], data, np.random.default_rng(seed))[0]
        return data.replace(y=labels, limits=None)

    def __str__(self):
        lines = ["Model", f"  predictor   {self.predictor!r}", f"  likelihood  {self.likelihood!r}"]
        priors = [f"{key} ~ {prior!r}" for key, prior in (self.priors or {}).items()]
        lines += [f"  {'priors' if i == 0 else '':<10}  {text}" for i, text in enumerate(priors)]
        lines.append(f"  {'' if priors else 'priors':<10}  {'others: ' if priors else ''}defaults scaled to the data")
        return "\n".join(lines)
