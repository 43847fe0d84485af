"""The published table."""

import numpy as np

from bayesfit.datasets import hogg2010


def test_published_fits():
    """Weighted least squares gives the paper's lines: exercises 1 (points 5 to 20) and 2 (all points)."""
    for data, slope, intercept, slope_error, intercept_error in (
        (hogg2010(outliers=False), 2.24, 34, 0.11, 18),
        (hogg2010(), 1.08, 213, 0.08, 14),
    ):
        design = np.stack([np.ones(data.size), data.x[:, 0]], axis=1) / data.y_err[:, None]
        covariance = np.linalg.inv(design.T @ design)
        best = covariance @ design.T @ (data.y / data.y_err)
        assert abs(best[1] - slope) < 0.005
        assert abs(best[0] - intercept) < 0.5
        assert abs(np.sqrt(covariance[1, 1]) - slope_error) < 0.005
        assert abs(np.sqrt(covariance[0, 0]) - intercept_error) < 0.5


def test_forms():
    data = hogg2010()
    assert data.columns["id"].tolist() == list(range(1, 21))
    correlation = data.xy_cov[:, 0] / (data.x_err[:, 0] * data.y_err)
    assert correlation[0] == -0.84
    assert correlation[16] == 0.9
    assert hogg2010(outliers=False).columns["id"].tolist() == list(range(5, 21))
    assert hogg2010(x_errors=False).x_err is None
    assert hogg2010(x_errors=False).xy_cov is None
