"""A smooth curve through free values at given knots."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bayesfit.errors import ModelError
from bayesfit.parameters import Parameter
from bayesfit.predictors.base import LinearPredictor, Outputs
from bayesfit.priors import Normal

__all__ = ["Spline"]


@dataclass(frozen=True, repr=False)
class Spline(LinearPredictor):
    r"""η = Σ_k weight_k ℓ_k(x), the natural cubic spline that passes through weight_k at knot k.

    Parameters
    ----------
    knots : sequence of float
        Two or more, rising, in the units of x: boundary knots first and last, interior ones between.

    Raises
    ------
    ModelError
        For knots that do not rise, and for data with several features.

    Notes
    -----
    The basis is the cardinal one: ℓ_k is the natural spline with value 1 at knot k and 0 at all others, so
    the ℓ_k sum to one and **weight_k is the label at knot k**, in the label's units.  Second derivatives are
    continuous and vanish at the boundary knots, beyond which the curve is a straight line.  The
    parameter is "weight" with dimension "term", the knots being the labels.  Default priors:
    weight_k ~ Normal(c, w) with c and w as in `Linear`, independent of each other: the smoothness is that of
    the knots chosen.  One feature.

    References
    ----------
    Green & Silverman (1994), Nonparametric Regression and Generalized Linear Models, section 2.1.

    Examples
    --------
    >>> Spline((0.0, 1.0, 3.0)).design(np.array([[1.0], [5.0]])).round(6)  # at a knot, and beyond the last
    array([[ 0.      ,  1.      ,  0.      ],
           [ 0.666667, -2.      ,  2.333333]])
    """

    knots: tuple[float, ...]

    def __post_init__(self):
        try:
            knots = np.array(self.knots, dtype=float)
        except (TypeError, ValueError):
            raise ModelError(f"Spline: knots should be numbers, got {self.knots!r}") from None
        if knots.ndim != 1 or len(knots) < 2 or not np.isfinite(knots).all() or (np.diff(knots) <= 0).any():
            raise ModelError(f"Spline: knots {self.knots!r} should be two or more finite numbers, rising")
        object.__setattr__(self, "knots", tuple(knots.tolist()))
        if len(set(self.terms)) < len(knots):
            raise ModelError("Spline: some knots are so close that they agree to 15 digits; leave one of them out")

    @property
    def terms(self) -> tuple[str, ...]:
        """The labels of the weights: the knots."""
        return tuple(f"{knot:.15g}" for knot in self.knots)

    def parameters(self, data, outputs: Outputs) -> tuple[Parameter, ...]:
        if data.n_features != 1:
            raise ModelError(f"Spline: takes one feature, the data have {data.n_features}: {', '.join(data.names)}")
        priors = [Normal(outputs.centre, outputs.width)] * len(self.knots)
        if outputs.classes is None:
            return (Parameter("weight", priors, ("term",), (self.terms,), unit=outputs.unit),)
        classes = tuple(outputs.classes)
        return (Parameter("weight", priors * len(classes), ("class", "term"), (classes, self.terms)),)

    @cached_property
    def _curvatures(self):
        """Second derivatives (K, K) of each ℓ at each knot: rows are knots, columns the ℓ."""
        steps = np.diff(self.knots)
        size = len(self.knots)
        curvatures = np.zeros((size, size))
        if size > 2:
            inner = np.arange(size - 2)
            differences = np.zeros((size - 2, size))
            differences[inner, inner] = 1 / steps[:-1]
            differences[inner, inner + 2] = 1 / steps[1:]
            differences[inner, inner + 1] = -1 / steps[:-1] - 1 / steps[1:]
            system = np.diag(steps[:-1] + steps[1:]) / 3
            system[inner[:-1], inner[1:]] = system[inner[1:], inner[:-1]] = steps[1:-1] / 6
            curvatures[1:-1] = np.linalg.solve(system, differences)
        return curvatures

    def design(self, x):
        x = x[:, 0]
        knots, steps = np.array(self.knots), np.diff(self.knots)
        inside = np.clip(x, knots[0], knots[-1])
        piece = np.clip(np.searchsorted(knots, inside, side="right") - 1, 0, len(steps) - 1)
        width = steps[piece, None]
        right = (inside - knots[piece])[:, None] / width
        left = 1 - right
        unit, curved = np.eye(len(knots)), self._curvatures
        below, above = curved[piece], curved[piece + 1]
        value = left * unit[piece] + right * unit[piece + 1]
        value += (left * (left**2 - 1) * below + right * (right**2 - 1) * above) * width**2 / 6
        slope = (unit[piece + 1] - unit[piece]) / width
        slope += ((1 - 3 * left**2) * below + (3 * right**2 - 1) * above) * width / 6
        return value + (x - inside)[:, None] * slope

    def coefficients(self, values):
        weight = values["weight"]
        return weight if weight.ndim == 2 else np.moveaxis(weight, 1, -1)
