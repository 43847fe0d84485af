"""From rows ranked by probability to the rates at every threshold."""

from typing import NamedTuple

import numpy as np

__all__ = ["Ladders"]


class Ladders(NamedTuple):
    """False and true positive rates at falling thresholds, for many rankings at once.

    Rows of equal probability stand on one step: none of them can be taken without the others.

    Attributes
    ----------
    fpr, tpr : ndarray (W, N + 1)
        From 0 to 1; a step that several rows share is repeated.
    share : ndarray (W,)
        The share of positive rows.
    """

    fpr: np.ndarray
    tpr: np.ndarray
    share: np.ndarray

    @classmethod
    def climb(cls, probability: np.ndarray, is_positive: np.ndarray, weights: np.ndarray) -> "Ladders":
        """Rank rows by probability (W, N), given which are positive (N,), and their weights (W, N)."""
        order = np.argsort(-probability, axis=1)
        ranked = np.take_along_axis(probability, order, axis=1)
        weight, right = np.take_along_axis(weights, order, axis=1), is_positive[order]
        step = _last_of_equals(ranked)
        share = (weights * is_positive).sum(axis=1) / weights.sum(axis=1)
        return cls(_climb(np.where(right, 0.0, weight), step), _climb(np.where(right, weight, 0.0), step), share)

    def roc_area(self) -> np.ndarray:
        """Return the area (W,) under straight lines between the steps."""
        return np.trapezoid(self.tpr, self.fpr, axis=1)

    def tpr_at(self, fpr: np.ndarray) -> np.ndarray:
        """Return the true positive rate (W, M) on straight lines between the steps, the upper end of vertical ones."""
        shift = 2.0 * np.arange(len(self.fpr))[:, None]  # one long ladder of which each draw has its own stretch
        x, steps = fpr + shift, self.fpr + shift
        return np.interp(x.ravel(), steps.ravel(), self.tpr.ravel()).reshape(x.shape)

    def precision(self) -> np.ndarray:
        """Return the precision (W, N) at each step but the first."""
        share = self.share[:, None]
        right, wrong = share * self.tpr[:, 1:], (1.0 - share) * self.fpr[:, 1:]
        return right / (right + wrong)

    def average_precision(self) -> np.ndarray:
        """Return Σ (R_n - R_{n-1}) P_n (W,)."""
        return (np.diff(self.tpr, axis=1) * self.precision()).sum(axis=1)

    def precision_at(self, recall: np.ndarray) -> np.ndarray:
        """Return the precision (W, M) at the first step that reaches a recall."""
        shift = 2.0 * np.arange(len(self.tpr))[:, None]
        n_steps = self.tpr.shape[1] - 1
        steps = (self.tpr[:, 1:] + shift).ravel()
        # a recall that a step reaches up to rounding is reached
        place = np.searchsorted(steps, (recall - 1e-9 + shift).ravel()).reshape(-1, len(recall))
        place = np.minimum(place - n_steps * np.arange(len(self.tpr))[:, None], n_steps - 1)
        return np.take_along_axis(self.precision(), place, axis=1)


def _last_of_equals(ranked):
    """Return the position (W, N) of the last row that is as probable as each row."""
    n_rows = ranked.shape[1]
    last = np.ones(ranked.shape, dtype=bool)
    last[:, :-1] = ranked[:, :-1] != ranked[:, 1:]
    place = np.where(last, np.arange(n_rows), n_rows - 1)
    return np.minimum.accumulate(place[:, ::-1], axis=1)[:, ::-1]


def _climb(weight, step):
    """Return the cumulated share (W, N + 1) of the weight at each step."""
    total = np.cumsum(weight, axis=1)
    rate = np.take_along_axis(total, step, axis=1) / total[:, -1:]
    return np.concatenate([np.zeros((len(rate), 1)), rate], axis=1)
