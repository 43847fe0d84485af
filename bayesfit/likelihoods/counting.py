"""What counts of all kinds ask of the data: whole numbers, and no errors or limits of any kind."""

import numpy as np

from bayesfit.data import Data
from bayesfit.errors import DataError, ModelError, rows_text
from bayesfit.likelihoods.base import Likelihood
from bayesfit.likelihoods.columns import require_numbers
from bayesfit.predictors import Outputs

__all__ = ["Counting"]


class Counting(Likelihood):
    """A likelihood of labels that are counts: their noise follows from η, not from errors."""

    about_eta = False
    discrete = True

    #: the choices of the field ``link``
    links: tuple[str, ...]

    link: str

    def __post_init__(self):
        if self.link not in self.links:
            raise ModelError(
                f"{type(self).__name__}: link={self.link!r} should be {' or '.join(map(repr, self.links))}"
            )

    def check(self, data: Data) -> None:
        name = type(self).__name__
        require_numbers(data, f"{name} needs counts: whole numbers, 0 or more")
        self._refuse_errors(data, name)
        counts = data.y
        bad = np.flatnonzero(data.labelled & ~((counts >= 0) & (counts == np.floor(counts))))
        if bad.size:
            raise DataError(
                f"y: {rows_text(bad)} hold no count ({counts[bad[0]]:g}); {name} needs whole numbers, "
                "0 or more, as they were counted (rates go with an exposure)"
            )

    def check_noise(self, data):
        self._refuse_errors(data, type(self).__name__)

    @staticmethod
    def _refuse_errors(data, name):
        if data.xy_cov is not None:
            raise ModelError(f"xy_cov: counts have no error that could go with that of a feature; not for {name}")
        if data.y_cov is not None:
            raise ModelError(f"y_cov: {name} takes independent counts; leave it out, or use Gaussian")
        if data.y_err is not None:
            raise DataError(f"y_err: the noise of counts follows from their mean, so {name} takes none; leave it out")
        limited = np.flatnonzero(data.limits) if data.limits is not None else np.zeros(0)
        if limited.size:
            raise DataError(f"limits: {rows_text(limited)} are limits or intervals; {name} needs the counts themselves")

    def default_outputs(self, data: Data, centre: float) -> Outputs:
        """Return η without a unit, ``centre`` ± three times the spread of the linearised counts, or 3."""
        found = self.linearised(data[data.labelled])[0] if data.labelled.any() else np.zeros(1)
        return Outputs(centre=centre, width=3.0 * max(1.0, float(np.std(found))))
