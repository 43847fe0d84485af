"""The sum over all rows where features have errors and everything is normal, at the cost of a few typical errors.

Given θ, what a row says of itself is a quadratic form in what was measured in it, h = (1, x̂, ŷ), whose coefficients
depend on the row through its two variances only, u = σ_y² and v = σ_x²:

    ln p(x̂, ŷ | θ) = -½ [(ŷ - m(x̂, v))² / V + ln V + ln 2π] + ln p(x̂ | θ, v),   V = u + s² + Var(η | x̂, v),

m and ln p(x̂) being linear and quadratic in x̂.  As functions of ln u, and of ln v, these coefficients are analytic to
within π of the real axis, since all poles and zeros lie at negative u or v.  They are interpolated between Chebyshev
points ("levels") with polynomials ℓ_j and ℓ_k, so that the sum over rows of a coefficient g times a product q of h is

    Σ_i g(v_i, u_i; θ) q_i = Σ_jk g(v_j, u_k; θ) M_jk,   M_jk = Σ_i ℓ_j(ln v_i) ℓ_k(ln u_i) q_i,

with moments M that know nothing of θ: made once, and good for every θ.
"""

from typing import NamedTuple

import numpy as np

from bayesfit.data import Data
from bayesfit.densities import HALF_LOG_TWO_PI
from bayesfit.pieces import by_vectors
from bayesfit.populations import Flat, Normal
from bayesfit.targets.chebyshev import interpolation, points
from bayesfit.targets.rows import NoisyRows
from bayesfit.targets.totals import has_normal_labels

__all__ = ["ErrorGrid", "error_grid_of"]

#: relative error of an interpolated coefficient, and the largest ratio of the variances between which it is: weights
#: that differ by more leave too few digits
TOLERANCE, WIDEST = 1e-10, 1e8
#: different variances up to which they are the levels themselves, and some may be zero
FEW = 16
#: rows for each moment of a pair of levels from which the moments cost less than the rows
WORTHWHILE = 0.7
#: values of vectors × pairs of levels worked on together, and rows of which the moments are
BLOCK_VALUES, BLOCK_ROWS = 1 << 16, 1 << 13
#: parameter vectors at which the rows themselves are added up, and by how much both sums may differ there, as a share
#: of the sum or for each row
PROBED, LARGEST_ERROR = 6, 2e-10
#: rounds in which the fit that rows are looked at from finds their weights
ROUNDS = 5


class Levels(NamedTuple):
    """Variances (n,) that stand for those of all rows; and the logarithms between which these lie, None for a few."""

    variances: np.ndarray
    ends: tuple[float, float] | None

    def shares(self, variances) -> np.ndarray:
        """Return ℓ (rows, n): the weights with which values at the levels give those at the rows."""
        if self.ends is None:
            return (variances[:, None] == self.variances).astype(float)
        low, high = self.ends
        return interpolation(np.clip((np.log(variances) - low) / (high - low), 0.0, 1.0), len(self.variances))


def levels_of(variances: np.ndarray) -> Levels | None:
    """Return the fewest levels: the variances themselves, or Chebyshev points; None where neither will do."""
    distinct = np.unique(variances)
    if len(distinct) <= FEW:
        return Levels(distinct, None)
    if not (distinct[0] > 0 and 1 + 1e-9 < distinct[-1] / distinct[0] < WIDEST):
        return None
    low, high = np.log(distinct[[0, -1]])
    # what is analytic to within π is interpolated with an error that falls by ρ with each point (Trefethen 2013,
    # theorem 8.2); a weight that varies as the variance does is multiplied by squares that do so, too
    half = 0.5 * (high - low)
    rho = np.pi / half + np.hypot(1.0, np.pi / half)
    n = 1 + int(np.ceil((half - np.log(TOLERANCE)) / np.log(rho)))
    return Levels(np.exp(low + (high - low) * 0.5 * (1.0 + points(n))), (low, high))


class ErrorGrid:
    """Σ_i ln p(x̂_i, ŷ_i | θ) by moments at pairs of levels.

    The population's part and the mean of η are asked of the same code as the rows are, at the levels and at a few
    places x̂ from which their coefficients follow.

    Parameters
    ----------
    rows : NoisyRows
    covariances : ndarray (J, p, p)
        Of the features' errors, at each level of v.
    across : Levels or None
        The levels of v; None where all rows have the same errors.
    along : Levels
        The levels of u.
    """

    def __init__(self, rows: NoisyRows, covariances: np.ndarray, across: Levels | None, along: Levels):
        self._rows, self._across, self._along = rows, across, along
        data, p = rows.data, rows.data.n_features
        self._n_rows, self._n_levels = len(data), len(covariances)
        errors = _diagonal(data)
        self._centre, self._unit = _middle(data.x, errors)
        # probes reach as far as measured values do, in steps of which doubling loses no digit
        variances = np.diagonal(covariances, axis1=1, axis2=2)
        self._reach = np.exp2(np.round(0.5 * np.log2(1.0 + variances / np.square(self._unit))))
        probes = _probes(p)
        places = (self._centre + (self._unit * self._reach)[:, None] * probes).reshape(-1, p)
        asked = Data(places, x_err=np.repeat(covariances, len(probes), axis=0))
        self._asked = NoisyRows(asked, rows.features.noisy, rows.predictor, rows.likelihood, rows.law)
        self._pairs, of_features = np.triu_indices(p + 2), np.triu_indices(p + 1)
        self._to_coefficients = np.linalg.inv(_products(_with_one(probes), of_features)).T
        self._reaches = _products(_with_one(self._reach), of_features)
        columns = _with_one((data.x - self._centre) / self._unit)
        self._fit, self._scatter = _fit(columns, data.y, errors / np.square(self._unit), _label_variances(data))
        self._moments = self._tabulated(np.column_stack([columns, data.y - columns @ self._fit]))
        # of products of the features alone, at the levels of v
        self._feature_moments = self._moments[..., self._pairs[1] <= p].sum(axis=1)

    def _tabulated(self, whole) -> np.ndarray:
        """Return M (J, K, pairs) of products of the columns (N, p + 2)."""
        data = self._rows.data
        found = np.zeros((self._n_levels, len(self._along.variances), len(self._pairs[0])))
        features, labels = _feature_variances(self._rows), _label_variances(data)
        for start in range(0, len(data), BLOCK_ROWS):
            part = slice(start, start + BLOCK_ROWS)
            along = self._along.shares(labels[part])
            across = np.ones((len(along), 1)) if self._across is None else self._across.shares(features[part])
            for pair, product in enumerate(_products(whole[part], self._pairs).T):
                found[..., pair] += (across * product[:, None]).T @ along
        return found

    def typical(self, target) -> dict[str, float]:
        """Return values by flat names where the rows that say most put them: of a line and a population about it."""
        found: dict[str, float] = {"scatter": float(np.sqrt(self._scatter))}
        numbers = {"x_mean": self._centre[target.noisy], "x_sd": self._unit[target.noisy]}
        for parameter in target.parameters.parameters:
            if parameter.name in numbers:
                found |= zip(parameter.elements, numbers[parameter.name].tolist(), strict=True)
        names = target.coefficient_names()
        if names is not None:
            x = self._asked.data.x
            line = _with_one((x - self._centre) / self._unit) @ self._fit
            found |= zip(names, np.linalg.lstsq(target.predictor.design(x), line, rcond=None)[0].tolist(), strict=True)
        return found

    def log_likelihood_total(self, values) -> np.ndarray:
        """Return Σ_i ln p(x̂_i, ŷ_i | θ) (W,); NaN where it is not finite, and the rows have to be asked."""
        total = by_vectors(self._total, values, BLOCK_VALUES // self._moments[..., 0].size)
        return np.where(np.isfinite(total), total, np.nan)

    def _total(self, values):
        found = self._at_levels(values)
        if found is None:
            return np.full(len(next(iter(values.values()))), np.nan)
        mean, variance, log_density = found
        coefficients = (mean[..., 1:] - mean[..., :1]) / self._reach - self._fit[1:]
        known = np.concatenate([self._fit[0] - mean[..., :1], -coefficients], axis=-1)
        vector = np.concatenate([known, np.ones((*known.shape[:2], 1))], axis=-1)
        scatter = np.square(values["scatter"])[:, None, None] if "scatter" in values else 0.0
        # (J, W, K)
        noise = np.ascontiguousarray((variance[:, :, None] + scatter + self._along.variances).swapaxes(0, 1))
        logs = np.log(noise) @ self._moments[..., :1]
        sums = (np.divide(1.0, noise, out=noise) @ self._moments).swapaxes(0, 1)
        total = _form(sums, vector, self._pairs).sum(axis=1) + logs[..., 0].sum(axis=0)
        return -0.5 * total - self._n_rows * HALF_LOG_TWO_PI + log_density

    def _at_levels(self, values):
        """Return the mean of η (W, J, 1 + p) in the middle and a reach off, its variance (W, J), and ln p(x̂) (W,).

        None where the predictor is not affine at these values.
        """
        conditional = self._rows.law.condition(values, self._asked.features)
        gaussian = self._asked.gaussian(values, conditional.components[0][1])
        if gaussian is None:
            return None
        mean, variance = gaussian
        shape, p = (len(mean), self._n_levels, len(self._to_coefficients)), len(self._unit)
        mean = np.broadcast_to(mean, (len(mean), shape[1] * shape[2])).reshape(shape)
        variance = np.broadcast_to(variance, (len(mean), shape[1] * shape[2])).reshape(shape)
        if not np.ndim(conditional.log_density):
            return mean[..., : p + 1], variance[..., 0], np.zeros(len(mean))
        coefficients = conditional.log_density.reshape(shape) @ self._to_coefficients / self._reaches
        return mean[..., : p + 1], variance[..., 0], (coefficients * self._feature_moments).sum(axis=(1, 2))


def error_grid_of(target) -> ErrorGrid | None:
    """Return the grid of a regression target, or None where its rows have to be added up one by one.

    Parameters
    ----------
    target : RegressionTarget
    """
    if not _is_plain(target):
        return None
    rows = NoisyRows(target.rows, target.noisy, target.predictor, target.likelihood, target.population)
    cov = rows.data.x_cov()
    if cov is None:
        return None
    along, across = levels_of(_label_variances(rows.data)), None
    if (cov == cov[0]).all():
        covariances = cov[:1]
    else:
        across = levels_of(_feature_variances(rows)) if rows.features.n_noisy == 1 else None
        if across is None:
            return None
        covariances = np.zeros((len(across.variances), *cov.shape[1:]))
        covariances[:, target.noisy, target.noisy] = across.variances[:, None]
    if along is None:
        return None
    n_moments = len(covariances) * len(along.variances) * (cov.shape[1] + 2) * (cov.shape[1] + 3) // 2
    if WORTHWHILE * n_moments > len(rows.data):
        return None
    grid = ErrorGrid(rows, covariances, across, along)
    return grid if _is_accurate(grid, target) else None


def _is_accurate(grid: ErrorGrid, target) -> bool:
    """Return whether the grid gives what the rows add up to: where a search starts, and where the fit is."""
    theta = target.natural(target.starts(np.random.default_rng(0), PROBED))
    for name, value in grid.typical(target).items():
        if name in target.names:
            theta[-1, target.names.index(name)] = value
    values = target.parameters.unpack(theta)
    with np.errstate(all="ignore"):
        rows, found = target.add_up(values), grid.log_likelihood_total(values)
        error = np.abs(found - rows) / np.maximum(np.abs(rows), target.n_rows)
    known = np.isfinite(rows)
    return bool(known.any() and (error[known] < LARGEST_ERROR).all())


def _is_plain(target) -> bool:
    """Return whether all is measured and normal, errors are independent, and η is affine in the features."""
    data = target.data
    return (
        type(target.population) in (Flat, Normal)
        and has_normal_labels(target)
        and bool(data.labelled.all())
        and not data.missing.any()
        and data.xy_cov is None
        and target.predictor.affine(target.parameters.unpack(np.ones((1, len(target.names))))) is not None
    )


def _label_variances(data) -> np.ndarray:
    return np.zeros(len(data)) if data.y_err is None else np.square(data.y_err)


def _diagonal(data) -> np.ndarray:
    """Return the variances (N, p) of the errors of all features."""
    return np.diagonal(data.x_cov(), axis1=1, axis2=2)


def _middle(x, variances) -> tuple[np.ndarray, np.ndarray]:
    """Return a centre and a unit (p,) of features (N, p), of which what is known best counts most.

    Both are so round that the centre a unit further, to either side, is a floating-point number.
    """
    extra = _extra(x, variances)
    weights = 1.0 / np.where(variances + extra > 0, variances + extra, 1.0)
    centre = np.average(x, axis=0, weights=weights)
    unit = np.sqrt(np.average(np.square(x - centre), axis=0, weights=weights))
    unit = np.where(unit > 0, unit, 1.0)
    grain = np.spacing(np.abs(centre) + 2 * unit)
    return np.round(centre / grain) * grain, np.maximum(np.round(unit / grain), 1.0) * grain


def _fit(columns, labels, feature_variances, label_variances) -> tuple[np.ndarray, float]:
    """Return coefficients (1 + p,) about which the rows that say most have small residuals, and a scatter's variance.

    Sums of squares of what is left are then sums of small numbers where the posterior is: a row with a large error
    must not draw the line that the others are looked at from.
    """
    found, scatter = np.zeros(columns.shape[1]), 0.0
    # at first as steep as labels vary over a unit of the features, or rows with large errors of these would decide
    steep = np.full(columns.shape[1] - 1, _extra(labels[:, None], label_variances[:, None])[0])
    for _ in range(ROUNDS):
        variances = label_variances + feature_variances @ steep
        scatter = float(_extra((labels - columns @ found)[:, None], variances[:, None])[0])
        variances = variances + scatter
        root = 1.0 / np.sqrt(np.where(variances > 0, variances, 1.0))
        found = np.linalg.lstsq(columns * root[:, None], labels * root, rcond=None)[0]
        steep = np.square(found[1:])
    return found, scatter


def _extra(x, variances) -> np.ndarray:
    """Return the variance (p,) beyond the errors' of values (N, p) about their medians, told by the medians of both."""
    spread = np.square(np.median(np.abs(x - np.median(x, axis=0)), axis=0) / 0.6745)
    return np.maximum(spread - np.median(variances, axis=0), 0.0)


def _feature_variances(rows) -> np.ndarray:
    """Return the variances (N,) of the errors of the first noisy feature."""
    return rows.features.error_cov[:, 0, 0]


def _probes(p: int) -> np.ndarray:
    """Return the places (n, p) from which a quadratic function's coefficients follow: 0, e_a, -e_a, and e_a + e_b."""
    unit = np.eye(p)
    crossed = [unit[a] + unit[b] for a in range(p) for b in range(a)]
    return np.concatenate([np.zeros((1, p)), unit, -unit, np.reshape(crossed, (-1, p))])


def _form(sums, vector, pairs) -> np.ndarray:
    """Return vᵀ S v (W, J) of vectors (W, J, P) and the upper triangles of S, (W, J, pairs)."""
    factors = np.where(pairs[0] == pairs[1], 1.0, 2.0)
    return (factors * sums * _products(vector, pairs)).sum(axis=-1)


def _products(columns, pairs) -> np.ndarray:
    """Return the products (…, pairs) of pairs of columns (…, P)."""
    rows, others = pairs
    return columns[..., rows] * columns[..., others]


def _with_one(x) -> np.ndarray:
    """Return (1, x), (n, 1 + p)."""
    return np.column_stack([np.ones(len(x)), x])
