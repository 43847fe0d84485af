"""What a target does when the density is NaN, infinite, or an exception."""

import numpy as np
import pytest

from bayesfit import Data, Model, likelihoods, predictors, priors
from bayesfit.errors import SamplingError

DATA = Data([1.0, 2.0, 4.0], [1.0, 2.0, 3.0], y_err=0.5)
PRIORS = {"a": priors.Normal(0, 1), "b": priors.Normal(0, 1)}


def target_of(f):
    return Model(predictors.Function(f), likelihoods.Gaussian(), priors=PRIORS).target(DATA)


def test_nan_counts_as_minus_infinity_and_is_reported_with_its_parameters():
    target = target_of(lambda x, a, b: a * x + np.sqrt(b))
    assert target.faults == ()
    z = np.array([[1.0, 0.5], [1.0, -0.25], [2.0, -3.0]])
    found = target.log_density(z)
    np.testing.assert_array_equal(np.isfinite(found), [True, False, False])
    assert (found[1:] == -np.inf).all()
    (fault,) = target.faults
    assert "NaN 2 times" in fault
    assert "a = 1, b = -0.25" in fault


def test_the_density_never_becomes_infinite():
    class Spike(likelihoods.Gaussian):
        def log_joint(self, values, eta, data):
            return np.where(values["a"] > 1, np.inf, 0.0)

    model = Model(predictors.Function(lambda x, a, b: a * x + b), Spike(), priors=PRIORS)
    target = model.target(DATA)
    assert np.isfinite(target.log_density(np.array([[0.5, 0.25]]))).all()
    with pytest.raises(SamplingError, match=r"\+inf at a = 1.5, b = 0.25"):
        target.log_density(np.array([[0.5, 0.25], [1.5, 0.25]]))


def test_an_exception_names_the_parameters_that_caused_it():
    def divides(x, a, b):
        if np.ndim(a) == 0 and a > 1:
            raise ZeroDivisionError("bad luck")
        return [float(a) * t + float(b) for t in x]

    with pytest.raises(SamplingError, match=r"ZeroDivisionError: bad luck at a = 1\.5, b = 0\.25") as caught:
        target_of(divides).log_density(np.array([[0.5, 0.25], [1.5, 0.25], [0.7, 0.1]]))
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_an_exception_in_a_vectorised_function_names_the_parameters_too():
    def refuses(x, a, b):
        if np.any(np.asarray(a) > 1):
            raise ValueError("a is too large")
        return a * x + b

    target = target_of(refuses)
    target.log_density(np.array([[0.5, 0.25], [0.1, 0.25]]))
    with pytest.raises(SamplingError, match=r"ValueError: a is too large at a = 1\.5, b = 0\.25"):
        target.log_density(np.array([[0.5, 0.25], [1.5, 0.25]]))


@pytest.mark.parametrize("sampler_sees", [lambda x, a, b: a * x[:2], lambda x, a, b: (a + 0j) * x])
def test_wrong_results_are_refused_before_sampling(sampler_sees):
    with pytest.raises(ValueError, match="Function"):
        target_of(sampler_sees).log_density(np.zeros((4, 2)))


def test_a_function_that_changes_its_arguments_changes_no_density():
    def spoils(x, a, b):
        x *= a
        x += b
        a *= 0
        return x

    z = np.random.default_rng(1).normal(size=(6, 2))
    kept, spoilt = target_of(lambda x, a, b: a * x + b), target_of(spoils)
    for _ in range(2):
        np.testing.assert_allclose(spoilt.log_density(z.copy()), kept.log_density(z.copy()))
    np.testing.assert_array_equal(DATA.x[:, 0], [1, 2, 4])
