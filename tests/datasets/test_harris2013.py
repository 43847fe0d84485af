"""The published table."""

import numpy as np
import pytest

from bayesfit.datasets import harris2013


def test_published_fit():
    """Least squares weighted by the masses' errors alone gives a line published for these rows: 8.195 + 5.002 x."""
    data = harris2013()
    design = np.stack([np.ones(data.size), data.x[:, 0]], axis=1) / data.y_err[:, None]
    intercept, slope = np.linalg.lstsq(design, data.y / data.y_err, rcond=None)[0]
    assert intercept == pytest.approx(8.195, abs=0.0005)
    assert slope == pytest.approx(5.002, abs=0.0005)


def test_limits():
    """Masses below the limit become it, the others stay as they are."""
    full, limited = harris2013(), harris2013(limit=8.5)
    upper = limited.limits == 1
    assert upper.sum() == 22
    assert np.array_equal(upper, full.y < 8.5)
    assert np.all(limited.y[upper] == 8.5)
    assert np.array_equal(limited.y[~upper], full.y[~upper])
    assert not full.limits.any()
