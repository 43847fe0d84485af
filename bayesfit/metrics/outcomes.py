"""Rows whose class is known, beside what a posterior says of them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bayesfit.data import Data
from bayesfit.data.tables import closest
from bayesfit.errors import DataError, ModelError, rows_text
from bayesfit.pieces import pieces
from bayesfit.posterior import Posterior
from bayesfit.prediction import log_prevalence, new_rows

__all__ = ["Outcomes", "position_of"]


def position_of(positive, classes: tuple) -> int:
    """Return the position of the positive class: of two classes the last one, unless another is named.

    Raises
    ------
    ModelError
        If there is no such class, or if there are several and none is named.
    """
    if positive is None:
        if len(classes) > 2:
            raise ModelError(f"positive: name one of the {len(classes)} classes {', '.join(map(repr, classes))}")
        return len(classes) - 1
    if positive not in classes:
        raise ModelError(f"positive: no class {positive!r}; {closest(positive, classes)}")
    return classes.index(positive)


@dataclass(frozen=True, eq=False)
class Outcomes:
    """Labelled rows and the posterior's draws of their class probabilities.

    Attributes
    ----------
    posterior : Posterior
    data : Data
        The rows with a label.
    codes : ndarray (N,)
        The position of each row's label among ``posterior.classes``.
    log_odds : ndarray (K,) or None
        The logarithm of the classes' shares where the rows come from.
    """

    posterior: Posterior
    data: Data
    codes: np.ndarray
    log_odds: np.ndarray | None = None

    @classmethod
    def of(cls, posterior: Posterior, data: Data, prevalence=None) -> "Outcomes":
        """Match rows with a posterior of classes.

        Raises
        ------
        ModelError
            If the model has no classes, or the prevalence does not give every class a share.
        DataError
            If there are no labels, or labels that the posterior does not know.
        """
        if not posterior.classes:
            raise ModelError(f"{posterior.target.model!r} has no classes")
        if not isinstance(data, Data):
            raise DataError(f"data should be a bayesfit.Data with labels, got {type(data).__name__}")
        new_rows(data, posterior.target.data)
        log_odds = None if prevalence is None else log_prevalence(prevalence, posterior.classes)
        if not data.labelled.any():
            raise DataError("data: no row has a label, so there is nothing to compare the predictions with")
        rows = data if data.labelled.all() else data[data.labelled]
        return cls(posterior, rows, _codes(rows, data, posterior.classes), log_odds)

    @property
    def classes(self) -> tuple:
        """The K classes."""
        return self.posterior.classes

    @property
    def shape(self) -> tuple[int, int]:
        """The numbers of chains and of draws in each."""
        sizes = self.posterior.tree["posterior"].sizes
        return sizes["chain"], sizes["draw"]

    def pieces(self) -> Iterator[tuple[slice, np.ndarray]]:
        """Go through the draws: yield which of them, and their class probabilities (w, N, K)."""
        start = 0
        for theta in pieces(self.posterior.to_array(), len(self.data) * len(self.classes)):
            with np.errstate(all="ignore"):
                found = self.posterior.target.class_probabilities(theta, self.data, self.log_odds)
            yield slice(start, start + len(found)), found
            start += len(found)


def _codes(rows, data, classes):
    position = {label: code for code, label in enumerate(classes)}
    labels = rows.labels.tolist()
    foreign = [row for row, label in zip(np.flatnonzero(data.labelled), labels, strict=True) if label not in position]
    if foreign:
        found = data.labels[foreign[0]]
        raise DataError(
            f"y {rows_text(foreign)}: {found!r} is not among the classes that were fitted, "
            f"{', '.join(map(repr, classes))}"
        )
    return np.array([position[label] for label in labels], dtype=int)
