import re

import numpy as np
import pytest

from bayesfit import priors
from bayesfit.errors import PriorError

INF = np.inf


@pytest.mark.parametrize(
    ("kind", "arguments", "message"),
    [
        ("HalfNormal", (0,), "sd must be greater than zero, not 0"),
        ("HalfNormal", (INF,), "sd must be finite, not inf"),
        ("HalfCauchy", (-1,), "scale must be greater than zero, not -1"),
        ("LogNormal", (0, 0), "sigma must be greater than zero, not 0"),
        ("LogNormal", (-INF, 1), "mu must be finite, not -inf"),
        ("Exponential", ("2",), "scale must be a real number, not '2' (str)"),
        ("Gamma", (0, 1), "shape must be greater than zero, not 0"),
        ("Gamma", (1, -2), "rate must be greater than zero, not -2"),
        ("InverseGamma", (1, np.nan), "scale must be finite, not nan"),
    ],
)
def test_malformed_arguments_are_named(kind, arguments, message):
    with pytest.raises(PriorError, match=re.escape(f"{kind}: {message}")):
        getattr(priors, kind)(*arguments)


@pytest.mark.parametrize(
    ("prior", "slope"),
    [
        (priors.HalfNormal(2), 2 * np.sqrt(np.pi / 2)),
        (priors.HalfCauchy(2), np.pi),
        (priors.Exponential(2), 2.0),
        (priors.Gamma(1, 0.5), 2.0),
    ],
)
def test_small_quantiles_keep_their_digits(prior, slope):
    """Near zero the quantile is u over the density there."""
    u = np.array([1e-300, 1e-100, 1e-12])
    np.testing.assert_allclose(prior.quantile(u), slope * u, rtol=1e-11)


def test_large_half_cauchy_quantiles_keep_their_digits():
    u = 1 - 2.0**-50
    assert priors.HalfCauchy(1).quantile(u) == pytest.approx(2**51 / np.pi, rel=1e-14)


def test_densities_that_diverge_at_zero_never_give_infinity():
    assert priors.Gamma(0.5, 1).log_prob(0.0) == -INF
    assert priors.Gamma(0.5, 1).log_prob(1e-300) == pytest.approx(150 * np.log(10) - 0.5 * np.log(np.pi))


@pytest.mark.parametrize(("shape", "power"), [(3, 2), (0.5, -0.5)])
def test_gamma_and_inverse_gamma_are_inverses_of_one_another(shape, power):
    """p(1/v) = p(v) v² under the change of variable."""
    value = np.array([1e-3, 0.4, 1.0, 7.0])
    inverse, plain = priors.InverseGamma(shape, 2), priors.Gamma(shape, 2)
    expected = plain.log_prob(1 / value) - 2 * np.log(value)
    np.testing.assert_allclose(inverse.log_prob(value), expected, rtol=1e-12)
    slope = plain.log_prob(2e-200) - plain.log_prob(1e-200)
    assert slope == pytest.approx(power * np.log(2), rel=1e-9)


def test_log_normal_far_away():
    """ln p = −½ (ln v)² − ln v − ½ ln 2π, at v = e^±600."""
    log_value = np.array([-600.0, 600.0])
    expected = -0.5 * log_value**2 - log_value - 0.5 * np.log(2 * np.pi)
    np.testing.assert_allclose(priors.LogNormal(0, 1).log_prob(np.exp(log_value)), expected, rtol=1e-12)
