"""The judge of ranks passes what is right and catches what is wrong: conjugate normals, no package."""

import numpy as np
import pytest
from ranks import judge, ranks, scores
from scipy.stats import kstest

N_DRAWS = 255
N_ROWS = 10


def simulated_ranks(n, draw, seed):
    """Ranks of the mean, and of the log-likelihood, for y ~ N(μ, 1), μ ~ N(0, 1)."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(n):
        truth = rng.standard_normal()
        y = truth + rng.standard_normal(N_ROWS)
        candidates = np.r_[truth, draw(y, rng)]
        fit = -0.5 * np.square(y - candidates[:, None]).sum(axis=1)
        both = np.column_stack([candidates, fit])
        found.append(ranks(both[0], both[1:]))
    return np.array(found).T


def exact(y, rng, shift=0.0, width=1.0):
    sd = 1 / np.sqrt(1 + N_ROWS)
    return (y.sum() / (1 + N_ROWS) + shift * sd) + width * sd * rng.standard_normal(N_DRAWS)


def test_an_exact_posterior_passes():
    mean, fit = simulated_ranks(1400, exact, 1)
    assert min(*judge(mean, N_DRAWS), *judge(fit, N_DRAWS)) > 1e-3
    assert kstest((mean + 0.5) / (N_DRAWS + 1), "uniform").pvalue > 1e-3


@pytest.mark.parametrize("width", [0.9, 1.1])
@pytest.mark.parametrize("seed", [1, 2])
def test_an_sd_wrong_by_a_tenth_is_caught(width, seed):
    mean, _ = simulated_ranks(1400, lambda y, rng: exact(y, rng, width=width), seed)
    assert judge(mean, N_DRAWS).spread < 1e-4


def test_a_shift_is_caught():
    mean, _ = simulated_ranks(1400, lambda y, rng: exact(y, rng, shift=0.2), 3)
    assert judge(mean, N_DRAWS).mean < 1e-4


def test_an_ignored_likelihood_shows_only_in_the_likelihood():
    """Draws from the prior are calibrated for the parameter, and wrong."""
    mean, fit = simulated_ranks(500, lambda y, rng: rng.standard_normal(N_DRAWS), 4)
    assert min(judge(mean, N_DRAWS)) > 1e-3
    assert min(judge(fit, N_DRAWS)) < 1e-10


def test_scores_of_uniform_ranks_have_variance_one():
    score = scores(np.arange(N_DRAWS + 1), N_DRAWS)
    assert score.mean() == pytest.approx(0, abs=1e-12)
    assert score.var() == pytest.approx(1, rel=1e-12)


def test_ranks_count_draws_below():
    np.testing.assert_array_equal(ranks([0.5, 2.0], [[0, 1], [1, 1], [0.2, 3]]), [2, 2])
