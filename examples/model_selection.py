"""Which degree of polynomial: leave-one-out, cross-validation, and scikit-learn's GridSearchCV on the same folds.

Each ranks degrees 0 to 6, best first, and tells how many fits and how much time that took. Needs scikit-learn.
"""

import sys
from time import perf_counter

import numpy as np

from bayesfit import Data, Model, cross_validate, likelihoods, predictors, sampling, select


def simulate(seed: int) -> Data:
    """Return a cubic, y = 1 - x + 0.8 x³, with errors of 0.5."""
    x = np.linspace(-2, 2, 50)
    return Data(x, 1 - x + 0.8 * x**3 + 0.5 * np.random.default_rng(seed).normal(size=x.size), y_err=0.5)


def grid_search(data: Data, degrees, folds) -> dict:
    """Return the mean squared error of each degree by GridSearchCV."""
    from sklearn.linear_model import LinearRegression
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import PolynomialFeatures

    pipeline, grid = make_pipeline(PolynomialFeatures(), LinearRegression()), {"polynomialfeatures__degree": degrees}
    search = GridSearchCV(pipeline, grid, cv=folds, scoring="neg_mean_squared_error", refit=False)
    return dict(zip(degrees, -search.fit(data.x, data.y).cv_results_["mean_test_score"], strict=True))


def main(seed: int = 1, degrees=range(7), target_ess: int = 500) -> None:
    """Print three rankings of the same models."""
    from sklearn.model_selection import KFold

    degrees, folds = list(degrees), KFold(5, shuffle=True, random_state=seed)
    data, sampler = simulate(seed), sampling.Ensemble(n_ensembles=2, target_ess=target_ess)
    models = {k: Model(predictors.Polynomial(k), likelihoods.Gaussian()) for k in degrees}

    start = perf_counter()
    selection = select(models, data, sampler=sampler, seed=seed)
    print(selection)
    refits = sum(list(loo.remedies.values()).count("refit") for loo in selection.comparison.loos.values())
    report("select, elpd", selection.table["elpd"], len(models) + refits, start, best=max)
    start = perf_counter()
    checked = {k: cross_validate(model, data, folds=folds, sampler=sampler, seed=seed) for k, model in models.items()}
    report("cross_validate, elpd", {k: each.elpd for k, each in checked.items()}, 6 * len(models), start, best=max)
    start = perf_counter()
    report("GridSearchCV, mean squared error", grid_search(data, degrees, folds), 5 * len(models), start, best=min)


def report(name, scores, n_fits, start, best) -> None:
    """Print degrees in order of their scores."""
    ranking = sorted(dict(scores), key=dict(scores).get, reverse=best is max)
    print(f"{name}: {ranking}, best {scores[ranking[0]]:.3g}, {n_fits} fits in {perf_counter() - start:.1f} s")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
