"""Whether draws far out in a tail stay where they are when they walk by small steps."""

import numpy as np
from scipy.spatial import KDTree
from scipy.stats import mannwhitneyu

__all__ = ["cost", "restless"]

#: the part of the draws that counts as far out, and their number at the least; how many walk on each side, and how far
TAIL, FEWEST, WALKERS, STEPS = 0.002, 96, 64, 50
#: draws among which neighbours are looked for, how many neighbours at most, and factors of their differences
MOST, NEAREST, FACTORS = 100_000, 256, (0.5, 1.0, 2.0)
#: how much farther than the farthest of these a neighbour may be: more than nine in ten are the nearest, at a third of
#: the time in eight dimensions
LAX = 0.5
#: the probability below which a drift outwards is no accident: of independent starts, and thus less where chains are
#: short, so that draws of the same few walkers are far out, and importance sampling speaks for them
ACCIDENT = {False: 1e-5, True: 1e-9}


def restless(target, z: np.ndarray, log_density: np.ndarray, rng: np.random.Generator, covered: bool = False) -> str:
    """Return a sentence about a tail that goes on where the chains end, or nothing where there is none.

    The draws that lie farthest out along a coordinate, on either side, walk by Metropolis steps along differences of
    near draws, and may not come back in.  Such a walk leaves the posterior beyond that edge as it is, so that draws of
    chains that are right lie no farther out at its end than at its start (a rank test).  Chains whose long steps are
    all refused in a thin and curved tail look converged without ever having been there.

    Parameters
    ----------
    target
        The density.
    z, log_density
        Draws of the chains (n, d) in walking coordinates, and ln p there (n,).
    rng
        Source of choices and steps; `cost` densities are evaluated.
    covered
        Whether importance sampling has found the frozen proposal to cover the posterior.
    """
    columns, signs = (each.ravel() for each in np.meshgrid(np.arange(z.shape[1]), [-1, 1], indexing="ij"))
    far = [_far_out(sign * z[:, column], rng) for column, sign in zip(columns, signs, strict=True)]
    edges, starts = map(np.concatenate, zip(*far, strict=True))
    first = z[starts]
    sides = np.repeat(np.arange(len(columns)), WALKERS)

    def outward(x):
        return signs[sides] * x[np.arange(len(x)), columns[sides]]

    near = _neighbours(z, first, rng)
    last = _walk(target, first, log_density[starts], near, lambda x: outward(x) >= edges[sides], rng)
    before, after = (outward(x).reshape(-1, WALKERS) for x in (first, last))
    accident = mannwhitneyu(after, before, axis=1, alternative="greater").pvalue
    worst = int(np.argmin(accident))
    if not accident[worst] < ACCIDENT[covered]:
        return ""
    side, edge = ("above", edges[worst]) if signs[worst] > 0 else ("below", -edges[worst])
    return (
        f"Draws with {target.walked_names[columns[worst]]} {side} {edge:.4g} (walking coordinate) move on outwards by "
        "small steps: the chains have not been to the end of this tail; sample longer, or reparametrise."
    )


def cost(n_walked: int) -> int:
    """Return the evaluations that `restless` takes."""
    return 2 * n_walked * WALKERS * STEPS


def _far_out(outward, rng):
    """Return the edge (1,) of a tail and draws beyond it, some of them more than once where they are few."""
    edge = np.quantile(outward, [1 - max(TAIL, min(0.1, FEWEST / len(outward)))])
    beyond = np.flatnonzero(outward >= edge)
    return edge, rng.choice(beyond, WALKERS, replace=len(beyond) < WALKERS)


def _neighbours(z, points, rng) -> np.ndarray:
    """Return the draws (n, k, d) nearest to each point, or nearly so, distances in standard deviations."""
    some = z if len(z) <= MOST else z[rng.choice(len(z), MOST, replace=False)]
    # a walker that stays repeats itself in every coordinate
    some = some[np.unique(some[:, 0], return_index=True)[1]]
    scale = np.where(some.std(axis=0) > 0, some.std(axis=0), 1.0)
    _, nearest = KDTree(some / scale, leafsize=32).query(points / scale, k=min(NEAREST, len(some)), eps=LAX)
    return some[nearest.reshape(len(points), -1)]


def _walk(target, x, log_density, near, inside, rng):
    """Return where steps along differences of near draws, of a few and of many neighbours, lead from ``x`` (n, d)."""
    x, log_density, rows = x.copy(), log_density.copy(), np.arange(len(x))
    levels = np.unique(np.geomspace(min(4, near.shape[1]), near.shape[1], 7).astype(int))
    for _ in range(STEPS):
        one, other = (rng.uniform(size=(2, len(x))) * rng.choice(levels, len(x))).astype(int)
        there = x + rng.choice(FACTORS, len(x))[:, None] * (near[rows, one] - near[rows, other])
        level = target.log_density(there)
        taken = inside(there) & (np.log(rng.uniform(size=len(x))) < level - log_density)
        x[taken], log_density[taken] = there[taken], level[taken]
    return x
