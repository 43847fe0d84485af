"""Ways of feeding a likelihood: exact, noisy and missing features, limits, truncation, correlated errors."""

from dataclasses import dataclass, field

import numpy as np

from bayesfit import Data, Model, populations, predictors

__all__ = ["COUNT_FEEDS", "EXACT_FEEDS", "LOCATION_FEEDS", "Feed", "make", "random_theta"]

N = 6


@dataclass(frozen=True)
class Feed:
    """What the data of a case have, and what the model is made of."""

    name: str
    noisy: bool = False
    population: object = None
    predictor: object = field(default_factory=predictors.Linear)
    label_error: float | None = 0.4
    scatter: bool | None = None
    limits: bool = False
    truncation: tuple | None = None
    missing: bool = False
    correlated: bool = False
    unlabelled: bool = False
    #: the spread of the true feature in units of its error, and of the label's noise
    x_ratio: float = 2.0
    y_ratio: float = 1.0
    n_panels: int = 700


_QUADRATIC = predictors.Polynomial(2)

LOCATION_FEEDS = [
    Feed("plain", label_error=None),
    Feed("errors"),
    Feed("scatter", scatter=True),
    Feed("limits", limits=True),
    Feed("limits and scatter", limits=True, scatter=True),
    Feed("truncation", truncation=(-1.5, None)),
    Feed("truncation by column", truncation=("floor", "ceiling"), scatter=True),
    Feed("noisy", noisy=True),
    Feed("noisy, scatter", noisy=True, scatter=True),
    Feed("noisy without label errors", noisy=True, label_error=None),
    Feed("noisy limits", noisy=True, limits=True),
    Feed("noisy limits and scatter", noisy=True, limits=True, scatter=True),
    Feed("noisy truncation", noisy=True, truncation=(-1.5, 4.0)),
    Feed("mixture", noisy=True, population=populations.NormalMixture(2)),
    Feed("mixture, truncation", noisy=True, population=populations.NormalMixture(2), truncation=(-1.5, None)),
    Feed("flat", noisy=True, population=populations.Flat()),
    Feed("missing", noisy=True, missing=True),
    Feed("missing in a mixture", noisy=True, missing=True, population=populations.NormalMixture(2)),
    Feed("correlated", noisy=True, correlated=True),
    Feed("correlated limits", noisy=True, correlated=True, limits=True),
    Feed("correlated, truncation", noisy=True, correlated=True, truncation=(-1.5, None)),
    Feed("quadratic", noisy=True, predictor=_QUADRATIC),
    Feed("quadratic limits", noisy=True, predictor=_QUADRATIC, limits=True, missing=True),
    Feed("quadratic truncation", noisy=True, predictor=_QUADRATIC, truncation=(-1.5, None)),
    Feed("unlabelled", noisy=True, unlabelled=True),
    Feed("labels a hundred times sharper", noisy=True, y_ratio=100.0, n_panels=3000),
    Feed("labels a hundred times blunter", noisy=True, y_ratio=0.01),
    Feed("features a hundred times sharper", noisy=True, x_ratio=100.0),
    Feed("features a hundred times blunter", noisy=True, x_ratio=0.01, y_ratio=10.0, n_panels=3000),
    Feed("sharp quadratic", noisy=True, predictor=_QUADRATIC, y_ratio=100.0, x_ratio=1.0, n_panels=4000),
]

EXACT_FEEDS = [Feed("plain"), Feed("unlabelled", unlabelled=True)]

COUNT_FEEDS = [
    *EXACT_FEEDS,
    Feed("noisy", noisy=True),
    Feed("mixture", noisy=True, population=populations.NormalMixture(2)),
    Feed("flat", noisy=True, population=populations.Flat()),
    Feed("missing", noisy=True, missing=True),
    Feed("missing in a mixture", noisy=True, missing=True, population=populations.NormalMixture(2)),
    Feed("quadratic", noisy=True, predictor=_QUADRATIC, missing=True),
    Feed("unlabelled, noisy", noisy=True, unlabelled=True),
    Feed("features a hundred times sharper", noisy=True, x_ratio=100.0),
    Feed("features a hundred times blunter", noisy=True, x_ratio=0.01),
]

_RANGES = {
    "intercept": (0.8, 1.2),
    "slope": (0.6, 1.1),
    "coefficient": (0.3, 0.8),
    "scatter": (0.3, 0.6),
    "dof": (2.5, 8.0),
    "scale": (0.3, 0.7),
    "outlier_fraction": (0.1, 0.3),
    "outlier_mean": (-0.5, 1.0),
    "outlier_scale": (1.0, 2.5),
    "x_mean": (-0.4, 0.4),
    "x_mean[0]": (-1.5, -0.5),
    "x_mean[1]": (0.5, 1.5),
    "x_sd": (0.7, 1.3),
    "x_corr": (-0.3, 0.5),
    "x_slope": (-0.5, 0.5),
    "x_weight": (0.3, 0.7),
}


def random_theta(names, rng, size=2, rate=False):
    """Return theta (size, D) well inside every support."""
    ranges = [_RANGES.get(name, _RANGES[name.split("[")[0]]) for name in names]
    theta = np.array([[rng.uniform(*ends) for ends in ranges] for _ in range(size)])
    if rate:
        theta[:, names.index("intercept")] += 8.0
    return theta


def make(family, feed, seed):
    """Return a target, and theta (2, D)."""
    rng = np.random.default_rng(seed)
    true = rng.normal(0, 1, N)
    x_err = rng.uniform(0.7, 1.3, N) / feed.x_ratio
    x = true + x_err * rng.standard_normal(N) if feed.noisy else true
    columns = {"time": rng.uniform(0.5, 2.0, N), "trials": rng.integers(1, 20, N)}
    arguments = {}
    if feed.missing:
        x[[1, 4]] = np.nan
    if feed.noisy:
        arguments["x_err"] = x_err
    if family.counts:
        y = rng.binomial(columns["trials"], 0.6).astype(float)
        if family.name.startswith("Bernoulli"):
            y = rng.permutation([0.0, 0.0, 0.0, 1.0, 1.0, 1.0])
        likelihood = family.make()
    else:
        y = 1 + 0.8 * true + rng.normal(0, 0.5, N) / feed.y_ratio
        y = np.clip(y, -1.2, 3.5)
        columns |= {"floor": np.full(N, -2.0), "ceiling": rng.uniform(4.0, 6.0, N)}
        likelihood = family.make(scatter=feed.scatter, truncation=feed.truncation)
        if feed.label_error is not None:
            arguments["y_err"] = rng.uniform(0.7, 1.3, N) * feed.label_error / feed.y_ratio
        if feed.limits:
            y = np.stack([y, y], axis=1)
            y[1, 0] = y[4, 0] = -np.inf
            y[2, 1] = np.inf
            y[3] += (-0.3, 0.7)
            if feed.scatter:
                arguments["y_err"][4] = np.nan  # a sharp limit
        if feed.correlated:
            fraction = rng.uniform(-0.8, 0.8, N)
            arguments["xy_cov"] = fraction * x_err * arguments["y_err"]
    if feed.unlabelled:
        y[rng.integers(0, N)] = np.nan
    model = Model(feed.predictor, likelihood, population=feed.population)
    target = model.target(Data(x, y, columns=columns, **arguments))
    return target, random_theta(target.names, rng, rate=family.exact_only)
