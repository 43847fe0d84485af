"""A regressor for scikit-learn."""

import dataclasses
import warnings

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.metrics import r2_score

from bayesfit.errors import BayesfitWarning, ModelError
from bayesfit.estimators.base import BayesEstimator
from bayesfit.estimators.inputs import check_inputs
from bayesfit.likelihoods import Classes, Gaussian
from bayesfit.pieces import mean_in_pieces
from bayesfit.priors import TruncatedNormal
from bayesfit.scales import label_spread

__all__ = ["BayesRegressor"]

#: residuals, and the least scatter beside them, as shares of the spread of the labels
_EXACT, _LEAST_SCATTER = 1e-9, 1e-6


class BayesRegressor(RegressorMixin, BayesEstimator):
    """Labels that are numbers, as a scikit-learn estimator.

    Parameters
    ----------
    predictor : predictors.Predictor, optional
        By default ``Linear()``.
    likelihood : likelihoods.Likelihood, optional
        By default ``Gaussian()``: the scatter is inferred where there is no ``y_err``.
    priors : mapping, optional
        As for `Model`; what is not named has its default prior.
    population : populations.Population, optional
        Of the true values of noisy and missing features, as for `Model`.
    sampler : sampling.Ensemble, optional
    random_state : int, numpy RandomState or None
        An int gives the same draws each time.

    Attributes
    ----------
    posterior_ : Posterior
        With everything that it offers: ``summary()``, ``loo()``, ``diagnostics`` ...
    n_features_in_ : int
    feature_names_in_ : ndarray
        Where ``X`` was a table.

    Notes
    -----
    ``X`` may have gaps (NaN or masked); ``y`` may not.  Units are refused: give plain numbers.  There are no sample
    weights: they have no meaning in a likelihood; give ``y_err``.  A fit that has not converged warns, and says what
    to do; one that is refused leaves the estimator unfitted.

    **Errors in cross-validation, searches and pipelines** are sliced and handed on by scikit-learn if they are asked
    for: ``sklearn.set_config(enable_metadata_routing=True)`` and
    ``estimator.set_fit_request(X_err=True, y_err=True).set_predict_request(X_err=True)`` (or ``set_score_request``),
    then ``cross_val_score(estimator, X, y, params={"X_err": e, "y_err": s})``.  Without routing they reach `fit` only,
    and rows are predicted as if their features were exact.

    **Scalers in front** change ``X`` and not ``X_err``, which no estimator can undo.  What shows is refused: features
    standardised, scaled to a range or by quartiles, or rotated (StandardScaler, MinMaxScaler, RobustScaler, PCA),
    another number of features than errors, and errors larger than the scatter of the values.  Other changes of scale,
    such as a logarithm, are seen only where the errors are tied to their values: ``X_err=errors_of(X, X_err)``.

    Examples
    --------
    >>> from bayesfit.estimators import BayesRegressor
    >>> X, y = [[0.0], [1.0], [2.0], [3.0]], [0.9, 3.2, 5.1, 6.8]
    >>> line = BayesRegressor(random_state=1).fit(X, y, y_err=0.2)
    >>> line.predict([[4.0]]).round()
    array([9.])
    """

    def fit(self, X, y, *, X_err=None, y_err=None):
        """Sample the posterior.

        Parameters
        ----------
        X : array or table (N, p)
            Features, NaN or masked where missing.
        y : array (N,)
        X_err : number, mapping by feature, (N, p), (N, p, p), table, or `errors_of`; optional
            Errors of the features, as for `Data`.
        y_err : number, (N,) or (N, 2); optional
            Errors of the labels, as for `Data`.

        Returns
        -------
        BayesRegressor
            Itself.

        Raises
        ------
        DataError, ModelError, PriorError
            As `Data` and `Model` do, all before any sampling.
        """
        values, y = self._validated(X, y, X_err, y_err)
        likelihood = Gaussian() if self.likelihood is None else self.likelihood
        if isinstance(likelihood, Classes):
            raise ModelError(f"likelihood: {likelihood!r} is for class labels; use BayesClassifier")
        data = self._data(values, X_err, y, y_err)
        return self._sample(data, _bounded_below(self._model(likelihood), data))

    def predict(self, X, return_std=False, X_err=None):
        """Return the expected labels (rows,), and on demand how far measured ones lie from them.

        Parameters
        ----------
        X : array or table (rows, p)
        return_std : bool
            Also return the standard deviation of a new label: that of the expected label over the posterior with the
            noise.  Where the fit had ``y_err``, new rows' own errors are not known here and not contained: it is that
            of the label before measurement, with intrinsic scatter.
        X_err : optional
            Errors of these features, as for `fit`; without them the features count as exact.
        """
        new = self._new(X, X_err)
        target, theta = self.posterior_.target, self.posterior_.to_array()
        mean = mean_in_pieces(lambda draws: target.predict_mean(draws, new), theta, len(new))
        if not return_std:
            return mean
        if target.data.y_err is not None:
            new = new.with_label_errors(np.zeros(len(new)))
        seed = np.random.SeedSequence(int(self.posterior_.provenance["seed"]), spawn_key=(3,))
        rng = np.random.default_rng(seed)
        square = mean_in_pieces(lambda draws: (target.predict_observed(draws, new, rng) - mean) ** 2, theta, len(new))
        return mean, np.sqrt(square)

    def score(self, X, y, sample_weight=None, X_err=None):
        """Return the coefficient of determination R² of the expected labels.

        ``sample_weight`` weighs rows in the score alone.
        """
        check_inputs(X, y)
        return r2_score(y, self.predict(X, X_err=X_err), sample_weight=sample_weight)


def _bounded_below(model, data):
    """Keep the inferred scatter of labels without any from zero, where the density has no bound."""
    if "scatter" in _named(model.priors):
        return model
    target = model.target(data)
    fit = target.least_squares_residuals() if "scatter" in target.names else None
    if fit is None or data.y_err is not None or target.population is not None:
        return model
    residuals, rows, n_fitted = fit
    spread = label_spread(data)
    if len(rows) <= n_fitted or np.abs(residuals).max() > _EXACT * spread:
        return model
    lowest = _LEAST_SCATTER * spread
    warnings.warn(
        f"y is an exact function of X, which has no scatter to infer: it is kept above {lowest:.3g}, a millionth of "
        "the spread of y; give y_err or a prior for 'scatter' if that is not meant",
        BayesfitWarning,
        stacklevel=3,
    )
    prior = TruncatedNormal(0.0, 2 * spread, lowest, np.inf)
    return dataclasses.replace(model, priors={**(model.priors or {}), "scatter": prior})


def _named(priors):
    """Return the names that have a prior of the user's, those of joint priors too."""
    return {name for key in priors or {} for name in ([key] if isinstance(key, str) else key)}
