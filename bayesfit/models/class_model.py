"""Generative classification: a population of true features for each class."""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass

import numpy as np

from bayesfit.data import Data
from bayesfit.errors import DataError, ModelError, rows_text
from bayesfit.models.base import BaseModel, refuse_constant, refuse_unmeasured
from bayesfit.parameters import Parameter, Parameters
from bayesfit.populations import Features, Normal, Population
from bayesfit.populations.layout import gaussian_parameters
from bayesfit.priors import Dirichlet
from bayesfit.supports import Interval
from bayesfit.targets import ClassTarget

__all__ = ["ClassModel"]


@dataclass(frozen=True, repr=False)
class ClassModel(BaseModel):
    r"""p(x̂_i, k) = π_k N(x̂_i; μ_k, Σ_k + S_i): classes with a Gaussian population each.

    The rows' own errors S_i and missing features are marginalised exactly; rows without a label help to find the
    populations.

    Parameters
    ----------
    population : populations.Normal, optional
        The form of each class's population.
    shared_covariance : bool
        Whether all classes have one Σ (the linear discriminant) or each its own (the quadratic one).
    priors : mapping, optional
        As for `Model`.

    Notes
    -----
    Parameters: "class_fraction" (class) ~ Dirichlet(1, …, 1); "x_mean", "x_sd" (class, feature) and "x_corr" (class,
    pair of features), with default priors as for `populations.Normal`.  The stored pointwise terms are ln p(k_i | x̂_i).

    References
    ----------
    Bovy et al. (2011), ApJ 729, 141, for noisy features (XDQSO).
    """

    population: Population | None = None
    _: KW_ONLY
    shared_covariance: bool = False
    priors: Mapping | None = None

    def __post_init__(self):
        if self.population is not None and not isinstance(self.population, Normal):
            raise ModelError(f"ClassModel: population={self.population!r}; each class has a populations.Normal()")
        if self.priors is not None and not isinstance(self.priors, Mapping):
            raise ModelError(f"ClassModel: priors should be a mapping from names to priors, got {self.priors!r}")

    def parameters(self, data: Data) -> Parameters:
        """Return the parameters with their priors, the defaults scaled to ``data``."""
        _check(data)
        classes = data.classes
        elements = tuple(f"class_fraction[{label}]" for label in classes)
        fractions = Parameter(
            "class_fraction",
            dims=("class",),
            coords=(classes,),
            joint=((elements, Dirichlet((1.0,) * len(classes))),),
            bounds=Interval(0.0, 1.0),
        )
        features = Features(data, np.ones(data.n_features, dtype=bool))
        own = gaussian_parameters(features, ("class", classes))
        if self.shared_covariance:
            own = (own[0], *gaussian_parameters(features)[1:])
        return Parameters((fractions, *own), self.priors)

    def target(self, data: Data) -> ClassTarget:
        """Return the log posterior density on ``data``."""
        return ClassTarget(data, self.parameters(data), self, classes=data.classes)

    def simulate(self, theta, data: Data, *, seed=None) -> Data:
        """Return ``data`` with features and labels drawn for one parameter vector theta (D,)."""
        target = self.target(data)
        x, codes = target.simulate_features(np.asarray(theta, dtype=float), data, np.random.default_rng(seed))
        return data.with_classes(x, codes)


def _check(data):
    if data.kind == "none" or not data.classes:
        raise DataError("y should hold class labels (text, booleans, or a few whole numbers); ClassModel needs them")
    if len(data.classes) < 2:
        raise DataError(f"y holds one class only ({data.classes[0]!r}); ClassModel needs rows of each class")
    if len(data.classes) == data.labelled.sum() > (~data.labelled).sum():
        raise DataError("y: every labelled row is a class of its own; give classes that rows share, not names of rows")
    if data.y_err is not None or data.y_cov is not None or data.xy_cov is not None:
        raise ModelError("y_err, y_cov, xy_cov: class labels have no such errors")
    refuse_unmeasured(data)
    empty = np.flatnonzero(data.missing.all(axis=1))
    if empty.size:
        raise DataError(f"x: {rows_text(empty)} have no feature at all; leave them out")
    refuse_constant(data, "a class")
