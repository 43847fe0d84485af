"""A polynomial in the features."""

from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np
from scipy.special import binom

from bayesfit.errors import ModelError
from bayesfit.parameters import Parameter
from bayesfit.predictors.base import LinearPredictor, Outputs, checked_pivot, coefficient_widths
from bayesfit.priors import Normal
from bayesfit.scales import feature_centres, feature_spreads

__all__ = ["Polynomial"]


@dataclass(frozen=True, repr=False)
class Polynomial(LinearPredictor):
    r"""η = Σ_k coefficient_k (x - pivot)^k, k = 0 … degree; all monomials up to that total degree for several features.

    Parameters
    ----------
    degree : int
        Zero (a constant) or more.
    pivot : float, sequence of float, or None
        The point about which powers are taken; None means x = 0.

    Notes
    -----
    The parameter is "coefficient" with dimension "power": 0, 1, 2 … for one feature, and monomials
    such as "a^2", "a b" for several.  Default priors: the k-th Taylor coefficient at the mean of x
    ~ Normal(0, w / sd(x)^k), the zeroth ~ Normal(c, w), with c and w as in `Linear`.

    Examples
    --------
    >>> Polynomial(2).design(np.array([[3.0]]))
    array([[1., 3., 9.]])
    """

    degree: int
    pivot: float | tuple[float, ...] | None = None

    def __post_init__(self):
        whole = isinstance(self.degree, int | np.integer) and not isinstance(self.degree, bool)
        if not whole or self.degree < 0:
            raise ModelError(f"Polynomial: degree {self.degree!r} should be a whole number, 0 or more")

    def _pivot(self, n_features):
        return checked_pivot(self, self.pivot, n_features)

    def _exponents(self, n_features):
        """Return the exponents (P, p), the total degree rising."""
        monomials = [
            np.bincount(np.array(chosen, dtype=int), minlength=n_features)
            for total in range(self.degree + 1)
            for chosen in combinations_with_replacement(range(n_features), total)
        ]
        return np.array(monomials, dtype=int)

    def parameters(self, data, outputs: Outputs) -> tuple[Parameter, ...]:
        exponents = self._exponents(data.n_features)
        centres = feature_centres(data) - self._pivot(data.n_features)
        with np.errstate(all="ignore"):
            scales = np.prod(feature_spreads(data) ** exponents, axis=1)
        powers = _labels(exponents, data.names)
        priors = [
            Normal(0.0 if e.any() else outputs.centre, width)
            for e, width in zip(exponents, coefficient_widths(outputs, scales, powers), strict=True)
        ]
        weights = _taylor(exponents, centres)
        classes = outputs.classes if outputs.classes is not None else (None,)
        centring = {}
        for c in classes:
            names = [f"coefficient[{k}]" if c is None else f"coefficient[{c}, {k}]" for k in powers]
            for j, name in enumerate(names):
                later = {names[k]: float(weights[j, k]) for k in range(j + 1, len(names)) if weights[j, k]}
                if later:
                    centring[name] = later
        if outputs.classes is None:
            return (Parameter("coefficient", priors, ("power",), (powers,), centring),)
        return (
            Parameter("coefficient", priors * len(classes), ("class", "power"), (tuple(classes), powers), centring),
        )

    def design(self, x):
        shifted = x - self._pivot(x.shape[1])
        exponents = self._exponents(x.shape[1])
        powers = shifted[:, :, None] ** np.arange(self.degree + 1)  # (N, p, degree + 1)
        return np.prod(powers[:, np.arange(x.shape[1]), exponents], axis=-1)

    def coefficients(self, values):
        coefficient = values["coefficient"]
        return coefficient if coefficient.ndim == 2 else np.moveaxis(coefficient, 1, -1)

    def at(self, values, x):
        coefficients = self.coefficients(values)
        if x.shape[-1] > 1 or coefficients.ndim > 2:
            return super().at(values, x)
        # Horner's rule: no powers, and no design of its own for every parameter vector
        shifted = x[..., 0] - self._pivot(1)
        found = np.zeros(shifted.shape)
        for k in reversed(range(coefficients.shape[1])):
            found *= shifted
            found += coefficients[:, k, None]
        return found

    def affine(self, values):
        return None


def _labels(exponents, names):
    if exponents.shape[1] == 1:
        return tuple(int(e) for e in exponents[:, 0])
    return tuple(
        " ".join(n if e == 1 else f"{n}^{e}" for n, e in zip(names, row, strict=True) if e) or "1" for row in exponents
    )


def _taylor(exponents, centre):
    """Return the weights (P, P) of all coefficients in each Taylor coefficient at ``centre``."""
    lower, upper = exponents[:, None, :], exponents[None, :, :]
    reachable = (upper >= lower).all(axis=-1)
    step = np.where(reachable[..., None], upper - lower, 0)
    return np.where(reachable, np.prod(binom(upper, lower) * centre**step, axis=-1), 0.0)
