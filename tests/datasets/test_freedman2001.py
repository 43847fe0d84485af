"""The published table."""

import numpy as np

from bayesfit.datasets import freedman2001


def test_published_fits():
    """Least squares through the origin gives Wood's (2017) 76.58 ± 3.97 km/s/Mpc; without two galaxies 77.67 ± 2.97."""
    data = freedman2001()
    for rows, slope, slope_error in (
        (np.arange(24), 76.581, 3.965),
        (np.setdiff1d(np.arange(24), [2, 14]), 77.673, 2.970),
    ):
        x, y = data.x[rows, 0], data.y[rows]
        best = x @ y / (x @ x)
        error = np.sqrt(np.sum((y - best * x) ** 2) / (len(x) - 1) / (x @ x))
        assert abs(best - slope) < 0.0005
        assert abs(error - slope_error) < 0.0005
