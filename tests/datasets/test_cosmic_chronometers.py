"""The compiled table."""

import numpy as np
from scipy.optimize import curve_fit

from bayesfit.datasets import cosmic_chronometers


def test_flat_universe():
    """A flat universe with a cosmological constant: H0 near 68 ± 3 and Ω near 0.32 ± 0.06 at χ² = 14.5."""
    data = cosmic_chronometers()

    def rate(z, hubble, matter):
        return hubble * np.sqrt(matter * (1 + z) ** 3 + 1 - matter)

    best, covariance = curve_fit(rate, data.x[:, 0], data.y, [70, 0.3], sigma=data.y_err, absolute_sigma=True)
    error = np.sqrt(np.diag(covariance))
    assert abs(best[0] - 68) < 1
    assert abs(best[1] - 0.32) < 0.02
    assert np.allclose(error, [3, 0.06], rtol=0.1)
    assert abs(np.sum(((data.y - rate(data.x[:, 0], *best)) / data.y_err) ** 2) - 14.50) < 0.005


def test_papers():
    papers, rows = np.unique(cosmic_chronometers().columns["source"], return_counts=True)
    counts = dict(zip(papers.tolist(), rows.tolist(), strict=True))
    assert counts["Simon 2005"] == 9
    assert counts["Moresco 2012"] == 8
    assert counts["Moresco 2016"] == 5
    assert len(counts) == 7
