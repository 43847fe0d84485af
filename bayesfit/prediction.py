"""Predictive draws for new rows: what the posterior says of labels not yet measured."""

from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real
from typing import TYPE_CHECKING

import numpy as np

from bayesfit.data import Data
from bayesfit.data.tables import is_table, table_columns
from bayesfit.errors import DataError, ModelError, misnamed
from bayesfit.pieces import in_pieces, mean_in_pieces
from bayesfit.seeds import generator

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["Prediction", "log_prevalence", "new_rows", "predict"]


@dataclass(frozen=True, eq=False)
class Prediction:
    """Draws of the labels of new rows.

    Attributes
    ----------
    draws : DataArray (chain, draw, row), or (chain, draw, row, class) of probabilities
    extrapolated : ndarray (rows,) of bool
        Rows with a feature outside the range of the rows that were fitted: of those with labels, where there are any.
    """

    draws: "xr.DataArray"
    extrapolated: np.ndarray

    @property
    def mean(self) -> np.ndarray:
        """Mean over the draws (rows,)."""
        return self.draws.mean(("chain", "draw")).to_numpy()

    @property
    def sd(self) -> np.ndarray:
        """Standard deviation over the draws (rows,)."""
        return self.draws.std(("chain", "draw")).to_numpy()

    def interval(self, prob=0.9) -> np.ndarray:
        """Return the equal-tailed interval (rows, 2) that holds a probability ``prob``."""
        if not (isinstance(prob, Real) and 0 < prob < 1):
            raise ModelError(f"prob={prob!r} should be one number between 0 and 1")
        tails = [(1 - prob) / 2, (1 + prob) / 2]
        ends = self.draws.quantile(tails, ("chain", "draw"))
        return ends.transpose(*(dim for dim in self.draws.dims if dim not in ("chain", "draw")), "quantile").to_numpy()

    def __repr__(self):
        beyond = int(self.extrapolated.sum())
        note = f", {beyond} of them extrapolated" if beyond else ""
        return f"Prediction({self.draws.sizes['row']} rows{note})"


def predict(target, theta, new, *, kind="mean", seed=None) -> Prediction:
    """Return predictive draws for new rows.

    Parameters
    ----------
    target : Target
    theta : ndarray (chain, draw, D)
    new : Data
    kind : "mean" or "observed"
        The expected label, or a label as it would be measured, with noise and scatter.
    seed : int, optional
        For ``kind="observed"``.
    """
    import xarray as xr

    if kind not in ("mean", "observed"):
        raise ModelError(f"kind={kind!r} should be 'mean' or 'observed'")
    if kind == "observed":
        _check_errors(target.data, new)
        _check_units(new, target.data, [(new.label, target.data.label)])
    used = _columns_used(getattr(target, "likelihood", None))
    _check_units(new, target.data, [(name, name) for name in used if name in new.columns])
    rng = generator(seed)
    flat = theta.reshape(-1, theta.shape[-1])
    if kind == "observed":
        draws = in_pieces(lambda t: target.predict_observed(t, new, rng), flat, len(new))
    elif target.classes:
        draws = in_pieces(lambda t: target.class_probabilities(t, new), flat, len(new))
    else:
        draws = in_pieces(lambda t: target.predict_mean(t, new), flat, len(new))
    dims, coords = ("chain", "draw", "row"), {}
    if draws.ndim == 3:
        dims, coords = (*dims, "class"), {"class": list(target.classes)}
    draws = draws.reshape(*theta.shape[:2], *draws.shape[1:])
    return Prediction(xr.DataArray(draws, coords, dims, name="y"), _extrapolated(target.data, new))


def predict_proba(target, flat, new: Data, prevalence=None) -> np.ndarray:
    """Return the posterior mean (rows, classes) of the class probabilities.

    Parameters
    ----------
    target : Target
        Of a model with classes.
    flat : ndarray (draws, D)
    new : Data
    prevalence : mapping of class to share, optional
        The classes' shares where the new rows come from; they are scaled to sum to one.
    """
    if not target.classes:
        raise ModelError(f"{target.model!r} has no classes")
    log_odds = None if prevalence is None else log_prevalence(prevalence, target.classes)
    n_columns = len(new) * len(target.classes)
    return mean_in_pieces(lambda t: target.class_probabilities(t, new, log_odds), flat, n_columns)


def log_prevalence(prevalence, classes) -> np.ndarray:
    """Return ln of the shares (K,) of the classes, scaled to sum to one.

    Raises
    ------
    ModelError
        If the mapping does not give every class a share.
    """
    if not isinstance(prevalence, Mapping):
        raise ModelError(f"prevalence={prevalence!r} should be a mapping from each class to its share")
    given = dict(prevalence)
    if wrong := misnamed(given, classes):
        raise ModelError(f"prevalence should give a share for each of {wrong}")
    numbers = all(isinstance(share, Real) for share in given.values())
    shares = np.array([given[label] for label in classes], dtype=float) if numbers else np.array([np.nan])
    if not (np.isfinite(shares).all() and (shares >= 0).all() and shares.sum() > 0):
        raise ModelError(f"prevalence: the shares {given!r} should be positive numbers")
    with np.errstate(divide="ignore"):
        return np.log(shares / shares.sum())


def _check_errors(fitted, new):
    if (fitted.y_err is not None or fitted.y_cov is not None) and new.y_err is None and new.y_cov is None:
        raise DataError(
            "kind='observed' needs the label errors of the new rows, since those that were fitted had them: pass "
            "Data(x, y_err=…), or use kind='mean' for the labels without noise"
        )


def _extrapolated(fitted, new):
    fitted = fitted[fitted.labelled] if fitted.labelled.any() else fitted
    with np.errstate(invalid="ignore"):
        low = np.nanmin(np.where(fitted.missing, np.inf, fitted.x), axis=0)
        high = np.nanmax(np.where(fitted.missing, -np.inf, fitted.x), axis=0)
        return ((new.x < low) | (new.x > high)).any(axis=1)


def new_rows(x, fitted: Data, *, x_err=None) -> Data:
    """Return new rows as Data with the features of those that were fitted.

    Raises
    ------
    DataError
        If the features are not those of the fit.
    """
    if isinstance(x, Data):
        if x_err is not None:
            raise DataError("x_err: the rows are Data already; put their errors there")
        data = x
    elif is_table(x):
        # exposures, trials, bounds of truncation … have the names that they had in the fit
        kept = [name for name in fitted.columns if name in table_columns(x)]
        named = _names_columns(x_err)
        data = Data.from_table(x, x=list(fitted.names), y=None, x_err=x_err if named else None, columns=kept)
        data = data if named or x_err is None else data.replace(x_err=x_err)
    else:
        x = np.asanyarray(x)  # units and masks are kept
        names = fitted.names if (1 if x.ndim < 2 else x.shape[-1]) == fitted.n_features else None
        data = Data(np.atleast_1d(x), x_err=x_err, names=names)
    if data.n_features != fitted.n_features:
        raise DataError(
            f"expected {fitted.n_features} feature(s) ({', '.join(fitted.names)}), got {data.n_features} "
            f"({', '.join(data.names)})"
        )
    if set(data.names) != set(fitted.names) and not _default_names(data):
        raise DataError(f"expected the features {', '.join(fitted.names)}, got {', '.join(data.names)}")
    if data.names != fitted.names and set(data.names) == set(fitted.names):
        raise DataError(f"the features come in the order {', '.join(data.names)}, expected {', '.join(fitted.names)}")
    _check_units(data, fitted, zip(data.names, fitted.names, strict=True))
    return data


def _names_columns(x_err) -> bool:
    """Return whether errors are given by the names of columns of their table, not as numbers."""
    given = x_err.values() if isinstance(x_err, Mapping) else x_err if isinstance(x_err, list | tuple) else [x_err]
    return any(isinstance(each, str) for each in given)


def _columns_used(likelihood) -> list[str]:
    """Return the names of columns that a likelihood takes from each row."""
    fields = [] if likelihood is None else likelihood.fields().values()
    given = [part for field in fields for part in (field if isinstance(field, tuple) else [field])]
    return [each for each in given if isinstance(each, str)]


def _check_units(data, fitted, pairs):
    """Refuse another unit than that of the fit, of things by their names in both."""
    for new, old in pairs:
        found, expected = data.units.get(new), fitted.units.get(old)
        # errors of magnitudes have their unit without its zero point
        if found and found != expected and not (expected or "").startswith(f"{found}("):
            raise DataError(f"{old} comes in {found}, but was fitted in {expected or 'no unit'}; convert it first")


def _default_names(data):
    return data.names == ("x",) or all(name == f"x{i}" for i, name in enumerate(data.names))
