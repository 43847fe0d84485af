"""One named parameter of a part of a model, a number or an array of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from bayesfit.priors import JointPrior, Prior
from bayesfit.supports import REAL_LINE, Interval

__all__ = ["Parameter"]


@dataclass(frozen=True)
class Parameter:
    """One named parameter of a part of a model, a number or an array of them.

    Parameters
    ----------
    name : str
    default : Prior or sequence of Prior, optional
        One prior for each element, or a prior per element in C order.  None: the user has to give one.
    dims, coords : tuple
        Names of the axes and the labels along each.
    centring : mapping of str to mapping of str to float
        For elements (flat names) that the model centres: the weights of the other elements.
        A default prior then speaks of the centred value, a user's prior always of the element itself.
    joint : tuple of (flat names, JointPrior)
        Default priors of several elements together, which go before ``default``.
    bounds : Interval
        Where its elements have a meaning; a prior that reaches beyond is refused.
    unit : str
    units : tuple of str
        One for each element, where they differ.
    hidden : bool
        Left out of summaries and plots unless asked for (parameters of populations).
    """

    name: str
    default: Prior | Sequence[Prior] | None = None
    dims: tuple[str, ...] = ()
    coords: tuple[tuple, ...] = ()
    centring: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    joint: tuple[tuple[tuple[str, ...], JointPrior], ...] = ()
    bounds: Interval = REAL_LINE
    unit: str = ""
    hidden: bool = False
    units: tuple[str, ...] = ()

    @property
    def shape(self) -> tuple[int, ...]:
        """The number of labels along each axis."""
        return tuple(len(labels) for labels in self.coords)

    @property
    def elements(self) -> tuple[str, ...]:
        """Flat names in C order.

        Examples
        --------
        >>> Parameter("slope", dims=("feature",), coords=(("Teff", "logg"),)).elements
        ('slope[Teff]', 'slope[logg]')
        """
        return tuple(
            f"{self.name}[{', '.join(str(labels[i]) for labels, i in zip(self.coords, index, strict=True))}]"
            if index
            else self.name
            for index in np.ndindex(self.shape)
        )

    def unit_of(self, position: int) -> str:
        """Return the unit of one element (in C order), empty where it has none."""
        return self.units[position] if self.units else self.unit

    def default_of(self, position: int) -> Prior | None:
        """Return the default prior of one element (in C order)."""
        if self.default is None or isinstance(self.default, Prior):
            return self.default
        return self.default[position]
