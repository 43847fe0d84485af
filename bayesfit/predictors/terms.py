"""Terms that are products of features and of functions of features: what a formula says."""

import math
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from bayesfit.errors import ModelError, rows_text
from bayesfit.parameters import Parameter
from bayesfit.predictors.base import Affine, LinearPredictor, Outputs, coefficient_widths, slope_unit
from bayesfit.predictors.factors import evaluate, features_of
from bayesfit.priors import Normal
from bayesfit.scales import feature_centres, feature_spreads

__all__ = ["Terms"]

#: how many errors, or standard deviations of the population, a noisy feature may lie aside
_FAR = 6.0


@dataclass(frozen=True, repr=False)
class Terms(LinearPredictor):
    r"""η = intercept + Σ_t slope_t Π_{f in t} f(x): what `Linear.from_formula` returns.

    Parameters
    ----------
    terms : sequence of sequence of str
        For each term the factors that are multiplied: features, or expressions such as "log10(mass)".
    features : sequence of str
        The features that the terms are made of.  Data may have them in another order, and others besides.
    intercept : bool
        Whether there is one.
    label : str, optional
        The name of the label in the formula, to be compared with that of the data.

    Raises
    ------
    ModelError
        If a factor is neither a feature nor an expression of features; when fitted, if features are not in the data
        or a term has no value in some row.

    Notes
    -----
    Parameters are named as those of `Linear`: "intercept", and "slope" with the terms as its elements, such as
    "slope[logT:metallicity]"; a single term's is plain "slope".

    Default priors: slope_t ~ Normal(0, w / Π sd(f)), and where products stand beside their factors they speak of the
    slope at the mean of the other factors; the label at the mean of all factors ~ Normal(c, w), with c and w as in
    `Linear`.  Errors and gaps of features pass exactly where every term is a plain feature, and by quadrature over at
    most two such features otherwise; a function must then have a value wherever the true feature may lie.

    Examples
    --------
    >>> Terms([["a"], ["a", "log10(b)"]], ["a", "b"]).design(np.array([[2.0, 100.0]]))
    array([[1., 2., 4.]])
    """

    terms: tuple[tuple[str, ...], ...]
    features: tuple[str, ...]
    intercept: bool = True
    label: str | None = None

    def __post_init__(self):
        if isinstance(self.terms, str) or any(isinstance(term, str) for term in self.terms):
            raise ModelError(f"terms={self.terms!r} should hold the factors of each term: [['a'], ['a', 'b']]")
        object.__setattr__(self, "terms", tuple(tuple(term) for term in self.terms))
        object.__setattr__(self, "features", tuple(self.features))
        if not self.terms or not all(self.terms):
            raise ModelError("terms: there is no feature in the formula; for a constant use Polynomial(0)")
        for factor in (factor for term in self.terms for factor in term):
            if not features_of(factor, self.features):
                raise ModelError(f"terms: there is no feature in {factor!r}")

    @property
    def names(self) -> tuple[str, ...]:
        """The terms as text, such as "logT:metallicity"."""
        return tuple(":".join(term) for term in self.terms)

    def for_data(self, data) -> "Terms":
        """Return the same terms for data with these features, in their order.

        Raises
        ------
        ModelError
            If features are missing, or the label is another one.
        """
        absent = [name for name in self.features if name not in data.names]
        if absent:
            raise ModelError(
                f"the formula needs the feature(s) {', '.join(absent)}; the data have {', '.join(data.names)}. Name "
                f"the columns by Data.from_table(table, x={list(self.features)}, y=...), or Data(..., names=...)"
            )
        measured = data.label != "y" and not data.log_jacobian.any()
        if self.label is not None and measured and data.label != self.label:
            raise ModelError(f"the formula is for the label {self.label!r}, the data have {data.label!r}")
        return replace(self, features=data.names)

    def design(self, x):
        columns = {factor: evaluate(factor, self.features, x) for factor in self._factors}
        products = [math.prod(columns[factor] for factor in term) for term in self.terms]
        return np.column_stack([np.ones(len(x))] * self.intercept + products)

    @property
    def _factors(self):
        return tuple(dict.fromkeys(factor for term in self.terms for factor in term))

    def bind(self, x):
        self._check_values(x)
        return super().bind(x)

    def _check_values(self, x):
        """Refuse rows in which a term has no value, such as the logarithm of a negative number."""
        for factor in self._factors:
            here = evaluate(factor, self.features, x)
            used = [self.features.index(name) for name in features_of(factor, self.features)]
            bad = np.flatnonzero(~np.isfinite(here) & np.isfinite(x[:, used]).all(axis=1))
            if bad.size:
                at = ", ".join(f"{self.features[j]} = {x[bad[0], j]:.6g}" for j in used)
                raise ModelError(f"formula: {factor!r} has no finite value in {rows_text(bad)} ({at})")

    def coefficients(self, values):
        slope = values["slope"]
        if not self.intercept:
            lone = len(self.terms) == 1
            slope = slope[..., None] if lone and (slope.ndim == 1) else slope
            return slope if slope.ndim == 2 else np.moveaxis(slope, 1, -1)
        intercept = values["intercept"]
        if slope.ndim == intercept.ndim:
            slope = slope[:, None]
        elif intercept.ndim == 2:  # by class: (W, K), (W, K, terms)
            slope = np.moveaxis(slope, 1, -1)
        return np.concatenate([intercept[:, None], slope], axis=1)

    def affine_in(self, feature):
        name = self.features[feature]
        # a factor that is the feature itself occurs once in a term; within a function or a power it is bent
        return not any(factor != name and name in features_of(factor, self.features) for factor in self._factors)

    def affine(self, values):
        if not all(len(term) == 1 and term[0] in self.features for term in self.terms):
            return None
        found = self.coefficients(values)
        offset = found[:, 0] if self.intercept else np.zeros_like(found[:, 0])
        slope = np.zeros((len(found), len(self.features), *found.shape[2:]))
        for place, (name,) in enumerate(self.terms, start=int(self.intercept)):
            slope[:, self.features.index(name)] += found[:, place]
        return Affine(offset, slope)

    # -- parameters and their default priors -------------------------------------------------------------

    def parameters(self, data, outputs: Outputs) -> tuple[Parameter, ...]:
        self._check_values(data.x)
        self._check_noisy(data)
        centres, spreads = self._scales(data)
        scales = [math.prod(spreads[f] for f in term) for term in self.terms]
        priors = [Normal(0.0, width) for width in coefficient_widths(outputs, scales, self.names)]
        units = [slope_unit(outputs.unit, [data.units.get(f, "") for f in term]) for term in self.terms]
        if any(factor not in self.features for factor in self._factors):
            units = [u if set(t) <= set(self.features) else "" for u, t in zip(units, self.terms, strict=True)]
        classes = None if outputs.classes is None else tuple(outputs.classes)
        lone = len(self.terms) == 1 and classes is None
        names, dims, coords = (self.names,), ("feature",), (self.names,)
        if classes is not None:
            names, dims, coords = [self.names] * len(classes), ("class", "feature"), (classes, self.names)
        slope = Parameter(
            "slope", priors * len(names), () if lone else dims, () if lone else coords, units=tuple(units * len(names))
        )
        rows = np.reshape(slope.elements, (len(names), -1))
        centring: dict[str, dict[str, float]] = {}
        for row in rows:
            centring |= self._centring(dict(zip(self.terms, row, strict=True)), centres)
        slope = replace(slope, centring=centring)
        if not self.intercept:
            return (slope,)
        at = [math.prod(centres[f] for f in term) for term in self.terms]
        own = Parameter("intercept", Normal(outputs.centre, outputs.width), unit=outputs.unit)
        if classes is not None:
            own = replace(own, dims=("class",), coords=(classes,))
        weights = {
            name: dict(zip(map(str, row), map(float, at), strict=True))
            for name, row in zip(own.elements, rows, strict=True)
        }
        return replace(own, centring=weights), slope

    @staticmethod
    def _centring(elements, centres):
        """The slope of a term where the further factors of larger terms are at their centres."""
        centring: dict[str, dict[str, float]] = {}
        for small, large in product(elements, elements):
            if set(small) < set(large):
                further = math.prod(centres[f] for f in large if f not in small)
                centring.setdefault(str(elements[small]), {})[str(elements[large])] = float(further)
        return centring

    def _scales(self, data):
        """Return the mean and the spread of each factor, by name."""
        centres, spreads = feature_centres(data), feature_spreads(data)
        known = {f: (centres[j], spreads[j]) for j, f in enumerate(self.features)}
        for factor in self._factors:
            if factor not in known:
                column = evaluate(factor, self.features, data.x)
                column = column[np.isfinite(column)]
                centre, spread = (column.mean(), column.std()) if column.size else (0.0, 1.0)
                known[factor] = (centre, spread or abs(centre) or 1.0)
        return {f: float(c) for f, (c, _) in known.items()}, {f: float(s) for f, (_, s) in known.items()}

    def _check_noisy(self, data):
        """Refuse functions that have no value somewhere where a true feature may lie."""
        noisy = [name for name, is_noisy in zip(data.names, data.noisy, strict=True) if is_noisy]
        covariances = data.x_cov()
        errors = np.zeros(1) if covariances is None else np.sqrt(np.einsum("nii->ni", covariances)).max(axis=0)
        reach = _FAR * np.maximum(errors, np.where(data.missing.any(axis=0), feature_spreads(data), 0.0))
        x = np.where(data.missing, feature_centres(data), data.x)
        for factor in self._factors:
            involved = [name for name in features_of(factor, self.features) if name in noisy]
            ends = np.stack([evaluate(factor, self.features, x + side * reach) for side in (-1.0, 1.0)])
            if involved and factor not in self.features and not np.isfinite(ends).all():
                raise ModelError(
                    f"formula: {factor!r} has no value everywhere where the true {', '.join(involved)} may lie, which "
                    "is noisy or missing; make it a column of the table, with the errors that it has there"
                )
