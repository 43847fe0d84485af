"""Confusion matrices of finitely many rows, and the metrics that follow from them."""

from typing import Any

import numpy as np
import xarray as xr

from bayesfit.errors import DataError, ModelError
from bayesfit.prediction import log_prevalence
from bayesfit.seeds import generator

__all__ = ["confusion_metrics", "from_counts"]

_CHAINS = 4


def from_counts(tp: int, fp: int, fn: int, tn: int, *, prevalence=None, draws: int = 4000, seed=0) -> xr.Dataset:
    r"""Return draws of the metrics of two classes, given how many rows went where.

    The four shares of the table are drawn from Dirichlet(counts + 1/2).  Then recall ~ Beta(tp + ½, fn + ½),
    precision ~ Beta(tp + ½, fp + ½) and accuracy ~ Beta(tp + tn + 1, fp + fn + 1).

    Parameters
    ----------
    tp, fp, fn, tn : int
        The positive rows taken for positive, the negative ones taken for positive, the positive ones taken for
        negative, the negative ones taken for negative.
    prevalence : mapping, optional
        The shares of "negative" and "positive" where the classifier will be used; by default they are inferred from
        the counts, which takes for granted that the rows came as they come.
    draws : int
        The number of draws, a multiple of 4.
    seed : int

    Returns
    -------
    xarray.Dataset
        As for `classification`.  The attributes hold the plain ratios of the counts.

    Raises
    ------
    DataError
        If a count is no whole number, negative, or all are zero.

    References
    ----------
    Goutte & Gaussier (2005), A probabilistic interpretation of precision, recall and F-score, ECIR, 345.

    Examples
    --------
    >>> found = from_counts(9, 7, 0, 22)
    >>> found.attrs["recall"], round(float(found["recall"].mean()), 2)
    (1.0, 0.95)
    """
    given = {"tp": tp, "fp": fp, "fn": fn, "tn": tn}
    for name, count in given.items():
        whole = isinstance(count, int | np.integer) and not isinstance(count, bool)
        if not whole or count < 0:
            raise DataError(f"{name}={count!r} is not a whole number, 0 or more")
    if not any(given.values()):
        raise DataError("tp, fp, fn and tn are all zero: there is nothing to learn from")
    if isinstance(draws, bool) or not isinstance(draws, int | np.integer) or draws < _CHAINS or draws % _CHAINS:
        raise ModelError(f"draws={draws!r} should be a positive multiple of {_CHAINS}")
    classes = ("negative", "positive")
    counts = np.array([[tn, fp], [fn, tp]])
    log_shares = None if prevalence is None else log_prevalence(prevalence, classes)
    each = np.broadcast_to(counts, (_CHAINS, draws // _CHAINS, 2, 2))
    return confusion_metrics(each, counts, classes, positive=1, log_shares=log_shares, seed=seed)


def confusion_metrics(counts, counted, classes, *, positive, log_shares=None, seed=0) -> xr.Dataset:
    """Return draws of a confusion matrix and of its metrics.

    Parameters
    ----------
    counts : ndarray (chain, draw, K, K)
        How many rows of each true class were taken for each class; one table for every draw.
    counted : ndarray (K, K)
        One table for the plain ratios.
    classes : tuple
    positive : int or None
        Position of the class that precision, recall and F1 are of; None for the average over classes.
    log_shares : ndarray (K,), optional
        The logarithm of the classes' shares, where they are known.
    seed : int
    """
    log_cells = _draw_log_cells(counts, generator(seed))
    cells, found = _metrics(log_cells, log_shares)
    plain = _ratios(counted, log_shares)
    pick = (lambda each: each.mean(axis=-1)) if positive is None else (lambda each: each[..., positive])
    single = ("precision", "recall", "f1")
    both = ("chain", "draw")
    variables: dict[str, Any] = {
        name: (both, found[name] if name == "accuracy" else pick(found[name])) for name in found
    }
    variables["confusion"] = ((*both, "true", "predicted"), cells)
    variables |= {f"class_{name}": ((*both, "class"), found[name]) for name in single}
    variables["counts"] = (("true", "predicted"), counted)
    shares = counted.sum(axis=1) / counted.sum() if log_shares is None else np.exp(log_shares)
    variables["shares"] = ("true", shares)
    labels = list(classes)
    coordinates: dict[str, Any] = {"true": labels, "predicted": labels, "class": labels}
    coordinates |= {name: np.arange(size) for name, size in zip(both, counts.shape, strict=False)}
    attributes = {name: float(plain[name] if name == "accuracy" else pick(plain[name])) for name in plain}
    about = "average over classes" if positive is None else str(classes[positive])
    return xr.Dataset(variables, coordinates, attributes | {"n_rows": int(counted.sum()), "positive": about})


def _draw_log_cells(counts, rng):
    """Return ln of shares drawn from Dirichlet(counts + 1/K), as logarithms because small cells underflow."""
    concentration = counts + 1.0 / counts.shape[-1]
    # a gamma variate of shape a is one of shape a + 1 times u^(1/a)
    log_cells = np.log(rng.standard_gamma(concentration + 1.0))
    log_cells += np.log(rng.uniform(np.finfo(float).tiny, 1.0, size=counts.shape)) / concentration
    return log_cells - _log_sum(log_cells, (-2, -1))[..., None, None]


def _metrics(log_cells, log_shares):
    """Return the shares (…, K, K), and accuracy (…,), precision, recall and f1 (…, K)."""
    # logarithms of shares that underflow, or of a prevalence of 0, are minus infinity
    with np.errstate(invalid="ignore", divide="ignore"):
        of_class = _log_sum(log_cells, -1)
        recall = np.exp(_diagonal(log_cells) - of_class)
        if log_shares is not None:
            log_cells = log_cells - of_class[..., None] + log_shares[:, None]
            of_class = np.broadcast_to(log_shares, of_class.shape)
        right, taken_for = _diagonal(log_cells), _log_sum(log_cells, -2)
        cells = np.exp(log_cells - _log_sum(log_cells, (-2, -1))[..., None, None])
        return cells, {
            "accuracy": _diagonal(cells).sum(axis=-1),
            "precision": np.exp(right - taken_for),
            "recall": recall,
            "f1": np.exp(np.log(2.0) + right - np.logaddexp(of_class, taken_for)),
        }


def _ratios(counts, log_shares):
    """Return accuracy, and precision, recall and f1 (K,) by the counts alone; NaN where they are 0/0."""
    with np.errstate(invalid="ignore", divide="ignore"):
        of_class = counts.sum(axis=1)
        cells = counts if log_shares is None else counts * (np.exp(log_shares) / of_class)[:, None]
        right = np.diagonal(cells)
        return {
            "accuracy": right.sum() / cells.sum(),
            "precision": right / cells.sum(axis=0),
            "recall": np.diagonal(counts) / of_class,
            "f1": 2 * right / (cells.sum(axis=0) + cells.sum(axis=1)),
        }


def _diagonal(matrix):
    return np.diagonal(matrix, axis1=-2, axis2=-1)


def _log_sum(values, axis):
    return np.logaddexp.reduce(values, axis=axis)
