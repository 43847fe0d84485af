"""Refits without the labels of some rows: warm-started, checked for convergence, and what they say of those rows."""

import dataclasses
from typing import NamedTuple

import numpy as np
from scipy.special import logsumexp

from bayesfit.loo.psis import LEAST_TAIL, good_k, psis
from bayesfit.loo.terms import held_out_terms
from bayesfit.loo.tilted import Tilted, TiltedMarginal
from bayesfit.results.thinning import thin
from bayesfit.sampling import Ensemble, one_thread, sample
from bayesfit.sampling.ensemble import MOST_DIMENSIONS
from bayesfit.sampling.executors import submit

__all__ = ["Held", "bridge", "hold_out"]

#: effective samples asked of a refit
TARGET_ESS = 500
#: the Monte Carlo error above which a refit goes by steps in which the label counts in part, how far between its
#: neighbours the next one is put, and the most of them
SMALL_ERROR, PART, MOST_STEPS = 0.1, 0.3, 4
_SETTLED = 1e-10


class Held(NamedTuple):
    """What a refit without some labels says of them.

    rows : ndarray (n,)
        The rows that were held out and are judged.
    elpd : ndarray (n,)
        ln p(y_i | labels that were kept).
    error : ndarray (n,)
        Its Monte Carlo standard error; infinite where the few draws that come near the label say nothing of it.
    theta : ndarray (ensemble, draw, D)
        Draws without these labels.
    messages : tuple of str
        What is wrong with the refit; empty where it converged.
    """

    rows: np.ndarray
    elpd: np.ndarray
    error: np.ndarray
    theta: np.ndarray
    messages: tuple[str, ...]


def hold_out(target, folds, draws, *, seed, sampler=None, executor=None, thorough=False) -> list[Held]:
    """Refit a target once for each fold, without its labels, through an executor where there is one.

    Parameters
    ----------
    target : Target
        Of all rows; its priors stay as they are.
    folds : list of (rows, left_out)
        Row numbers to judge, and those whose labels are left out, among them all of the former.
    draws : ndarray (chain, draw, D)
        The posterior of all rows, from which walkers start.
    seed : SeedSequence
    sampler : Ensemble, optional
        In place of one for 500 effective samples.
    executor : concurrent.futures.Executor, optional
    thorough : bool
        Whether a row that the fit without its fold says little of gets a fit of its own, to its label and those that
        were kept.
    """
    seeds = [int(each.generate_state(1)[0]) for each in seed.spawn(len(folds))]
    tasks = [(target, *fold, draws, one, sampler, thorough) for fold, one in zip(folds, seeds, strict=True)]
    if executor is None:
        return [_refit(*task) for task in tasks]
    # it brings emcee, which loads all of scipy.stats
    from bayesfit.sampling.workers import Workers

    Workers(target, executor)  # refuses what cannot be sent to another process
    return [future.result() for future in [submit(executor, _refit, *task) for task in tasks]]


@one_thread()
def _refit(target, rows, left_out, draws, seed, sampler, thorough) -> Held:
    left = target.without_labels(left_out)
    rng = np.random.default_rng(seed)
    sampler = Ensemble(target_ess=TARGET_ESS) if sampler is None else sampler
    theta, messages = _sampled(left, draws, sampler, rng)
    if len(left_out) == 1:
        elpd, error, faults = _bridged(target, left, rows[0], theta, draws, sampler, rng, failed=bool(messages))
        return Held(rows, np.array([elpd]), np.array([error]), theta, messages + faults)
    elpd, error = _plain_mean(_by_chain(target, theta, rows, left_out))
    if thorough and not messages:
        for k in np.flatnonzero(~(error <= SMALL_ERROR)):
            given = target.without_labels(np.setdiff1d(left_out, rows[k]))
            there, faults = _sampled(given, draws, sampler, rng)
            elpd[k], error[k], more = _bridged(given, left, rows[k], theta, there, sampler, rng, failed=bool(faults))
            messages += faults + more
    return Held(rows, elpd, error, theta, messages)


def _bridged(target, left, row, without, given, sampler, rng, *, failed=False):
    """Return ln p(y_i | other labels of the target), its standard error, and what was wrong on the way.

    ``without`` and ``given`` are draws (ensemble, draw, D) of ``left``, which lacks the row's label, and of the target.
    """
    rows, messages, shares = np.array([row]), (), [0.0, 1.0]
    steps = [_terms(target, left, each, rows) for each in (without, given)]
    elpd, error, worst = _ladder(steps, shares)
    while not (error <= SMALL_ERROR or failed or messages) and len(steps) < MOST_STEPS + 2:
        # two neighbours hardly overlap: another step between them
        share = shares[worst] + PART * (shares[worst + 1] - shares[worst])
        between, messages = _sampled(_between(target, left, int(row), share), given, sampler, rng)
        shares.insert(worst + 1, share)
        steps.insert(worst + 1, _terms(target, left, between, rows))
        elpd, error, worst = _ladder(steps, shares)
    return elpd, error, messages


def _sampled(left, draws, sampler, rng):
    """Return draws (ensemble, draw, D) of a target, and what is wrong with them."""
    if left.n_walked > MOST_DIMENSIONS and sampler.n_walkers is None:
        # a fit that integrated most of its parameters may have to be taken on in all of them
        sampler = dataclasses.replace(sampler, n_walkers=sampler.walkers(left.n_walked))
    seed = int(rng.integers(2**31))
    run = sample(_warm(sampler, left, draws, rng), left, seed=seed, progress=False)
    if not run.diagnostics.converged and sampler.start is None:
        # where the posterior has moved too far, a search of its own does better
        run = sample(sampler, left, seed=seed, progress=False)
    z = thin(run.z, run.slowest)
    theta = left.complete(z.reshape(-1, z.shape[-1]), rng).reshape(*z.shape[:2], -1)
    return theta, run.diagnostics.messages


def _warm(sampler: Ensemble, left, draws, rng) -> Ensemble:
    """Let walkers start at draws of the posterior of all labels, where there are enough of them."""
    flat = draws.reshape(-1, draws.shape[-1])
    walkers = sampler.walkers(left.n_walked)
    needed = sampler.n_ensembles * walkers
    if sampler.start is not None or len(flat) < needed or left.factors():
        return sampler
    chosen = flat[rng.permutation(len(flat))[:needed]]
    if not np.isfinite(left.log_density(left.walked(chosen))).all():
        return sampler
    return dataclasses.replace(sampler, start=chosen.reshape(sampler.n_ensembles, walkers, -1))


def _plain_mean(terms):
    """Return ln of the mean over draws (ensemble, draw, n), and its standard error.

    That is the larger of what the ensembles differ by and of what independent draws let expect; infinite where the
    Pareto k of the terms says that their largest are too rare for either.
    """
    ensembles = logsumexp(terms, axis=1) - np.log(terms.shape[1])
    n, flat = len(ensembles), terms.reshape(-1, terms.shape[2])
    found = logsumexp(ensembles, axis=0) - np.log(n)
    seen = ensembles.std(axis=0, ddof=1) / np.sqrt(n) if n > 1 else np.full(terms.shape[2], np.nan)
    expected = np.exp(flat - found).std(axis=0) / np.sqrt(len(flat))
    heavy = psis(-flat).k > good_k(len(flat)) if len(flat) >= 5 * LEAST_TAIL else np.zeros(len(found), dtype=bool)
    return found, np.where(heavy, np.inf, np.fmax(seen, expected))


def _ladder(steps, shares):
    """Return ln p(y_i | y_-i) as the sum over steps of β, its standard error, and the least certain step.

    The error is the larger of what the ensembles differ by, of which there are few, and of what the overlap of
    neighbouring steps lets expect: where there is hardly any, ensembles may agree by accident.
    """
    rungs = [
        (width * low, width * high) for low, high, width in zip(steps[:-1], steps[1:], np.diff(shares), strict=True)
    ]
    found = [bridge(low.ravel(), high.ravel()) for low, high in rungs]
    expected = [bridge_error(low.ravel(), high.ravel(), each) for (low, high), each in zip(rungs, found, strict=True)]
    n = min(len(step) for step in steps)
    parts = [sum(bridge(low[c], high[c]) for low, high in rungs) for c in range(n)]
    seen = np.std(parts, ddof=1) / np.sqrt(n) if n > 1 else np.nan
    return (
        sum(found),
        float(np.fmax(seen, np.linalg.norm(expected))),
        int(np.argmax(np.nan_to_num(expected, nan=np.inf))),
    )


def _by_chain(target, theta, rows, left_out):
    flat = theta.reshape(-1, theta.shape[-1])
    return held_out_terms(target, flat, rows, left_out).reshape(*theta.shape[:2], len(rows))


def _integrates_alike(target, left) -> bool:
    return target.n_walked < len(target.names) and target.walked_names == left.walked_names


def _between(target, left, row: int, share: float) -> Tilted:
    if _integrates_alike(target, left):
        return TiltedMarginal(target, left, row, share)
    return Tilted(target, row, share)


def _terms(target, left, theta, rows):
    """Return ln p(y_i | other labels, θ) (ensemble, draw) of one row, integrated over what both targets integrate.

    Their densities have the same prior, so that they differ by this term alone; and the more is integrated, the less
    it varies from draw to draw.
    """
    if not _integrates_alike(target, left):
        return _by_chain(target, theta, rows, rows)[..., 0]
    z = target.walked(theta.reshape(-1, theta.shape[-1]))
    return (target.log_density(z) - left.log_density(z)).reshape(theta.shape[:2])


def bridge(without: np.ndarray, given: np.ndarray) -> float:
    """Return ln p(y_i | y_-i) from ln p(y_i | θ) at draws without the label and at draws given it.

    The plain mean of p(y_i | θ) over draws without the label hangs on the few of them that come near an unlikely
    y_i.  The same ratio of normalising constants follows with the least error from both sets of draws:
    r = ⟨L / (s₁ L + s₂ r)⟩_given⁻¹-balanced, solved by iteration.

    Parameters
    ----------
    without, given : ndarray (n₁,), (n₂,)

    References
    ----------
    Meng & Wong (1996), Statistica Sinica 6, 831, equation 4.1; Bennett (1976), J. Comput. Phys. 22, 245.

    Examples
    --------
    For θ ~ N(0, 1) and y = 3 measured with an error of 1, p(y) = N(3; 0, √2):

    >>> rng = np.random.default_rng(1)
    >>> before, after = rng.normal(size=4000), 1.5 + rng.normal(size=4000) / np.sqrt(2)
    >>> term = lambda theta: -0.5 * (3 - theta) ** 2 - 0.5 * np.log(2 * np.pi)
    >>> round(bridge(term(before), term(after)), 1)
    -3.5
    """
    if not (np.isfinite(given).all() and np.isfinite(without).any()):
        return float(logsumexp(without) - np.log(len(without)))
    n, m = len(without), len(given)
    share_given, share_without = np.log(m / (n + m)), np.log(n / (n + m))
    found = float(np.median(given))
    for _ in range(1000):
        mixed = [np.logaddexp(share_given + terms, share_without + found) for terms in (without, given)]
        upper = logsumexp(without - mixed[0]) - np.log(n)
        lower = logsumexp(-mixed[1]) - np.log(m)
        previous, found = found, float(upper - lower)
        if abs(found - previous) < _SETTLED:
            break
    return found


def bridge_error(without: np.ndarray, given: np.ndarray, found: float) -> float:
    """Return the standard error of what `bridge` found from independent draws.

    With s₁, s₂ the shares of the n₁ + n₂ draws, and p₁, p₂ the two densities,
    Var = (1/f - 1) / ((n₁ + n₂) s₁ s₂),  f = ∫ p₁ p₂ / (s₁ p₁ + s₂ p₂), one where they agree, nought where far apart.

    Parameters
    ----------
    without, given : ndarray (n₁,), (n₂,)
        As for `bridge`; NaN where a term given the label is infinite.
    found : float
        What it found.

    References
    ----------
    Meng & Wong (1996), equation 3.2 and §4; Bennett (1976).
    """
    if not np.isfinite(given).all():
        return np.nan
    n, m = len(without), len(given)
    shares = np.log([m / (n + m), n / (n + m)])
    overlap = np.exp(logsumexp(without - np.logaddexp(shares[0] + without, shares[1] + found)) - np.log(n))
    if not overlap > 0:
        return np.inf
    with np.errstate(over="ignore"):
        return float(np.sqrt(np.maximum(1 / overlap - 1, 0.0) * (n + m) / (n * m)))
