"""A classifier for scikit-learn."""

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.metrics import accuracy_score
from sklearn.utils.multiclass import check_classification_targets

from bayesfit.errors import DataError, ModelError
from bayesfit.estimators.base import BayesEstimator
from bayesfit.estimators.inputs import check_inputs
from bayesfit.likelihoods import Bernoulli, Categorical, Classes
from bayesfit.prediction import predict_proba

__all__ = ["BayesClassifier"]


class BayesClassifier(ClassifierMixin, BayesEstimator):
    """Labels that are classes, as a scikit-learn estimator.

    Parameters
    ----------
    predictor : predictors.Predictor, optional
        By default ``Linear()``.
    likelihood : likelihoods.Likelihood, optional
        By default ``Bernoulli()`` for two classes, ``Categorical()`` for more.
    priors, population, sampler, random_state
        As for `BayesRegressor`.

    Attributes
    ----------
    posterior_ : Posterior
    classes_ : ndarray (K,)
        The classes, sorted.
    n_features_in_, feature_names_in_
        As for `BayesRegressor`.

    Notes
    -----
    For gaps, errors in cross-validation, and scalers in front, see `BayesRegressor`: all of it holds here.

    Examples
    --------
    >>> from bayesfit.estimators import BayesClassifier
    >>> X, y = [[0.0], [1.0], [1.5], [3.0], [2.5], [4.0]], ["cat", "cat", "dog", "dog", "cat", "dog"]
    >>> BayesClassifier(random_state=1).fit(X, y).predict([[-1.0], [5.0]])
    array(['cat', 'dog'], dtype='<U3')
    """

    def fit(self, X, y, *, X_err=None, y_err=None):
        """Sample the posterior.

        Parameters
        ----------
        X, X_err
            As for `BayesRegressor.fit`.
        y : array (N,)
            Class labels: text, whole numbers, booleans.
        y_err : None
            Refused: class labels have no such errors.

        Returns
        -------
        BayesClassifier
            Itself.

        Raises
        ------
        DataError, ModelError, PriorError
            As `Data` and `Model` do, all before any sampling; also where there is one class only.
        """
        values, y = self._validated(X, y, X_err)
        if y_err is not None:
            raise ModelError(
                "y_err: class labels have no such errors; for wrong labels use likelihood=Bernoulli(label_noise=True)"
            )
        check_classification_targets(y)
        self.classes_, codes = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise DataError(f"y holds one class only ({self.classes_[0]!r}); give rows of each class")
        data = self._data(values, X_err, self.classes_[codes])
        return self._sample(data, self._model(self._likelihood()))

    def _likelihood(self):
        if self.likelihood is None:
            return Bernoulli() if len(self.classes_) == 2 else Categorical()
        if not isinstance(self.likelihood, Classes):
            raise ModelError(
                f"likelihood={self.likelihood!r} is not for class labels; use Bernoulli() or Categorical()"
            )
        return self.likelihood

    def predict(self, X, return_std=False, X_err=None):
        """Return the most probable classes (rows,).

        ``X`` and ``X_err`` are as for `BayesRegressor.predict`; ``return_std`` is refused, since classes have none: see
        `predict_proba`.
        """
        if return_std:
            raise ModelError("return_std: classes have no standard deviation; use predict_proba")
        best = self.predict_proba(X, X_err=X_err).argmax(axis=1)
        return self.classes_[best]

    def predict_proba(self, X, X_err=None):
        """Return the class probabilities (rows, classes), means over the posterior, in the order of ``classes_``."""
        new = self._new(X, X_err)
        return predict_proba(self.posterior_.target, self.posterior_.to_array(), new)

    def score(self, X, y, sample_weight=None, X_err=None):
        """Return the share of rows whose class is right; ``sample_weight`` weighs rows in the score alone."""
        check_inputs(X, y)
        return accuracy_score(y, self.predict(X, X_err=X_err), sample_weight=sample_weight)
