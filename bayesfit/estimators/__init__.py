"""The scikit-learn face: models as estimators, for pipelines, searches and cross-validation.

Needs scikit-learn 1.6 or newer: ``pip install 'bayesfit-toolkit[sklearn]'``.
"""

try:
    import sklearn  # noqa: F401
    from sklearn.utils.validation import validate_data  # noqa: F401
except ImportError as error:
    raise ImportError(
        "bayesfit.estimators needs scikit-learn 1.6 or newer: pip install 'bayesfit-toolkit[sklearn]'"
    ) from error

from bayesfit.estimators.classifier import BayesClassifier
from bayesfit.estimators.pairing import errors_of
from bayesfit.estimators.regressor import BayesRegressor

__all__ = ["BayesClassifier", "BayesRegressor", "errors_of"]
