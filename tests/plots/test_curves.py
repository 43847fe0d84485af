"""Densities of draws against scipy's kernel estimate and closed forms."""

import numpy as np
import pytest
from scipy.stats import gaussian_kde, norm

from bayesfit.plots.curves import contours, density, distinct


def test_density_is_the_kernel_estimate_of_scipy():
    draws = np.random.default_rng(1).normal(3.0, 2.0, 3000)
    grid, height = density(draws)
    quartiles = np.quantile(draws, [0.25, 0.75])
    width = 0.9 * min(draws.std(), np.ptp(quartiles) / 1.34) * len(draws) ** -0.2
    expected = gaussian_kde(draws, width / draws.std(ddof=1))(grid)
    # binning on the grid costs about (step / width)² / 12 of a curvature
    np.testing.assert_allclose(height, expected, atol=2e-3 * expected.max())


def test_bounds_keep_all_of_the_density():
    """The plain estimate of a half-normal has half of the true density at the bound."""
    draws = np.abs(np.random.default_rng(2).normal(size=20_000))
    grid, height = density(draws, (0.0, np.inf))
    assert grid[0] == 0.0
    assert np.trapezoid(height, grid) == pytest.approx(1.0, abs=1e-12)
    np.testing.assert_allclose(height[:200], 2 * norm.pdf(grid[:200]), rtol=0.1)


def test_density_shifts_and_scales_with_the_draws():
    draws = np.random.default_rng(3).normal(size=500)
    grid, height = density(draws)
    moved, scaled = density(1e6 + 1e-3 * draws)
    np.testing.assert_allclose(moved, 1e6 + 1e-3 * grid, rtol=1e-12)
    np.testing.assert_allclose(scaled, 1e3 * height, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize(("draws", "expected"), [([1.0, 1.0], False), ([1e9, 1e9 + 1], True), ([0.0, 0.0], False)])
def test_distinct(draws, expected):
    assert distinct(np.array(draws)) is expected


def test_contours_of_draws_that_are_mostly_the_same_have_rising_levels():
    draws = np.concatenate([np.zeros((900, 2)), np.random.default_rng(4).normal(size=(100, 2))])
    x, y, height, levels = contours(draws, (0.4, 0.8))
    assert levels[0] < levels[1] <= height.max()
    assert np.isfinite([x, y, height]).all()
