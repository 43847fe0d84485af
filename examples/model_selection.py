"""Which degree of polynomial: leave-one-out over degrees 0 to 6, and plain cross-validation beside it.

Where scikit-learn is installed, its GridSearchCV chooses on the same folds.
"""

import sys

import numpy as np

from bayesfit import Data, Model, cross_validate, likelihoods, predictors, sampling, select

DEGREES = range(7)
SAMPLER = sampling.Ensemble(n_ensembles=2, target_ess=500)


def simulate(seed: int) -> Data:
    """Return a cubic, y = 1 - x + 0.8 x³, with errors of 0.5."""
    x = np.linspace(-2, 2, 50)
    return Data(x, 1 - x + 0.8 * x**3 + 0.5 * np.random.default_rng(seed).normal(size=x.size), y_err=0.5)


class SameFolds:
    """Every fifth row, for both libraries."""

    def split(self, X, y=None, groups=None):
        """Yield (train, test)."""
        rows = np.arange(len(X))
        for k in range(5):
            yield rows[rows % 5 != k], rows[rows % 5 == k]


def grid_search(data: Data) -> int | None:
    """Return the degree that GridSearchCV chooses, None without scikit-learn."""
    try:
        from sklearn.linear_model import LinearRegression
        from sklearn.model_selection import GridSearchCV
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import PolynomialFeatures
    except ImportError:
        return None
    grid = {"polynomialfeatures__degree": list(DEGREES)}
    pipeline = make_pipeline(PolynomialFeatures(), LinearRegression())
    folds = list(SameFolds().split(data.x))
    search = GridSearchCV(pipeline, grid, cv=folds, scoring="neg_mean_squared_error").fit(data.x, data.y)
    return search.best_params_["polynomialfeatures__degree"]


def main(seed: int) -> None:
    """Print the selection, and what cross-validation says of the chosen model."""
    data = simulate(seed)
    models = {f"degree {k}": Model(predictors.Polynomial(k), likelihoods.Gaussian()) for k in DEGREES}
    selection = select(models, data, sampler=SAMPLER, seed=seed)
    print(selection)
    checked = cross_validate(models[selection.best], data, folds=SameFolds(), sampler=SAMPLER, seed=seed)
    print(checked, "mean squared error", checked.metric("mse"))
    print("GridSearchCV chooses degree", grid_search(data))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
