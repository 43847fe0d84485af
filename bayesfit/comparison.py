"""Which model predicts better: PSIS-LOO, its differences and stacking, with a verdict in words."""

import copy
import warnings
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import xarray as xr

from bayesfit.errors import ComparisonError, rows_text
from bayesfit.posterior import Posterior
from bayesfit.prediction import Prediction
from bayesfit.seeds import generator
from bayesfit.targets import MixtureTarget, Target

__all__ = ["Comparison", "compare"]

#: a difference below this is no difference, whatever its standard error (Sivula et al. 2020)
LEAST_DIFFERENCE = 4.0
LEAST_ERRORS = 2.0
#: a stacking weight that no draw would ever go by
NEGLIGIBLE = 1e-9
#: terms below this are too small for exp()
_LOWEST = -600.0


@dataclass(frozen=True, eq=False)
class Comparison:
    """Models ranked by expected log predictive density (elpd).

    Attributes
    ----------
    table : DataFrame
        A row per model, best first: elpd and its standard error se, elpd_diff and its standard error dse (to the
        best), p (effective number of parameters), weight (stacking), the largest Pareto k after remedies, what
        the remedies were, and the number of draws that the terms were worked out from.
    posteriors : dict
    verdict : str
        Which model predicts better, or that none clearly does: no winner is named where the difference is below 4
        or below twice its standard error, where terms cannot be trusted, or where a sampler has not converged.
    reliable : bool
        Whether all samplers converged and every leave-one-out term can be trusted.
    loos : dict
        ArviZ's ELPDData of each model, with terms by row.
    """

    table: pd.DataFrame
    posteriors: Mapping[str, Posterior]
    verdict: str
    reliable: bool
    loos: Mapping = field(default_factory=dict)

    @property
    def weights(self) -> dict[str, float]:
        """Stacking weights by model; not evidence for a model where the verdict names no winner."""
        return {name: float(weight) for name, weight in self.table["weight"].items()}

    def predict(self, x, *, x_err=None, kind="mean", seed=None) -> Prediction:
        """Return predictive draws of the models mixed by their stacking weights.

        Raises
        ------
        ComparisonError
            If models that have a weight predict labels on different scales, or things of different shapes.
        """
        rng = generator(seed)
        members = {name: weight for name, weight in self.weights.items() if weight > NEGLIGIBLE}
        self._refuse_other_scales(list(members))
        parts = {
            name: self.posteriors[name].predict(x, x_err=x_err, kind=kind, seed=int(rng.integers(2**31)))
            for name in members
        }
        shapes = {name: part.draws.shape[2:] for name, part in parts.items()}
        if len(set(shapes.values())) > 1:
            text = ", ".join(f"{name!r} {shape}" for name, shape in shapes.items())
            raise ComparisonError(f"predictions of different shapes cannot be mixed: {text}; predict with one of them")
        first = next(iter(parts.values()))
        flat = [part.draws.stack(sample=("chain", "draw")).transpose("sample", ...) for part in parts.values()]
        size = min(part.sizes["sample"] for part in flat)
        shares = np.array(list(members.values()))
        chosen = rng.choice(len(shares), size=size, p=shares / shares.sum())
        shuffled = [part.to_numpy()[rng.permutation(part.sizes["sample"])[:size]] for part in flat]
        mixed = np.stack(shuffled)[chosen, np.arange(size)]
        coords = {name: first.draws[name] for name in first.draws.dims if name in ("class",)}
        return Prediction(xr.DataArray(mixed[None], coords, first.draws.dims, name="y"), first.extrapolated)

    def _refuse_other_scales(self, names):
        """Raise where labels were transformed for one model and not, or otherwise, for another."""
        first, *others = ((name, self.posteriors[name].target.data) for name in names)
        for name, data in others:
            if data.kind == "numbers" and _differ(first[1].y, data.y)[data.labelled].any():
                raise ComparisonError(
                    f"{first[0]!r} predicts {first[1].label} and {name!r} {data.label}, on another scale: predict with "
                    "one of them, or fit both to the same labels"
                )

    def __repr__(self):
        return f"{self.table.round(2).to_string()}\n\n{self.verdict}"


def compare(
    posteriors: Mapping[str, Posterior], *, refits: int | None = 10, executor=None, seed: int | None = None
) -> Comparison:
    """Compare posteriors of the same labels by leave-one-out cross-validation.

    Parameters
    ----------
    posteriors : mapping of str to Posterior
    refits, executor, seed
        As for `Posterior.loo`, for each posterior.

    Returns
    -------
    Comparison

    Raises
    ------
    ComparisonError
        For fewer than two posteriors, or posteriors of different rows or labels.

    Notes
    -----
    Where labels were changed by `Data.transform`, accuracy is that of the original label: ln |f'(y_i)| is added to
    each term.

    References
    ----------
    Vehtari, Gelman & Gabry (2017), Statistics and Computing 27, 1413; Yao, Vehtari, Simpson & Gelman (2018), Bayesian
    Analysis 13, 917, for stacking; Sivula, Magnusson, Matamoros & Vehtari (2020), arXiv:2008.10296, for the verdict.
    """
    if not isinstance(posteriors, Mapping) or len(posteriors) < 2:
        raise ComparisonError(
            'compare needs a mapping of two or more posteriors by name, such as {"line": line, "parabola": parabola}; '
            f"got {count_text(posteriors, 'posterior')}"
        )
    for name, posterior in posteriors.items():
        if not isinstance(posterior, Posterior):
            raise ComparisonError(f"{name!r} is a {type(posterior).__name__}, not a Posterior; fit the model first")
    refuse_different_data({name: posterior.target for name, posterior in posteriors.items()})
    loos = {}
    for name, posterior in posteriors.items():
        loo = posterior.loo(refits=refits, executor=executor, seed=seed)
        loos[name] = _on_original_label(loo, posterior.target)
    return _compared(dict(posteriors), loos)


def count_text(given, thing) -> str:
    """Return "a list", or "a mapping of 1 posterior"."""
    if isinstance(given, Mapping):
        return f"a mapping of {len(given)} {thing}{'' if len(given) == 1 else 's'}"
    return f"a {type(given).__name__}"


def _on_original_label(loo, target):
    """Add ln |f'(y_i)| of the label's transformations to the terms."""
    log_jacobian = target.data.log_jacobian[target.term_rows]
    if log_jacobian.any():
        loo.elpd_i = loo.elpd_i + log_jacobian
        loo.elpd = float(loo.elpd_i.sum())
        loo.se = float(np.sqrt(loo.n_data_points) * loo.elpd_i.std(ddof=1))
    return loo


def _compared(posteriors, loos) -> Comparison:
    import arviz_stats as az

    with warnings.catch_warnings():
        # what ArviZ warns of, the verdict says with the rows
        warnings.simplefilter("ignore")
        table = az.compare(_within_range(loos), method="stacking", round_to="none")
    k = [float(np.nanmax(np.nan_to_num(loos[name].pareto_k, nan=np.inf))) for name in table.index]
    remedies = [_remedies_text(loos[name].remedies) for name in table.index]
    table = table.assign(pareto_k=k, remedies=remedies, draws=[loos[name].n_samples for name in table.index])
    table.index.name = "model"
    bad = {name: bad_rows(loo) for name, loo in loos.items()}
    bad = {name: rows for name, rows in bad.items() if rows.size}
    stuck = [name for name in table.index if not converged(posteriors[name])]
    verdict = _verdict(table, bad, stuck) + _thinned_text(table, posteriors)
    return Comparison(table, posteriors, verdict, not (bad or stuck), loos)


def converged(posterior: Posterior) -> bool:
    """Return whether the sampler converged, as far as is known."""
    return posterior.diagnostics is not None and bool(posterior.diagnostics.converged)


def _thinned_text(table, posteriors) -> str:
    """Say where there were too many terms for all draws."""
    text = ""
    for name, used in table["draws"].items():
        sizes = posteriors[name].tree["posterior"].sizes
        if used < (drawn := sizes["chain"] * sizes["draw"]):
            text += f" The estimate for {name} rests on {used} of {drawn} draws: its rows are very many."
    return text


def _within_range(loos):
    """Return copies whose terms are above the least number there is; stacking and differences do not change."""
    best = np.max([loo.elpd_i.to_numpy() for loo in loos.values()], axis=0)
    offset = np.where(best < _LOWEST, best, 0.0)
    copies = {name: copy.copy(loo) for name, loo in loos.items()}
    for loo in copies.values():
        loo.elpd_i = loo.elpd_i - offset
    return copies


def _remedies_text(remedies) -> str:
    """Return "2 moment matching, 1 refit"."""
    counts = Counter(how for how in remedies.values())
    return ", ".join(f"{count} {how}" for how, count in counts.items())


def bad_rows(loo) -> np.ndarray:
    """Return the rows whose term cannot be trusted."""
    return loo.elpd_i["row"].to_numpy()[~(loo.pareto_k.to_numpy() <= loo.good_k)]


def refuse_different_data(targets: Mapping[str, Target]) -> None:
    """Raise a ComparisonError where targets are not of the same rows and labels, or of terms of different kinds."""
    (first_name, a), *others = targets.items()
    for name, b in others:
        pair = f"{first_name!r} and {name!r} are fits of different"
        if a.data.size != b.data.size or not np.array_equal(a.term_rows, b.term_rows):
            raise ComparisonError(f"{pair} rows ({a.n_rows} and {b.n_rows} labels)")
        if isinstance(a, MixtureTarget) != isinstance(b, MixtureTarget):
            raise ComparisonError(f"{pair} things: one predicts features, the other labels")
        if isinstance(a, MixtureTarget):
            _refuse_different_features(pair, a.data, b.data)
            continue
        if a.data.kind != b.data.kind:
            raise ComparisonError(f"{pair} labels: {a.data.kind} and {b.data.kind}")
        if _is_discrete(a) != _is_discrete(b):
            counting, measuring = (first_name, name) if _is_discrete(a) else (name, first_name)
            raise ComparisonError(
                f"{counting!r} gives probabilities of the labels and {measuring!r} densities, which have another unit: "
                "no difference between them means anything; compare likelihoods of one kind"
            )
        differing = _differ(a.data.origin, b.data.origin)
        rows = np.flatnonzero(a.data.labelled & differing)
        if rows.size:
            raise ComparisonError(
                f"{pair} labels: {rows_text(rows)}; transform labels with Data.transform, which keeps track of the "
                "Jacobian"
            )


def _is_discrete(target) -> bool:
    return bool(target.classes) or target.likelihood.discrete


def _refuse_different_features(pair, a, b):
    if a.x.shape != b.x.shape or (rows := np.flatnonzero(_differ(a.x, b.x))).size:
        where = "" if a.x.shape != b.x.shape else f": {rows_text(rows)}"
        raise ComparisonError(f"{pair} features{where}; a mixture is judged by how well it predicts them")


def _differ(a, b) -> np.ndarray:
    """Return whether each row differs, NaN being equal to NaN."""
    differing = (a != b) & ~((a != a) & (b != b))
    return differing.reshape(len(a), -1).any(axis=1)


def indistinguishable(difference: float, error: float) -> bool:
    """Return whether a difference of elpd is too small, or too uncertain, to prefer a model for it."""
    return abs(difference) < LEAST_DIFFERENCE or abs(difference) < LEAST_ERRORS * error


def _verdict(table, bad, stuck):
    best, *rest = table.index
    runner = rest[0]
    difference, error = abs(table.loc[runner, "elpd_diff"]), table.loc[runner, "dse"]
    size = f"Δelpd {difference:.1f} ± {error:.1f}"
    if bad or stuck:
        text = f"No clear winner: the estimates are unreliable ({best} is ahead of {runner}, {size})."
    elif indistinguishable(difference, error):
        text = f"No clear winner: {best} and {runner} predict about equally well ({size})."
    else:
        text = f"{best} predicts better than {runner} ({size})."
    for name, rows in bad.items():
        text += f" The estimate for {name} is unreliable: Pareto k is too large at {rows_text(rows)}."
    if stuck:
        text += f" The sampler has not converged for {', '.join(map(str, stuck))}; sample longer before comparing."
    return text
