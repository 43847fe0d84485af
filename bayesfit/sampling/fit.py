"""Fit a mixture of t densities to a cloud of draws, by expectation and maximisation."""

import numpy as np

from bayesfit.sampling.student import StudentMixture

__all__ = ["fit_proposal"]

#: degrees of freedom to choose from: few for heavy tails, many where the posterior is nearly Gaussian
DEGREES = (5.0, 10.0, 20.0, 50.0)
#: most components beyond the modes that were found
MOST_COMPONENTS = 16
#: gain in held-out log density per draw that is worth twice the components
WORTHWHILE = 0.03
#: iterations for one component and for several, and for more degrees of freedom than those that are done
ITERATIONS, AGAIN = (6, 15), 3
#: what is added to variances, in units of those of all draws
SMALLEST = 1e-6
#: draws used, at most; the last quarter is held out
MOST_DRAWS = 4000


def fit_proposal(draws: np.ndarray, modes: StudentMixture, rng: np.random.Generator, counts=None) -> StudentMixture:
    """Return the t mixture that an independence move proposes from.

    The Laplace approximation itself is the first candidate: in many dimensions it is better than what can be learnt
    from a few thousand draws.  The number of components grows while the density of held-out draws does; one for a
    posterior that is nearly Gaussian, many for one that is bent.

    Parameters
    ----------
    draws
        Points (n, d) from the burn-in, walker after walker, so that those held out at the end come from walkers, and
        where there are four ensembles from one, of their own.
    modes
        What the search found, a Laplace approximation at each maximum; its centres tell which draws belong together.
    rng
        Chooses starting centres.
    counts
        How many draws each of them stands for, (n,): importance weights of mean one; one each by default.
    """
    stride = max(1, -(-len(draws) // MOST_DRAWS))
    draws, counts = draws[::stride], np.ones(len(draws[::stride])) if counts is None else counts[::stride]
    n_train = 3 * len(draws) // 4
    # the moments of one part must not decide on the units of the other
    centre, unit = draws.mean(axis=0), np.maximum(draws.std(axis=0), np.finfo(float).tiny)
    scaled = (draws - centre) / unit
    train, test, worth, test_worth = scaled[:n_train], scaled[n_train:], counts[:n_train], counts[n_train:]

    def score_of(mixture):
        return test_worth @ mixture.log_density(test) / test_worth.sum()

    first = _grouped(train, worth, modes.component_log_density(draws[:n_train]).argmax(axis=0))
    laplace = StudentMixture(modes.weights, (modes.means - centre) / unit, modes.factors / unit[:, None], modes.dof)
    terms, tried = _second_order(train), [laplace.with_dof(dof) for dof in DEGREES]
    for dof in DEGREES:
        # what is widest for few degrees of freedom is nearly so for more
        n_iterations = ITERATIONS[len(first.weights) > 1] if dof == DEGREES[0] else AGAIN
        first = _maximise(terms, worth, first.with_dof(dof), n_iterations)
        tried.append(first)
    scores = [score_of(fitted) for fitted in tried]
    best, score = tried[int(np.argmax(scores))], max(scores)
    while 2 * len(best.weights) <= MOST_COMPONENTS and n_train > 20 * len(best.weights) * draws.shape[1]:
        fitted = _maximise(terms, worth, _split(best, rng), ITERATIONS[True])
        new_score = score_of(fitted)
        if not new_score > score + WORTHWHILE:
            break
        best, score = fitted, new_score
    return StudentMixture(best.weights, centre + unit * best.means, unit[:, None] * best.factors, best.dof)


def _grouped(draws, worth, labels) -> StudentMixture:
    """One component for each label that enough draws bear."""
    members = [labels == label for label in np.unique(labels)]
    members = [each for each in members if each.sum() > 5 * draws.shape[1]] or [np.ones(len(draws), dtype=bool)]
    means = [np.average(draws[each], axis=0, weights=worth[each]) for each in members]
    ridge = SMALLEST * np.eye(draws.shape[1])
    covariances = [np.cov(draws[each].T, aweights=worth[each]).reshape(ridge.shape) + ridge for each in members]
    return StudentMixture.from_moments([worth[each].sum() for each in members], means, covariances)


def _split(mixture: StudentMixture, rng) -> StudentMixture:
    """Cut each component in two, along a random direction in its own metric."""
    d = mixture.means.shape[1]
    direction = rng.standard_normal((len(mixture.weights), d, 1))
    step = (mixture.factors @ (direction / np.linalg.norm(direction, axis=1, keepdims=True)))[..., 0]
    means = np.concatenate([mixture.means + step, mixture.means - step])
    weights = np.tile(0.5 * mixture.weights, 2)
    return StudentMixture(weights, means, np.tile(mixture.factors, (2, 1, 1)), mixture.dof)


def _second_order(draws: np.ndarray) -> np.ndarray:
    """Return 1, z_i and z_i z_j for i ≤ j of draws (n, d): every quadratic form is a sum of these (n, terms)."""
    i, j = np.triu_indices(draws.shape[1])
    return np.concatenate([np.ones((len(draws), 1)), draws, draws[:, i] * draws[:, j]], axis=1)


def _distances(terms: np.ndarray, mixture: StudentMixture) -> np.ndarray:
    """Return what `StudentMixture.distances` does, from the terms: right to the rounding of the widest component."""
    i, j = np.triu_indices(mixture.means.shape[1])
    precisions = mixture.precisions
    pulled = np.einsum("kij,kj->ki", precisions, mixture.means)
    level = np.einsum("ki,ki->k", pulled, mixture.means)
    squares = np.where(i == j, 1.0, 2.0) * precisions[:, i, j]
    return np.maximum(np.concatenate([level[:, None], -2 * pulled, squares], axis=1) @ terms.T, 0.0)


def _maximise(terms: np.ndarray, worth: np.ndarray, mixture: StudentMixture, n_iterations: int) -> StudentMixture:
    """Iterate towards the maximum likelihood (Peel & McLachlan 2000) of `_second_order` terms, dof fixed."""
    d = mixture.means.shape[1]
    i, j = np.triu_indices(d)
    for _ in range(n_iterations):
        distances = _distances(terms, mixture)
        log_parts = mixture.component_log_density_at(distances)
        share = np.exp(log_parts - log_parts.max(axis=0))
        share *= worth / share.sum(axis=0)
        counts = share.sum(axis=1)
        # a component that holds hardly more draws than it has parameters is given up
        enough = counts > max(2.0 * d, 10.0)
        if not enough.any():
            return mixture
        counts = counts[enough]
        totals = (share * (mixture.dof + d) / (mixture.dof + distances))[enough] @ terms
        means = totals[:, 1 : d + 1] / totals[:, :1]
        covariances = np.empty((len(counts), d, d))
        squares = totals[:, d + 1 :] - totals[:, :1] * means[:, i] * means[:, j]
        covariances[:, i, j] = covariances[:, j, i] = squares / counts[:, None]
        # the scale is one, so that this swallows the rounding of squares
        covariances[:, np.arange(d), np.arange(d)] += SMALLEST
        mixture = StudentMixture.from_moments(counts, means, covariances, mixture.dof)
    return mixture
