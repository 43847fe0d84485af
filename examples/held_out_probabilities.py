"""Probabilities of held-out rows: a posterior beside the best of three point estimates, on folds of real sets.

The score of a row is the log of the probability given to its true class. scikit-learn gets gaps filled with medians
and has no use for errors; the best of its three is chosen with hindsight, bayesfit's model before, by leave-one-out.
"""

import numpy as np
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.discriminant_analysis import QuadraticDiscriminantAnalysis
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import bayesfit as bf

FILLED = SimpleImputer(strategy="median"), StandardScaler()
PEERS = {
    "logistic": make_pipeline(*FILLED, LogisticRegression(max_iter=1000)),
    "quadratic": make_pipeline(*FILLED, QuadraticDiscriminantAnalysis()),
    "boosting": HistGradientBoostingClassifier(random_state=1),
}


def posterior(data, sampler):
    """Return the better posterior of classes as Gaussians and, where features are exact, of a linear classifier."""
    exact = data.x_err is None and not data.missing.any()
    models = [bf.ClassModel(), bf.Model(bf.predictors.Linear(), bf.likelihoods.Categorical())][: 1 + exact]
    fits = [model.fit(data, sampler=sampler or bf.sampling.Ensemble(2), seed=1, progress=False) for model in models]
    return max(fits, key=lambda fit: fit.loo(refits=None).elpd)


def sets(rng):
    """Return data by name, the last with the errors that were published with it."""
    (x, y), cancer = load_iris(return_X_y=True), load_breast_cancer()
    x_err, gaps = rng.uniform(0.1, 0.6, x.shape), np.where(rng.random(x.shape) < 0.3, np.nan, x)
    noisy = bf.Data(x + x_err * rng.standard_normal(x.shape), y, x_err=x_err)
    tumours = bf.Data(cancer.data[:, [0, 1, 4, 6]], cancer.target, x_err=cancer.data[:, [10, 11, 14, 16]])
    return {"iris": bf.Data(x, y), "iris, noisy": noisy, "iris, with gaps": bf.Data(gaps, y), "breast cancer": tumours}


def main(n_folds=4, sampler=None):
    """Print mean log scores and their paired difference, each row held out once."""
    for name, data in sets(np.random.default_rng(1)).items():
        codes, scores = np.searchsorted(data.classes, data.labels), {}
        for train, test in StratifiedKFold(n_folds, shuffle=True, random_state=1).split(data.x, codes):
            guess = {k: peer.fit(data.x[train], codes[train]).predict_proba(data.x[test]) for k, peer in PEERS.items()}
            guess["bayesfit"] = np.asarray(posterior(data[train], sampler).predict_proba(data[test]))
            for k, p in guess.items():
                scores.setdefault(k, np.empty(len(data)))[test] = np.log(p[np.arange(len(test)), codes[test]])
        best = max(PEERS, key=lambda k: scores[k].mean())
        gain = scores["bayesfit"] - scores[best]
        print(f"{name:16s} bayesfit {scores['bayesfit'].mean():+.3f}   {best} {scores[best].mean():+.3f}   ", end="")
        print(f"difference {gain.mean():+.3f} ± {gain.std() / len(gain) ** 0.5:.3f}", flush=True)


if __name__ == "__main__":
    main()
