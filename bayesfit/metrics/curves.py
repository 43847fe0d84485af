"""ROC and precision–recall curves: how well a class is told from the others at any threshold."""

import numpy as np
import xarray as xr

from bayesfit.data import Data
from bayesfit.errors import DataError, ModelError
from bayesfit.metrics.ladders import Ladders
from bayesfit.metrics.outcomes import Outcomes, position_of
from bayesfit.posterior import Posterior
from bayesfit.seeds import generator

__all__ = ["precision_recall", "roc"]

#: false positive rates, and recalls, at which curves are given
_RATES = np.linspace(0.0, 1.0, 101)
_RECALLS = _RATES[1:]


def roc(posterior: Posterior, data: Data, *, positive=None, seed=0) -> xr.Dataset:
    r"""Return draws of the ROC curve and of the area under it.

    Every draw of the parameters ranks the rows by their probability of the positive class, every threshold on it
    gives a false and a true positive rate.  The rows are only so many: each draw weighs them anew, by
    Dirichlet(1, …, 1) (the Bayesian bootstrap).

    Parameters
    ----------
    posterior : Posterior
        Of a model with classes.
    data : Data
        Rows with known class, best not those that were fitted; those without a label play no part.
    positive : optional
        The class that is looked for, by default the last of two; with more classes it has to be named.
    seed : int

    Returns
    -------
    xarray.Dataset
        tpr (chain, draw, fpr) on a grid of false positive rates, straight lines between thresholds; auc (chain, draw).
        The attribute "auc" is that of the posterior mean probability with all rows alike.

    Raises
    ------
    ModelError
        If the model has no classes, or no such class.
    DataError
        If labels are missing or foreign, or all of one kind.

    Notes
    -----
    The curve does not depend on how common the positive class is; of more than two classes, the others count as they
    are mixed in ``data``.  Where the classes do not overlap in ``data`` the area is 1 in every
    draw: the bootstrap knows of no rows but these.

    References
    ----------
    Rubin (1981), Annals of Statistics 9, 130; Gu, Ghosal & Roy (2008), Statistics in Medicine 27, 5407.
    """
    outcomes, code = _prepare(posterior, data, positive, None)

    def fill(ladders: Ladders):
        return {"tpr": ladders.tpr_at(_RATES), "auc": ladders.roc_area()}

    return _draws(outcomes, code, fill, "fpr", _RATES, seed)


def precision_recall(posterior: Posterior, data: Data, *, positive=None, prevalence=None, seed=0) -> xr.Dataset:
    r"""Return draws of the precision–recall curve and of the area under it, the average precision.

    AP = Σ_n (R_n - R_{n-1}) P_n over falling thresholds.  Draws as for `roc`.

    Parameters
    ----------
    posterior, data, positive, seed
        As for `roc`.
    prevalence : mapping of class to share, optional
        The classes' shares where the classifier will be used: precision depends on them, and each class's rows count
        accordingly.  By default those of the rows, as the bootstrap draws them.

    Returns
    -------
    xarray.Dataset
        precision (chain, draw, recall): that at the highest threshold that reaches the recall; auc (chain, draw).
        Attributes: "auc", that of the posterior mean probability with all rows alike; "share", that of the positive
        rows, which is the precision of guessing.

    Raises
    ------
    ModelError, DataError
        As for `roc`.

    Examples
    --------
    The precision at a recall of 0.9::

        metrics.precision_recall(posterior, test)["precision"].sel(recall=0.9, method="nearest")
    """
    outcomes, code = _prepare(posterior, data, positive, prevalence)
    share = (outcomes.codes == code).mean() if prevalence is None else np.exp(outcomes.log_odds[code])
    if not 0 < share < 1:
        raise ModelError(f"prevalence: with a share of {share:g} for {outcomes.classes[code]!r} there is no curve")

    def fill(ladders: Ladders):
        return {"precision": ladders.precision_at(_RECALLS), "auc": ladders.average_precision()}

    return _draws(outcomes, code, fill, "recall", _RECALLS, seed).assign_attrs(share=float(share))


def _prepare(posterior, data, positive, prevalence):
    outcomes = Outcomes.of(posterior, data, prevalence)
    code = position_of(positive, outcomes.classes)
    found = (outcomes.codes == code).sum()
    if found in (0, len(outcomes.codes)):
        kind = "no row is" if found == 0 else "all rows are"
        raise DataError(f"data: {kind} {outcomes.classes[code]!r}; a curve needs rows of that class and of others")
    return outcomes, code


def _as_common(outcomes, weights):
    """Return the weights (w, N) of rows such that each class has the share that it is said to have."""
    if outcomes.log_odds is None:
        return weights
    belongs = outcomes.codes[:, None] == np.arange(len(outcomes.classes))
    with np.errstate(divide="ignore"):  # of classes that no row here belongs to
        return weights * (np.exp(outcomes.log_odds) / (weights @ belongs))[:, outcomes.codes]


def _draws(outcomes, code, fill, axis, grid, seed):
    """Return the curves of all draws, and the plain area."""
    rng, is_positive = generator(seed), outcomes.codes == code
    pieces, total = [], np.zeros(len(is_positive))
    for _, probability in outcomes.pieces():
        total = total + probability[..., code].sum(axis=0)
        # exponential variates are those of a Dirichlet, up to their sum
        weights = _as_common(outcomes, rng.standard_exponential(probability.shape[:2]))
        pieces.append(fill(Ladders.climb(probability[..., code], is_positive, weights)))
    plain = fill(Ladders.climb(total[None], is_positive, _as_common(outcomes, np.ones((1, len(is_positive))))))
    variables = {}
    for name in plain:
        values = np.concatenate([piece[name] for piece in pieces])
        dims = ("chain", "draw") if values.ndim == 1 else ("chain", "draw", axis)
        variables[name] = (dims, values.reshape(*outcomes.shape, *values.shape[1:]))
    n_chains, n_draws = outcomes.shape
    coordinates = {axis: grid, "chain": np.arange(n_chains), "draw": np.arange(n_draws)}
    attributes = {"auc": float(plain["auc"][0]), "positive": str(outcomes.classes[code]), "n_rows": len(is_positive)}
    return xr.Dataset(variables, coordinates, attributes)
