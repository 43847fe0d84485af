"""The posterior of a predictor with a likelihood: labels given features."""

from functools import cached_property

import numpy as np

from bayesfit.data import Data
from bayesfit.likelihoods import Likelihood
from bayesfit.parameters import Parameters
from bayesfit.predictors import LinearPredictor, Predictor
from bayesfit.targets.base import Target
from bayesfit.targets.least_squares import least_squares

__all__ = ["RegressionTarget"]

#: rows evaluated together: with some tens of walkers a block's temporaries stay in the processor's cache
BLOCK_ROWS = 4096


class RegressionTarget(Target):
    """ln p(y | x, θ) + ln p(θ), summed over blocks of rows."""

    def __init__(self, data: Data, parameters: Parameters, model, predictor: Predictor, likelihood: Likelihood):
        super().__init__(data, parameters, model)
        self.predictor, self.likelihood = predictor, likelihood

    @cached_property
    def rows(self) -> Data:
        """The rows with a label."""
        return self.data if self.data.labelled.all() else self.data[self.data.labelled]

    @cached_property
    def _blocks(self):
        """Pairs of (rows, their η as a function of the values)."""
        rows = self.rows
        if len(rows) <= 2 * BLOCK_ROWS or rows.y_cov is not None:
            pieces = [rows]
        else:
            pieces = [rows[start : start + BLOCK_ROWS] for start in range(0, len(rows), BLOCK_ROWS)]
        return [(piece, self.predictor.bind(piece.x)) for piece in pieces]

    def _log_joint(self, values):
        return sum(self.likelihood.log_joint(values, eta(values), rows) for rows, eta in self._blocks)

    def _pointwise(self, values):
        terms = [self.likelihood.log_prob(values, eta(values), rows) for rows, eta in self._blocks]
        return np.concatenate(terms, axis=1)

    def without_labels(self, rows):
        data = self.data.without_labels(rows)
        return type(self)(data, self.parameters, self.model, self.predictor, self.likelihood)

    def predict_mean(self, theta, data):
        values = self.parameters.unpack(theta)
        return self.likelihood.mean(values, self.predictor(values, data.x), data)

    def predict_observed(self, theta, data, rng):
        values = self.parameters.unpack(theta)
        return self.likelihood.simulate(values, self.predictor(values, data.x), data, rng)

    # -- starting points --------------------------------------------------------------------------------

    def starts(self, rng, size):
        theta = self.parameters.sample_start(rng, size)
        guess = self._least_squares_guess()
        for name, value in guess.items():
            column = self.names.index(name)
            theta[: size // 2, column] = value
        return self.walked(theta)

    def _least_squares_guess(self) -> dict[str, float]:
        """Return least-squares values of the linear coefficients that are free, and what follows from them."""
        if not isinstance(self.predictor, LinearPredictor) or self.rows.kind != "numbers" or not len(self.rows):
            return {}
        names = self.coefficient_names()
        if names is None:
            return {}
        design = self.predictor.design(self.rows.x)
        fixed = np.array([self.parameters.fixed.get(name, 0.0) for name in names])
        free = [j for j, name in enumerate(names) if name in self.names]
        precision = 1.0 / self.rows.y_err if self.rows.y_err is not None and self.rows.y_err.ndim == 1 else None
        precision = np.ones(len(self.rows)) if precision is None else precision
        labels = self.rows.y - design @ fixed
        found = least_squares(design[:, free], labels, precision, self.centring([names[j] for j in free]))
        guess = {names[j]: value for j, value in zip(free, found, strict=True)}
        residual = labels - design[:, free] @ found
        own = self.likelihood.guess(residual, self.rows)
        return guess | {name: value for name, value in own.items() if name in self.names}

    def coefficient_names(self):
        """Return the flat names behind the design's columns, or None where η has classes."""
        probes = np.arange(1.0, len(self.parameters.elements) + 1)
        values, start = {}, 0
        for parameter in self.parameters.parameters:
            stop = start + len(parameter.elements)
            values[parameter.name] = probes[start:stop].reshape(1, *parameter.shape)
            start = stop
        found = self.predictor.coefficients(values)
        if found.ndim != 2:
            return None
        return [self.parameters.elements[int(number) - 1] for number in found[0]]

    def centring(self, names):
        """Return the matrix (P, P) that takes these coefficients to their centred values."""
        matrix = np.eye(len(names))
        for parameter in self.parameters.parameters:
            for name, weights in parameter.centring.items():
                for other, weight in weights.items():
                    if name in names and other in names:
                        matrix[names.index(name), names.index(other)] = weight
        return matrix
