r"""The softmax function averaged over two or three normal variables, by a grid around the mode of each integrand.

With gaps g_j and tilts τ_j of the log-odds of the other classes j against a row's own,

    p = ∫ N(u; 0, 1) / (1 + Σ_j e^{g_j + τ_j · u}) du,

whose integrand is log-concave, and falls from its mode u* at least as fast as a standard normal law.  At nodes
u = u* + x of a product of one-dimensional rules its exponentials are products of one factor for each coordinate,

    p = e^{-|u*|²/2} Σ_x Π_c w_c e^{-u*_c x_c} / (1 + Σ_j e^{g_j + τ_j · u*} Π_c e^{τ_jc x_c}),

so that a node costs a few multiplications and one division.  The coordinates are such that along each of them one class
less changes than along the one before.  The rules follow from how steep the log-odds are along
each coordinate: Gauss-Hermite where they are gentle, else the trapezoid rule, whose step h leaves
e^{-2π a/h + a²/2} where the integrand is analytic within a = π / steepness of the real axis (Trefethen & Weideman 2014,
SIAM Review 56, 385).
"""

from functools import cache, reduce

import numpy as np

from bayesfit.likelihoods.softmax_normal import beyond, log_total

__all__ = ["MOST_COORDINATES", "log_softmax_grid"]

#: coordinates up to which there are not too many nodes
MOST_COORDINATES = 3
#: ln of the share that is left out
_NOTHING = 14.0
#: steepness up to which a Gauss-Hermite rule with so many nodes leaves out no more than that
_HERMITE = ((0.5, 5), (0.75, 8), (1.0, 10))
#: steepness up to which trapezoid rules are as good, and how many of these are too dear for three coordinates
_TRAPEZOID, _DEAR = (1.25, 1.6, 2.0, 2.5, 3.2, 4.0, 5.0, 6.4, 8.0, 10.0, 12.8, 16.0), 6
#: half a trapezoid rule's length
_REACH = 5.4
#: the squared distance from the mode that is near enough, the most steps towards it, and the longest, in log-odds
_NEAR, _STEPS, _LONGEST = 0.02, 200, 3.0
#: exponents up to here: products of three such exponentials are finite
_LARGEST = 230.0
#: integrals worked out together, and how many times nodes: their arrays stay in the processor's cache
_PIECE, _NODES = 1 << 10, 1 << 13


def log_softmax_grid(eta, tilts, codes) -> np.ndarray:
    """Return ln ∫ N(u; 0, 1) p(class_i | η_i + tilts_i u) du (W, N).

    Parameters
    ----------
    eta : ndarray (W, N, K - 1)
        Of all classes but the first, for which it is zero.
    tilts : ndarray (W, N, K - 1, r)
        How it changes along each of two or three coordinates u.
    codes : ndarray (N,)
        The rows' classes, 0 … K - 1.

    Notes
    -----
    Good to 2e-6 where log-odds change by up to 16 (r = 2) or 4 (r = 3) for a standard deviation of any coordinate.
    """
    n_coordinates = tilts.shape[-1]
    gaps = beyond(eta, codes)
    shape = gaps.shape[1:]
    gaps = gaps.reshape(len(gaps), -1)
    slopes = np.stack([beyond(tilts[..., c], codes).reshape(gaps.shape) for c in range(n_coordinates)])
    gaps, slopes = _triangular(gaps, slopes)
    modes = _modes(gaps, slopes)
    found = np.empty(gaps.shape[1])
    for rules, group in _groups(slopes):
        for start in range(0, len(group), _PIECE):
            some = group[start : start + _PIECE]
            found[some] = _sum(gaps[:, some], slopes[..., some], modes[:, some], rules)
    return found.reshape(shape)


@cache
def _rules(n_coordinates: int) -> tuple[np.ndarray, list[tuple[np.ndarray, np.ndarray]]]:
    """Return the steepness up to which each rule is good, and their nodes and weights for a standard normal law."""
    last = len(_TRAPEZOID) - _DEAR * (n_coordinates > 2)
    limits, rules = [], []
    for limit, n in _HERMITE:
        nodes, weights = np.polynomial.hermite_e.hermegauss(n)
        limits.append(limit)
        rules.append((nodes, weights / weights.sum()))
    for limit in _TRAPEZOID[:last]:
        width = np.pi / limit
        n = int(np.ceil(_REACH / (2 * np.pi * width / (_NOTHING + 0.5 * width**2))))
        nodes = np.linspace(-_REACH, _REACH, 2 * n + 1)
        limits.append(limit)
        rules.append((nodes, (nodes[1] - nodes[0]) * np.exp(-0.5 * nodes**2) / np.sqrt(2 * np.pi)))
    return np.array(limits), rules


def _groups(slopes):
    """Yield rules for each coordinate, and which integrals (n,) have them: the steeper, the finer."""
    limits, rules = _rules(len(slopes))
    # what is steeper than the last limit has the last rule
    chosen = np.minimum(np.searchsorted(limits, _steepness(slopes)), len(rules) - 1)
    label = np.ravel_multi_index(tuple(chosen), (len(rules),) * len(slopes))
    order = np.argsort(label, kind="stable")
    for group in np.split(order, np.flatnonzero(np.diff(label[order])) + 1):
        yield [rules[k] for k in chosen[:, group[0]]], group


def _triangular(gaps, slopes):
    """Return gaps (K - 1, n) and slopes (r, K - 1, n), classes in such an order that class j has none beyond c = j.

    By Cholesky's method with pivots, all integrals at once: another basis of the coordinates, which turn with it.
    """
    rest = np.einsum("cjn,ckn->jkn", slopes, slopes)
    gaps, found = gaps.copy(), np.zeros(slopes.shape)
    every = np.arange(gaps.shape[1])
    for c in range(min(slopes.shape[:2])):
        # the class that varies most of those that are left changes places with the one that is here
        largest = c + np.einsum("jjn->jn", rest)[c:].argmax(axis=0)
        for array in (gaps, rest, rest.swapaxes(0, 1), found.swapaxes(0, 1)):
            here, there = array[c].copy(), np.moveaxis(array[largest, ..., every], 0, -1)
            array[largest, ..., every] = np.moveaxis(here, -1, 0)
            array[c] = there
        pivot = np.sqrt(np.maximum(rest[c, c], 0.0))
        found[c, c:] = np.divide(rest[c, c:], pivot, out=np.zeros(rest[c, c:].shape), where=pivot > 0)
        rest[c:, c:] -= found[c, c:, None] * found[c, None, c:]
    return gaps, found


def _steepness(slopes):
    """Return how much log-odds of any two classes change along each coordinate, (r, n)."""
    high, low = (reduce(choose, np.moveaxis(slopes, 1, 0), 0.0) for choose in (np.maximum, np.minimum))
    return high - low


def _modes(gaps, slopes) -> np.ndarray:
    """Return where the integrands are largest, nearly, (r, n), by Newton's method."""
    modes, active = np.zeros((len(slopes), gaps.shape[1])), np.arange(gaps.shape[1])
    for _ in range(_STEPS):
        some, here = slopes[..., active], modes[:, active]
        odds = gaps[:, active] + reduce(np.add, some * here[:, None])
        weighted = np.exp(odds - log_total(odds)) * some
        mean = weighted.sum(axis=1)
        first = -mean - here
        step = _solved(weighted, some, mean, first)
        pace = np.abs(reduce(np.add, some * step[:, None])).max(axis=0)
        modes[:, active] = here + step * np.minimum(1.0, _LONGEST / np.maximum(pace, _LONGEST))
        active = active[np.square(step).sum(axis=0) > _NEAR]
        if not active.size:
            break
    return modes


def _solved(weighted, slopes, mean, first):
    """Return the Newton step (r, n): (1 + Var τ)⁻¹ of the slope, by Gauss's elimination of each matrix."""
    r = len(slopes)
    rows = [[(weighted[c] * slopes[d]).sum(axis=0) - mean[c] * mean[d] + (c == d) for d in range(r)] for c in range(r)]
    right = list(first)
    for c in range(r):
        for d in range(c + 1, r):
            share = rows[d][c] / rows[c][c]
            right[d] = right[d] - share * right[c]
            for e in range(c, r):
                rows[d][e] = rows[d][e] - share * rows[c][e]
    for c in reversed(range(r)):
        for d in range(c + 1, r):
            right[c] = right[c] - rows[c][d] * right[d]
        right[c] = right[c] / rows[c][c]
    return np.stack(right)


def _sum(gaps, slopes, modes, rules) -> np.ndarray:
    """Return ln p (n,) by the product of the rules of all coordinates."""
    odds = gaps + reduce(np.add, slopes * modes[:, None])
    top = np.maximum(odds.max(axis=0), 0.0)
    factors, weights = [], []
    for c, (slope, mode, (nodes, weight)) in enumerate(zip(slopes, modes, rules, strict=True)):
        factors.append(np.exp(np.clip(nodes[:, None, None] * slope[c:], -_LARGEST, _LARGEST)))
        weights.append(weight[:, None] * np.exp(np.clip(-nodes[:, None] * mode, -_LARGEST, _LARGEST)))
    total = _nested(np.exp(-top), np.exp(odds - top), factors, weights)
    return np.log(total) - top - 0.5 * np.square(modes).sum(axis=0)


def _nested(own, odds, factors, weights):
    """Return Σ w / (own + Σ_j odds_j) (n,) over the nodes of the coordinates, and the classes, that are left."""
    total = np.zeros(len(own))
    if len(factors) > 1:
        for factor, weight in zip(factors[0], weights[0], strict=True):
            there = odds * factor
            total += weight * _nested(own + there[0], there[1:], factors[1:], weights[1:])
        return total
    # several nodes of few integrals are as good as one of many
    size = max(1, _NODES // len(own))
    for start in range(0, len(weights[0]), size):
        some = slice(start, start + size)
        there = (odds * factors[0][some]).swapaxes(0, 1)
        total += (weights[0][some] / reduce(np.add, there, own)).sum(axis=0)
    return total
