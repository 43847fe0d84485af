"""Telling a rare class from a common one by noisy features, where the new rows are another mixture than the old.

What the example teaches: every row has its own errors, in training and at use; class probabilities can be turned to
another prevalence; and an object of neither class is seen by its novelty, whatever the probabilities say.
"""

import numpy as np

import bayesfit as bf


def simulate(rng: np.random.Generator, n_stars: int, n_quasars: int) -> bf.Data:
    """Return two colours of stars and quasars, with errors of different size, some colours missing."""
    stars = rng.multivariate_normal([0.0, 0.0], [[0.3, 0.2], [0.2, 0.3]], n_stars)
    quasars = rng.multivariate_normal([1.2, -0.8], [[0.1, 0.0], [0.0, 0.1]], n_quasars)
    x = np.concatenate([stars, quasars])
    error = rng.uniform(0.1, 0.5, x.shape)
    x = x + error * rng.standard_normal(x.shape)
    x[rng.uniform(size=x.shape) < 0.05] = np.nan
    x[np.isnan(x).all(axis=1)] = 0.0
    labels = ["star"] * n_stars + ["quasar"] * n_quasars
    return bf.Data(x, labels, x_err=error, names=["u-g", "g-r"])


def main(n_stars: int = 200, n_quasars: int = 100, target_ess: int = 1000) -> None:
    """Fit the classes and classify three new objects, for two prevalences."""
    data = simulate(np.random.default_rng(7), n_stars, n_quasars)
    sampler = bf.sampling.Ensemble(n_ensembles=2, target_ess=target_ess)
    posterior = bf.ClassModel().fit(data, sampler=sampler, seed=1, progress=False)
    print(posterior.diagnostics)
    objects = bf.Data([[1.0, -0.6], [1.0, np.nan], [6.0, 5.0]], x_err=[[0.1, 0.1], [0.4, 0.4], [0.1, 0.1]])
    quasar = posterior.classes.index("quasar")
    trained = posterior.predict_proba(objects)[:, quasar]
    # one object in a thousand on the sky, against one in three among the training rows
    sky = posterior.predict_proba(objects, prevalence={"star": 0.999, "quasar": 0.001})[:, quasar]
    tail = posterior.novelty(objects)
    print("object           P(quasar)   if 1 in 1000   tail probability")
    for name, row in zip(("good", "noisy, with gap", "neither"), range(3), strict=True):
        print(f"{name:16s} {trained[row]:9.3f} {sky[row]:14.3f} {tail[row]:18.4f}")


if __name__ == "__main__":
    main()
