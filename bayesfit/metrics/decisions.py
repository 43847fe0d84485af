"""Decisions by expected utility."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import xarray as xr

from bayesfit.errors import ModelError, misnamed
from bayesfit.posterior import Posterior

__all__ = ["Decision", "decide", "expected_utility"]


@dataclass(frozen=True, eq=False)
class Decision:
    """What to do with each row.

    Attributes
    ----------
    actions : ndarray (rows,)
        The action with the largest expected utility; of equal ones that named first.
    utilities : ndarray (rows, actions)
        The expected utility of every action.
    names : tuple
        The actions, in the order of the columns.
    """

    actions: np.ndarray
    utilities: np.ndarray
    names: tuple

    def __repr__(self):
        taken = {name: int(np.sum([action == name for action in self.actions])) for name in self.names}
        return f"Decision({', '.join(f'{name!r}: {count} rows' for name, count in taken.items())})"


def decide(posterior: Posterior, x, utility: Mapping, *, prevalence=None) -> Decision:
    r"""Choose for each row the action with the largest posterior expected utility.

    E[u(a) | row] = Σ_k p(k | row) u(a, k), with probabilities averaged over the posterior: the utility is linear in
    them, so that nothing else of the posterior matters for one row.

    Parameters
    ----------
    posterior : Posterior
        Of a model with classes.
    x : array (rows, p), table, or Data
        Data carry their errors along.
    utility : mapping {action: {class: value}}
        What an action is worth for a row of each class.  Actions need not be classes: another one, such as "look
        again", is taken where none of the others is worth more.
    prevalence : mapping of class to share, optional
        The classes' shares where the rows come from, if not those of the rows that were fitted.

    Raises
    ------
    ModelError
        If the model has no classes, or an action does not give every class a finite value.

    Examples
    --------
    A missed object costs as much as five false alarms::

        metrics.decide(posterior, rows, {"star": {"star": 0, "quasar": -5}, "quasar": {"star": -1, "quasar": 0}})
    """
    if not posterior.classes:
        raise ModelError(f"{posterior.target.model!r} has no classes")
    values = _table(utility, posterior.classes)
    expected = posterior.predict_proba(x, prevalence=prevalence) @ values.T
    names = np.empty(len(values), dtype=object)
    names[:] = list(utility)
    return Decision(names[expected.argmax(axis=1)], expected, tuple(utility))


def expected_utility(metrics: xr.Dataset, utility: Mapping) -> xr.DataArray:
    r"""Return draws of a classifier's mean utility for a row.

    U = Σ_kj c_kj u(j, k), with c_kj the share of rows of class k that are taken for class j.

    Parameters
    ----------
    metrics : xarray.Dataset
        Of `classification` or `from_counts`.
    utility : mapping {predicted class: {true class: value}}

    Returns
    -------
    xarray.DataArray (chain, draw)
        The attribute "plain" holds the value by the counts alone.

    Raises
    ------
    ModelError
        If the utility does not name every class.

    Examples
    --------
    >>> from bayesfit.metrics import from_counts
    >>> cost = {"negative": {"negative": 0, "positive": -5}, "positive": {"negative": -1, "positive": 0}}
    >>> tables = [from_counts(9, 7, 0, 22), from_counts(8, 3, 1, 26)]
    >>> [round(38 * expected_utility(table, cost).attrs["plain"], 9) for table in tables]
    [-7.0, -8.0]
    """
    classes = metrics["predicted"].to_numpy().tolist()
    values = _table(utility, tuple(classes))
    if wrong := misnamed(utility, classes):
        raise ModelError(f"utility should have an entry for each predicted class {wrong}")
    matrix = xr.DataArray(values, {"predicted": list(utility), "true": classes}, ("predicted", "true"))
    drawn = (metrics["confusion"] * matrix.reindex(predicted=classes)).sum(("true", "predicted"))
    return drawn.rename("utility").assign_attrs(plain=_plain(metrics, matrix))


def _plain(metrics, matrix):
    """Return the utility by the counts alone; NaN where a class that occurs has no rows."""
    counts, shares = metrics["counts"], metrics["shares"]
    of_class = (counts * matrix).sum("predicted") / counts.sum("predicted")
    return float((shares * of_class).where(shares > 0, 0.0).sum(skipna=False))


def _table(utility, classes):
    """Return values (actions, K)."""
    if not isinstance(utility, Mapping) or not utility:
        raise ModelError(f"utility should be a mapping {{action: {{class: value}}}}, got {utility!r}")
    return np.array([_row(action, values, classes) for action, values in utility.items()])


def _row(action, values, classes):
    if not isinstance(values, Mapping):
        raise ModelError(f"utility[{action!r}] should be a mapping {{class: value}}, got {values!r}")
    if wrong := misnamed(values, classes):
        raise ModelError(f"utility[{action!r}] should give a value for each of {wrong}")
    bad = {label: values[label] for label in classes if not _is_finite(values[label])}
    if bad:
        raise ModelError(f"utility[{action!r}]: {bad} should be finite numbers")
    return [float(values[label]) for label in classes]


def _is_finite(value):
    return isinstance(value, int | float | np.number) and bool(np.isfinite(value))
