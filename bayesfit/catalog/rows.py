"""The columns of a catalogue's table."""

from collections.abc import Sequence
from typing import Any

import numpy as np

__all__ = ["FIRST_COLUMNS", "LAST_COLUMNS", "QUANTILES", "CatalogRow", "column_order", "parameter_columns"]

type CatalogRow = dict[str, Any]

#: the probabilities of the quantiles: medians, central 68 and 90 %
QUANTILES = (0.05, 0.16, 0.5, 0.84, 0.95)
FIRST_COLUMNS = ("key", "status", "message", "n_rows")
LAST_COLUMNS = ("rhat", "ess", "elpd", "elpd_se", "p_loo", "pareto_k", "seconds")


def parameter_columns(names: Sequence[str], mean, sd, quantiles) -> CatalogRow:
    """Return the columns of the parameters: "slope_mean", "slope_sd", "slope_q05" and so on.

    Parameters
    ----------
    names : sequence of str
        The D free elements.
    mean, sd : ndarray (D,)
    quantiles : ndarray (5, D)

    Examples
    --------
    >>> list(parameter_columns(["b"], [2.0], [0.1], [[1.8], [1.9], [2.0], [2.1], [2.2]]))
    ['b_mean', 'b_sd', 'b_q05', 'b_q16', 'b_q50', 'b_q84', 'b_q95']
    """
    columns: CatalogRow = {}
    for d, name in enumerate(names):
        columns[f"{name}_mean"], columns[f"{name}_sd"] = float(mean[d]), float(sd[d])
        for probability, row in zip(QUANTILES, quantiles, strict=True):
            columns[f"{name}_q{round(100 * probability):02d}"] = float(np.asarray(row)[d])
    return columns


def column_order(present) -> list[str]:
    """Return all columns in the order of the table: what was fitted, the parameters, how well it went."""
    own = dict.fromkeys(name for name in present if name not in (*FIRST_COLUMNS, *LAST_COLUMNS))
    return [*FIRST_COLUMNS, *own, *LAST_COLUMNS]
