"""A straight line, plane or hyperplane, with interactions on demand."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from bayesfit.errors import ModelError
from bayesfit.parameters import Parameter
from bayesfit.predictors.base import Affine, LinearPredictor, Outputs, checked_pivot, coefficient_widths, slope_unit
from bayesfit.predictors.formula import read_formula
from bayesfit.predictors.terms import Terms
from bayesfit.priors import Normal
from bayesfit.scales import feature_centres, feature_spreads

__all__ = ["Linear"]


@dataclass(frozen=True, repr=False)
class Linear(LinearPredictor):
    r"""η = intercept + Σ_j slope_j (x_j - pivot_j) [+ Σ_{j<k} slope_{j:k} (x_j - pivot_j)(x_k - pivot_k)].

    Parameters
    ----------
    interaction : bool
        Adds the product of each pair of features.
    pivot : float, sequence of float, or None
        The point (one number per feature) at which the intercept is the label; None means x = 0.

    Notes
    -----
    Parameters are "intercept" and "slope"; with one feature the slope is a plain number, otherwise it
    has the dimension "feature" with the data's names, interactions being "a:b".  Without an
    intercept: ``priors={"intercept": 0}``.

    Default priors: slope_j ~ Normal(0, w / sd(x_j)), and the label at the mean of the features
    ~ Normal(c, w), where c and w are given by the likelihood (Gaussian: the mean label and ten times
    the labels' standard deviation).

    Examples
    --------
    >>> Linear(pivot=2000)
    Linear(pivot=2000)
    """

    interaction: bool = False
    pivot: float | tuple[float, ...] | None = None

    @staticmethod
    def from_formula(formula: str, table) -> Terms:
        """Return the predictor that a formula such as ``"logL ~ logT + metallicity + logT:metallicity"`` describes.

        Parameters
        ----------
        formula : str
            In Wilkinson's notation, as formulaic reads it: ``+`` adds a term, ``a:b`` multiplies features, ``a*b`` is
            ``a + b + a:b``, ``- 1`` leaves the intercept out, ``.`` is all other columns, and names with blanks go
            between backticks. Functions (``log10(mass)``) and arithmetic (``I(x**2)``, ``{x / 10}``) are of features.
            Mind that ``a**2`` outside of them is ``a:a``, which is ``a``.
        table : table or Data
            Whose columns the formula names; no values are taken from it.

        Returns
        -------
        Terms
            A predictor for data that have the formula's features by name.

        Raises
        ------
        ModelError
            If the formula cannot be read, names what the table does not have, or has terms that are no numbers:
            text columns and ``C(...)`` are refused, and so is any other function, since nothing in a formula is
            executed.

        Notes
        -----
        Rows with gaps are kept: a missing feature is one with an infinite error, as everywhere.

        Examples
        --------
        >>> table = {"logT": [3.7, 3.8, 3.9], "Z": [0.1, -0.2, 0.0], "logL": [0.1, 0.5, 0.8]}
        >>> Linear.from_formula("logL ~ logT * Z", table).names
        ('logT', 'Z', 'logT:Z')
        """
        return read_formula(formula, table)

    def _pivot(self, n_features):
        return checked_pivot(self, self.pivot, n_features)

    def _pairs(self, n_features):
        return list(combinations(range(n_features), 2)) if self.interaction else []

    def parameters(self, data, outputs: Outputs) -> tuple[Parameter, ...]:
        if self.interaction and data.n_features < 2:
            raise ModelError("Linear: interaction=True needs two features or more, the data have 1")
        pivot = self._pivot(data.n_features)
        centres, spreads = feature_centres(data) - pivot, feature_spreads(data)
        pairs = self._pairs(data.n_features)
        terms = (*data.names, *(f"{data.names[j]}:{data.names[k]}" for j, k in pairs))
        scales = np.concatenate([spreads, [spreads[j] * spreads[k] for j, k in pairs]])
        priors = [Normal(0.0, width) for width in coefficient_widths(outputs, scales, terms)]
        at_centre = [*centres, *(centres[j] * centres[k] for j, k in pairs)]
        lone = len(terms) == 1
        dims, coords = ((), ()) if lone else (("feature",), (terms,))
        intercept = Parameter("intercept", [Normal(outputs.centre, outputs.width)], unit=outputs.unit)
        slope = Parameter("slope", priors, dims, coords, self._interaction_centring(terms, pairs, centres))
        if outputs.classes is not None:
            return _by_class(intercept, slope, terms, outputs, at_centre)
        centring = {"intercept": dict(zip(slope.elements, map(float, at_centre), strict=True))}
        factors = [*((name,) for name in data.names), *((data.names[j], data.names[k]) for j, k in pairs)]
        units = tuple(slope_unit(outputs.unit, [data.units.get(name, "") for name in term]) for term in factors)
        return (
            Parameter("intercept", intercept.default, centring=centring, unit=outputs.unit),
            Parameter("slope", priors, dims, coords, slope.centring, units=units),
        )

    @staticmethod
    def _interaction_centring(terms, pairs, centres):
        """The slope of a feature at the centre of the others: the partial derivative there."""
        centring: dict[str, dict[str, float]] = {}
        for (j, k), term in zip(pairs, terms[len(centres) :], strict=True):
            centring.setdefault(f"slope[{terms[j]}]", {})[f"slope[{term}]"] = float(centres[k])
            centring.setdefault(f"slope[{terms[k]}]", {})[f"slope[{term}]"] = float(centres[j])
        return centring

    def design(self, x):
        x = x - self._pivot(x.shape[1])
        products = [x[:, j] * x[:, k] for j, k in self._pairs(x.shape[1])]
        return np.column_stack([np.ones(len(x)), x, *products])

    def coefficients(self, values):
        intercept, slope = values["intercept"], values["slope"]
        if slope.ndim == intercept.ndim:
            slope = slope[:, None]
        elif intercept.ndim == 2:  # by class: (W, K), (W, K, p)
            slope = np.moveaxis(slope, 1, -1)
        return np.concatenate([intercept[:, None], slope], axis=1)

    def affine_in(self, feature):
        return True

    def affine(self, values):
        if self.interaction:
            return None
        coefficients = self.coefficients(values)
        slope = coefficients[:, 1:]
        shift = np.moveaxis(slope, 1, -1) @ self._pivot(slope.shape[1])
        return Affine(coefficients[:, 0] - shift, slope)


def _by_class(intercept, slope, terms, outputs, at_centre):
    """The same parameters for each of the classes in ``outputs``."""
    classes = tuple(outputs.classes)
    centring = {
        f"intercept[{c}]": {f"slope[{c}, {f}]": float(m) for f, m in zip(terms, at_centre, strict=True)}
        for c in classes
    }
    return (
        Parameter("intercept", intercept.default[0], ("class",), (classes,), centring),
        Parameter("slope", list(slope.default) * len(classes), ("class", "feature"), (classes, terms)),
    )
