"""What a picture shows, in numbers, for those who cannot see it."""

import numpy as np

import bayesfit as bf
from bayesfit.loo import loo_pit
from bayesfit.quantile_residuals import quantile_residuals

__all__ = [
    "of_boundary",
    "of_calibration",
    "of_chains",
    "of_comparison",
    "of_khat",
    "of_parameters",
    "of_places",
    "of_prediction",
    "of_priors",
    "of_replicates",
    "of_residuals",
    "of_roc",
    "of_terms",
]


def of_parameters(posterior, names) -> str:
    """Medians with central 90 % intervals, and the strongest correlation."""
    draws = posterior.to_array(names)
    ends = np.quantile(draws, [0.05, 0.5, 0.95], axis=0).T
    parts = [f"{name} {middle:.4g} ({low:.4g} to {high:.4g})" for name, (low, middle, high) in _zip(names, ends)]
    text = f"Medians and central 90 % intervals: {', '.join(parts)}."
    moving = draws.std(axis=0) > 0
    if moving.sum() < 2:
        return text
    kept = [name for name, moves in _zip(names, moving) if moves]
    r = np.corrcoef(draws[:, moving].T)
    i, j = np.unravel_index(np.abs(r - np.eye(len(kept))).argmax(), r.shape)
    return f"{text} The strongest correlation is {r[i, j]:.2f}, of {kept[i]} and {kept[j]}."


def of_priors(posterior, names) -> str:
    """The width of each posterior as a share of its prior's."""
    draws = posterior.to_array(names)
    prior = posterior.target.parameters.sample_prior(np.random.default_rng(0), 2000)
    columns = [posterior.names.index(name) for name in names]
    widths = [np.subtract(*np.quantile(each, [0.75, 0.25], axis=0)) for each in (draws, prior[:, columns])]
    parts = [f"{name} {_percent(own, whole)}" for name, own, whole in _zip(names, *widths)]
    return f"Width of the posterior as a share of the prior's: {', '.join(parts)}."


def of_chains(posterior, names) -> str:
    """R-hat and effective samples of the parameters shown."""
    found = posterior.diagnostics
    parts = [f"{name} {found.rhat[name]:.3f} with {found.ess[name]:.0f} effective samples" for name in names]
    return f"R-hat: {', '.join(parts)}."


def of_prediction(posterior) -> str:
    """The prediction at both ends of one feature, or how closely labels follow it for several."""
    data = _labelled(posterior)
    prediction = posterior.predict(data)
    if data.n_features > 1:
        r = np.corrcoef(prediction.mean, data.y)[0, 1]
        return f"{len(data)} rows; observed and predicted {data.label} have the correlation {r:.3f}."
    x, interval = data.x[:, 0], prediction.interval(0.9)
    ends = [
        f"{prediction.mean[i]:.4g} ({interval[i, 0]:.4g} to {interval[i, 1]:.4g}) at {data.names[0]} = {x[i]:.4g}"
        for i in (np.nanargmin(x), np.nanargmax(x))
    ]
    return f"{len(data)} rows; expected {data.label}, with its central 90 %: {' and '.join(ends)}."


def of_residuals(posterior) -> str:
    """How many residuals are large, and which is the largest."""
    data = _labelled(posterior)
    r = quantile_residuals(posterior.target, posterior.to_array(), data, data.y[None])[0]
    measured = np.ones(len(data), bool) if data.limits is None else data.limits == 0
    if not measured.any():
        return f"All {len(data)} labels are limits; residuals between {r.min():.1f} and {r.max():.1f}."
    expected = " (68 % expected)" if measured.all() else ""
    r = np.where(measured, r, 0.0)
    row = int(np.abs(r).argmax())
    number = int(np.flatnonzero(posterior.target.data.labelled)[row])
    return (
        f"{100 * np.mean(np.abs(r[measured]) < 1):.0f} % of {measured.sum()} residuals are within one{expected}, "
        f"{(np.abs(r) > 3).sum()} are beyond three; the largest is {r[row]:.1f}, of row {number}."
    )


def of_replicates(posterior) -> str:
    """Mean and standard deviation of the labels, observed and replicated."""
    replicated = posterior.tree["posterior_predictive"]["y"].stack(sample=("chain", "draw"))
    rows = [dim for dim in replicated.dims if dim != "sample"]
    observed = _labelled(posterior).y
    means, sds = replicated.mean(rows).to_numpy(), replicated.std(rows).to_numpy()
    return (
        f"Observed labels have mean {observed.mean():.4g} and standard deviation {observed.std():.4g}; replicated ones "
        f"{means.mean():.4g} ± {means.std():.2g} and {sds.mean():.4g} ± {sds.std():.2g}."
    )


def of_places(posterior) -> str:
    """How the labels spread over what the other rows predict for them."""
    values = loo_pit(posterior.tree, posterior.target).values
    shares = [np.mean(values < 0.1), np.mean(values < 0.5), np.mean(values < 0.9)]
    found = ", ".join(f"{100 * share:.0f} %" for share in shares)
    return (
        f"Shares of LOO-PIT below 0.1, 0.5 and 0.9, of {len(values)} rows: {found}; a right model has 10, 50 and 90 %."
    )


def of_boundary(posterior) -> str:
    """How the rows fall among the classes."""
    probability = posterior.predict_proba(posterior.target.data)
    counts = np.bincount(probability.argmax(axis=1), minlength=len(posterior.classes))
    parts = [f"{label} in {count}" for label, count in _zip(posterior.classes, counts)]
    sure = np.mean(probability.max(axis=1) > 0.9)
    return (
        f"The most probable class is {', '.join(parts)} of {len(probability)} rows; its probability is above 0.9 in "
        f"{100 * sure:.0f} % of them."
    )


def of_calibration(posterior, data, label) -> str:
    """The mean probability of a class, and its frequency."""
    place = posterior.classes.index(label)
    probability = posterior.predict_proba(data)[:, place]
    hits = np.array([each == label for each in data.labels])
    return (
        f"{label}: mean probability {probability.mean():.3f}, frequency {hits.mean():.3f} in {len(hits)} rows; where "
        f"the probability is above one half, {_mean(hits[probability > 0.5])} of the rows are {label}, else "
        f"{_mean(hits[probability <= 0.5])}."
    )


def of_roc(posterior, data, label) -> str:
    """The area under the curve."""
    area = bf.metrics.roc(posterior, data, positive=label)["auc"]
    low, middle, high = np.quantile(area, [0.05, 0.5, 0.95])
    return f"Area under the curve {middle:.3f} ({low:.3f} to {high:.3f}); guessing has 0.5."


def of_terms(loo) -> str:
    """The sum of the terms, and the least of them."""
    terms = loo.elpd_i.to_numpy()
    row = int(loo.elpd_i["row"].to_numpy()[terms.argmin()])
    return (
        f"{terms.size} terms from {terms.min():.2f} (row {row}) to {terms.max():.2f}, median {np.median(terms):.2f}; "
        f"their sum is {loo.elpd:.1f} ± {loo.se:.1f}."
    )


def of_khat(loo) -> str:
    """The largest Pareto k, and how many are too large."""
    k = loo.pareto_k.to_numpy()
    largest = np.nanmax(k) if np.isfinite(k).any() else np.nan
    return (
        f"The largest Pareto k is {largest:.2f}; {int((~(k <= loo.good_k)).sum())} of {k.size} exceed {loo.good_k:.2f}."
    )


def of_comparison(comparison) -> str:
    """The verdict and the differences."""
    rows = comparison.table[["elpd_diff", "dse"]].iterrows()
    parts = [f"{name} {abs(row['elpd_diff']):.1f} ± {row['dse']:.1f}" for name, row in rows]
    return f"Behind the best by elpd: {', '.join(parts)}. {comparison.verdict}"


def _labelled(posterior):
    data = posterior.target.data
    return data if data.labelled.all() else data[data.labelled]


def _mean(hits) -> str:
    return f"{100 * hits.mean():.0f} %" if hits.size else "none"


def _percent(own, whole) -> str:
    return f"{100 * own / whole:.2g} %" if whole else "fixed"


def _zip(*columns):
    return zip(*columns, strict=True)
