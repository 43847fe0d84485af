"""Linear parameters integrated out: the sampler walks in what is left, and they are drawn back exactly.

Given all other parameters φ, labels y = A b + e with e ~ N(0, V(φ)) and b ~ N(m, C) make b normal,

    p(b | φ, y) = N(b̂, Λ⁻¹),   Λ = Aᵀ V⁻¹ A + C⁻¹,   Λ b̂ = Aᵀ V⁻¹ y + C⁻¹ m

(Lindley & Smith 1972, J. R. Statist. Soc. B 34, 1; Rasmussen & Williams 2006, §2.7; Hogg, Price-Whelan & Leistedt
2020, arXiv:2005.14199).  The density of what is left follows from the joint one at any b, without an integral ("the
candidate's formula", Besag 1989, Biometrika 76, 183), most accurately at b̂:

    ln p(φ, y) = ln p(φ, b, y) - ln p(b | φ, y) = ln p(φ, b̂, y) + ½ k ln 2π - ½ ln |Λ|.

What is walked on is the plain density at b̂, but for a determinant; an error of b̂ enters it only squared.

Where nothing but the scatter s is left, ln p(y | s) is one function of one variance v = s² + σ_min², and interpolated.
It is analytic for all v but the negative ones, as the sums over rows are: off that axis the imaginary parts of all
1/V_i have one sign, so that Λ is never singular.
"""

import numpy as np
from scipy.linalg import solve_triangular

from bayesfit.densities import HALF_LOG_TWO_PI
from bayesfit.parameters import Parameters
from bayesfit.targets.chebyshev import Panels
from bayesfit.targets.conjugate import Conjugate, conjugate_of
from bayesfit.targets.totals import WORST_CONDITION, Total

__all__ = ["Marginal", "marginal_of"]

#: parameter vectors worked on together
BLOCK_VECTORS = 1024
#: share of a diagonal element that must be left when those before it are eliminated: below it a determinant of sums
#: with an error of 1e-13 would be wrong in its eighth digit
LEAST_PIVOT = 1e-5
#: coefficients from which integrating them pays where other coefficients are left beside the scatter, so that each
#: evaluation needs a factorisation; where none is left it always does
FEWEST = 6
#: a scatter, in units of the residuals, so small that rows weigh as differently as they ever do
TINY_SCATTER = 1e-6


class Marginal:
    """The density of the parameters φ that are left, and the conditional of the coefficients b.

    Parameters
    ----------
    parameters : Parameters
    total : Total
        The sum over rows as a quadratic form in the coefficients, so that nothing here grows with N.
    conjugate : Conjugate
        Which of them are b.

    Notes
    -----
    b is worked on in units β of the design, z_b = z_0 + K⁻¹ β for its walking coordinates z_b, in which the data's
    part of Λ is near a multiple of the identity.
    """

    def __init__(self, parameters: Parameters, total: Total, conjugate: Conjugate):
        self._parameters, self._total, self._conjugate = parameters, total, conjugate
        self.names = tuple(parameters.names[column] for column in conjugate.rest)
        walk, _ = parameters.centrings()[0]
        natural = np.linalg.inv(walk)[:, conjugate.own]
        # offsets change by U K dz
        self._u, self._k = np.linalg.qr(total.residuals.directions((conjugate.columns @ natural).T).T)
        self._prior = solve_triangular(self._k, (conjugate.rows @ natural).T, trans="T").T
        self._constant = len(conjugate.own) * HALF_LOG_TWO_PI - np.log(np.abs(np.diag(self._k))).sum()
        self._origin = np.zeros(len(conjugate.own))
        _, offset, _ = self._at_origin(np.zeros((1, len(self.names))))
        self._origin = self._steps(-offset @ self._u)[0]
        self._table: Panels | None = self._tabulated() if self.names == ("scatter",) else None

    def _tabulated(self) -> Panels:
        """Return ln p(y | s) less ln p(b) where β = 0, as a function of v, looked at from the mean of a typical s."""
        nowhere = np.zeros((1, 1))
        _, offset, tension = self._at_origin(nowhere)
        scatter = np.array([self._total.residuals.scale])
        _, factor, half = self._conditional({"scatter": scatter}, offset, tension)
        self._origin = self._origin + self._steps(_solve_transposed(factor, half))[0]
        _, *self._seen = self._at_origin(nowhere)
        return Panels(self._log_evidence, 1, self._total.least_variance)

    def _log_evidence(self, variance):
        scatter = np.sqrt(np.maximum(variance - self._total.least_variance, 0.0))
        chi_squared, factor, half = self._conditional({"scatter": scatter}, *self._seen)
        found = 0.5 * (np.square(half).sum(axis=1) - chi_squared(self._seen[0]))
        return (found + self._constant - _log_root(factor))[:, None]

    @property
    def is_accurate(self) -> bool:
        """Whether rounding cannot show: independent columns, also where a small scatter lets few rows outweigh all."""
        condition = np.linalg.cond(self._k / np.sqrt(np.square(self._k).sum(axis=0)))
        scatter = TINY_SCATTER * self._total.residuals.scale
        data = self._u.T @ self._total.quadratic({"scatter": np.array([scatter])}).curvature @ self._u
        return bool(condition < WORST_CONDITION and (_least_pivot(_cholesky(data), data) > LEAST_PIVOT).all())

    @property
    def pays(self) -> bool:
        """Whether walking in what is left takes less time than walking in everything."""
        return self._table is not None or len(self._conjugate.own) >= FEWEST

    # -- coordinates ------------------------------------------------------------------------------------

    def of_whole(self, whole) -> np.ndarray:
        """Return the walking coordinates (W, d) of the parameters that are left, from those (W, D) of all."""
        return whole[..., self._conjugate.rest]

    def natural(self, z) -> np.ndarray:
        """Return the parameters that are left (W, d) in natural units."""
        with np.errstate(all="ignore"):
            return self._constrain(z)[0][:, self._conjugate.rest]

    def _constrain(self, z, beta=None):
        """Return theta (W, D) and the log Jacobian for what is left and β, which is 0 unless given."""
        whole = np.empty((len(z), len(self._parameters)))
        whole[:, self._conjugate.rest] = z
        whole[:, self._conjugate.own] = self._origin if beta is None else self._origin + self._steps(beta)
        return self._parameters.constrain(whole)

    def _steps(self, beta) -> np.ndarray:
        """Return K⁻¹ β (W, k)."""
        return solve_triangular(self._k, beta.T, check_finite=False).T

    def _at_origin(self, z):
        """Return the parameters by name, offset (W, P) and tension (W, r) of the priors where β = 0."""
        theta, _ = self._constrain(z)
        values = self._parameters.unpack(theta)
        tension = theta @ self._conjugate.rows.T - self._conjugate.values
        return values, self._total.residuals.offset(values), tension

    # -- densities --------------------------------------------------------------------------------------

    def log_density(self, z) -> np.ndarray:
        """Return ln p(φ, y) (W,) in walking coordinates (W, d), the Jacobian included; NaN where Λ is unknown."""
        return np.concatenate([self._log_density(piece) for piece in _pieces(z)])

    def _log_density(self, z):
        seen = self._from_rows(z) if self._table is None else self._from_table(z, self._table)
        theta, log_jacobian, log_rest = seen
        log_prior = self._parameters.log_prior(theta)
        # outside the prior there is nothing to know
        return np.where(log_prior == -np.inf, -np.inf, log_prior + log_jacobian + log_rest)

    def _from_rows(self, z):
        """Return theta at b̂, and all of the density but the prior there."""
        chi_squared, factor, half = self._conditional(*self._at_origin(z))
        beta = _solve_transposed(factor, half)
        theta, log_jacobian = self._constrain(z, np.where(np.isfinite(beta), beta, 0.0))
        offset = self._total.residuals.offset(self._parameters.unpack(theta))
        return theta, log_jacobian, self._constant - 0.5 * chi_squared(offset) - _log_root(factor)

    def _from_table(self, z, table: Panels):
        """Return theta where β = 0, and all of the density but the prior there."""
        theta, log_jacobian = self._constrain(z)
        variance = self._total.least_variance + np.square(theta[:, self._conjugate.rest[0]])
        return theta, log_jacobian, table(variance)[:, 0]

    def complete(self, z, rng: np.random.Generator | None) -> np.ndarray:
        """Return theta (W, D) with coefficients drawn given the others; without ``rng`` at their mean."""
        with np.errstate(all="ignore"):
            return np.concatenate([self._complete(piece, rng) for piece in _pieces(z)])

    def _complete(self, z, rng):
        _, factor, half = self._conditional(*self._at_origin(z))
        noise = 0.0 if rng is None else rng.standard_normal(half.shape)
        return self._constrain(z, _solve_transposed(factor, half + noise))[0]

    def _conditional(self, values, offset, tension):
        """Return -2 ln L as a form, and L (W, k, k) and L⁻¹ g (W, k) of Λ = L Lᵀ and the gradient g at β = 0."""
        chi_squared = self._total.quadratic(values)
        curvature, slope, _ = chi_squared
        pull = (slope - (curvature @ offset[..., None])[..., 0]) @ self._u - tension @ self._prior
        data = np.broadcast_to(self._u.T @ curvature @ self._u, (len(pull), *self._k.shape))
        factor = _factor(data, self._prior)
        return chi_squared, factor, _solve(factor, pull)


def marginal_of(target, total: Total | None) -> Marginal | None:
    """Return the marginal of a regression target; None where there is none, it does not pay, or rounding would show.

    Parameters
    ----------
    target : RegressionTarget
    total : Total or None
        Its rows as a quadratic form in the coefficients.
    """
    conjugate = None if total is None else conjugate_of(target)
    if total is None or conjugate is None:
        return None
    with np.errstate(all="ignore"):
        marginal = Marginal(target.parameters, total, conjugate)
        return marginal if marginal.pays and marginal.is_accurate else None


def _pieces(z):
    return [z[start : start + BLOCK_VECTORS] for start in range(0, max(1, len(z)), BLOCK_VECTORS)]


def _factor(data, prior) -> np.ndarray:
    """Return L (W, k, k) with L Lᵀ = data + priorᵀ prior; NaN where ``data`` is not positive definite.

    A prior far tighter than the data, in a direction of its own, leaves Cholesky's method without digits; there the
    triangle is that of the two roots, one on top of the other.
    """
    whole = data + prior.T @ prior
    factor = _cholesky(whole)
    weak = ~(_least_pivot(factor, whole) > LEAST_PIVOT)
    if weak.any():
        roots = np.swapaxes(_cholesky(data[weak]), 1, 2)
        stacked = np.concatenate([roots, np.broadcast_to(prior, (len(roots), *prior.shape))], axis=1)
        triangle = np.swapaxes(np.linalg.qr(stacked, mode="r"), 1, 2)
        factor[weak] = triangle * np.sign(np.diagonal(triangle, axis1=1, axis2=2))[:, None]
    return factor


def _cholesky(matrices) -> np.ndarray:
    """Return Cholesky factors (W, k, k), NaN where there is none."""
    try:
        return np.linalg.cholesky(matrices)
    except np.linalg.LinAlgError:
        if len(matrices) == 1:
            return np.full(matrices.shape, np.nan)
    return np.concatenate([_cholesky(half) for half in np.array_split(matrices, 2)])


def _least_pivot(factor, matrices) -> np.ndarray:
    """Return the least share (W,) of a diagonal element that elimination leaves."""
    left = np.square(np.diagonal(factor, axis1=1, axis2=2))
    return (left / np.diagonal(matrices, axis1=1, axis2=2)).min(axis=1)


def _log_root(factor) -> np.ndarray:
    """Return ½ ln |Λ| (W,)."""
    return np.log(np.diagonal(factor, axis1=1, axis2=2)).sum(axis=1)


def _solve(factor, vectors) -> np.ndarray:
    """Return L⁻¹ v (W, k), for all W together: a library would take them one by one."""
    found = np.empty(vectors.shape)
    for j in range(found.shape[1]):
        known = (factor[:, j, :j] * found[:, :j]).sum(axis=1)
        found[:, j] = (vectors[:, j] - known) / factor[:, j, j]
    return found


def _solve_transposed(factor, vectors) -> np.ndarray:
    """Return L⁻ᵀ v (W, k)."""
    return _solve(np.swapaxes(factor, 1, 2)[:, ::-1, ::-1], vectors[:, ::-1])[:, ::-1]
