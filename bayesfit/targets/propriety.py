"""Refusing posteriors that do not integrate: flat priors or exact labels where nothing makes up for them."""

import numpy as np
from scipy.optimize import linprog

from bayesfit.errors import ModelError
from bayesfit.likelihoods import Classes, Gaussian, Laplace, StudentT
from bayesfit.likelihoods.classes import class_codes
from bayesfit.predictors import LinearPredictor

__all__ = ["refuse_exact_labels", "refuse_improper"]

#: how far classes must be on their side of a plane, summed over rows, to count as separated
_GAP = 1e-7
#: relative size below which a singular value of the scaled design counts as zero
_RANK_TOLERANCE = 1e-11
#: residuals, relative to the terms of the predictor, that are nothing but rounding; rows beyond which nobody checks
_EXACT, _MANY = 1e-13, 100_000


def refuse_improper(target) -> None:
    """Raise a ModelError where flat priors leave the posterior improper.

    Notes
    -----
    With P flat linear coefficients the likelihood is integrable over them only if their columns of the
    design are independent.  What is left falls with the scatter s as s^-(N - P), so a scatter that is
    flat up to infinity needs N - P ≥ 2 rows.  For a user's function no more can be said than that each
    flat parameter needs a row.  Class probabilities do not fall off at all in a direction that separates the
    classes (Albert & Anderson 1984), nor in any direction where labels may be wrong.
    """
    flat = [n for block in target.parameters.blocks if not block.prior.proper for n in block.names]
    if not flat:
        return
    n_rows = target.n_rows
    scatter = "scatter" in flat
    locations = [name for name in flat if name != "scatter"]
    if isinstance(target.predictor, LinearPredictor) and locations:
        _check_rank(target, locations)
        if isinstance(target.likelihood, Classes):
            _check_classes(target, locations)
    needed = len(locations) + 2 * scatter
    if n_rows < needed:
        raise ModelError(
            f"{n_rows} labelled row(s) cannot make up for the flat priors of {', '.join(flat)}: the posterior is "
            f"improper below {needed} rows; give proper priors, such as Normal or HalfNormal"
        )


def refuse_exact_labels(target) -> None:
    """Raise a ModelError where labels without errors lie on the model exactly, and nothing keeps the scatter from zero.

    Notes
    -----
    For N labels on a curve of P coefficients the likelihood rises as s^-(N - P) for s → 0.  A prior that
    falls off faster, such as LogNormal or InverseGamma, keeps the posterior proper.  Where N ≤ P nothing is said of s,
    but the density rises all the same, as s^-N, in a corner that nobody can walk into; one row leaves room.
    """
    predictor = getattr(target, "predictor", None)
    if not isinstance(predictor, LinearPredictor) or not isinstance(target.likelihood, Gaussian | StudentT | Laplace):
        return
    data = target.rows
    scale = next((name for name in ("scatter", "scale") if name in target.names), None)
    noisy = data.y_err is not None or data.y_cov is not None or target.population is not None or np.any(data.limits)
    if noisy or scale is None or not 1 < len(data) <= _MANY:
        return
    design = predictor.design(data.x)
    solution, _, rank, _ = np.linalg.lstsq(design, data.y)
    largest = np.abs(data.y - design @ solution).max(initial=0.0)
    size = np.abs(data.y).max(initial=0.0) + np.abs(design * solution).max(initial=0.0)
    if largest > _EXACT * size:
        return
    prior = next(block.prior for block in target.parameters.blocks if block.names == (scale,))
    tiny = np.array([1e-150, 1e-100])
    with np.errstate(all="ignore"):
        rise = prior.log_prob(tiny) - (len(data) - rank if len(data) > rank else len(data)) * np.log(tiny)
    if not rise[0] > rise[1]:
        return
    remedy = f'give y_err, or a prior that keeps {scale} from zero, such as {{"{scale}": LogNormal(mu, sigma)}}'
    if len(data) <= rank:
        raise ModelError(
            f"{len(data)} labels without errors are met exactly by {design.shape[1]} coefficients, so that nothing is "
            f"known of {scale}: use more rows or fewer coefficients; else {remedy}"
        )
    raise ModelError(
        f"the {len(data)} labels lie on the model exactly (largest residual {largest:.2g}) and have no errors: "
        f"{scale} shrinks to zero without end and the posterior is improper; {remedy}"
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


def _check_classes(target, locations):
    table = target.coefficient_table()
    table = table[:, None] if table.ndim == 1 else table
    chosen = np.isin(table.astype(str), locations)
    if not chosen.any():
        return
    flat = ", ".join(table[chosen])
    if target.likelihood.label_noise:
        raise ModelError(
            f"{flat} have flat priors and labels may be wrong: the likelihood then stays above zero however large they "
            "are, and the posterior is improper; give proper priors, such as Normal"
        )
    if target.population is None and _separable(target, chosen):
        raise ModelError(
            f"the classes are separable by {flat}, whose priors are flat: the likelihood rises for ever and the "
            "posterior is improper; give proper priors, such as Normal"
        )


def _separable(target, chosen) -> bool:
    """Whether some coefficients put every row on its class's side of the borders, or on a border."""
    design = target.predictor.design(target.rows.x)
    constant = np.ptp(design, axis=0) == 0
    if chosen[constant].any(axis=0).all():  # a free constant in each class: the same borders, centred features
        design = np.where(constant, design, design - design.mean(axis=0))
    design = design / np.abs(design).max(axis=0).clip(min=np.finfo(float).tiny)
    codes, n_classes = class_codes(target.rows), chosen.shape[1] + 1
    # η of each class, as rows of coefficients: zero for the first
    eta = np.eye(n_classes)[:, 1:]
    advantage = [
        np.einsum("np,nk->npk", design[codes != other], (eta[codes] - eta[other])[codes != other])[:, chosen]
        for other in range(n_classes)
    ]
    sides = np.concatenate(advantage)
    best = linprog(-sides.sum(axis=0), A_ub=-sides, b_ub=np.zeros(len(sides)), bounds=(-1, 1))
    return bool(best.success and -best.fun > _GAP)
