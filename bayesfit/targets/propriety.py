"""Refusing posteriors that do not integrate: flat priors where the data do not make up for them."""

import numpy as np

from bayesfit.errors import ModelError
from bayesfit.predictors import LinearPredictor

__all__ = ["refuse_improper"]

#: relative size below which a singular value of the scaled design counts as zero
_RANK_TOLERANCE = 1e-11


def refuse_improper(target) -> None:
    """Raise a ModelError where flat priors leave the posterior improper.

    Notes
    -----
    With P flat linear coefficients the likelihood is integrable over them only if their columns of the
    design are independent.  What is left falls with the scatter s as s^-(N - P), so a scatter that is
    flat up to infinity needs N - P ≥ 2 rows.  For a user's function no more can be said than that each
    flat parameter needs a row.
    """
    flat = [n for block in target.parameters.blocks if not block.prior.proper for n in block.names]
    if not flat:
        return
    n_rows = target.n_rows
    scatter = "scatter" in flat
    locations = [name for name in flat if name != "scatter"]
    if isinstance(target.predictor, LinearPredictor) and locations:
        _check_rank(target, locations)
    needed = len(locations) + 2 * scatter
    if n_rows < needed:
        raise ModelError(
            f"{n_rows} labelled row(s) cannot make up for the flat priors of {', '.join(flat)}: the posterior is "
            f"improper below {needed} rows; give proper priors, such as Normal or HalfNormal"
        )


def _check_rank(target, locations):
    names = target.coefficient_names()
    if names is None:
        return
    chosen = [j for j, name in enumerate(names) if name in locations]
    design = target.predictor.design(target.rows.x)[:, chosen] @ np.linalg.inv(
        target.centring([names[j] for j in chosen])
    )
    lengths = np.sqrt((design**2).sum(axis=0))
    singular = np.linalg.svd(design / np.where(lengths > 0, lengths, 1.0), compute_uv=False)
    rank = int((singular > _RANK_TOLERANCE * singular.max(initial=0.0)).sum()) if lengths.all() else -1
    if rank < len(chosen):
        raise ModelError(
            f"the {target.n_rows} labelled row(s) do not determine {', '.join(names[j] for j in chosen)}, whose priors "
            "are flat: features without spread, too few rows, or columns that depend on each other; give proper priors"
        )
