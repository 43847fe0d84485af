"""Leave-one-out accuracy of one posterior: PSIS, then moment matching, refits and k-fold where it fails."""

from typing import TYPE_CHECKING, Any

import numpy as np

from bayesfit.diagnostics.chains import ess
from bayesfit.errors import SamplingError
from bayesfit.loo.matching import match_moments
from bayesfit.loo.psis import Smoothed, good_k, psis
from bayesfit.loo.refits import hold_out
from bayesfit.loo.terms import terms_of_rows
from bayesfit.pieces import in_pieces
from bayesfit.results.thinning import theta_of

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["check_refits", "leave_one_out", "plain_loo", "terms_and_draws"]

#: elements of draws × rows above which fewer draws are used: a million rows have a thousand draws
MOST_TERMS = 1_000_000_000
#: elements of draws × rows of the doubtful rows that moment matching is tried on, and of a block of rows: small
#: enough that what is worked out on the way stays in the processor's cache
_BLOCK, _CACHED = 4_000_000, 1_000_000
#: the Monte Carlo error of a refit's term up to which it is trusted
MOST_ERROR = 0.5
#: rows that share a refit are at most this part of all
_LEAST_KEPT = 5


def check_refits(refits) -> None:
    """Refuse what is no limit on the number of refits.

    Raises
    ------
    SamplingError
        If it is neither a whole number, 0 or more, nor None.
    """
    whole = isinstance(refits, int | np.integer) and not isinstance(refits, bool)
    if refits is not None and not (whole and refits >= 0):
        raise SamplingError(f"refits={refits!r} should be a whole number, 0 or more, or None")


def plain_loo(tree: "xr.DataTree", target):
    """Return PSIS-LOO as ArviZ's ELPDDataLOO, with terms by row, and no remedy for large Pareto k."""
    source = _Source(tree, target)
    return _wrapped(source, source.smoothed(), {})


def terms_and_draws(tree: "xr.DataTree", target, places: np.ndarray):
    """Return draws (chain, draw, D), terms (draws, n) at some places of ``target.term_rows``, and the efficiency."""
    source = _Source(tree, target)
    return source.theta, source.terms(places), source.efficiency


def leave_one_out(tree: "xr.DataTree", target, *, refits: int, seed, executor=None):
    """Return PSIS-LOO with its doubtful terms worked out anew.

    Parameters
    ----------
    tree : xarray.DataTree
        The posterior, with its pointwise terms if there was room for them.
    target : Target
    refits : int
        The most refits.  Where more rows need one, several share it (k-fold among the doubtful rows).
    seed : SeedSequence
    executor : concurrent.futures.Executor, optional
        Runs the refits in parallel.

    Returns
    -------
    arviz ELPDDataLOO
        With the attribute ``remedies``, by row: "moment matching", "refit", "k-fold", or the reason why the term
        still cannot be trusted.  The Pareto k of a matched term is that after matching, of a refitted one 0.
    """
    source = _Source(tree, target)
    found = source.smoothed()
    bound = good_k(source.n_draws)
    doubtful = np.flatnonzero(~(found.k <= bound))
    if not doubtful.size:
        return _wrapped(source, found, {})
    doubtful = doubtful[np.argsort(-np.nan_to_num(found.k[doubtful], nan=np.inf), kind="stable")]
    rows, terms = source.rows[doubtful], source.terms(doubtful[: _BLOCK // source.n_draws])
    matched = match_moments(target, source.theta, rows[: terms.shape[1]], terms, found.k[doubtful], source.efficiency)
    remedies = dict.fromkeys(matched, "moment matching")
    for row, term in matched.items():
        found = _replaced(found, source.place(row), term.elpd, term.k)
    for held, how in _refitted(source, _to_refit(rows, matched, refits), refits, seed, executor):
        for row, elpd, error in zip(held.rows, held.elpd, held.error, strict=True):
            doubt = _doubt(held.messages, elpd, error)
            if not doubt:
                found = _replaced(found, source.place(row), elpd, 0.0)
            if not (doubt and row in matched):
                remedies[int(row)] = doubt or how
    return _wrapped(source, found, remedies)


def _to_refit(rows, matched, refits) -> np.ndarray:
    """Return rows that matching did not help, and, as far as refits go, those where it may still be off."""
    failed = [row for row in rows if row not in matched]
    unsure = [row for row in rows if row in matched and not matched[row].sure]
    return np.array(failed + unsure[: max(0, refits - len(failed))], dtype=int)


def _doubt(messages, elpd, error) -> str:
    if messages:
        return "a refit without the row did not converge"
    if not np.isfinite([elpd, error]).all():
        return "a refit without the row has no draws near its label"
    if error > MOST_ERROR:
        return f"a refit without the row leaves an error of {error:.1f}"
    return ""


def _replaced(found: Smoothed, place, elpd, k) -> Smoothed:
    terms, shapes = found.elpd.copy(), found.k.copy()
    terms[place], shapes[place] = elpd, k
    return found._replace(elpd=terms, k=shapes)


def _refitted(source, rows, refits, seed, executor):
    """Yield refits and what they are: of one row each, or of several where there are too many rows."""
    n_most = refits * max(1, len(source.rows) // _LEAST_KEPT)
    rows = rows[:n_most]
    if not rows.size or refits < 1:
        return
    folds = [rows[i::refits] for i in range(min(refits, rows.size))]
    pairs = [(np.sort(fold), np.sort(fold)) for fold in folds]
    for held in hold_out(source.target, pairs, source.theta, seed=seed, executor=executor):
        yield held, "refit" if len(held.rows) == 1 else "k-fold"


class _Source:
    """Draws and terms of a posterior, from the tree or evaluated block by block."""

    def __init__(self, tree, target):
        self.target, self.rows = target, target.term_rows
        theta = theta_of(tree["posterior"].to_dataset(), target.parameters)
        self.stored = None
        if "log_likelihood" in tree.children:
            self.stored = tree["log_likelihood"]["y"].to_numpy().reshape(-1, len(self.rows))
        else:
            stride = max(1, -(-theta.shape[0] * theta.shape[1] * len(self.rows) // MOST_TERMS))
            theta = theta[:, ::stride]
        self.theta, self.flat = theta, theta.reshape(-1, theta.shape[-1])
        self.n_draws = len(self.flat)
        self.efficiency = _efficiency(tree)

    def place(self, row) -> int:
        """Return the place of a row among the terms."""
        return int(np.searchsorted(self.rows, row))

    def terms(self, places) -> np.ndarray:
        """Return the terms (draws, n) at some places."""
        if self.stored is not None:
            return self.stored[:, places]
        return terms_of_rows(self.target, self.flat, self.rows[places])

    def smoothed(self) -> Smoothed:
        """Return PSIS of all rows."""
        if self.stored is None and self.target.data.y_cov is not None:
            self.stored = in_pieces(self.target.log_likelihood, self.flat, len(self.rows))
        step = max(1, _CACHED // self.n_draws)
        places = np.arange(len(self.rows))
        parts = [psis(self.terms(places[i : i + step]), self.efficiency) for i in range(0, len(places), step)]
        return Smoothed(*map(np.concatenate, zip(*parts, strict=True)))


def _efficiency(tree) -> float:
    """Return effective draws per draw, as ArviZ does: the mean over all parameters."""
    posterior = tree["posterior"].to_dataset()
    if posterior.sizes["chain"] == 1:
        return 1.0
    # ArviZ's own function gives the same, but brings all of its plots
    values = np.hstack([np.ravel(ess(posterior[name].to_numpy(), "mean")) for name in posterior.data_vars])
    values = values[np.isfinite(values)]
    n_draws = posterior.sizes["chain"] * posterior.sizes["draw"]
    return float(values.mean() / n_draws) if values.size else 1.0


def _wrapped(source, found: Smoothed, remedies):
    import xarray as xr
    from arviz_stats.utils import ELPDDataLOO

    n, bound = len(source.rows), good_k(source.n_draws)
    coordinates = {"row": source.rows}
    loo: Any = ELPDDataLOO(
        elpd=float(found.elpd.sum()),
        se=float(np.sqrt(n * found.elpd.var(ddof=1))) if n > 1 else float("nan"),
        p=float((found.lpd - found.elpd).sum()),
        n_samples=source.n_draws,
        n_data_points=n,
        scale="log",
        warning=bool((~(found.k <= bound)).any()),
        good_k=bound,
        elpd_i=xr.DataArray(found.elpd, coordinates, ("row",), name="y"),
        pareto_k=xr.DataArray(found.k, coordinates, ("row",), name="y"),
    )
    loo.remedies = {int(row): how for row, how in sorted(remedies.items())}
    return loo
