"""Leave-one-out terms of a posterior by row, as plots take them."""

from typing import NamedTuple

import numpy as np

from bayesfit.errors import ModelError

__all__ = ["Terms", "terms_of"]


class Terms(NamedTuple):
    """Row numbers, elpd and Pareto k of the rows (N,), and the k up to which terms are good."""

    rows: np.ndarray
    elpd: np.ndarray
    k: np.ndarray
    good_k: float

    @property
    def bad(self) -> np.ndarray:
        """Whether each row's term cannot be trusted."""
        return ~(self.k <= self.good_k)


def terms_of(source) -> Terms:
    """Return the terms of a posterior, or of the result of its ``loo()``.

    Raises
    ------
    ModelError
        If it is neither.
    """
    if hasattr(source, "loo"):
        # large Pareto k are what the plot is there to show
        source = source.loo(refits=None)
    if getattr(source, "pareto_k", None) is None or getattr(source, "elpd_i", None) is None:
        raise ModelError(f"expected a Posterior or the result of its loo(), got {type(source).__name__}")
    k, elpd = np.asarray(source.pareto_k).ravel(), np.asarray(source.elpd_i).ravel()
    coordinates = getattr(source.elpd_i, "coords", {})
    rows = np.asarray(coordinates["row"]) if "row" in coordinates else np.arange(len(elpd))
    return Terms(rows, elpd, k, float(source.good_k))
