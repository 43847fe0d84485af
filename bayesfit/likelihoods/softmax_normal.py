"""The softmax function averaged over a normal variable, along which the log-odds of all classes are straight lines."""

from functools import reduce

import numpy as np

from bayesfit.likelihoods.concave import Terms, concave_integral, pieces

__all__ = ["beyond", "log_softmax_normal", "log_total", "of_class"]

#: exponents up to here neither overflow nor vanish, nor do products of two such exponentials
_LARGEST = 300.0


def log_softmax_normal(eta, tilt, codes) -> np.ndarray:
    """Return ln ∫ N(t; 0, 1) p(class_i | η_i + tilt_i t) dt (W, N).

    Parameters
    ----------
    eta, tilt : ndarray (W, N, K - 1)
        Of all classes but the first, for which both are zero.
    codes : ndarray (N,)
        The rows' classes, 0 … K - 1.

    Notes
    -----
    ln p is concave in t, since its derivatives are a_k - E[a] and -Var[a], a being the tilts of the classes and the
    moments those under the classes' probabilities.
    """
    parts = (_Along(beyond(eta[:, p], codes[p]), beyond(tilt[:, p], codes[p])) for p in pieces(eta.shape))
    return np.concatenate([part.expectation() for part in parts], axis=1)


class _Along(Terms):
    """ln p of each row's own class along t: minus ln(1 + Σ e^{gap + tilt t}) over the other classes, (K - 1, W, n)."""

    def __init__(self, gaps, tilts):
        self.gaps, self.tilts = gaps, tilts

    def log_term(self, t):
        return -log_total(self.gaps + self.tilts * t)

    def slopes(self, t):
        found = self.gaps + self.tilts * t
        weighted = np.exp(found - log_total(found)) * self.tilts
        mean = reduce(np.add, weighted)
        return -mean, np.square(mean) - reduce(np.add, weighted * self.tilts)

    def total(self, start, step, n_nodes, top):
        """Return the sum as `Terms` does, by products in place of exponentials where these do not overflow."""
        end = start + n_nodes * step
        exponents = np.maximum(start * start, end * end) - top
        for ends in (start, end):
            exponents = np.maximum(exponents, np.abs(self.gaps + self.tilts * ends).max(axis=0))
        huge = exponents > _LARGEST
        if huge.all():
            return super().total(start, step, n_nodes, top)
        if huge.any():
            found = np.empty(top.shape)
            for some in (huge, ~huge):
                found[some] = self.only(some).total(start[None, some], step[None, some], n_nodes, top[None, some])[0]
            return found
        odds, ratio = np.exp(self.gaps + self.tilts * start), np.exp(self.tilts * step)
        # e^{-t²/2 - top} at the next node is that at the last one times a ratio, which falls by a factor each time
        weight, fall, factor = np.exp(-0.5 * start**2 - top), np.exp(-step * (start + 0.5 * step)), np.exp(-(step**2))
        found = np.zeros(top.shape)
        for _ in range(n_nodes):
            found += weight / reduce(np.add, odds, 1.0)
            odds *= ratio
            weight *= fall
            fall *= factor
        return found

    def only(self, chosen):
        return _Along(self.gaps[:, None, chosen], self.tilts[:, None, chosen])

    def expectation(self):
        """Return ln of the mean of p over a standard normal t, (W, n)."""
        # two other classes that tilt in opposite ways have the steepest edge between them
        high, low = (reduce(choose, self.tilts, 0.0) for choose in (np.maximum, np.minimum))
        return concave_integral(self, np.zeros(self.gaps.shape[1:]), np.maximum(high, -low), high - low)


def beyond(eta, codes):
    """Return η (W, n, K - 1) of the classes that a row is not of, less that of its own, as (K - 1, W, n)."""
    columns = np.moveaxis(eta, -1, 0)
    # the first class, whose η is zero, takes the place of a row's own
    is_own = codes == np.arange(1, len(columns) + 1)[:, None, None]
    return np.where(is_own, 0.0, columns) - of_class(eta, codes)


def of_class(eta, codes) -> np.ndarray:
    """Return η (W, n) of the rows' own classes, from that of all but the first (W, n, K - 1)."""
    own = np.take_along_axis(eta, np.maximum(codes - 1, 0)[None, :, None], axis=2)[..., 0]
    return np.where(codes > 0, own, 0.0)


def log_total(columns) -> np.ndarray:
    """Return ln(1 + Σ e^η) over the first axis, which is short."""
    top = reduce(np.maximum, columns, 0.0)
    total = np.exp(-top)
    for column in columns:
        total += np.exp(column - top)
    return top + np.log(total)
