import emcee
import numpy as np
import pytest
from arviz_stats.base import array_stats

from bayesfit.diagnostics import chains


def _walks(seed, m=6, n=301, ar=0.7):
    """Autoregressive chains of two parameters with repeats, as rejected proposals leave them."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(m, n, 2))
    for t in range(1, n):
        x[:, t] += ar * x[:, t - 1]
    stays = rng.uniform(size=n) < 0.4
    for t in np.flatnonzero(stays[1:]) + 1:
        x[:, t] = x[:, t - 1]
    return x


@pytest.mark.parametrize("ar", [-0.6, 0.0, 0.7, 0.97])
@pytest.mark.parametrize("n", [4, 5, 8, 51, 300, 301])
@pytest.mark.parametrize("kind", ["bulk", "tail", "mean"])
def test_ess_is_arviz(ar, n, kind):
    draws = _walks(1, n=n, ar=ar)
    options = {"prob": 0.95} if kind == "tail" else {}
    expected = array_stats.ess(draws, method=kind, chain_axis=0, draw_axis=1, **options)
    np.testing.assert_allclose(chains.ess(draws, kind), expected, rtol=1e-10)


@pytest.mark.parametrize("n", [8, 51, 300, 301])
def test_rhat_is_arviz(n):
    draws = _walks(2, n=n)
    expected = array_stats.rhat(draws, method="rank", chain_axis=0, draw_axis=1)
    np.testing.assert_allclose(chains.rhat(draws), expected, rtol=1e-10)


@pytest.mark.parametrize("ar", [0.0, 0.9])
def test_time_is_emcee(ar):
    draws = _walks(3, ar=ar)
    expected = emcee.autocorr.integrated_time(draws.swapaxes(0, 1), quiet=True, tol=0)
    np.testing.assert_allclose(chains.integrated_time(draws), expected, rtol=1e-10)


def test_constant_and_short_chains():
    assert np.isnan(chains.rhat(np.zeros((1, 10, 2)))).all()
    assert np.isnan(chains.ess(np.zeros((2, 3)))).all()
    assert chains.ess(np.zeros((2, 10))) == 20
    assert np.isnan(chains.integrated_time(np.zeros((2, 10))))


def test_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="kind='median'"):
        chains.ess(np.zeros((2, 10)), "median")


def test_trailing_axes_are_separate():
    draws = _walks(4)
    for estimate in (chains.ess, chains.rhat, chains.integrated_time):
        stacked = estimate(np.stack([draws, draws[::-1] ** 2], axis=-1))
        np.testing.assert_allclose(stacked[:, 0], estimate(draws))
        np.testing.assert_allclose(stacked[:, 1], estimate(draws[::-1] ** 2))
