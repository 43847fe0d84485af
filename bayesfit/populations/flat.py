"""A flat population: the textbook shortcut, with its bias stated."""

from dataclasses import dataclass
from itertools import chain

import numpy as np

from bayesfit.errors import DataError, rows_text
from bayesfit.populations.base import Component, Conditional, Features, Population, dot

__all__ = ["Flat"]


@dataclass(frozen=True, repr=False)
class Flat(Population):
    r"""Every true feature equally likely a priori: ξ_i given x̂_i is N(x̂_i, S_i).

    For a straight line this gives the variance s² + σ_y² - 2β·c + β'Sβ about α + β·x̂.

    Warnings
    --------
    This is biased towards zero slope at *any* sample size (regression dilution): true features are
    never spread evenly over the whole line.  For N = 200 rows with errors of about half the spread a
    true slope of 2 comes out near 1.6.  Use it to reproduce published results; otherwise `Normal`.
    """

    def check(self, features: Features) -> None:
        gaps = np.flatnonzero(~features.present.all(axis=1))
        if gaps.size:
            raise DataError(
                f"x: {rows_text(gaps)} have missing features, about which a Flat population says nothing; use Normal"
            )

    def parameters(self, features):
        return ()

    def condition(self, values, features):
        return Conditional(np.zeros(()), [(0.0, _AtMeasurement(features))])

    def prior(self, values, features):
        raise DataError("truncation needs a proper population: Flat is none; use Normal or NormalMixture")

    def simulate(self, values, features, rng):
        raise DataError("a Flat population cannot be simulated from; use Normal or NormalMixture")


class _AtMeasurement(Component):
    def __init__(self, features):
        self.features = features

    def project(self, slope):
        slopes = np.moveaxis(slope, -1, 0)
        # products of slopes first: they are (W, 1) where all rows have the same slope
        products = [one * other for one in slopes for other in slopes]
        variance = dot(products, chain.from_iterable(self.features.shared_error_cov))
        return dot(slopes, self.features.measured.T), variance
