"""A predictor, a likelihood, priors and, where the features are noisy or missing, a population."""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass

import numpy as np

from bayesfit import populations
from bayesfit.data import Data
from bayesfit.errors import DataError, ModelError, rows_text
from bayesfit.likelihoods import Classes, Likelihood
from bayesfit.models.base import BaseModel, refuse_unmeasured
from bayesfit.parameters import Parameters
from bayesfit.populations import Features, Population
from bayesfit.predictors import Predictor
from bayesfit.seeds import generator
from bayesfit.targets import RegressionTarget, refuse_improper, simulate

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
    population : populations.Population, optional
        Where the true values of noisy and missing features come from; by default, wherever there are such
        features, `populations.Normal`, and for class labels `populations.NormalMixture` of as many parts as classes.

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
    population: Population | None = None

    def __post_init__(self):
        for name, kind in (("predictor", Predictor), ("likelihood", Likelihood)):
            part = getattr(self, name)
            if isinstance(part, type) and issubclass(part, kind):
                raise ModelError(f"{name}: {part.__name__} is a class; write {part.__name__}()")
            if not isinstance(part, kind):
                raise ModelError(f"{name} should be one of bayesfit.{name}s, got {part!r}")
        if not isinstance(self.priors, Mapping | None):
            raise ModelError(f"priors should be a mapping of names to priors, got {self.priors!r}")

    def parameters(self, data: Data) -> Parameters:
        """Return the parameters with their priors, the defaults scaled to ``data``.

        Raises
        ------
        DataError, ModelError, PriorError
            Where data, parts and priors do not fit together.
        """
        self.likelihood.check(data)
        _check_features(data)
        parts = [
            *self.predictor.for_data(data).parameters(data, self.likelihood.outputs(data)),
            *self.likelihood.parameters(data),
        ]
        population = self.population_of(data)
        if population is not None:
            parts += population.parameters(Features(data, data.noisy))
        return Parameters(parts, self.priors)

    def population_of(self, data: Data) -> Population | None:
        """Return the population of the noisy and missing features, None where all are exact."""
        if not data.noisy.any():
            if self.population is not None:
                raise ModelError(f"population={self.population!r}: no feature has errors or gaps; give x_err")
            return None
        if self.population is not None:
            return self.population
        # one Gaussian over separated classes would exaggerate the slope
        return (
            populations.NormalMixture(len(data.classes))
            if isinstance(self.likelihood, Classes)
            else populations.Normal()
        )

    def target(self, data: Data) -> RegressionTarget:
        """Return the log posterior density on ``data``."""
        target = RegressionTarget(
            data,
            self.parameters(data),
            self,
            predictor=self.predictor.for_data(data),
            likelihood=self.likelihood,
            population=self.population_of(data),
            noisy=data.noisy,
        )
        refuse_improper(target)
        return target

    def simulate(self, theta, data: Data, *, seed=None) -> Data:
        """Return ``data`` as they might have been measured, for one parameter vector theta (D,).

        Labels are simulated, none of them censored; with noisy features so are the measured features, from
        the population and their errors.

        Raises
        ------
        ModelError
            If theta has another shape, or the population is one that nothing can be drawn from.
        """
        target = self.target(data)
        theta = np.asarray(theta, dtype=float)
        if theta.shape != (len(target.names),):
            raise ModelError(f"theta has shape {theta.shape}, expected ({len(target.names)},): {target.names}")
        return simulate(target, theta, generator(seed))

    def __str__(self):
        lines = ["Model", f"  predictor   {self.predictor!r}", f"  likelihood  {self.likelihood!r}"]
        priors = [f"{key} ~ {prior!r}" for key, prior in (self.priors or {}).items()]
        lines += [f"  {'priors' if i == 0 else '':<10}  {text}" for i, text in enumerate(priors)]
        lines.append(f"  {'' if priors else 'priors':<10}  {'others: ' if priors else ''}defaults scaled to the data")
        return "\n".join(lines)


def _check_features(data):
    """A row without any label or feature says nothing, and is almost surely a mistake."""
    refuse_unmeasured(data)
    empty = np.flatnonzero(data.missing.all(axis=1) & ~data.labelled)
    if empty.size:
        raise DataError(f"neither features nor a label in {rows_text(empty)}; leave such rows out")
    if not data.labelled.any():
        raise DataError("no row has a label: there is nothing to fit")
