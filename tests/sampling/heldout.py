"""Posteriors on which no threshold of the sampler was tuned, each with its exact means and deviations."""

from functools import cache, partial

import numpy as np
from scipy import stats
from toys import Normal, Toy, banana, correlated, funnel, half_normal


class Exact(Toy):
    """A toy that knows the mean and standard deviation of ``seen(z)``, by default of the coordinates."""

    #: all ensembles walk as one, as those of most models do
    is_cheap = True

    def __init__(self, log_density, mean, sd, spread=10.0, seen=None):
        self.mean, self.sd = np.asarray(mean, dtype=float), np.asarray(sd, dtype=float)
        super().__init__(log_density, len(self.mean), spread=spread)
        self.seen = seen or (lambda z: z)

    def errors(self, run):
        """Return the worst error of a mean in standard deviations, and of a deviation as a fraction."""
        draws = self.seen(run.z).reshape(-1, self.n_walked)
        off = np.abs(draws.mean(axis=0) - self.mean) / self.sd
        return float(off.max()), float(np.abs(draws.std(axis=0) / self.sd - 1).max())


def _mixture_log_density(weights, means, sds, z):
    d = z.shape[1]
    parts = [
        np.log(w) - 0.5 * ((z - m) ** 2).sum(axis=1) / s**2 - d * np.log(s)
        for w, m, s in zip(weights, means, sds, strict=True)
    ]
    return np.logaddexp.reduce(parts, axis=0)


def two_modes(separation, weights=(0.1, 0.9), sds=(1.0, 1.0), d=3, spread=10.0):
    """Isotropic normals at -separation/2 and +separation/2 along the first axis."""
    means = np.zeros((2, d))
    means[:, 0] = -separation / 2, separation / 2
    share = np.array(weights)[:, None]
    mean = (share * means).sum(axis=0)
    variance = (share * (means**2 + np.square(sds)[:, None])).sum(axis=0) - mean**2
    density = partial(_mixture_log_density, weights, means, sds)
    return Exact(density, mean, np.sqrt(variance), spread)


def _heavy(z):
    left, right = (stats.t.logpdf(z[:, 0], 2, loc) for loc in (-3, 3))
    return np.logaddexp(left, right) + stats.t.logpdf(z[:, 1], 2)


@cache
def heavy_tails():
    """Two Student t of 2 degrees of freedom, whose variance is infinite: asinh is what is looked at."""
    grid = np.sinh(np.linspace(-20, 20, 400_001))
    step = np.gradient(grid)
    moments = []
    for density in (
        0.5 * stats.t.pdf(grid, 2, -3) + 0.5 * stats.t.pdf(grid, 2, 3),
        stats.t.pdf(grid, 2),
    ):
        values = np.arcsinh(grid)
        mean = (values * density * step).sum()
        moments.append((mean, np.sqrt(((values - mean) ** 2 * density * step).sum())))
    mean, sd = np.transpose(moments)
    return Exact(_heavy, mean, sd, spread=10.0, seen=np.arcsinh)


@cache
def logistic():
    """Twelve nearly separated Bernoulli labels: a skewed posterior, its moments from a dense grid."""
    x = np.linspace(-2, 2, 12)
    labels = np.array([0, 0, 0, 0, 0, 1, 0, 1, 1, 1, 1, 1])

    def density(z):
        eta = z[:, :1] + z[:, 1:] * x
        return (labels * eta - np.logaddexp(0, eta)).sum(axis=1) - 0.5 * (z**2).sum(axis=1) / 5**2

    axes = np.linspace(-20, 20, 601), np.linspace(-10, 35, 601)
    grid = np.stack([a.ravel() for a in np.meshgrid(*axes)], axis=1)
    weights = density(grid)
    weights = np.exp(weights - weights.max())
    mean = np.average(grid, axis=0, weights=weights)
    return Exact(density, mean, np.sqrt(np.average((grid - mean) ** 2, axis=0, weights=weights)), 5.0)


def collinear():
    """Five coefficients of features of which two are almost the same."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=(40, 5))
    x[:, 1] = x[:, 0] + 1e-4 * rng.normal(size=40)
    covariance = np.linalg.inv(x.T @ x + np.eye(5) / 100)
    mean = covariance @ x.T @ rng.normal(size=40)
    return Exact(Normal(mean, covariance), mean, np.sqrt(np.diag(covariance)), 10.0)


def scales():
    unit = 10.0 ** np.array([-8, -4, 0, 4, 8])
    return Exact(Normal(3 * unit, np.diag(unit**2)), 3 * unit, unit, 30 * unit)


def _moments(log_density, grid):
    """Mean and deviation of one coordinate with this log density, by sums over an even grid."""
    weights = np.exp(log_density - log_density.max())
    mean = np.average(grid, weights=weights)
    return mean, np.sqrt(np.average((grid - mean) ** 2, weights=weights))


def ring(radius=5.0, width=0.5):
    """A ring in the plane: each coordinate has half of E r², where r has the density r exp(-(r - R)² / 2w²)."""
    r = np.linspace(1e-6, radius + 12 * width, 100_001)
    square = np.average(r**2, weights=r * np.exp(-0.5 * ((r - radius) / width) ** 2))

    def density(z):
        return -0.5 * ((np.hypot(z[:, 0], z[:, 1]) - radius) / width) ** 2

    return Exact(density, [0, 0], np.sqrt([square / 2] * 2), 5.0)


def _two_bananas(z, share=0.7, width=0.3):
    up, down = (-0.5 * ((z[:, 1] - sign * (1 + z[:, 0] ** 2)) / width) ** 2 for sign in (1, -1))
    return -0.5 * z[:, 0] ** 2 + np.logaddexp(np.log(share) + up, np.log(1 - share) + down)


def two_bananas(share=0.7, width=0.3):
    """z0 ~ N(0, 1), z1 = ±(1 + z0²) + 0.3 N(0, 1): E(1 + z0²) = 2 and E(1 + z0²)² = 6."""
    mean = 2 * (2 * share - 1)
    return Exact(_two_bananas, [0, mean], [1, np.sqrt(6 + width**2 - mean**2)], 3.0)


def _gamma(z):
    with np.errstate(all="ignore"):
        edge = np.where(z[:, 0] > 0, 0.5 * np.log(z[:, 0]) - z[:, 0], -np.inf)
    return edge - 0.5 * (z[:, 1:] ** 2).sum(axis=1)


def _at_edge(z):
    """A normal of mean -1 cut off at zero, walked in the logarithm."""
    return -0.5 * (np.exp(z[:, 0]) + 1) ** 2 + z[:, 0] - 0.5 * (z[:, 1:] ** 2).sum(axis=1)


@cache
def at_edge():
    grid = np.linspace(-40, 5, 200_001)
    mean, sd = _moments(_at_edge(grid[:, None]), grid)
    return Exact(_at_edge, [mean, 0, 0], [sd, 1, 1], 3.0)


def _half(z):
    return np.where(z[:, 0] > 0, -0.5 * (z**2).sum(axis=1), -np.inf)


_SHAPE = Normal(np.zeros(10), correlated(10, 0.9))


def _heavy_and_correlated(z, dof=4):
    return -0.5 * (dof + z.shape[1]) * np.log1p(-2 * _SHAPE(z) / dof)


def _box(z):
    return np.where(((z > 0) & (z < 1)).all(axis=1), 0.0, -np.inf)


def _corner(z, cut=4.0):
    return np.where((z > cut).all(axis=1), -0.5 * (z**2).sum(axis=1), -np.inf)


def corner():
    """Far out in the tail of a normal, behind walls on three sides."""
    law = stats.truncnorm(4.0, np.inf)
    return Exact(_corner, [law.mean()] * 3, [law.std()] * 3, 5.0)


def _small_funnel(z):
    return -0.5 * (z[:, 0] / 1.5) ** 2 - 0.5 * z[:, 1] ** 2 * np.exp(-z[:, 0]) - 0.5 * z[:, 0]


@cache
def period(amplitude, n_rows, span, seed):
    """A wave of unknown frequency in uneven samples: z = a, b, c, f of a cos 2πft + b sin 2πft + c.

    Given f the first three are normal, so that sums over a grid of f give the moments.  Of f they are those within
    1 / span of the best: aliases far away would be most of its variance at a thousandth of the probability.
    """
    rng = np.random.default_rng(seed)
    t, frequency, prior_sd = np.sort(rng.uniform(0, span, n_rows)), rng.uniform(0.05, 0.45), 10.0
    y = amplitude * np.cos(2 * np.pi * frequency * t) + 2 + rng.standard_normal(n_rows)

    def waves(f):
        phase = 2 * np.pi * f[:, None] * t
        return np.stack([np.cos(phase), np.sin(phase), np.ones_like(phase)], axis=2)

    def prior_of(f):
        return -0.5 * ((f - 0.25) / 0.1) ** 2

    def density(z):
        residual = y - np.einsum("wnj,wj->wn", waves(z[:, 3]), z[:, :3])
        return -0.5 * (residual**2).sum(axis=1) - 0.5 * np.square(z[:, :3] / prior_sd).sum(axis=1) + prior_of(z[:, 3])

    grid = np.linspace(-0.3, 0.8, int(60 * span))
    design = waves(grid)
    precision = np.einsum("gni,gnj->gij", design, design) + np.eye(3) / prior_sd**2
    moment = np.einsum("gni,n->gi", design, y)
    centre = np.linalg.solve(precision, moment[..., None])[..., 0]
    level = 0.5 * (moment * centre).sum(axis=1) - 0.5 * np.linalg.slogdet(precision)[1] + prior_of(grid)
    weight = np.exp(level - level.max())
    weight /= weight.sum()
    own = np.diagonal(np.linalg.inv(precision), axis1=1, axis2=2)
    best = grid[weight.argmax()]

    def seen(z):
        return np.concatenate([z[..., :3], np.clip(z[..., 3:], best - 1 / span, best + 1 / span)], axis=-1)

    values, variances = seen(np.column_stack([centre, grid])), np.column_stack([own, np.zeros(len(grid))])
    mean = weight @ values
    sd = np.sqrt(weight @ (variances + (values - mean) ** 2))
    made = Exact(density, mean, sd, np.array([10.0, 10, 10, 0.1]), seen)
    made.centre = np.array([0, 0, 0, 0.25])
    return made


#: name -> (problem, whether every sampler should converge on it)
PROBLEMS = {
    "two modes, 4 sd, 0.1": (partial(two_modes, 4), True),
    "two modes, 6 sd, 0.1": (partial(two_modes, 6), True),
    "two modes, 10 sd, 0.1": (partial(two_modes, 10), True),
    "narrow mode, 0.3, 2-d": (partial(two_modes, 6, (0.3, 0.7), (0.1, 1.0), 2), True),
    "narrow mode, 0.3, 3-d": (partial(two_modes, 6, (0.3, 0.7), (0.1, 1.0), 3), True),
    "narrow mode inside, 3-d": (partial(two_modes, 2, (0.3, 0.7), (0.1, 1.0), 3), False),
    "funnel, 8-d": (lambda: Exact(funnel, np.zeros(8), [3, *[np.exp(2.25)] * 7], 3.0), False),
    "banana": (lambda: Exact(banana, [0, 1], [1, np.sqrt(2.01)], 3.0), False),
    "normal, 25-d, 0.99": (lambda: Exact(Normal(np.zeros(25), correlated(25)), np.zeros(25), np.ones(25)), False),
    "half-normal edge": (
        lambda: Exact(half_normal, [-0.6351814, 0, 0], [np.pi / np.sqrt(8), 1, 1], 3.0),
        True,
    ),
    "scales 1e-8 to 1e8": (scales, True),
    "collinear": (collinear, True),
    "Student t, 2 dof, twice": (heavy_tails, False),
    "logistic, nearly separated": (logistic, True),
    "funnel, 2-d": (lambda: Exact(_small_funnel, [0, 0], [1.5, np.exp(1.5**2 / 4)], 3.0), False),
    "ring": (ring, False),
    "banana of a fifth of the width": (
        lambda: Exact(partial(banana, width=0.02), [0, 1], [1, np.sqrt(2.0004)], 3.0),
        False,
    ),
    "even in a box, 5-d": (lambda: Exact(_box, [0.5] * 5, [1 / np.sqrt(12)] * 5, 1.0), True),
    "a corner behind three walls": (corner, False),
    "two bananas": (two_bananas, False),
    "a period, 300 aliases": (partial(period, 3.0, 20, 600.0, 1), True),
    "a period, aliases that matter": (partial(period, 1.5, 20, 200.0, 2), False),
    "gamma of shape 1.5, cut at zero": (lambda: Exact(_gamma, [1.5, 0, 0], [np.sqrt(1.5), 1, 1], 3.0), True),
    "half of a normal, cut at its top": (
        lambda: Exact(_half, [np.sqrt(2 / np.pi), 0, 0], [np.sqrt(1 - 2 / np.pi), 1, 1], 3.0),
        True,
    ),
    "tail of a normal at a prior's edge": (at_edge, True),
    "Student t of 4 degrees of freedom, 10-d, 0.9": (
        lambda: Exact(_heavy_and_correlated, np.zeros(10), np.full(10, np.sqrt(2)), 5.0),
        False,
    ),
}
