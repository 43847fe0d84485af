import re

import numpy as np
import pytest
from scipy import integrate

from bayesfit import priors
from bayesfit.errors import PriorError

INF = np.inf


@pytest.mark.parametrize(
    ("kind", "arguments", "message"),
    [
        ("Uniform", (2, 1), "low = 2.0 must be below high = 1.0"),
        ("Uniform", (1, 1), "low = 1.0 must be below high = 1.0"),
        ("Uniform", (0, INF), "high must be finite; Flat(low, high) takes infinite bounds"),
        ("Uniform", (-1.7e308, 1.7e308), "too large for a float"),
        ("LogUniform", (0, 1), "improper"),
        ("LogUniform", (1, INF), "improper"),
        ("LogUniform", (-1, 1), "must be positive and finite"),
        ("LogUniform", (2, 1), "low = 2.0 must be below high = 1.0"),
        ("Beta", (0, 1), "a must be greater than zero, not 0"),
        ("Beta", (1, INF), "b must be finite, not inf"),
        ("TruncatedNormal", (0, 0, 0, 1), "sd must be greater than zero, not 0"),
        ("TruncatedNormal", (0, 1, 1, 1), "low = 1.0 must be below high = 1.0"),
        ("TruncatedNormal", (0, 1, np.nan, 1), "low must be a number, not nan"),
        ("TruncatedNormal", (0, 1, INF, INF), "low = inf must be below high = inf"),
        ("TruncatedNormal", (0, 1, 1e200, INF), "too far from mean"),
        ("Fixed", (INF,), "value must be finite, not inf"),
        ("Fixed", (False,), "value must be a real number, not False (bool)"),
    ],
)
def test_malformed_arguments_are_named(kind, arguments, message):
    with pytest.raises(PriorError, match=re.escape(message)) as caught:
        getattr(priors, kind)(*arguments)
    assert str(caught.value).startswith(f"{kind}: ")


@pytest.mark.parametrize("low", [30.0, -31.0, 100.0, -5.0])
@pytest.mark.parametrize("width", [1e-6, 1e-3, 1.0])
def test_truncated_normal_far_in_the_tail(low, width):
    """The density relative to its value at low, integrated by plain quadrature, gives the constant."""
    ratio = lambda t: np.exp(-low * t - 0.5 * t**2)  # noqa: E731
    mass, _ = integrate.quad(ratio, 0, width, epsrel=1e-12, epsabs=0)
    prior = priors.TruncatedNormal(0, 1, low, low + width)
    exact_width = (low + width) - low
    assert prior.log_prob(low) == pytest.approx(-np.log(mass * exact_width / width), rel=1e-8)
    draws = prior.sample(np.random.default_rng(0), 200)
    assert np.isfinite(prior.log_prob(draws)).all()
    below = [integrate.quad(ratio, 0, draw - low, epsrel=1e-10, epsabs=0)[0] / mass for draw in draws[:5]]
    u = np.random.default_rng(0).uniform(size=200)[:5]
    np.testing.assert_allclose(below, u, atol=1e-7)


def test_truncated_normal_without_bounds_is_normal():
    value, u = np.linspace(-5, 9, 13), np.linspace(0.01, 0.99, 13)
    prior, normal = priors.TruncatedNormal(1, 2, -INF, INF), priors.Normal(1, 2)
    np.testing.assert_allclose(prior.log_prob(value), normal.log_prob(value), rtol=1e-15)
    np.testing.assert_allclose(prior.quantile(u), normal.quantile(u), rtol=1e-12)


def test_truncated_normal_on_both_sides_mirrors():
    right, left = priors.TruncatedNormal(0, 1, 8, INF), priors.TruncatedNormal(0, 1, -INF, -8)
    u = np.array([1e-9, 0.2, 0.5, 0.75])
    np.testing.assert_allclose(left.quantile(1 - u), -right.quantile(u), rtol=1e-9)
    np.testing.assert_allclose(left.log_prob([-8, -9]), right.log_prob([8, 9]), rtol=1e-15)


def test_log_uniform_over_six_hundred_decades():
    prior = priors.LogUniform(1e-300, 1e300)
    np.testing.assert_allclose(prior.quantile([0, 0.25, 0.5, 1]), [1e-300, 1e-150, 1, 1e300], rtol=1e-11)
    assert prior.log_prob(1.0) == pytest.approx(-np.log(600 * np.log(10)))


def test_log_uniform_between_close_bounds():
    """To first order it is uniform."""
    prior = priors.LogUniform(1, 1 + 2.0**-40)
    assert prior.log_prob(1.0) == pytest.approx(40 * np.log(2), rel=1e-12)


def test_beta_ends():
    assert priors.Beta(1, 3).log_prob(0.0) == pytest.approx(np.log(3))
    assert priors.Beta(0.5, 3).log_prob(0.0) == -INF
    assert priors.Beta(2, 1).log_prob(1.0) == pytest.approx(np.log(2))


def test_fixed():
    prior = priors.Fixed(-2)
    assert prior.support == (-2, -2)
    np.testing.assert_array_equal(prior.log_prob([-2, -2.001, np.nan]), [0, -INF, -INF])
    np.testing.assert_array_equal(prior.sample(np.random.default_rng(0), 3), -2)
