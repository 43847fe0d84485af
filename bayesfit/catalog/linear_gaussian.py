"""Which objects have a normal posterior, and what their priors are: a predictor linear in θ with known Gaussian errors.

Default priors are scaled to each object's data, as `Model.parameters` does it; what all objects share (which
parameters are fixed, whose priors the user gave) is read off the first one.
"""

from functools import cached_property

import numpy as np

from bayesfit.catalog.normal_system import NormalSystem
from bayesfit.data import Data
from bayesfit.likelihoods import Gaussian
from bayesfit.models import BaseModel, Model
from bayesfit.predictors import LinearPredictor
from bayesfit.priors import Fixed, JointPrior, Normal
from bayesfit.targets.conjugate import selects, whitened

__all__ = ["LinearGaussian", "NotNormalError", "may_be_normal"]


def may_be_normal(model: BaseModel, data: Data) -> bool:
    """Return whether the posterior is normal if the priors are."""
    return (
        type(model) is Model
        and isinstance(model.predictor, LinearPredictor)
        and type(model.likelihood) is Gaussian
        and model.likelihood.truncation is None
        and not model.likelihood.scatter
        and model.population is None
        and isinstance(data, Data)
        and data.kind == "numbers"
        and data.y_err is not None
        and data.y_err.ndim == 1
        and data.xy_cov is None
        and not data.noisy.any()
        and not (data.limits is not None and data.limits.any())
        and bool(data.labelled.any())
    )


class NotNormalError(Exception):
    """A prior, or a predictor, that leaves the closed form."""


class LinearGaussian:
    """The linear Gaussian model of objects whose parameters have the same names.

    Parameters
    ----------
    model : Model
    data : Data
        The first object.

    Raises
    ------
    NotNormalError
        If a prior is not normal, or nothing is free.
    """

    def __init__(self, model: Model, data: Data):
        self.model = model
        target = model.target(data)
        # the target's own, which knows where the features of a formula are in these data
        if not isinstance(target.predictor, LinearPredictor):
            raise NotNormalError(repr(target.predictor))
        self.predictor: LinearPredictor = target.predictor
        self.parameters = target.parameters
        columns = target.coefficient_names()
        if columns is None or not selects(self.predictor, self.parameters, columns):
            raise NotNormalError("the coefficients are no plain selection of the parameters")
        self.columns = {name: column for column, name in enumerate(columns)}
        if set(self.columns) != set(self.parameters.elements) or not self.parameters.names:
            raise NotNormalError("there are parameters besides the coefficients")
        self._shape = self._shape_of(self.parameters.parameters)
        self._free = np.array([name in self.parameters.names for name in columns])
        self._fixed = np.array([self.parameters.fixed.get(name, 0.0) for name in columns])[~self._free]
        self._read_users_priors()

    @property
    def names(self) -> tuple[str, ...]:
        """The free parameters, in the order of a fit's."""
        return self.parameters.names

    @cached_property
    def order(self) -> np.ndarray:
        """The places of `names` among the free columns of the design."""
        free = [name for name in self.columns if name in self.parameters.names]
        return np.array([free.index(name) for name in self.names])

    def _read_users_priors(self):
        """Priors that are the same for all objects, as rows G and values g of G θ ~ N(g, 1)."""
        rows, values, self._own = [], [], []
        self._may_be_improper = False
        for block in self.parameters.blocks:
            places = [self.columns[name] for name in block.names]
            if isinstance(block.prior, Fixed):
                continue
            if block.is_default and not isinstance(block.prior, JointPrior):
                self._own.append((places[0], *self._position(block.names[0])))
                continue
            law = whitened(block.prior)
            if law is None:
                raise NotNormalError(repr(block.prior))
            whitener, centre = law
            self._may_be_improper |= not block.prior.proper
            row = np.zeros((len(centre), len(self.columns)))
            row[:, places[: whitener.shape[1]]] = whitener
            rows.append(row)
            values.append(centre)
        self._rows = np.concatenate([*rows, np.zeros((0, len(self.columns)))])[:, self._free]
        self._values = np.concatenate([*values, np.zeros(0)])
        self._own_places = np.array([place for place, _, _ in self._own], dtype=int)

    def _position(self, element):
        for part, parameter in enumerate(self.parameters.parameters):
            if element in parameter.elements:
                return part, parameter.elements.index(element)
        raise NotNormalError(element)

    @staticmethod
    def _shape_of(parts):
        return [(part.name, part.coords) for part in parts]

    def own(self, data: Data) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return centring (P, P), means and standard deviations of the default priors of one object.

        Raises
        ------
        BayesfitError
            Where a fit of this object would raise it.
        NotNormalError
            If its parameters or the kind of its priors differ from those of the first object.
        """
        if self._may_be_improper:
            self.model.target(data)  # refuses an improper posterior
        self.model.likelihood.check(data)
        parts = self.predictor.parameters(data, self.model.likelihood.outputs(data))
        if self._shape_of(parts) != self._shape:
            raise NotNormalError("other parameters than those of the first object")
        centring = np.eye(len(self.columns))
        for part in parts:
            for name, weights in part.centring.items():
                for other, weight in weights.items():
                    centring[self.columns[name], self.columns[other]] = weight
        priors = [parts[part].default_of(position) for _, part, position in self._own]
        if not all(type(prior) is Normal for prior in priors):
            raise NotNormalError("a default prior is not normal")
        return centring, np.array([prior.mean for prior in priors]), np.array([prior.sd for prior in priors])

    def system(self, datas: list[Data], owns: list[tuple]) -> NormalSystem:
        """Return the least squares of objects with the same number of labelled rows.

        The centring that keeps years and Julian dates from costing digits is that of the predictor's parameters.
        """
        centring, means, sds = (np.stack(column) for column in zip(*owns, strict=True))
        labelled = [slice(None) if data.labelled.all() else data.labelled for data in datas]
        x, y, errors = (
            [getattr(data, name)[rows] for data, rows in zip(datas, labelled, strict=True)]
            for name in ("x", "y", "y_err")
        )
        # one by one, since a function of the user's may look at all rows of an object
        design, y, errors = np.stack([self.predictor.design(each) for each in x]), np.stack(y), np.stack(errors)
        free, fixed = self._free, ~self._free
        inner = centring[:, free][:, :, free]
        outer = np.linalg.inv(inner)
        places = np.flatnonzero(free).searchsorted(self._own_places)
        shift = centring[:, free][:, :, fixed] @ self._fixed
        default_rows = np.zeros((len(datas), len(places), int(free.sum())))
        default_rows[:, np.arange(len(places)), places] = 1.0 / sds
        shared = np.broadcast_to(self._values, (len(datas), len(self._values)))
        return NormalSystem(
            design=design[:, :, free] @ outer,
            labels=y - design[:, :, fixed] @ self._fixed,
            errors=errors,
            prior_rows=np.concatenate([self._rows @ outer, default_rows], axis=1),
            prior_values=np.concatenate([shared, (means - shift[:, places]) / sds], axis=1),
            natural=outer,
        )
