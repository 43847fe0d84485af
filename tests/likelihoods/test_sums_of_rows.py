"""The log density of all rows is the sum of the rows' own, whichever way it is added up."""

from dataclasses import dataclass

import numpy as np
import pytest
from scipy.stats import norm

from bayesfit import Data, Model, populations
from bayesfit.errors import ModelError
from bayesfit.likelihoods import Bernoulli, Gaussian, Laplace, OutlierMixture, StudentT
from bayesfit.predictors import Linear
from bayesfit.targets.rows import ExactRows, NoisyRows

N_ROWS, N_VECTORS = 83, 12
LOCATIONS = [
    Gaussian(),
    Gaussian(scatter=True),
    Gaussian(scatter=True, truncation=(-60.0, 60.0)),
    OutlierMixture(scatter=True),
    StudentT(dof=4.0),
    Laplace(),
]
EXACT = [
    (likelihood, errors, limits)
    for likelihood in LOCATIONS
    for errors in ("none", "equal", "unequal", "uneven")
    for limits in (False, True)
    # what is refused, or has no noise at all
    if not (errors == "none" and likelihood in (Gaussian(), StudentT(dof=4.0)))
    and not (errors == "uneven" and (limits or likelihood.truncation or not likelihood.takes_asymmetric))
    and not (limits and likelihood.truncation)
]


def numbers(*, errors="unequal", limits=False, x_errors="none"):
    """Return rows over some units, with errors that are equal, unequal, uneven, or none."""
    rng = np.random.default_rng(1)
    x = rng.normal(1, 2, (N_ROWS, 2))
    y = 1 + x @ [2.0, -1.0] + rng.standard_normal(N_ROWS)
    sizes = {"none": None, "equal": 0.5, "unequal": np.exp(rng.normal(0, 2, N_ROWS))}
    y_err = np.exp(rng.normal(0, 1, (N_ROWS, 2))) if errors == "uneven" else sizes[errors]
    x_err = {"none": None, "equal": 0.3, "unequal": rng.uniform(0.1, 1, x.shape)}[x_errors]
    kinds = rng.choice(["", "upper", "lower"], N_ROWS, p=[0.8, 0.1, 0.1]) if limits else None
    return Data(x, y, y_err=y_err, x_err=x_err, limits=kinds)


def draws(model, data):
    """Return parameters by name from the default priors, which reach far from the data."""
    target = model.target(data)
    return target, target.parameters.unpack(target.parameters.sample_prior(np.random.default_rng(7), N_VECTORS))


def assert_sums_agree(rows, values):
    terms = rows.terms(values).sum(axis=1) + rows.population(values)
    assert np.isfinite(terms).any()
    np.testing.assert_allclose(rows.joint(values), terms, rtol=1e-9)


@pytest.mark.parametrize(("likelihood", "errors", "limits"), EXACT, ids=[repr(case) for case in EXACT])
def test_exact_features(likelihood, errors, limits):
    data = numbers(errors=errors, limits=limits)
    _, values = draws(Model(Linear(), likelihood), data)
    assert_sums_agree(ExactRows(data, Linear(), likelihood), values)


@pytest.mark.parametrize(
    ("fraction", "centre", "scale"),
    [(0.2, 1.0, 3.0), (0.2, 500.0, 0.01), (0.0, 1.0, 3.0), (1.0, 1.0, 3.0), (1e-300, 1.0, 3.0), (0.2, 1.0, 1e9)],
    ids=["usual", "far off", "none", "all", "rare", "wide"],
)
@pytest.mark.parametrize("scatter", [False, True])
def test_outliers_that_explain_all_or_nothing(fraction, centre, scale, scatter):
    data, likelihood = numbers(errors="equal"), OutlierMixture(scatter=scatter)
    rng = np.random.default_rng(3)
    eta = 1 + data.x @ [2.0, -1.0] + 0.1 * rng.standard_normal((N_VECTORS, 1))
    own = 0.25 + 0.49 * scatter
    size = np.ones(N_VECTORS)
    values = {"outlier_fraction": fraction * size, "outlier_mean": centre * size, "outlier_scale": scale * size}
    values |= {"scatter": 0.7 * size} if scatter else {}
    with np.errstate(divide="ignore"):
        expected = np.logaddexp(
            np.log1p(-fraction) + norm.logpdf(data.y, eta, np.sqrt(own)),
            np.log(fraction) + norm.logpdf(data.y, centre, np.sqrt(own + scale**2)),
        ).sum(axis=1)
        found = likelihood.log_joint(values, eta, data)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize("likelihood", [like for like in LOCATIONS if like.truncation is None], ids=repr)
@pytest.mark.parametrize(
    "population", [populations.Normal(), populations.NormalMixture(2), populations.Flat()], ids=repr
)
@pytest.mark.parametrize("x_errors", ["equal", "unequal"])
@pytest.mark.parametrize("limits", [False, True])
def test_noisy_features(likelihood, population, x_errors, limits):
    data = numbers(limits=limits, x_errors=x_errors)
    target, values = draws(Model(Linear(), likelihood, population=population), data)
    assert_sums_agree(NoisyRows(data, target.noisy, Linear(), likelihood, population), values)


@pytest.mark.parametrize("link", ["logit", "probit"])
@pytest.mark.parametrize("label_noise", [False, 0.1])
@pytest.mark.parametrize("size", [1.0, 1e3])
def test_classes(link, label_noise, size):
    rng = np.random.default_rng(2)
    data = Data(size * rng.normal(size=(N_ROWS, 2)), rng.integers(0, 2, N_ROWS))
    likelihood = Bernoulli(link=link, label_noise=label_noise)
    # with large features the exponentials overflow
    values = {"intercept": rng.normal(size=N_VECTORS), "slope": rng.normal(size=(N_VECTORS, 2))}
    assert_sums_agree(ExactRows(data, Linear(), likelihood), values)


@dataclass(frozen=True, repr=False)
class Doubled(Gaussian):
    """Says something else of each row, and nothing of their sum."""

    def log_density(self, values, labels, eta, noise):
        return 2.0 * super().log_density(values, labels, eta, noise)


@dataclass(frozen=True, repr=False)
class Shifted(Bernoulli):
    """The same one step higher up."""

    def log_prob(self, values, eta, data):
        return super().log_prob(values, eta + 1.0, data)


def test_a_class_that_overrides_the_terms_gets_their_sum():
    data = numbers()
    _, values = draws(Model(Linear(), Doubled()), data)
    assert_sums_agree(ExactRows(data, Linear(), Doubled()), values)
    plain = ExactRows(data, Linear(), Gaussian()).joint(values)
    np.testing.assert_allclose(ExactRows(data, Linear(), Doubled()).joint(values), 2.0 * plain, rtol=1e-12)
    rng = np.random.default_rng(2)
    classes = Data(rng.normal(size=(N_ROWS, 2)), rng.integers(0, 2, N_ROWS))
    values = {"intercept": rng.normal(size=N_VECTORS), "slope": rng.normal(size=(N_VECTORS, 2))}
    assert_sums_agree(ExactRows(classes, Linear(), Shifted()), values)
    assert (
        ExactRows(classes, Linear(), Bernoulli()).joint(values) != ExactRows(classes, Linear(), Shifted()).joint(values)
    ).all()


def test_correlated_labels_of_a_class_that_overrides_the_terms_are_refused():
    @dataclass(frozen=True, repr=False)
    class Moved(Gaussian):
        def log_prob(self, values, eta, data):
            return super().log_prob(values, eta + 1.0, data)

    data = Data([0.0, 1.0, 2.0], [0.0, 1.0, 2.0], y_cov=2.0 * np.eye(3))
    Gaussian().check(data)
    with pytest.raises(ModelError, match="y_cov: Moved overrides log_prob, so it has to say log_joint too"):
        Moved().check(data)
