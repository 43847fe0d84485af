"""Sums over rows by typical errors of features and labels: equal to the rows added up one by one, or not offered."""

import pickle

import numpy as np
import pytest

from bayesfit import Data, Model, populations
from bayesfit.likelihoods import Gaussian, OutlierMixture, StudentT
from bayesfit.predictors import Linear, Polynomial
from bayesfit.targets.error_grid import ErrorGrid, levels_of

N_ROWS = 4000


def _varied(rng, centre, spread=0.2, n=N_ROWS):
    return np.exp(rng.normal(np.log(centre), spread, n))


#: errors of the features (N, p), and of the labels
ERRORS = {
    "both vary": lambda rng: (_varied(rng, 0.4)[:, None], _varied(rng, 0.6)),
    "of features alone": lambda rng: (_varied(rng, 0.4)[:, None], np.full(N_ROWS, 0.5)),
    "far larger than the spread": lambda rng: (_varied(rng, 6.0, 0.6)[:, None], np.full(N_ROWS, 0.5)),
    "of labels alone": lambda rng: (np.full((N_ROWS, 1), 0.4), _varied(rng, 0.6)),
    "neither varies": lambda rng: (np.full((N_ROWS, 1), 0.4), np.full(N_ROWS, 0.6)),
    "two decades": lambda rng: (np.full((N_ROWS, 1), 0.4), 10 ** rng.uniform(-2, 0, N_ROWS)),
    "some are exact": lambda rng: (rng.choice([0.0, 0.3], (N_ROWS, 1)), rng.choice([0.2, 0.3, 0.7], N_ROWS)),
    "labels without": lambda rng: (_varied(rng, 0.4)[:, None], None),
    "one of three": lambda rng: (_varied(rng, 0.4)[:, None] * [0, 1, 0], _varied(rng, 0.6)),
    "two of three": lambda rng: (np.tile([0.3, 0.0, 0.5], (N_ROWS, 1)), _varied(rng, 0.6)),
}
POPULATIONS = [populations.Normal(), populations.Flat()]


def _target(errors="both vary", population=None, likelihood=None, predictor=None, shift=0.0, lift=0.0, **more):
    rng = np.random.default_rng(4)
    x_err, y_err = ERRORS[errors](rng)
    x = rng.normal(2, 1.5, x_err.shape) @ (np.eye(x_err.shape[1]) + 0.3)
    noise = 0.7 * rng.standard_normal(N_ROWS) + (0.0 if y_err is None else y_err * rng.standard_normal(N_ROWS))
    y = lift + 1 + x @ np.linspace(2, 1, x.shape[1]) + noise
    x = x + shift + x_err * rng.standard_normal(x.shape)
    likelihood = likelihood or Gaussian(scatter=True)
    model = Model(predictor or Linear(), likelihood, population=population or populations.Normal())
    return model.target(Data(x, y, x_err=x_err, y_err=y_err, **more))


def _points(target, rng, n=12):
    """Near the fit, where walkers are; around it; and from the priors, where a search begins."""
    prior = target.parameters.sample_prior(rng, n)
    fit = target.natural(target.starts(rng, 2))[0]
    walked = target.walked(np.tile(fit, (n, 1)))
    return np.concatenate(
        [target.natural(walked + 0.05 * rng.standard_normal(walked.shape)), 0.9 * fit + 0.1 * prior, prior]
    )


def _by_rows(target, theta):
    """What the pointwise terms and the population, which know of no short way, add up to."""
    terms = np.concatenate([target.log_likelihood(theta[i : i + 8]).sum(axis=1) for i in range(0, len(theta), 8)])
    return target.log_prior(theta) + terms + target.log_population(theta)


@pytest.mark.parametrize("population", POPULATIONS, ids=str)
@pytest.mark.parametrize("errors", ERRORS)
def test_typical_errors_give_what_the_rows_add_up_to(errors, population):
    target = _target(errors, population)
    theta = _points(target, np.random.default_rng(3))
    assert isinstance(target._total, ErrorGrid)
    assert (target._total._reach > 1).any() == (errors == "far larger than the spread")
    np.testing.assert_allclose(target.log_prob(theta), _by_rows(target, theta), rtol=1e-12)


@pytest.mark.parametrize("scatter", [1e-8, 1e-2, 1.0, 1e4])
@pytest.mark.parametrize("slope", [0.0, 1e-3, 1.0, -1e3, 1e6])
@pytest.mark.parametrize("width", [1e-4, 1.0, 1e5])
def test_far_from_the_fit(scatter, slope, width):
    target = _target()
    given = {"scatter": scatter, "slope": slope, "x_sd": width, "intercept": 1.0, "x_mean": 2.0}
    theta = np.array([[given[name] for name in target.names]])
    np.testing.assert_allclose(target.log_prob(theta), _by_rows(target, theta), rtol=1e-10)


def test_far_from_zero():
    """Julian dates, and labels a few thousand times as large as their scatter."""
    target = _target(shift=2_459_000.0, lift=5000.0)
    theta = _points(target, np.random.default_rng(3))[:24]
    assert isinstance(target._total, ErrorGrid)
    np.testing.assert_allclose(target.log_prob(theta), _by_rows(target, theta), rtol=1e-9)


def test_what_is_infinite_is_asked_of_the_rows():
    target = _target("labels without")
    given = {"scatter": 1e-200, "slope": 0.0, "x_sd": 1.0, "intercept": 1.0, "x_mean": 2.0}
    theta = np.array([[given[name] for name in target.names]])
    with np.errstate(all="ignore"):
        rows = target.add_up(target.parameters.unpack(theta))
    np.testing.assert_array_equal(target.log_prob(theta), target.log_prior(theta) + rows)


def test_a_batch_gives_what_single_vectors_give():
    target = _target()
    theta = _points(target, np.random.default_rng(3), 60)
    np.testing.assert_allclose(target.log_prob(theta), [target.log_prob(t) for t in theta], rtol=1e-13)
    expected = target.log_prob(theta)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(target)).log_prob(theta), expected)


@pytest.mark.parametrize(
    "other",
    [
        {"likelihood": StudentT()},
        {"likelihood": OutlierMixture()},
        {"likelihood": Gaussian(truncation=(-50, 50))},
        {"population": populations.NormalMixture(2)},
        {"predictor": Polynomial(2)},
        {"xy_cov": np.full(N_ROWS, 0.01)},
        {"limits": np.where(np.arange(N_ROWS) < 5, "upper", "")},
    ],
    ids=str,
)
def test_what_is_not_plain_goes_row_by_row(other):
    assert _target(**other)._total is None


def test_gaps_few_rows_and_errors_without_a_middle_go_row_by_row():
    data = _target().data
    gap = np.where(np.arange(N_ROWS) == 7, np.nan, data.x[:, 0])
    exact = np.where(np.arange(N_ROWS) == 7, 0.0, data.x_err[:, 0])
    model = Model(Linear(), Gaussian(scatter=True), population=populations.Normal())
    for x, x_err, rows in ((gap, 0.3, slice(None)), (data.x[:, 0], exact, slice(None)), (data.x[:, 0], 0.3, slice(50))):
        target = model.target(Data(x, data.y, x_err=x_err, y_err=data.y_err)[rows])
        assert target._total is None


def _line(noise, x_err, y_err, bad=(), column="y", value=1e6, n=20_000, centre=2.0, width=1.5):
    """A line without scatter, at its true parameters, some rows of which have been made worthless by a large error."""
    rng = np.random.default_rng(1)
    true = rng.normal(centre, width, n)
    y = 1 + 2 * (true - centre) + y_err * rng.standard_normal(n)
    x = true + x_err * rng.standard_normal(n)
    (x if column == "x" else y)[bad] = value
    model = Model(Linear(pivot=centre), Gaussian(scatter=False), population=populations.Normal())
    given = {"intercept": 1.0, "slope": 2.0, "x_mean": centre, "x_sd": width}
    return model.target(Data(x, y, x_err=x_err, y_err=y_err)), given


@pytest.mark.parametrize("varied", [False, True])
@pytest.mark.parametrize("noise", [0.1, 0.001])
@pytest.mark.parametrize(("value", "error"), [(-999.0, 1e3), (1e6, 1e7), (1e8, 1e9)])
@pytest.mark.parametrize("column", ["x", "y"])
def test_rows_made_worthless_by_a_large_error_do_not_spoil_the_others(column, value, error, noise, varied):
    """A missing value is often written as a number far off with an error farther: the sums must not go there."""
    rng = np.random.default_rng(2)
    bad = rng.random(20_000) < 0.05
    good = noise * (np.exp(rng.normal(0, 0.3, bad.size)) if varied else np.ones(bad.size))
    spoilt = np.where(bad, error, good)
    x_err, y_err = (spoilt, good) if column == "x" else (good, spoilt)
    target, given = _line(noise, x_err, y_err, bad, column, value)
    theta = np.array([[given[name] for name in target.names]])
    theta = theta * (1 + 1e-3 * rng.standard_normal((20, theta.shape[1])))
    values = target.parameters.unpack(theta)
    np.testing.assert_allclose(target._log_joint(values), target.add_up(values), rtol=1e-9, atol=1e-9 * bad.size)


@pytest.mark.parametrize(("centre", "width"), [(2_459_000.0, 0.01), (1.7e9, 1.0), (0.0, 1e-8), (0.0, 1e8)])
def test_units_and_offsets_of_all_sizes(centre, width):
    rng = np.random.default_rng(2)
    errors = np.exp(rng.normal(-1, 0.3, 20_000))
    target, given = _line(0.3, 0.3 * width * errors, errors, centre=centre, width=width)
    theta = np.array([[given[name] for name in target.names]])
    theta = theta + 0.01 * rng.standard_normal((20, theta.shape[1])) * np.where(np.array(target.names) == "x_sd", 0, 1)
    theta[:, target.names.index("x_mean")] = centre + 0.01 * width * rng.standard_normal(20)
    values = target.parameters.unpack(theta)
    # a day's part in a million days is known to so few digits that the rows themselves differ by more than that
    assert isinstance(target._total, ErrorGrid) is (centre == 0)
    np.testing.assert_allclose(target._log_joint(values), target.add_up(values), rtol=1e-9)


def test_variances_over_more_than_eight_decades_have_no_levels():
    """Weights that differ by more than that leave too few of sixteen digits."""
    uniform = np.random.default_rng(1).uniform(0, 1, 1000)
    assert levels_of(10 ** (7.9 * uniform)) is not None
    assert levels_of(10 ** (8.2 * uniform)) is None


def test_errors_that_differ_by_rounding_alone_have_no_levels():
    few = [1e-8]
    for _ in range(17):
        few.append(np.nextafter(few[-1], 1))
    assert levels_of(np.square(few)) is None


def test_many_features_cost_more_than_their_rows():
    rng = np.random.default_rng(3)
    x, errors = rng.normal(0, 1, (2000, 15)), np.exp(rng.normal(-1, 0.3, (2, 2000)))
    y = x.sum(axis=1) + errors[0] * rng.standard_normal(2000)
    model = Model(Linear(), Gaussian(scatter=True), population=populations.Normal())
    assert model.target(Data(x, y, x_err=errors[1][:, None] * np.eye(15)[0], y_err=errors[0]))._total is None


@pytest.mark.parametrize("decades", [0.3, 1, 3])
def test_levels_carry_any_weight_to_the_rows(decades):
    """1/V and ln V, for a further variance from nothing to far more than the largest."""
    variances = 10 ** np.random.default_rng(1).uniform(-decades, 0, 5000)
    levels = levels_of(variances)
    shares = levels.shares(variances)
    for more in (0.0, *10.0 ** np.arange(-8, 6)):
        for function in (np.reciprocal, np.log):
            found = shares @ function(levels.variances + more)
            scale = np.abs(function(levels.variances + more)).max()
            np.testing.assert_allclose(found, function(variances + more), rtol=0, atol=1e-10 * scale)
