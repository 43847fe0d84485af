"""Probabilities of held-out rows of real sets: at least as good as the best of three point estimates, within its error.

The score of a row is ln of the probability given to its true class, averaged over repeated splits.  bayesfit's model
is chosen among a few by leave-one-out from the training rows alone, the best of scikit-learn's three with hindsight.
"""

import runpy
from pathlib import Path

import numpy as np
import pytest
from sklearn.model_selection import StratifiedShuffleSplit

from bayesfit import ClassModel, Data, Model
from bayesfit.likelihoods import Bernoulli, Categorical
from bayesfit.predictors import Linear
from bayesfit.sampling import Ensemble

EXAMPLE = Path(__file__).parents[2] / "examples" / "held_out_probabilities.py"
PEERS = runpy.run_path(str(EXAMPLE))["PEERS"]
BIRDS = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"]
TUMOURS = ["radius", "texture", "smoothness", "concavity", "symmetry"]
FLOWERS = ["sepal_length", "sepal_width", "petal_length", "petal_width"]
PULSARS = [f"{part}_{moment}" for part in ("prof", "dm") for moment in ("mean", "sd", "kurt", "skew")]
GAUSSIAN = {"one each": ClassModel(), "one shape": ClassModel(shared_covariance=True)}
SOFTMAX = {"softmax": Model(Linear(), Categorical())}
BINARY = {
    "one each": ClassModel(),
    "logistic": Model(Linear(), Bernoulli()),
    "with products": Model(Linear(interaction=True), Bernoulli()),
}
#: the label's column, the features, whether they have errors, the candidates, and the number of splits
SETS = {
    "penguins": ("species", BIRDS, False, GAUSSIAN | SOFTMAX, 3),
    "penguins_noisy": ("species", BIRDS, True, GAUSSIAN, 3),
    "penguins_missing": ("species", BIRDS, False, GAUSSIAN, 3),
    "iris": ("species", FLOWERS, False, GAUSSIAN | SOFTMAX, 3),
    "breast_cancer_errors": ("malignant", TUMOURS, True, {"one each": ClassModel()}, 2),
    "htru2_pulsars_6000": ("pulsar", PULSARS, False, BINARY, 1),
}


def rows_of(table, label, features, noisy):
    table = table.dropna(subset=features, how="all")
    x_err = table[[f"{name}_err" for name in features]].to_numpy(float) if noisy else None
    return Data(table[features].to_numpy(float), table[label].to_numpy(object), x_err=x_err, names=features)


def best_by_loo(candidates, data, seed):
    """Return the name and the posterior of the candidate with the highest elpd."""
    sampler = Ensemble(n_ensembles=2)
    fits = {name: model.fit(data, sampler=sampler, seed=seed, progress=False) for name, model in candidates.items()}
    assert all(fit.diagnostics.converged for fit in fits.values())
    name = max(fits, key=lambda each: fits[each].loo(refits=0, seed=seed).elpd)
    return name, fits[name]


@pytest.mark.calibration
@pytest.mark.filterwarnings("ignore:ensemble moves mix slowly")
@pytest.mark.parametrize("name", SETS)
def test_scores_are_as_good_as_the_best_point_estimate(name, reference):
    label, features, noisy, candidates, n_splits = SETS[name]
    data = rows_of(reference(f"classification/{name}").table, label, features, noisy)
    codes = np.searchsorted(data.classes, data.labels)
    total, count, chosen = {}, np.zeros(len(data)), []
    splits = StratifiedShuffleSplit(n_splits, test_size=0.3, random_state=1).split(data.x, codes)
    for seed, (train, test) in enumerate(splits):
        found = {key: peer.fit(data.x[train], codes[train]).predict_proba(data.x[test]) for key, peer in PEERS.items()}
        which, posterior = best_by_loo(candidates, data[train], seed)
        found["bayesfit"] = np.asarray(posterior.predict_proba(data[test]))
        chosen.append(which)
        count[test] += 1
        for key, p in found.items():
            total.setdefault(key, np.zeros(len(data)))[test] += np.log(p[np.arange(len(test)), codes[test]])
    held = count > 0
    score = {key: value[held] / count[held] for key, value in total.items()}
    best = max(PEERS, key=lambda key: score[key].mean())
    gain = score["bayesfit"] - score[best]
    error = gain.std(ddof=1) / np.sqrt(len(gain))
    print(
        f"| {name} | {held.sum()} | {', '.join(dict.fromkeys(chosen))} {score['bayesfit'].mean():.3f} | "
        f"{best} {score[best].mean():.3f} | {gain.mean():+.4f} ± {error:.4f} |",
        flush=True,
    )
    assert gain.mean() > -2 * error
    if noisy or data.missing.any():
        assert gain.mean() > 0
