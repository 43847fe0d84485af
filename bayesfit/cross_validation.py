"""Cross-validation: how well a model predicts rows whose labels it was not given."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bayesfit.data import Data
from bayesfit.errors import ModelError, rows_text
from bayesfit.folds import make_folds
from bayesfit.loo import MOST_ERROR, Held, hold_out
from bayesfit.models import BaseModel
from bayesfit.models.base import as_data, no_model_text
from bayesfit.pieces import mean_in_pieces
from bayesfit.posterior import Posterior
from bayesfit.results.thinning import theta_of
from bayesfit.seeds import generator
from bayesfit.targets import MixtureTarget

__all__ = ["CrossValidation", "Score", "cross_validate"]


class Score(float):
    """A number with its spread.

    Attributes
    ----------
    se : float
        Standard error, from the spread among folds.
    by_fold : ndarray (folds,)
    """

    se: float
    by_fold: np.ndarray

    def __new__(cls, value, by_fold):
        score = super().__new__(cls, value)
        score.by_fold = np.asarray(by_fold, dtype=float)
        usable = score.by_fold[np.isfinite(score.by_fold)]
        score.se = float(usable.std(ddof=1) / np.sqrt(usable.size)) if usable.size > 1 else float("nan")
        return score

    def __repr__(self):
        return f"{float(self):.4g} ± {self.se:.2g}"


@dataclass(frozen=True, eq=False)
class CrossValidation:
    """Predictions of rows by fits that had not seen their labels.

    Attributes
    ----------
    posterior : Posterior
        Of all rows.
    rows : ndarray (n,)
        The rows that were judged, in ascending order.
    pointwise : ndarray (n,)
        ln p(y_i | labels of the other folds), of the label that was fitted: without the Jacobian of `Data.transform`.
    predicted : ndarray (n,), or (n, classes)
        The posterior mean of the expected label, or class probabilities, without the row's fold.
    folds : ndarray (n,)
        The fold that each row was in.
    messages : tuple of str
        What is wrong with the refits; empty where all converged.
    """

    posterior: Posterior
    rows: np.ndarray
    pointwise: np.ndarray
    predicted: np.ndarray
    folds: np.ndarray
    messages: tuple[str, ...]

    @property
    def elpd(self) -> float:
        """The sum of the pointwise terms."""
        return float(self.pointwise.sum())

    @property
    def se(self) -> float:
        """The standard error of `elpd`, √(n var)."""
        return float(np.sqrt(len(self.pointwise)) * self.pointwise.std(ddof=1))

    @property
    def converged(self) -> bool:
        """Whether all refits converged."""
        return not self.messages

    def metric(self, name: str) -> Score:
        """Return a measure of the predictions of all rows: a number with attributes ``se`` and ``by_fold``.

        Parameters
        ----------
        name : str
            "log_score" (mean of the pointwise terms); of numbers "mse", "mae", "median_ae", "chi2" (mean of squared
            residuals over squared y_err); of classes "accuracy", "precision" and "recall", for two classes those of
            the last one, otherwise the means over the classes that occur.

        Raises
        ------
        ModelError
            If there is no such measure of these labels.
        """
        if name not in _METRICS:
            raise ModelError(f"metric {name!r} is unknown; there are {', '.join(_METRICS)}")
        kind, function = _METRICS[name]
        data = self.posterior.target.data
        classes = _label_classes(self.posterior.target)
        if kind == "classes" and not classes:
            raise ModelError(f"metric {name!r} is one of classes; these labels are {data.kind}")
        if kind == "numbers" and (classes or data.kind != "numbers"):
            raise ModelError(f"metric {name!r} is one of numbers; use log_score, accuracy, precision or recall")
        return Score(function(self, np.arange(len(self.rows))), [function(self, part) for part in self._parts()])

    def _parts(self):
        return [np.flatnonzero(self.folds == fold) for fold in np.unique(self.folds)]

    def __repr__(self):
        size = f"{len(self.rows)} rows in {len(self._parts())} folds"
        text = f"CrossValidation({size}: elpd {self.elpd:.1f} ± {self.se:.1f})"
        return text if self.converged else f"{text}\nNOT CONVERGED. {' '.join(self.messages)}"


def cross_validate(
    model: BaseModel, data: Data, *, folds=5, groups=None, sampler=None, executor=None, seed=None
) -> CrossValidation:
    """Predict each fold's labels from the others'.

    The model is fitted once to all rows, which resolves its default priors; each refit keeps these priors and
    starts from that posterior.  The features of a fold stay, only its labels are withheld.

    Parameters
    ----------
    model : Model, ClassModel or MixtureModel
    data : Data
    folds : int, "groups", Blocked, or object with ``split(X, y, groups)``
        A number of random folds, stratified for classes and never dividing a group; "groups" leaves one group
        out at a time; `Blocked` makes blocks in time; scikit-learn's splitters divide the labelled rows.
    groups : array (N,) or str, optional
        The group of each row, or the column that says it.
    sampler : sampling.Ensemble, optional
    executor : concurrent.futures.Executor, optional
        Runs the refits in parallel.
    seed : int, optional

    Returns
    -------
    CrossValidation

    Raises
    ------
    ModelError
        If it is no model.
    DataError
        If rows cannot be divided so.
    """
    if not isinstance(model, BaseModel):
        raise ModelError(no_model_text("model", model))
    rng = generator(seed)
    target = model.target(as_data(data))
    pairs = make_folds(data, target.term_rows, folds, groups, rng, classes=_label_classes(target))
    posterior = model.fit(data, sampler=sampler, seed=int(rng.integers(2**31)), progress=False, executor=executor)
    draws = theta_of(posterior.tree["posterior"].to_dataset(), posterior.target.parameters)
    sequence = np.random.SeedSequence(int(rng.integers(2**31)))
    held = hold_out(posterior.target, pairs, draws, seed=sequence, sampler=sampler, executor=executor, thorough=True)
    return _joined(posterior, held)


def _label_classes(target) -> tuple:
    """Return the classes of the labels; the components of a mixture are none."""
    return () if isinstance(target, MixtureTarget) else target.classes


def _joined(posterior: Posterior, held: list[Held]) -> CrossValidation:
    rows = np.concatenate([each.rows for each in held])
    order = np.argsort(rows)
    predicted = np.concatenate([_predicted(posterior.target, each) for each in held])
    folds = np.repeat(np.arange(len(held)), [len(each.rows) for each in held])
    messages = tuple(f"Fold {k}: {text}" for k, each in enumerate(held) for text in (*each.messages, *_doubts(each)))
    pointwise = np.concatenate([each.elpd for each in held])
    return CrossValidation(posterior, rows[order], pointwise[order], predicted[order], folds[order], messages)


def _doubts(held: Held) -> list[str]:
    """Return of which rows the draws say too little, as a sentence."""
    doubtful = held.rows[~(held.error <= MOST_ERROR)]
    if not doubtful.size:
        return []
    return [f"ln p of {rows_text(doubtful)} is known no better than to {MOST_ERROR}; ask for more effective samples."]


def _predicted(target, held: Held):
    flat, new = held.theta.reshape(-1, held.theta.shape[-1]), target.data[held.rows]
    function = target.class_probabilities if target.classes else target.predict_mean
    return mean_in_pieces(lambda t: function(t, new), flat, len(held.rows))


# -- measures ---------------------------------------------------------------------------------------------


def _residuals(result, part):
    data = result.posterior.target.data
    rows = result.rows[part]
    measured = np.ones(len(rows), dtype=bool) if data.limits is None else data.limits[rows] == 0
    return (data.y[rows] - result.predicted[part])[measured], rows[measured]


def _chi2(result, part):
    y_err = result.posterior.target.data.y_err
    if y_err is None or y_err.ndim > 1:
        raise ModelError("metric 'chi2' needs symmetric errors y_err")
    residuals, rows = _residuals(result, part)
    return np.mean(np.square(residuals / y_err[rows]))


def _codes(result, part):
    """Return true and predicted positions among the classes."""
    target = result.posterior.target
    labels = target.data.y[result.rows[part]]
    return np.array([target.classes.index(label) for label in labels]), result.predicted[part].argmax(axis=1)


def _rate(denominator: Callable) -> Callable:
    """Return the share of right rows among those that ``denominator`` takes a class to hold."""

    def rate(result, part):
        truth, found = _codes(result, part)
        k = len(result.posterior.classes)
        classes = [1] if k == 2 else range(k)
        shares = []
        for code in classes:
            among = denominator(truth, found) == code
            shares.append(np.mean((truth == found)[among]) if among.any() else np.nan)
        usable = [share for share in shares if np.isfinite(share)]
        return float(np.mean(usable)) if usable else np.nan

    return rate


def _accuracy(result, part):
    truth, found = _codes(result, part)
    return np.mean(truth == found)


_METRICS = {
    "log_score": ("any", lambda result, part: np.mean(result.pointwise[part])),
    "mse": ("numbers", lambda result, part: np.mean(np.square(_residuals(result, part)[0]))),
    "mae": ("numbers", lambda result, part: np.mean(np.abs(_residuals(result, part)[0]))),
    "median_ae": ("numbers", lambda result, part: np.median(np.abs(_residuals(result, part)[0]))),
    "chi2": ("numbers", _chi2),
    "accuracy": ("classes", _accuracy),
    "precision": ("classes", _rate(lambda truth, found: found)),
    "recall": ("classes", _rate(lambda truth, found: truth)),
}
