"""A Fourier series of known period."""

from dataclasses import dataclass

import numpy as np

from bayesfit.errors import ModelError
from bayesfit.parameters import Parameter
from bayesfit.predictors.base import LinearPredictor, Outputs
from bayesfit.priors import Normal

__all__ = ["Fourier"]


@dataclass(frozen=True, repr=False)
class Fourier(LinearPredictor):
    r"""η = weight_1 + Σ_k [weight_cosk cos(2πkx / P) + weight_sink sin(2πkx / P)], k = 1 … harmonics.

    Parameters
    ----------
    period : float
        P, positive, in the units of x.
    harmonics : int
        One or more.

    Raises
    ------
    ModelError
        For a period or number of harmonics that is none, and for data with several features.

    Notes
    -----
    The parameter is "weight" with dimension "term": "1", "cos1", "sin1", "cos2" …, in the units of the
    label.  The phase is that of x = 0; x is reduced to one period before the angle is taken, which costs no
    digits for Julian dates.  Default priors: the constant ~ Normal(c, w) and every other weight
    ~ Normal(0, w), with c and w as in `Linear`.  An unknown period makes η nonlinear: use `Function`.

    Examples
    --------
    >>> Fourier(24.0, 1).design(np.array([[0.0], [6.0]])).round(12)
    array([[1., 1., 0.],
           [1., 0., 1.]])
    """

    period: float
    harmonics: int

    def __post_init__(self):
        number = isinstance(self.period, int | float | np.number) and not isinstance(self.period, bool)
        if not number or not 0 < self.period < np.inf:
            raise ModelError(f"Fourier: period {self.period!r} should be a positive number, in the units of x")
        whole = isinstance(self.harmonics, int | np.integer) and not isinstance(self.harmonics, bool)
        if not whole or self.harmonics < 1:
            raise ModelError(f"Fourier: harmonics {self.harmonics!r} should be a whole number, 1 or more")

    @property
    def terms(self) -> tuple[str, ...]:
        """The labels of the weights."""
        return ("1", *(f"{wave}{k}" for k in range(1, self.harmonics + 1) for wave in ("cos", "sin")))

    def parameters(self, data, outputs: Outputs) -> tuple[Parameter, ...]:
        if data.n_features != 1:
            raise ModelError(f"Fourier: takes one feature, the data have {data.n_features}: {', '.join(data.names)}")
        priors = [Normal(outputs.centre, outputs.width)] + [Normal(0.0, outputs.width)] * (2 * self.harmonics)
        if outputs.classes is None:
            return (Parameter("weight", priors, ("term",), (self.terms,), unit=outputs.unit),)
        classes = tuple(outputs.classes)
        return (Parameter("weight", priors * len(classes), ("class", "term"), (classes, self.terms)),)

    def design(self, x):
        angle = 2 * np.pi * np.fmod(x[:, 0], self.period) / self.period
        angles = np.arange(1, self.harmonics + 1) * angle[:, None]
        waves = np.stack([np.cos(angles), np.sin(angles)], axis=-1).reshape(len(x), -1)
        return np.column_stack([np.ones(len(x)), waves])

    def coefficients(self, values):
        weight = values["weight"]
        return weight if weight.ndim == 2 else np.moveaxis(weight, 1, -1)
