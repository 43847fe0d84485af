"""Objects whose posterior is normal: their rows of the table without any sampling, many at once."""

import time
from collections import defaultdict

import numpy as np
from scipy.special import gammainc, gammaincc, ndtri

from bayesfit.audit import audit
from bayesfit.catalog.linear_gaussian import LinearGaussian, NotNormalError, may_be_normal
from bayesfit.catalog.normal_system import Moments
from bayesfit.catalog.rows import QUANTILES, CatalogRow, parameter_columns
from bayesfit.data import Data
from bayesfit.models import BaseModel

__all__ = ["closed_form_rows"]

#: tail probabilities of χ², and further bounds, from which on the audit is asked for its opinion of an object
_SUSPICIOUS_TAIL = 1e-4
_SUSPICIOUS_REPEATS = 0.25
_SUSPICIOUS_CONDITION = 1e5


def closed_form_rows(model: BaseModel, datas: list[Data]) -> list[CatalogRow | None]:
    """Return the row of each object, None for those that have to be sampled, or to fail, one by one.

    The result for an object does not depend on the objects beside it.
    """
    began = time.perf_counter()
    rows: list[CatalogRow | None] = [None] * len(datas)
    laws: dict[tuple, LinearGaussian] = {}
    groups = defaultdict(list)
    for place, data in enumerate(datas):
        if may_be_normal(model, data):
            try:
                law, own = _law(model, data, laws)
            except Exception:  # whatever it is, the fit of this object alone says it better
                continue
            groups[id(law), int(data.labelled.sum())].append((place, law, own))
    for members in groups.values():
        law = members[0][1]
        chosen = [datas[place] for place, _, _ in members]
        solved = _solved(law, chosen, [own for _, _, own in members])
        for (place, _, _), row in zip(members, solved, strict=True):
            rows[place] = row
    done = [row for row in rows if row is not None]
    for row in done:
        row["seconds"] = (time.perf_counter() - began) / len(done)
    return rows


def _law(model, data, laws):
    """Return the linear model that holds for an object, and its own priors."""
    law = laws.get(data.names)
    if law is None:
        law = laws[data.names] = LinearGaussian(model, data)
    try:
        return law, law.own(data)
    except NotNormalError:
        law = LinearGaussian(model, data)
        return law, law.own(data)


def _solved(law, datas, owns) -> list[CatalogRow | None]:
    try:
        system = law.system(datas, owns)
        moments = system.solve()
        if not (np.isfinite(moments.mean).all() and np.isfinite(moments.sd).all()):
            raise np.linalg.LinAlgError("a moment is not finite")
    except Exception:
        if len(datas) == 1:
            return [None]
        singly = [_solved(law, [data], [own]) for data, own in zip(datas, owns, strict=True)]
        return [row for rows in singly for row in rows]
    suspects = _suspects(system, moments, datas)
    mean, sd = moments.mean[:, law.order], moments.sd[:, law.order]
    quantiles = mean[:, None] + sd[:, None] * ndtri(np.array(QUANTILES))[:, None]
    elpd, lpd = moments.elpd.sum(axis=1), moments.lpd.sum(axis=1)
    n = moments.elpd.shape[1]
    se = np.sqrt(n * moments.elpd.var(axis=1, ddof=1)) if n > 1 else np.full(len(datas), np.nan)
    return [
        _row(law, data, bool(suspects[m]), (mean[m], sd[m], quantiles[m]), (elpd[m], se[m], lpd[m] - elpd[m]))
        for m, data in enumerate(datas)
    ]


def _row(law, data, suspect, found, scores) -> CatalogRow | None:
    message = ""
    if suspect:
        try:
            message = " ".join(finding.text for finding in audit(law.model.target(data)) if finding.suspicious)
        except Exception:
            return None
    return {
        "status": "closed form",
        "message": message,
        "n_rows": int(data.labelled.sum()),
        **parameter_columns(law.names, *found),
        "elpd": float(scores[0]),
        "elpd_se": float(scores[1]),
        "p_loo": float(scores[2]),
        # nothing is smoothed where nothing is sampled
        "pareto_k": 0.0,
    }


def _suspects(system, moments: Moments, datas) -> np.ndarray:
    """Return which objects (M,) the audit may have something to say of: a quick test that rather asks too often."""
    n, n_free = system.design.shape[1:]
    chi2, dof = np.square(moments.residual).sum(axis=1), n - n_free
    suspects = np.zeros(len(datas), dtype=bool)
    if dof > 0:
        suspects = np.minimum(gammainc(dof / 2, chi2 / 2), gammaincc(dof / 2, chi2 / 2)) < _SUSPICIOUS_TAIL
    repeats = (np.diff(np.sort(system.labels, axis=1), axis=1) == 0).sum(axis=1)
    return suspects | (repeats >= _SUSPICIOUS_REPEATS * n) | _degenerate([data.x for data in datas])


def _degenerate(features: list[np.ndarray]) -> np.ndarray:
    """Return of which objects (M,) the features hardly vary, are far from zero, or depend on each other."""
    found = np.empty(len(features), dtype=bool)
    sizes = np.array([len(x) for x in features])
    # rows without a label count too, so that their numbers may differ
    for size in np.unique(sizes):
        places = np.flatnonzero(sizes == size)
        found[places] = _are_degenerate(np.stack([features[place] for place in places]))
    return found


def _are_degenerate(x) -> np.ndarray:
    centre, spread = x.mean(axis=1, keepdims=True), x.std(axis=1, keepdims=True)
    far = (np.abs(centre) >= 10 * spread).any(axis=(1, 2))  # also what is zero everywhere
    if x.shape[2] == 1 or x.shape[1] <= x.shape[2]:
        return far
    singular = np.linalg.svd((x - centre)[~far] / spread[~far], compute_uv=False)
    far[~far] = singular[:, -1] * _SUSPICIOUS_CONDITION < singular[:, 0]
    return far
