"""What the estimators share: settings that are only stored, and data from the arrays that scikit-learn passes."""

import warnings

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from bayesfit.data import Data
from bayesfit.data.columns import as_numbers
from bayesfit.data.tables import is_table
from bayesfit.errors import BayesfitWarning, DataError
from bayesfit.estimators.inputs import check_inputs, readable
from bayesfit.estimators.pairing import unpaired
from bayesfit.estimators.scaling import refuse_scaled
from bayesfit.models import Model
from bayesfit.predictors import Linear

__all__ = ["BayesEstimator"]


class BayesEstimator(BaseEstimator):
    """The settings of a model and its sampler, and the fit."""

    def __init__(self, predictor=None, likelihood=None, priors=None, population=None, sampler=None, random_state=None):
        self.predictor = predictor
        self.likelihood = likelihood
        self.priors = priors
        self.population = population
        self.sampler = sampler
        self.random_state = random_state

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.target_tags.required = True
        return tags

    def _model(self, likelihood):
        predictor = Linear() if self.predictor is None else self.predictor
        return Model(predictor, likelihood, priors=self.priors, population=self.population)

    def _sample(self, data, model):
        self.posterior_ = model.fit(data, sampler=self.sampler, seed=_seed(self.random_state), progress=False)
        if not self.posterior_.diagnostics.converged:
            warnings.warn(f"the fit is not to be trusted: {self.posterior_.diagnostics}", BayesfitWarning, stacklevel=3)
        return self

    def __sklearn_is_fitted__(self):
        return hasattr(self, "posterior_")

    def _validated(self, X, y, X_err, y_err=None):
        """Return ``X`` as numbers, NaN allowed, and ``y``, and note the features; an earlier fit is forgotten."""
        vars(self).pop("posterior_", None)
        check_inputs(X, y, X_err=X_err, y_err=y_err)
        return self._numbers(X, y, ensure_min_samples=2)

    def _numbers(self, X, *y, **settings):
        given = readable(X)
        validated = validate_data(self, given, *y, dtype=float, ensure_all_finite="allow-nan", **settings)
        as_numbers(np.asarray(given), "X")  # scikit-learn reads text and times as numbers
        return validated

    def _data(self, values, X_err, y=None, y_err=None):
        """Return Data of the validated ``values`` (N, p), with errors as they were given."""
        names = getattr(self, "feature_names_in_", None)
        names = None if names is None else [str(name) for name in names]
        label = "y"
        while label in (names or []):
            label += "_"
        paired = isinstance(X_err, np.ndarray) and X_err.dtype.names is not None
        errors = unpaired(values, X_err) if paired else X_err
        _check_shape(errors, values)
        try:
            data = Data(values, y, x_err=errors, y_err=y_err, names=names, label=label)
        except DataError as error:
            raise DataError(str(error).replace("x_err", "X_err")) from None
        # new rows may lie anywhere, and as close together as they like
        covariances = None if y is None or paired else data.x_cov()
        if covariances is not None:
            refuse_scaled(data.x, data.noisy, np.sqrt(np.einsum("nii->ni", covariances)))
        return data

    def _new(self, X, X_err):
        """Return new rows as Data."""
        check_is_fitted(self)
        check_inputs(X, X_err=X_err)
        return self._data(self._numbers(X, reset=False), X_err)


def _seed(random_state):
    if isinstance(random_state, int | np.integer) and random_state >= 0:
        return int(random_state)
    return None if random_state is None else int(check_random_state(random_state).randint(2**31 - 1))


def _check_shape(errors, values):
    """Refuse errors of another shape than the features, with what a pipeline may have to do with it."""
    if errors is None or is_table(errors) or np.ndim(errors) == 0:
        return
    shape, expected = np.shape(errors), values.shape
    fitting = [expected, (*expected, expected[1])] + ([expected[:1]] if expected[1] == 1 else [])
    if shape not in fitting:
        raise DataError(
            f"X_err has shape {shape}, but X has shape {expected} where it reaches the estimator; give a number, a "
            f"mapping by feature, {expected} or {(*expected, expected[1])}. Where a step of a pipeline takes features "
            "away or adds some, give X_err for those that are left"
        )
