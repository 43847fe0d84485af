"""Points along a curve: enough of them, and no more than enough."""

import numpy as np
import pytest

from bayesfit.plots.resolution import MOST_POINTS, refine, start


def wave(period):
    return lambda points: np.sin(2 * np.pi * points / period)[None]


@pytest.mark.parametrize("period", [1.0, 0.5, 199 / 210, 3.7 / 7.5])
def test_lines_between_the_points_follow_a_fast_wave(period):
    """Periods that divide the even spacing, and others."""
    points, resolved = refine(start(np.array([0.0, 199.0])), wave(period))
    assert resolved
    fine = np.linspace(0, 199, 100_003)
    drawn = np.interp(fine, points, wave(period)(points)[0])
    assert np.abs(drawn - wave(period)(fine)[0]).max() < 0.06


def test_a_straight_line_needs_no_more_points_and_passes_through_the_rows():
    places = np.array([3.0, np.nan, 0.0, 0.123, 3.0, 10.0])
    points, resolved = refine(start(places), lambda x: np.stack([1 + 2 * x, 0 * x]))
    assert resolved
    assert (points[0], points[-1]) == (0.0, 10.0)
    assert np.isin([0.123, 3.0], points).all()
    assert 200 <= len(points) <= 202
    assert (np.diff(points) > 0).all()


def test_what_cannot_be_resolved_is_told_from_a_jump():
    points, resolved = refine(start(np.array([0.0, 1.0])), wave(1e-5))
    assert len(points) <= MOST_POINTS
    assert not resolved
    assert refine(start(np.array([0.0, 1.0])), lambda x: (x[None] > 0.3).astype(float))[1]


def test_a_curve_without_values_ends():
    assert refine(start(np.array([0.0, 1.0])), lambda x: np.full((2, len(x)), np.nan))[1]
    assert len(start(np.array([4.0, 4.0]))) == 1
