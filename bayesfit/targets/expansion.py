r"""The sum over all rows as a polynomial in the coefficients: of classes, counts and shares, which depend on η alone.

With many rows the posterior is so narrow that η hardly changes within it.  About a maximum of the likelihood, with
-H = L Lᵀ its curvature there, deviations of the coefficients are measured as v = Lᵀ δ / r, so that |v| < 1 holds r
standard deviations around.  In that ball the η of a row stays within r |a_i|, a_i = L⁻¹ x_i, of where it is at the
maximum, and ln p(y_i | η_i), which is analytic, nearly a polynomial of t = v · a_i / |a_i|:

    Σ_i ln p(y_i | η_i) = Σ_i Σ_k c_ik t_i^k = Σ_α T_α v^α,   T_α = (|α|! / α!) Σ_i c_i|α| (a_i / |a_i|)^α,

α being the exponents of a monomial.  The T are made once, and are good for every v in the ball; outside the rows
themselves are asked.  The c come from the likelihood's values at Chebyshev points of each row's interval.  What the
polynomials leave out is at most the sum of the absolute Chebyshev coefficients beyond their degree (Trefethen 2013,
chapter 4), of which a few are seen, and which fall geometrically.
"""

from collections.abc import Iterator
from math import comb
from typing import NamedTuple

import numpy as np
from scipy.linalg import solve_triangular

from bayesfit.data import Data
from bayesfit.likelihoods import Bernoulli, Binomial, Poisson
from bayesfit.pieces import by_vectors
from bayesfit.predictors import LinearPredictor
from bayesfit.targets.chebyshev import points
from bayesfit.targets.monomials import monomials, permutations

__all__ = ["Expansion", "expansion_of"]

#: likelihoods that are analytic in η, and change nowhere faster than their curvature tells
ANALYTIC = (Bernoulli, Binomial, Poisson)
#: what the polynomials may leave out, as a share of the sum and in itself; the same of differences at a few vectors
TOLERANCE, LARGEST_ERROR, PROBED = (5e-10, 1e-4), (1e-9, 1e-3), 6
#: radii of the ball in standard deviations beyond √d, the typical one: the largest for which a polynomial will do
RADII = (12.0, 9.0, 6.0, 4.0)
#: the highest degree, and the coefficients beyond the highest that is tried
HIGHEST, BEYOND = 16, 4
#: the fewest rows, the most monomials, and the fewest rows for each of them from which these cost less than the rows
FEWEST_ROWS, MOST_TERMS, ROWS_PER_TERM = 2000, 6000, 10
#: rounds of Newton's method, halvings of its step, and the gain it expects at which it is near enough to the maximum
ROUNDS, HALVINGS, NEAR = 30, 12, 0.01
#: steps of differences in units of what they find to be a row's width, and how fast they may change
SIGHT, CHANGE = 0.03, 30.0
#: values of vectors × monomials worked on together
BLOCK_VALUES = 1 << 18


class Expansion:
    """Σ_i ln p(y_i | η_i) as a polynomial in the coefficients.

    Parameters
    ----------
    predictor : LinearPredictor
    centre : ndarray (P,)
        The coefficients at the maximum.
    free : ndarray (P,) of bool
        Which of them vary.
    metric : ndarray (d, d)
        What takes deviations of the free ones to v.
    tensors : list of ndarray
        T of the monomials of each degree.
    """

    def __init__(self, predictor, centre, free, metric, tensors):
        self.predictor, self.centre, self.free, self.metric, self.tensors = predictor, centre, free, metric, tensors

    @property
    def degree(self) -> int:
        """The degree of the polynomial."""
        return len(self.tensors) - 1

    def coefficients(self, v) -> np.ndarray:
        """Return the coefficients (W, P) at places v (W, d) in the ball."""
        found = np.tile(self.centre, (len(v), 1))
        found[:, self.free] += np.linalg.solve(self.metric.T, v.T).T
        return found

    def log_likelihood_total(self, values) -> np.ndarray:
        """Return Σ_i ln p(y_i | x_i, θ) (W,); NaN where the rows themselves have to be asked."""
        return by_vectors(self._total, values, BLOCK_VALUES // sum(map(len, self.tensors)))

    def _total(self, values):
        v = (self.predictor.coefficients(values) - self.centre)[:, self.free] @ self.metric
        inside = np.square(v).sum(axis=1) <= 1.0
        total = np.full(len(v), np.nan)
        powers = monomials(np.ascontiguousarray(v[inside].T), self.degree)
        total[inside] = sum(tensor @ each for tensor, each in zip(self.tensors, powers, strict=True))
        return total


class _Rows(NamedTuple):
    """A block of rows: data, the design (n, d) of the free coefficients, η (n,) at the first guess, and its width."""

    data: Data
    design: np.ndarray
    eta: np.ndarray
    width: np.ndarray


class _Sum:
    """The sum of the rows' terms about a first guess of the coefficients."""

    def __init__(self, target, blocks, values, free):
        self._likelihood, self._values = target.likelihood, values
        coefficients = target.predictor.coefficients(values)
        self.blocks = []
        for block in blocks:
            design = target.predictor.design(block.data.x)
            width = np.broadcast_to(1.0 / target.likelihood.linearised(block.data)[1], len(design))
            self.blocks.append(_Rows(block.data, design[:, free], design @ coefficients[0], width))
        self.n_free = int(free.sum())

    def terms(self, rows: _Rows, eta) -> np.ndarray:
        """Return the terms (n, rows) of rows at n values of η each, (n, rows)."""
        values = {name: np.repeat(array, len(eta), axis=0) for name, array in self._values.items()}
        return self._likelihood.log_prob(values, eta, rows.data)

    def total(self, shift) -> float:
        """Return the sum where the coefficients are a ``shift`` (d,) away."""
        return float(sum(self.terms(rows, (rows.eta + rows.design @ shift)[None]).sum() for rows in self.blocks))

    def maximum(self) -> tuple[np.ndarray, np.ndarray] | None:
        """Return the shift to a maximum and the Cholesky factor L of the curvature there; None if there is none."""
        shift, total = np.zeros(self.n_free), self.total(np.zeros(self.n_free))
        sights = [SIGHT * rows.width for rows in self.blocks]
        for _ in range(ROUNDS):
            gradient, curvature = np.zeros(self.n_free), np.zeros((self.n_free, self.n_free))
            for rows, sight in zip(self.blocks, sights, strict=True):
                eta = rows.eta + rows.design @ shift
                below, here, above = self.terms(rows, np.stack([eta - sight, eta, eta + sight]))
                bend = (2 * here - below - above) / sight**2
                gradient += rows.design.T @ ((above - below) / (2 * sight))
                curvature += (rows.design * bend[:, None]).T @ rows.design
                sight[:] = np.clip(
                    SIGHT / np.sqrt(np.abs(bend)), sight / CHANGE, np.minimum(sight * CHANGE, rows.width)
                )
            factor = _cholesky(curvature)
            if factor is None or not np.isfinite(gradient).all():
                return None
            step = solve_triangular(factor, solve_triangular(factor, gradient, lower=True), lower=True, trans="T")
            gain = 0.5 * gradient @ step
            if gain < NEAR:
                return shift, factor
            trials = ((self.total(shift + share * step), share) for share in 0.5 ** np.arange(HALVINGS))
            total, share = next((trial for trial in trials if trial[0] > total), (total, 0.0))
            if share == 0:
                return None
            shift = shift + share * step
        return None

    def intervals(self, shift, factor, radius: float, n: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield for each block a_i / |a_i| (d, rows), and the Chebyshev coefficients (n, rows) of the rows' terms."""
        places = points(n)
        to_coefficients = 2.0 / (n - 1) * np.cos(np.arange(n)[:, None] * np.arccos(places))
        # both ends count half, and so do the first and the last coefficient
        for edge in (0, -1):
            to_coefficients[edge] *= 0.5
            to_coefficients[:, edge] *= 0.5
        for rows in self.blocks:
            reach = solve_triangular(factor, rows.design.T, lower=True)
            length = np.sqrt(np.square(reach).sum(axis=0))
            eta = rows.eta + rows.design @ shift + radius * length * places[:, None]
            yield reach / np.where(length > 0, length, 1.0), to_coefficients @ self.terms(rows, eta)


def expansion_of(target) -> Expansion | None:
    """Return the expansion of a regression target, or None where its rows have to be added up one by one.

    Parameters
    ----------
    target : RegressionTarget
    """
    names = target.coefficient_names() if _is_plain(target) else None
    if names is None:
        return None
    free = np.array([name in target.names for name in names])
    if not target.names or sorted(target.names) != sorted(name for name in names if name in target.names):
        return None
    d, most = len(target.names), min(MOST_TERMS, len(target.rows) // ROWS_PER_TERM)
    highest = max((k for k in range(2, HIGHEST + 1) if comb(d + k, k) <= most), default=0)
    guess = target.start_guess() if highest else {}
    if not set(target.names) <= set(guess):
        return None
    values = target.parameters.unpack(np.array([[guess[name] for name in target.names]]))
    with np.errstate(all="ignore"):
        rows = _Sum(target, target.row_blocks, values, free)
        found = rows.maximum()
        if found is None:
            return None
        tolerance = min(TOLERANCE[0] * abs(rows.total(found[0])), TOLERANCE[1])
        for radius in np.sqrt(d) + RADII:
            expansion = _expanded(target.predictor, values, free, rows, *found, radius, highest, tolerance)
            if expansion is not None:
                return expansion if _agrees(expansion, target, [names.index(name) for name in target.names]) else None
    return None


def _expanded(predictor, values, free, rows: _Sum, shift, factor, radius, highest, tolerance) -> Expansion | None:
    """Return the expansion in a ball, of the lowest degree that is accurate; None if none is up to the highest."""
    n = highest + 1 + BEYOND
    left_out = np.zeros(n)
    for _, coefficients in rows.intervals(shift, factor, radius, n):
        sizes = np.abs(coefficients).sum(axis=1)
        left_out += np.r_[np.cumsum(sizes[::-1])[-2::-1], 0.0]
    accurate = np.flatnonzero(left_out[: highest + 1] <= tolerance)
    if not accurate.size:
        return None
    degree = max(int(accurate[0]), 2)
    basis = np.polynomial.chebyshev.cheb2poly
    to_powers = np.stack([np.pad(basis(row), (0, degree + 1))[: degree + 1] for row in np.eye(degree + 1)], axis=1)
    tensors = [np.zeros(comb(rows.n_free + k - 1, k)) for k in range(degree + 1)]
    for directions, coefficients in rows.intervals(shift, factor, radius, n):
        powers = to_powers @ coefficients[: degree + 1]
        for tensor, each, power in zip(tensors, monomials(directions, degree), powers, strict=True):
            tensor += each @ power
    tensors = [tensor * times for tensor, times in zip(tensors, permutations(rows.n_free, degree), strict=True)]
    centre = predictor.coefficients(values)[0]
    centre[free] += shift
    return Expansion(predictor, centre, free, factor / radius, tensors)


def _agrees(expansion: Expansion, target, columns) -> bool:
    """Return whether the rows themselves give the same at some vectors, out to the surface of the ball."""
    rng = np.random.default_rng(PROBED)
    direction = rng.standard_normal((PROBED, len(columns)))
    v = 0.999 * np.linspace(0.1, 1.0, PROBED)[:, None] * direction / np.linalg.norm(direction, axis=1, keepdims=True)
    values = target.parameters.unpack(expansion.coefficients(v)[:, columns])
    rows, found = target.add_up(values), expansion.log_likelihood_total(values)
    allowed = np.minimum(LARGEST_ERROR[0] * np.abs(rows), LARGEST_ERROR[1])
    return bool(np.isfinite(rows).all() and (np.abs(found - rows) <= allowed).all())


def _cholesky(matrix) -> np.ndarray | None:
    try:
        return np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        return None


def _is_plain(target) -> bool:
    """Return whether labels depend on a linear η of exact features alone."""
    return (
        target.population is None
        and type(target.likelihood) in ANALYTIC
        and isinstance(target.predictor, LinearPredictor)
        # a predictor that has its own way to η is asked for it
        and type(target.predictor).__call__ is LinearPredictor.__call__
        and len(target.rows) >= FEWEST_ROWS
    )
