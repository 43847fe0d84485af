"""A density that is finite nowhere: the message says why, before any sampling."""

import numpy as np
import pytest
from toys import Toy

from bayesfit import Data, Model, likelihoods, predictors, priors
from bayesfit.errors import SamplingError
from bayesfit.sampling import Ensemble


def _gone(x, a, b):
    return a + b * x + np.nan


def _logarithm(x, a, b):
    return np.log(a - 1e3) + b * x


def _fails_at_a_row(x, a, b):
    return a + b * np.log(x - 3.0)


def _fit(function, **given):
    x = np.arange(6.0) + 3.0
    model = Model(
        predictors.Function(function),
        likelihoods.Gaussian(),
        priors={"a": priors.Normal(0, 1), "b": priors.Normal(0, 1), **given},
    )
    return model.fit(Data(x, x, y_err=1.0), sampler=Ensemble(steps=10), seed=1, progress=False)


def test_a_parameter_of_which_a_change_helps_is_named():
    with pytest.raises(SamplingError, match=r"Changing a alone, as from .* the prior of a\.") as caught:
        _fit(_logarithm)
    assert "Changing b" not in str(caught.value)


def test_a_function_that_is_nan_everywhere_is_blamed_with_the_point():
    with pytest.raises(SamplingError, match=r"NaN for every row .*a = ") as caught:
        _fit(_gone)
    assert "Changing" not in str(caught.value)


def test_the_row_that_is_always_at_fault_is_named():
    with pytest.raises(SamplingError, match=r"for row 0\..*b = "):
        _fit(_fails_at_a_row)


def test_a_bare_density_names_the_parameter_too():
    target = Toy(lambda z: np.where(z[:, 1] > 1e4, -0.5 * z[:, 0] ** 2, -np.inf), 2)
    with pytest.raises(SamplingError, match="Changing p1 alone"):
        Ensemble(steps=10).run(target, seed=1, progress=False)
