"""Globally adaptive quadrature, for rows whose likelihood has needles, kinks or steps beside broad tails.

Each row and parameter vector has its own panels, all of them the same number: the worst few of each are bisected
until the Kronrod and the Gauss sums over all agree, and until no peak of the likelihood can hide between nodes.
"""

import numpy as np

from bayesfit.densities import HALF_LOG_TWO_PI, log_sum_exp

__all__ = ["integrand", "panel_expectation"]

_KRONROD = np.array(
    [
        0.991455371120812639206854697526,
        0.949107912342758524526189684048,
        0.864864423359769072789712788641,
        0.741531185599394439863864773281,
        0.586087235467691130294144691693,
        0.405845151377397166906606412077,
        0.207784955007898467600689403773,
        0.0,
    ]
)
_KRONROD_WEIGHTS = np.array(
    [
        0.022935322010529224963732008059,
        0.063092092629978553290700663189,
        0.104790010322250183839876322542,
        0.140653259715525918745189590510,
        0.169004726639267902826583426599,
        0.190350578064785409913256402421,
        0.204432940075298892414161999235,
        0.209482141084727828012999174892,
    ]
)
_GAUSS_WEIGHTS = np.polynomial.legendre.leggauss(7)[1]

#: the ends of a panel, which bound the gaps, and between them the 15 nodes
_NODES = np.concatenate([[-1.0], -_KRONROD, _KRONROD[-2::-1], [1.0]])
_INNER = slice(1, 16)
_LOG_KRONROD = np.log(np.concatenate([_KRONROD_WEIGHTS, _KRONROD_WEIGHTS[-2::-1]]))[:, None, None, None]
_LOG_GAUSS = np.log(_GAUSS_WEIGHTS)[:, None, None, None]

_WORST, _ROUNDS = 4, 80
#: nodes × vectors × rows evaluated in one call
_AT_ONCE = 1 << 14
#: the sum of the differences between both rules, relative to the integral; the better one is much closer
_TOLERANCE = 1e-9


def integrand(likelihood, values, eta, data, t) -> tuple[np.ndarray, np.ndarray]:
    """Return η, and ln of p(y_i | η(t)) e^{-t²/2} with NaN as minus infinity, both (…, W, N) as the nodes ``t`` are.

    Nodes are parameter vectors like others: several of them are evaluated in one call, as many as stay in the cache.
    """
    nodes = t.reshape(-1, *t.shape[-2:])
    at_once = max(1, _AT_ONCE // max(1, nodes[0].size))
    etas, terms = np.empty(nodes.shape), np.empty(nodes.shape)
    for start in range(0, len(nodes), at_once):
        part = slice(start, min(start + at_once, len(nodes)))
        etas[part] = eta(nodes[part])
        size = part.stop - part.start
        repeated = {name: np.tile(array, (size,) + (1,) * (array.ndim - 1)) for name, array in values.items()}
        found = likelihood.log_prob(repeated, etas[part].reshape(-1, t.shape[-1]), data)
        terms[part] = found.reshape(etas[part].shape)
    terms -= 0.5 * np.square(nodes)
    terms[np.isnan(terms)] = -np.inf
    return etas.reshape(t.shape), terms.reshape(t.shape)


def panel_expectation(likelihood, values, eta, data, low, high, n_panels: int = 8) -> tuple[np.ndarray, np.ndarray]:
    """Return ln ∫ N(t) p(y_i | eta(t)) dt over windows from ``low`` to ``high``, and a bound of its error, all (W, N).

    ``eta`` is a function of t (…, W, N), and there are ``n_panels`` at first.  The other parameters are those of
    `normal_expectation`.
    """
    edges = low + (high - low) * np.arange(n_panels + 1)[:, None, None] / n_panels
    law = _Law(likelihood, values, eta, data)
    panels = law.panels(edges[:-1].copy(), edges[1:].copy())  # they are changed apart from each other
    for _ in range(_ROUNDS):
        top = np.maximum(panels["kronrod"].max(axis=0), panels["hidden"].max(axis=0))
        scale = np.where(np.isfinite(top), top, 0.0)
        fine, coarse, hidden = (np.exp(panels[name] - scale) for name in ("kronrod", "gauss", "hidden"))
        error, total = np.abs(fine - coarse) + hidden, fine.sum(axis=0)
        if (error.sum(axis=0) <= _TOLERANCE * total).all():
            break
        panels = _bisect(law, panels, error)
    with np.errstate(divide="ignore", invalid="ignore"):
        return scale + np.log(total) - HALF_LOG_TWO_PI, error.sum(axis=0) / total


class _Law:
    """ln of the integrand of some rows, panel by panel."""

    def __init__(self, likelihood, values, eta, data):
        self.likelihood, self.values, self.eta, self.data = likelihood, values, eta, data
        self.peak = likelihood.peak(values, data)

    def panels(self, low, high):
        """Return ends, both sums, and the most that a peak between nodes may hold, of panels (m, W, n)."""
        half, middle = 0.5 * (high - low), 0.5 * (low + high)
        nodes = middle + half * _NODES[:, None, None, None]
        etas, terms = integrand(self.likelihood, self.values, self.eta, self.data, nodes)
        log_half = np.log(half)
        return {
            "low": low,
            "high": high,
            "kronrod": log_sum_exp(terms[_INNER] + _LOG_KRONROD) + log_half,
            "gauss": log_sum_exp(terms[_INNER][1::2] + _LOG_GAUSS) + log_half,
            "hidden": self._hidden(nodes, etas, terms) + log_half,
        }

    def _hidden(self, nodes, etas, terms):
        """The height of a peak that lies between two nodes, both of which are far below it; else -inf."""
        peak = np.broadcast_to(self.peak, etas.shape[-2:])
        between = (np.minimum(etas[1:], etas[:-1]) < peak) & (peak < np.maximum(etas[1:], etas[:-1]))
        if not between.any():
            return np.full(etas.shape[1:], -np.inf)
        at_peak = self.likelihood.log_prob(self.values, peak.copy(), self.data)
        nearest = np.where(nodes[1:] * nodes[:-1] < 0, 0.0, np.minimum(np.abs(nodes[1:]), np.abs(nodes[:-1])))
        height = at_peak - 0.5 * nearest**2
        unseen = between & (np.maximum(terms[1:], terms[:-1]) < height - 1.0)
        return np.where(unseen, height, -np.inf).max(axis=0)


def _bisect(law, panels, error):
    """Replace the worst few panels of each row and vector by their halves."""
    worst = np.argpartition(error, -_WORST, axis=0)[-_WORST:]
    low, high = (np.take_along_axis(panels[name], worst, axis=0) for name in ("low", "high"))
    middle = 0.5 * (low + high)
    left, right = law.panels(low, middle), law.panels(middle, high)
    for name, array in panels.items():
        np.put_along_axis(array, worst, left[name], axis=0)
    return {name: np.concatenate([array, right[name]]) for name, array in panels.items()}
