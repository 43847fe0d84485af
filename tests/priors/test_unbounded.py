import re

import numpy as np
import pytest
from scipy import stats

from bayesfit.errors import PriorError
from bayesfit.priors import Cauchy, Flat, FlatAngle, Normal, StudentT

INF = np.inf


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Normal(0, 0), "Normal: sd must be greater than zero, not 0"),
        (lambda: Normal(0, -2.5), "Normal: sd must be greater than zero, not -2.5"),
        (lambda: Normal(np.nan, 1), "Normal: mean must be finite, not nan"),
        (lambda: Normal(0, INF), "Normal: sd must be finite, not inf"),
        (lambda: Normal(True, 1), "Normal: mean must be a real number, not True (bool)"),
        (lambda: Normal("0", 1), "Normal: mean must be a real number, not '0' (str)"),
        (lambda: Normal(0, 1j), "Normal: sd must be a real number, not 1j (complex)"),
        (lambda: Normal(None, 1), "Normal: mean must be a real number, not None (NoneType)"),
        (lambda: Normal([[1], [1, 2]], 1), "Normal: mean must be a real number, not [[1], [1, 2]] (list)"),
        (lambda: Normal(np.array([True]), 1), "Normal: mean must be a real number"),
        (lambda: Normal(10**400, 1), "Normal: mean is too large for a float"),
        (lambda: Normal([0, 1], [1, 2, 3]), "shapes do not broadcast: mean (2,), sd (3,)"),
        (lambda: Normal([0, 1], [1, -3]), "Normal: sd must be greater than zero, not -3"),
        (lambda: StudentT(0, 0, 1), "StudentT: dof must be greater than zero, not 0"),
        (lambda: StudentT(3, 0, -1), "StudentT: scale must be greater than zero, not -1"),
        (lambda: Cauchy(INF, 1), "Cauchy: loc must be finite, not inf"),
        (lambda: Flat(1, 1), "Flat: low = 1.0 must be below high = 1.0"),
        (lambda: Flat(np.nan), "Flat: low must be a number, not nan"),
    ],
)
def test_malformed_arguments_are_named(make, message):
    with pytest.raises(PriorError, match=re.escape(message)):
        make()


def test_a_number_with_a_unit_is_refused():
    class Quantity(float):
        unit = "km"

    class Column:
        unit = "km"

    with pytest.raises(PriorError, match="mean carries a unit"):
        Normal(Column(), 1)
    with pytest.raises(PriorError, match="sd carries a unit"):
        Normal(0, Quantity(3))


def test_numbers_of_any_kind_become_floats():
    prior = Normal(np.float32(2), np.array(3, dtype="i2"))
    assert type(prior.mean) is float
    assert type(prior.sd) is float
    assert prior == Normal(2, 3)
    assert repr(prior) == "Normal(2, 3)"


def test_arrays_given_are_copied():
    """A later change of the caller's array must not change the prior."""
    sd = np.ones(2)
    prior = Normal(0, sd)
    sd[:] = 5
    assert sd.flags.writeable
    np.testing.assert_array_equal(prior.sd, [1, 1])


def test_normal_far_in_the_tail():
    assert Normal(0, 1).log_prob(1e100) == pytest.approx(-5e199)
    assert Normal(0, 1e-200).log_prob(0.0) == pytest.approx(200 * np.log(10) - 0.5 * np.log(2 * np.pi))


@pytest.mark.parametrize("dof", [1e6, 1e10, 1e13, 1e16])
def test_student_t_with_many_degrees_of_freedom_approaches_the_normal(dof):
    """First order of the expansion in 1/dof (Abramowitz & Stegun 26.7.5)."""
    u = np.array([1e-6, 0.01, 0.3, 0.9])
    z = stats.norm.ppf(u)
    prior = StudentT(dof, 0, 1)
    np.testing.assert_allclose(prior.quantile(u), z + (z**3 + z) / (4 * dof), rtol=1e-9)
    correction = (z**4 - 2 * z**2 - 1) / (4 * dof)
    np.testing.assert_allclose(prior.log_prob(z), stats.norm.logpdf(z) + correction, rtol=1e-9)


def test_cauchy_tails_keep_their_digits():
    """For small u the quantile is −1/(πu)."""
    u = np.array([1e-12, 1e-300])
    np.testing.assert_allclose(FlatAngle().quantile(u), -1 / (np.pi * u), rtol=1e-14)
    assert Cauchy(0, 1).log_prob(1e200) == pytest.approx(-np.log(np.pi) - 400 * np.log(10), rel=1e-14)
    assert FlatAngle().quantile(0.5) == 0


def test_flat_angle_is_uniform_in_the_angle():
    slopes = FlatAngle().sample(np.random.default_rng(2), 5000)
    angles = np.arctan(slopes)
    assert stats.kstest(angles, stats.uniform(-np.pi / 2, np.pi).cdf).pvalue > 1e-3


@pytest.mark.parametrize("prior", [Flat(), Flat(0), Flat(high=3), Flat([0, 0], [1, INF])])
def test_improper_flat_is_said_and_cannot_be_sampled(prior):
    assert not prior.proper
    with pytest.raises(PriorError, match="improper"):
        prior.sample(np.random.default_rng(0), 3)
    with pytest.raises(PriorError, match=r"give both bounds"):
        prior.quantile(0.5)


def test_improper_flat_has_density_one_inside():
    np.testing.assert_array_equal(Flat().log_prob([-1e308, 0, 1e308]), 0)
    np.testing.assert_array_equal(Flat(low=1).log_prob([0.999, 1, 1e308]), [-INF, 0, 0])


def test_bounded_flat_is_uniform():
    assert Flat(0, 4).proper
    np.testing.assert_allclose(Flat(0, 4).log_prob([1, 5]), [-np.log(4), -INF])
