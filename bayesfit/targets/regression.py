"""The posterior of a predictor with a likelihood: labels given features."""

from functools import cached_property

import numpy as np

from bayesfit.data import Data
from bayesfit.errors import DataError, ModelError, rows_text
from bayesfit.likelihoods import Classes, Likelihood
from bayesfit.likelihoods.classes import class_codes, reweighted
from bayesfit.likelihoods.location import Location
from bayesfit.parameters import Parameters
from bayesfit.pieces import by_vectors, in_pieces
from bayesfit.populations import Population
from bayesfit.predictors import LinearPredictor, Predictor
from bayesfit.targets.base import Target
from bayesfit.targets.error_grid import ErrorGrid, error_grid_of
from bayesfit.targets.expansion import Expansion, expansion_of
from bayesfit.targets.least_squares import least_squares, shrink
from bayesfit.targets.marginal import Marginal, marginal_of
from bayesfit.targets.rows import ExactRows, NoisyRows
from bayesfit.targets.selection import drawn_inside
from bayesfit.targets.totals import Total, total_of

__all__ = ["RegressionTarget"]

#: rows evaluated together: with some tens of walkers a block's temporaries stay in the processor's cache
BLOCK_ROWS = 1024
#: values of parameter vectors × rows evaluated together, for the same reason
BLOCK_VALUES = 1 << 17
#: parameter vectors of a user's function that are evaluated together where they share a quadrature or a factorisation
SHARING_VECTORS = 8
#: how much of the labels' variation a first guess follows, where following all of it is impossible
_SHARES = (1.0, 0.9, 0.6, 0.3, 0.1, 0.0)


class RegressionTarget(Target):
    """ln p(y, x̂ | θ) + ln p(θ), summed over blocks of rows.

    Parameters
    ----------
    data, parameters, model
        As for `Target`.
    predictor : Predictor
    likelihood : Likelihood
    population : Population or None
        None: all features are exact.
    noisy : ndarray (p,) of bool, optional
        The features that have the population, decided by the data that were fitted first.
    """

    def __init__(
        self,
        data: Data,
        parameters: Parameters,
        model,
        *,
        predictor: Predictor,
        likelihood: Likelihood,
        population: Population | None = None,
        noisy: np.ndarray | None = None,
    ):
        super().__init__(data, parameters, model)
        self.predictor, self.likelihood, self.population = predictor, likelihood, population
        self.noisy = np.zeros(data.n_features, dtype=bool) if noisy is None else noisy
        self.classes = data.classes if isinstance(likelihood, Classes) else ()

    @property
    def block(self) -> int | None:
        """One for a user's function of exact features: element by element, with sums along each vector's rows."""
        if isinstance(self.predictor, LinearPredictor):
            return None
        return 1 if self.population is None and self.data.y_cov is None else SHARING_VECTORS

    @property
    def is_cheap(self) -> bool:
        """Where there are few rows, and no quadrature; and where the sum over rows does not go through them."""
        if self._marginal is not None or self._total is not None:
            return True
        exact = self.population is None or (self.likelihood.is_closed and isinstance(self.predictor, LinearPredictor))
        return exact and self.data.y_cov is None and super().is_cheap

    @cached_property
    def rows(self) -> Data:
        """The rows with a label."""
        return self.data if self.data.labelled.all() else self.data[self.data.labelled]

    def _bind(self, data: Data) -> ExactRows | NoisyRows:
        if self.population is None:
            return ExactRows(data, self.predictor, self.likelihood)
        return NoisyRows(data, self.noisy, self.predictor, self.likelihood, self.population)

    @cached_property
    def row_blocks(self) -> list[ExactRows | NoisyRows]:
        """Blocks of rows with a label."""
        if not len(self.rows):
            return []
        if self.rows.y_cov is not None:
            return [self._bind(self.rows)]
        return [self._bind(piece) for piece in _blocks(self.rows)]

    @cached_property
    def _unlabelled(self) -> list[ExactRows | NoisyRows]:
        """Blocks of rows that only inform the population."""
        if self.population is None or self.data.labelled.all():
            return []
        return [self._bind(piece) for piece in _blocks(self.data[~self.data.labelled])]

    @cached_property
    def _quadratic(self) -> Total | None:
        """A way to the sum of all rows that does not go through them, where it is quadratic in the coefficients."""
        return total_of(self)

    @cached_property
    def _total(self) -> Total | ErrorGrid | Expansion | None:
        """A way to the sum of all rows that does not go through them; None where there is none."""
        return self._quadratic or error_grid_of(self) or expansion_of(self)

    def _log_joint(self, values):
        if self._total is None:
            return self.add_up(values)
        total = self._total.log_likelihood_total(values)
        unknown = np.isnan(total)
        if unknown.any():
            total[unknown] = self.add_up({name: array[unknown] for name, array in values.items()})
        return total

    def add_up(self, values) -> np.ndarray:
        """Add up the rows one by one: what any shorter way is measured against."""
        return by_vectors(self._add_up, values, BLOCK_VALUES // min(len(self.data), 2 * BLOCK_ROWS))

    def _add_up(self, values):
        total = np.zeros(len(next(iter(values.values()))))
        for rows in self.row_blocks:
            total += rows.joint(values)
        for rows in self._unlabelled:
            total += rows.population(values)
        return total

    def _pointwise(self, values):
        return np.concatenate([rows.terms(values) for rows in self.row_blocks], axis=1)

    def _log_population(self, values):
        size = len(next(iter(values.values())))
        return np.zeros(size) + sum(rows.population(values) for rows in (*self.row_blocks, *self._unlabelled))

    def on(self, data: Data) -> "RegressionTarget":
        """Return the same model, priors as they are, on other rows."""
        return self._on(data, self.likelihood)

    def without_labels(self, rows):
        """Return the same target with the labels of these rows missing; selected for them, they stay in the window.

        So ln p(y, x̂ | θ) loses ln p(y_i | x̂_i, θ), and nothing else: features of selected rows are no fair draws.
        """
        window = self.likelihood.window_rows(self.data)
        if window is None:
            return super().without_labels(rows)
        return self.on(self.data.as_intervals(window.y_low, window.y_high, rows))

    def _on(self, data, likelihood):
        return RegressionTarget(
            data,
            self.parameters,
            self.model,
            predictor=self.predictor,
            likelihood=likelihood,
            population=self.population,
            noisy=self.noisy,
        )

    def predict_mean(self, theta, data):
        return self._new(data).mean(self.parameters.unpack(theta))

    def predict_observed(self, theta, data, rng):
        self.likelihood.check_noise(data)
        values = self.parameters.unpack(theta)
        if not isinstance(self.likelihood, Location) or self.likelihood.truncation is None:
            return self._new(data).simulate(values, rng)

        return drawn_inside(lambda rows: self._new(data[rows]), values, len(data), rng)

    def _new(self, data):
        """Bind new rows, whose noisy features must have a population."""
        strange = data.noisy & ~self.noisy
        if strange.any():
            names = ", ".join(np.array(data.names, dtype=object)[strange])
            uncertain = data.missing[:, strange].any(axis=1)
            if data.x_err is not None:
                variances = np.diagonal(data.x_cov(), axis1=1, axis2=2)[:, strange]
                uncertain = uncertain | (variances > 0).any(axis=1)
            raise DataError(
                f"x: {names} noisy or missing in {rows_text(np.flatnonzero(uncertain))} of the new rows, but exact in "
                "all rows that were fitted, so there is no population of true values to draw on"
            )
        return self._bind(data)

    def class_probabilities(self, theta, data: Data, log_odds=None) -> np.ndarray:
        """Return p(k | x̂_i, θ) (W, N, K) of the true classes.

        ``log_odds`` (K,) are the ln prevalences to re-weight to, from the shares among the fitted rows.  Where labels
        may be wrong these are the means of p(k | x̂_i, θ) over those rows, which wrong labels do not count in.
        """
        if not self.classes:
            raise ModelError(f"{self.likelihood!r} has no classes")
        found = self._probabilities(theta, data)
        if log_odds is None:
            return found
        shares = np.bincount(class_codes(self.rows), minlength=len(self.classes)) / self.n_rows
        absent = [str(label) for label, share in zip(self.classes, shares, strict=True) if share == 0]
        if absent:
            raise ModelError(
                f"no prevalence can be given to {', '.join(absent)}: no row of it was fitted, so that its odds are the "
                "prior's alone; fit rows of every class, or a ClassModel"
            )
        if isinstance(self.likelihood, Classes) and self.likelihood.label_noise is not False:
            size = self.n_rows * len(self.classes)
            shares = in_pieces(lambda t: self._probabilities(t, self.rows).mean(axis=1), theta, size)[:, None]
        return reweighted(found, log_odds - np.log(shares))

    def _probabilities(self, theta, data):
        found = self.predict_mean(theta, data)
        return np.stack([1.0 - found, found], axis=-1) if found.ndim == 2 else found

    def outlier_probability(self, theta) -> np.ndarray:
        """Return P(row is an outlier | labels, θ) (W, N) of the labelled rows, for an outlier mixture.

        The share of the outliers' term in the density: 1 - (1 - q) p_good / p.
        """
        values = self.parameters.unpack(theta)
        if "outlier_fraction" not in values:
            raise ModelError(f"{self.likelihood!r} has no outliers; use likelihoods.OutlierMixture")
        plain = self._on(self.data, self.likelihood.untruncated)
        fraction = values["outlier_fraction"]
        with np.errstate(all="ignore"):
            good = plain._pointwise({**values, "outlier_fraction": np.zeros_like(fraction)})
            return np.clip(1.0 - (1.0 - fraction[:, None]) * np.exp(good - plain._pointwise(values)), 0.0, 1.0)

    # -- the sampler's side -----------------------------------------------------------------------------

    @cached_property
    def _marginal(self) -> Marginal | None:
        """The density with linear coefficients integrated out; None where all parameters are walked in."""
        return marginal_of(self, self._quadratic or total_of(self, fewest_rows=1))

    @property
    def walked_names(self):
        return self.names if self._marginal is None else self._marginal.names

    def _log_walked(self, z):
        return super()._log_walked(z) if self._marginal is None else self._marginal.log_density(z)

    def natural(self, z):
        return super().natural(z) if self._marginal is None else self._marginal.natural(z)

    def walked(self, theta):
        whole = super().walked(theta)
        return whole if self._marginal is None else self._marginal.of_whole(whole)

    def complete(self, z, rng):
        return super().complete(z, rng) if self._marginal is None else self._marginal.complete(z, rng)

    @property
    def adds_rows(self) -> bool:
        """Whether each density is added up row by row: there is no moment, grid or expansion that knows the sum."""
        return self._marginal is None and self._total is None

    # -- starting points --------------------------------------------------------------------------------

    def starts(self, rng, size):
        theta = self.parameters.sample_start(rng, size)
        for share in _SHARES:
            for name, value in self.start_guess(share).items():
                theta[: size // 2, self.names.index(name)] = value
            # a guess may be impossible, such as a negative rate: a flatter one hardly ever is
            if not self.likelihood.bounded_eta or self.log_prob(theta[0]) > -np.inf:
                break
        return self.walked(theta)

    def least_squares_residuals(self):
        """Return residuals (n,), their rows, and the number of fitted coefficients; None where there is no such fit."""
        guess = self.start_guess()
        names = self.coefficient_names() if guess else None
        if names is None or not isinstance(self.predictor, LinearPredictor):
            return None
        usable = ~self.rows.missing.any(axis=1)
        rows = self.rows if usable.all() else self.rows[usable]
        values = np.array([guess.get(name, self.parameters.fixed.get(name, 0.0)) for name in names])
        labels = self.likelihood.linearised(rows)[0]
        return labels - self.predictor.design(rows.x) @ values, rows, sum(name in guess for name in names)

    def start_guess(self, share: float = 1.0) -> dict[str, float]:
        """Return least-squares values of the linear coefficients that are free, and what follows from them.

        With ``share`` below one the labels are first drawn together to that share of their distance from their mean.
        """
        if not isinstance(self.predictor, LinearPredictor):
            return {}
        names, usable = self.coefficient_names(), ~self.rows.missing.any(axis=1)
        if names is None or not usable.any():
            return {}
        rows = self.rows if usable.all() else self.rows[usable]
        design = self.predictor.design(rows.x)
        fixed = np.array([self.parameters.fixed.get(name, 0.0) for name in names])
        free = [j for j, name in enumerate(names) if name in self.names]
        labels, precision = self.likelihood.linearised(rows)
        labels = shrink(labels, precision, share) - design @ fixed
        found = least_squares(design[:, free], labels, precision, self.centring([names[j] for j in free]))
        guess = {names[j]: value for j, value in zip(free, found, strict=True)}
        residual = labels - design[:, free] @ found
        own = self.likelihood.guess(residual, rows)
        return guess | {name: value for name, value in own.items() if name in self.names}

    def coefficient_names(self):
        """Return the flat names behind the design's columns, or None where there is no design or η has classes."""
        names = self.coefficient_table()
        return None if names is None or names.ndim != 1 else names.tolist()

    def coefficient_table(self) -> np.ndarray | None:
        """Return the flat names (P,) behind the design's columns, (P, K) where η has classes; None without a design.

        None, too, where a coefficient is something else than one of the parameters.
        """
        if not isinstance(self.predictor, LinearPredictor):
            return None
        # numbers that no formula makes of one another
        probes = np.sqrt(np.arange(2.0, len(self.parameters.elements) + 2) + 0.1)
        values, start = {}, 0
        for parameter in self.parameters.parameters:
            stop = start + len(parameter.elements)
            values[parameter.name] = probes[start:stop].reshape(1, *parameter.shape)
            start = stop
        found = self.predictor.coefficients(values)
        if not np.isin(found, probes).all():
            return None
        return np.array(self.parameters.elements, dtype=object)[np.searchsorted(probes, found[0])]

    def centring(self, names):
        """Return the matrix (P, P) that takes these coefficients to their centred values."""
        matrix = np.eye(len(names))
        for parameter in self.parameters.parameters:
            for name, weights in parameter.centring.items():
                for other, weight in weights.items():
                    if name in names and other in names:
                        matrix[names.index(name), names.index(other)] = weight
        return matrix


def _blocks(data):
    if len(data) <= 2 * BLOCK_ROWS:
        return [data]
    return [data[start : start + BLOCK_ROWS] for start in range(0, len(data), BLOCK_ROWS)]
