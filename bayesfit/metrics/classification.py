"""Accuracy, precision, recall and F1 of a posterior's class predictions, as distributions."""

import numpy as np
import xarray as xr

from bayesfit.data import Data
from bayesfit.errors import ModelError
from bayesfit.metrics.confusion import confusion_metrics
from bayesfit.metrics.outcomes import Outcomes, position_of
from bayesfit.posterior import Posterior

__all__ = ["classification"]


def classification(
    posterior: Posterior, data: Data, *, threshold: float = 0.5, positive=None, prevalence=None, seed=0
) -> xr.Dataset:
    r"""Return draws of accuracy, precision, recall, F1 and the confusion matrix.

    Every draw of the parameters classifies all rows, which gives a table of counts n_kj of rows of class k taken for
    class j.  The shares of the table are then drawn from Dirichlet(n + 1/K), for the rows are only so many: the
    rates within a class are Dirichlet(n_k + 1/K) (with two classes the prior of Jeffreys), the shares of the
    classes Dirichlet(n_k. + 1), or the given ``prevalence``.

    Parameters
    ----------
    posterior : Posterior
        Of a model with classes.
    data : Data
        Rows with known class; those without a label play no part.  Rows that were fitted make every metric look
        better than it is: use others, such as those of ``data.split()``.
    threshold : float
        With two classes a row is taken for positive when that class's probability reaches it.  With more it is taken
        for the most probable class.
    positive : optional
        The class that precision, recall and F1 are of.  By default the last of two classes; with more the average of
        the classes' own values, all classes counting alike ("macro").
    prevalence : mapping of class to share, optional
        The classes' shares where the classifier will be used, if not those of the rows; probabilities and table are
        re-weighted to it.
    seed : int

    Returns
    -------
    xarray.Dataset
        Variables accuracy, precision, recall and f1 (chain, draw); class_precision, class_recall and class_f1 (chain,
        draw, class); confusion (chain, draw, true, predicted), shares that sum to one; counts (true, predicted) by
        the posterior mean probabilities; shares (true) of the classes.  Attributes: the plain ratios of ``counts``
        (with ``prevalence`` re-weighted), NaN where they are 0/0; the number of rows; the positive class.

    Raises
    ------
    ModelError
        If the model has no classes, or a setting does not fit them.
    DataError
        If there are no labels, or labels of other classes.

    Notes
    -----
    The labels of ``data`` are taken to be right, also where the model allows for wrong ones.  A class without any row
    leaves its rates at the prior.

    References
    ----------
    Goutte & Gaussier (2005), ECIR, 345; Berger, Bernardo & Sun (2015), Bayesian Analysis 10, 189 (1/K).
    """
    outcomes = Outcomes.of(posterior, data, prevalence)
    classes = outcomes.classes
    two = len(classes) == 2
    chosen = position_of(positive, classes) if two or positive is not None else None
    _check(threshold, classes)

    counts = np.empty((np.prod(outcomes.shape), len(classes), len(classes)), dtype=int)
    total = np.zeros((len(outcomes.codes), len(classes)))
    for piece, probability in outcomes.pieces():
        counts[piece] = _tables(
            outcomes.codes, _predicted(probability, threshold, chosen if two else None), len(classes)
        )
        total = total + probability.sum(axis=0)
    mean = total / len(counts)
    counted = _tables(outcomes.codes, _predicted(mean[None], threshold, chosen if two else None), len(classes))[0]
    return confusion_metrics(
        counts.reshape(*outcomes.shape, len(classes), len(classes)),
        counted,
        classes,
        positive=chosen,
        log_shares=outcomes.log_odds,
        seed=seed,
    )


def _check(threshold, classes):
    number = isinstance(threshold, int | float | np.number) and not isinstance(threshold, bool)
    if not (number and 0 < threshold < 1):
        raise ModelError(f"threshold={threshold!r} should lie between 0 and 1")
    if len(classes) != 2 and threshold != 0.5:
        raise ModelError(
            f"threshold={threshold!r}: with {len(classes)} classes a row is taken for the most probable one; "
            "weigh them with metrics.decide"
        )


def _predicted(probability, threshold, positive):
    """Return the position (W, N) of the class that each row is taken for."""
    if positive is None:
        return probability.argmax(axis=-1)
    return np.where(probability[..., positive] >= threshold, positive, 1 - positive)


def _tables(true, predicted, n_classes):
    """Return counts (W, K, K) of true and predicted classes."""
    n_draws, n_cells = len(predicted), n_classes**2
    cell = np.arange(n_draws)[:, None] * n_cells + true * n_classes + predicted
    return np.bincount(cell.ravel(), minlength=n_draws * n_cells).reshape(n_draws, n_classes, n_classes)
