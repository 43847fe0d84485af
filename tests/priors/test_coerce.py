import decimal
import re

import numpy as np
import pytest
from scipy import stats

from bayesfit import priors
from bayesfit.errors import PriorError
from bayesfit.priors import as_prior


@pytest.mark.parametrize("prior", [priors.Normal(0, 1), priors.Flat(), priors.Dirichlet([1, 1])])
def test_a_prior_passes_through(prior):
    assert as_prior(prior) is prior


@pytest.mark.parametrize("number", [3, 3.0, np.float32(3), np.int64(3), np.array(3)])
def test_a_number_is_fixed(number):
    assert as_prior(number) == priors.Fixed(3)


def test_a_frozen_scipy_distribution_is_wrapped():
    prior = as_prior(stats.gamma(2, scale=3))
    assert isinstance(prior, priors.FromScipy)
    assert repr(prior) == "FromScipy(gamma(2, scale=3))"
    assert prior.support == (0, np.inf)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("normal(0, 1)", "write priors.parse('normal(0, 1)')"),
        (priors.Normal, "Normal is a class: give it its arguments"),
        (stats.norm, "no frozen continuous distribution"),
        (stats.multivariate_normal([0, 0]), "no frozen continuous distribution"),
        (stats.gaussian_kde([1.0, 2.0, 4.0]), "no frozen continuous distribution"),
        (stats.poisson(3), "rv_discrete_frozen"),
        (True, "not True (bool)"),
        (None, "not None (NoneType)"),
        ((0, 1), "not (0, 1) (tuple)"),
        (1j, "not 1j (complex)"),
        (np.array([1.0, 2.0]), "(ndarray)"),
        (decimal.Decimal(3), "(Decimal)"),
        (np.nan, "Fixed: value must be finite, not nan"),
        (np.inf, "Fixed: value must be finite, not inf"),
    ],
)
def test_anything_else_is_refused(value, message):
    with pytest.raises(PriorError, match=re.escape(message)):
        as_prior(value)


@pytest.mark.parametrize(
    ("frozen", "message"),
    [
        (stats.norm(0, -1), "that the distribution allows"),
        (stats.norm([0, 1], 1), "single numbers"),
        (stats.poisson(3), "must be a frozen continuous distribution"),
        (stats.norm, "must be a frozen continuous distribution"),
        (
            3,
            "of one variable, such as scipy.stats.norm(0, 1), not 3",
        ),
    ],
)
def test_from_scipy_refuses_what_it_cannot_wrap(frozen, message):
    with pytest.raises(PriorError, match=re.escape(message)):
        priors.FromScipy(frozen)


def test_from_scipy_is_not_plain_data():
    with pytest.raises(TypeError, match="not plain data"):
        priors.FromScipy(stats.norm(0, 1)).to_plain()
