"""A polynomial that stands in for a log density around its maximum, where each density is a sum over many rows.

With N rows the posterior is so narrow that its logarithm is nearly quadratic within it: a term of degree k is of the
order of N^{1 - k/2}, so that each further degree leaves out a tenth to a hundredth of what the one before did.  In a
ball of the metric of the Laplace approximation, so large that hardly a walker ever leaves it, a polynomial is fitted by
least squares to the density at more points than it has coefficients, and has to agree with it there and at others.
Outside of the ball the density itself is asked.
"""

from math import comb

import numpy as np
from scipy.linalg import lstsq

from bayesfit.sampling.student import StudentMixture
from bayesfit.targets.monomials import monomials

__all__ = ["StandIn", "stand_in"]

#: the fewest rows that are worth it
FEWEST_ROWS = 5000
#: radius of the ball in standard deviations beyond √d, the typical one
BEYOND = 3.0
#: degrees, the most monomials, points for each of them, and points at which the polynomial is only checked
DEGREES, MOST_TERMS, POINTS, CHECKED = (3, 4, 5, 6, 7, 8), 1400, 2, 256
#: the largest error of ln p in the ball, in itself and as a share of it
LARGEST_ERROR = 2e-5, 1e-9
#: by how much the error may be too large where the last degree would leave it, if it went on to fall as it did
HOPELESS = 10.0


class StandIn:
    """A density that is known as a polynomial in a ball.

    Parameters
    ----------
    density
        What is asked outside.
    centre, factor
        The middle (d,), and what takes the unit ball to the ball (d, d).
    coefficients
        Of all monomials up to some degree, in the order of `monomials`.
    degree
        The highest degree.
    """

    def __init__(self, density, centre, factor, coefficients, degree: int):
        self.density, self.centre, self.coefficients, self.degree = density, centre, coefficients, degree
        self._metric = np.linalg.inv(factor).T

    @property
    def faults(self):
        """What went wrong in evaluations of the density."""
        return self.density.faults

    def log_density(self, z) -> np.ndarray:
        """Return the log densities (W,) of points (W, d)."""
        v = (z - self.centre) @ self._metric
        inside = np.square(v).sum(axis=1) <= 1.0
        total = np.empty(len(z))
        total[inside] = self.coefficients @ _basis(v[inside], self.degree)
        if not inside.all():
            total[~inside] = self.density.log_density(z[~inside])
        return total


def stand_in(density, proposal: StudentMixture) -> tuple[StandIn | None, int]:
    """Return the polynomial around the first centre of a proposal, or None where there is none that will do.

    Parameters
    ----------
    density
        The density, with the properties ``n_rows`` and ``adds_rows``.
    proposal
        A normal approximation of it, in its first component.

    Returns
    -------
    found : StandIn or None
        None, too, where a density is cheap, or needs more than `MOST_TERMS` coefficients.
    n_evaluations : int
        What that took.
    """
    if not (getattr(density, "adds_rows", False) and density.n_rows >= FEWEST_ROWS):
        return None, 0
    centre, d = proposal.means[0], proposal.means.shape[1]
    factor = (np.sqrt(d) + BEYOND) * proposal.factors[0]
    # which points does not matter: the same ones each time, so that a run that is resumed finds the same polynomial
    rng = np.random.default_rng(d)
    checks = _ball(rng, CHECKED, d)
    truth = density.log_density(centre + checks @ factor.T)
    points, values = np.empty((0, d)), np.empty(0)
    allowed, before = min(LARGEST_ERROR[0], LARGEST_ERROR[1] * np.abs(truth).min()), np.inf
    degrees = [degree for degree in DEGREES if comb(d + degree, degree) <= MOST_TERMS]
    for left, degree in zip(reversed(range(len(degrees))), degrees, strict=True):
        more = _ball(rng, POINTS * comb(d + degree, degree) - len(points), d)
        points = np.concatenate([points, more])
        values = np.concatenate([values, density.log_density(centre + more @ factor.T)])
        if not (np.isfinite(truth).all() and np.isfinite(values).all()):
            break
        coefficients = lstsq(_basis(points, degree).T, values, lapack_driver="gelsy", check_finite=False)[0]
        known = (points, values), (checks, truth)
        error = max(np.abs(coefficients @ _basis(v, degree) - value).max() for v, value in known)
        if error <= allowed:
            return StandIn(density, centre, factor, coefficients, degree), CHECKED + len(points)
        if error * (error / before) ** left > HOPELESS * allowed:
            break
        before = error
    return None, CHECKED + len(points)


def _basis(v, degree: int) -> np.ndarray:
    """Return all monomials (terms, n) of points (n, d) up to a degree."""
    return np.concatenate(monomials(np.ascontiguousarray(v.T), degree))


def _ball(rng, n: int, d: int) -> np.ndarray:
    """Return points (n, d) spread evenly in the unit ball."""
    direction = rng.standard_normal((n, d))
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    return direction * rng.uniform(size=(n, 1)) ** (1 / d)
