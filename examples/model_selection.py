"""Which degree of polynomial: leave-one-out over degrees 0 to 6, and plain cross-validation beside it.

Where scikit-learn is installed, its GridSearchCV chooses on the same folds.
"""

import sys

import numpy as np

from bayesfit import Data, Model, cross_validate, likelihoods, predictors, sampling, select


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


def grid_search(data: Data, degrees) -> int | None:
    """Return the degree that GridSearchCV chooses, None without scikit-learn."""
    try:
        from sklearn.linear_model import LinearRegression
        from sklearn.model_selection import GridSearchCV
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import PolynomialFeatures
    except ImportError:
        return None
    grid = {"polynomialfeatures__degree": list(degrees)}
    pipeline = make_pipeline(PolynomialFeatures(), LinearRegression())
    folds = list(SameFolds().split(data.x))
    search = GridSearchCV(pipeline, grid, cv=folds, scoring="neg_mean_squared_error").fit(data.x, data.y)
    return search.best_params_["polynomialfeatures__degree"]


def main(seed: int = 1, degrees=range(7), target_ess: int = 500) -> None:
    """Print the selection, and what cross-validation says of the chosen model."""
    data, sampler = simulate(seed), sampling.Ensemble(n_ensembles=2, target_ess=target_ess)
    models = {f"degree {k}": Model(predictors.Polynomial(k), likelihoods.Gaussian()) for k in degrees}
    selection = select(models, data, sampler=sampler, seed=seed)
    print(selection)
    checked = cross_validate(models[selection.best], data, folds=SameFolds(), sampler=sampler, seed=seed)
    print(checked, "mean squared error", checked.metric("mse"))
    print("GridSearchCV chooses degree", grid_search(data, degrees))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
