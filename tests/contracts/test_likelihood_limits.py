"""Total probability, simulation, limiting cases, and combinations that have no meaning, for every likelihood."""

import numpy as np
import pytest
from brute_force import log_integral_of_box
from likelihood_families import FAMILIES, Label
from likelihood_feeds import random_theta
from scipy import stats

from bayesfit import Data, DataError, Model, ModelError, likelihoods, populations, predictors

LOCATION = [family for family in FAMILIES if not family.counts]
COUNTS = [family for family in FAMILIES if family.counts]
NOISY_COUNTS = [family for family in COUNTS if not family.exact_only]
LINE = predictors.Linear()


def _named(families):
    return pytest.mark.parametrize("family", families, ids=[family.name for family in families])


def _columns(n, exposure=1.5, trials=12):
    return {"time": np.full(n, exposure), "trials": np.full(n, trials)}


def _training(family, *, noisy=False, n=30, seed=3):
    rng = np.random.default_rng(seed)
    x = rng.normal(0, 1, n)
    y = rng.integers(0, 2, n) if family.counts else 1 + 0.8 * x + rng.normal(0, 0.5, n)
    errors = {} if family.counts else {"y_err": 0.4}
    return Data(x, y, x_err=0.5 if noisy else None, columns=_columns(n), **errors)


def _target(family, data, predictor=LINE, population=None, **options):
    target = Model(predictor, family.make(**options), population=population).target(data)
    theta = random_theta(target.names, np.random.default_rng(5), size=1, rate=family.exact_only)
    return target, theta


# -- total probability ------------------------------------------------------------------------------------


@pytest.mark.parametrize("noisy", [False, True])
@pytest.mark.parametrize("truncation", [None, (-0.5, 2.0)])
@_named(LOCATION)
def test_densities_integrate_to_one_over_the_label(family, noisy, truncation):
    inside = Data([0.0, 1.0], [0.5, 1.5], y_err=0.4, x_err=0.5 if noisy else None)
    target, theta = _target(family, inside, truncation=truncation, scatter=True)
    if truncation is None:
        t = np.linspace(-14, 14, 1401)  # y = sinh t reaches the tails of a Student t
        y, weight = 0.7 + np.sinh(t), np.cosh(t) * (t[1] - t[0])
    else:
        nodes, weights = np.polynomial.legendre.leggauss(60)
        y, weight = 0.75 + 1.25 * nodes, 1.25 * weights
    n = len(y)
    grid = target.on(Data(np.full(n, 0.3), y, y_err=0.4, x_err=0.5 if noisy else None))
    assert np.exp(grid.log_likelihood(theta[0])) @ weight == pytest.approx(1.0, abs=2e-7)


@pytest.mark.parametrize(
    ("family", "noisy"), [*((family, False) for family in COUNTS), *((family, True) for family in NOISY_COUNTS)]
)
def test_probabilities_sum_to_one_over_the_counts(family, noisy):
    target, theta = _target(family, _training(family, noisy=noisy))
    last = {"Poisson": 400, "Binomial": 12, "Bernoulli": 1}[family.name.split()[0]]
    y = np.arange(last + 1)
    grid = target.on(Data(np.full(len(y), 0.3), y, x_err=0.5 if noisy else None, columns=_columns(len(y))))
    assert np.exp(grid.log_likelihood(theta[0])).sum() == pytest.approx(1.0, abs=1e-7)


# -- simulation ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", ["exact", "noisy", "mixture", "quadratic", "truncated", "correlated"])
@_named(LOCATION)
def test_simulated_labels_follow_the_distribution_given_their_features(family, case):
    """ln P(label below the one drawn | x̂) is the term of an upper limit: its exponential must be uniform."""
    n, rng = 1000, np.random.default_rng(11)
    noisy = {} if case == "exact" else {"x_err": rng.uniform(0.3, 0.9, n)}
    y_err = rng.uniform(0.3, 0.6, n)
    correlated = {"xy_cov": 0.6 * noisy["x_err"] * y_err} if case == "correlated" else {}
    truncation = (0.5, np.inf) if case == "truncated" else None
    template = Data(rng.normal(0, 1, n), np.full(n, 1.0), y_err=y_err, **noisy, **correlated)
    predictor = predictors.Polynomial(2) if case == "quadratic" else LINE
    population = populations.NormalMixture(2) if case == "mixture" else None
    target, theta = _target(family, template, predictor, population, truncation=truncation, scatter=True)
    data = target.model.simulate(theta[0], template, seed=17)
    ends = np.full(n, -np.inf if truncation is None else truncation[0])
    below = Data(data.x, np.stack([ends, data.y], axis=1), y_err=y_err, **noisy, **correlated)
    uniform = np.exp(target.on(below).log_likelihood(theta[0]))
    assert stats.kstest(uniform, "uniform").pvalue > 1e-3


@_named(COUNTS)
def test_simulated_counts_follow_the_probabilities(family):
    target, theta = _target(family, _training(family))
    n = 3000
    draws = np.asarray(
        target.predict_observed(theta, Data(np.full(n, 0.3), columns=_columns(n)), np.random.default_rng(23))[0],
        dtype=float,
    )
    counts = np.arange(draws.max() + 1)
    last = target.on(Data(np.full(len(counts), 0.3), counts, columns=_columns(len(counts))))
    expected = n * np.exp(last.log_likelihood(theta[0]))
    seen = np.bincount(draws.astype(int), minlength=len(counts))
    rare = expected < 8
    seen, expected = (np.append(a[~rare], a[rare].sum()) for a in (seen, expected))
    expected[-1] = n - expected[:-1].sum()
    if expected[-1] < 8:
        seen, expected = np.append(seen[:-2], seen[-2:].sum()), np.append(expected[:-2], expected[-2:].sum())
    assert stats.chisquare(seen, expected).pvalue > 1e-3


# -- limiting cases --------------------------------------------------------------------------------------------


@_named([*LOCATION, *NOISY_COUNTS])
def test_vanishing_feature_errors_give_the_exact_terms(family):
    noisy = _training(family, noisy=True)
    target, theta = _target(family, noisy)
    tiny = target.on(noisy.replace(x_err=1e-7))
    exact, _ = _target(family, noisy.replace(x_err=None))
    free = [target.names.index(name) for name in exact.names]
    np.testing.assert_allclose(tiny.log_likelihood(theta), exact.log_likelihood(theta[:, free]), rtol=0, atol=1e-5)


@_named([*LOCATION, *NOISY_COUNTS])
def test_a_missing_feature_is_one_with_an_infinite_error(family):
    data = _training(family, noisy=True)
    target, theta = _target(family, data)
    gaps = target.on(data.replace(x=np.full(len(data), np.nan)))
    vague = target.on(data.replace(x_err=1e7))
    np.testing.assert_allclose(gaps.log_likelihood(theta), vague.log_likelihood(theta), rtol=0, atol=1e-6)


# -- several features ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("size", "step"), [(2, 0.1), (3, 0.4)])
@_named([*LOCATION, *NOISY_COUNTS])
def test_features_with_covariances_equal_sums_over_a_grid(family, size, step):
    n, rng = 4, np.random.default_rng(size)
    root = rng.normal(0, 0.5, (n, size, size))
    x_err = root @ np.swapaxes(root, 1, 2) + 0.3 * np.eye(size)
    x = rng.normal(0, 1, (n, size))
    x[1, 0] = np.nan
    y = rng.permutation([0.0, 0.0, 1.0, 1.0]) if family.counts else rng.normal(1, 1, n)
    errors = {} if family.counts else {"y_err": 0.9}
    data = Data(x, y, x_err=x_err, columns=_columns(n), **errors)
    population = populations.Normal()
    target, theta = _target(family, data, population=population)
    values = {name: array[0] for name, array in target.parameters.unpack(theta).items()}
    correlation = np.eye(size)
    lower = np.tril_indices(size, -1)
    correlation[lower] = correlation[lower[::-1]] = values["x_corr"]
    cov = correlation * np.outer(values["x_sd"], values["x_sd"])
    terms, features = target.log_likelihood(theta[0]), 0.0
    for i in range(n):
        label = Label(float(y[i]), errors.get("y_err", 0.0), 1.5, 12)
        alone, joint = log_integral_of_box(
            x[i],
            data.x_cov()[i],
            values["x_mean"],
            cov,
            lambda xi, label=label: family.log_label(values, values["intercept"] + xi @ values["slope"], label, 0.0),
            step,
        )
        features += alone
        assert terms[i] == pytest.approx(joint - alone, abs=2e-6)
    assert target.log_population(theta[0]) == pytest.approx(features, abs=1e-6)


@pytest.mark.parametrize("scatter", [False, True])
@pytest.mark.parametrize("name", ["Gaussian", "OutlierMixture"])
def test_asymmetric_errors_equal_a_convolution_on_a_grid(name, scatter):
    family = next(f for f in FAMILIES if f.name == name)
    x, rng = np.linspace(-1, 1, 5), np.random.default_rng(2)
    y_err = rng.uniform(0.3, 1.5, (5, 2))
    data = Data(x, rng.normal(1, 1, 5), y_err=y_err)
    target, theta = _target(family, data, scatter=scatter)
    values = {key: array[0] for key, array in target.parameters.unpack(theta).items()}
    gaussian = FAMILIES[0].log_label
    for i, term in enumerate(target.log_likelihood(theta[0])):
        eta, label = np.array([values["intercept"] + values["slope"] * x[i]]), Label(data.y[i], tuple(y_err[i]))
        expected = gaussian(values, eta, label, 0.0)[0]
        if name == "OutlierMixture":
            q = values["outlier_fraction"]
            wild = {"scatter": np.hypot(values.get("scatter", 0.0), values["outlier_scale"])}
            bad = gaussian(wild, np.array([values["outlier_mean"]]), label, 0.0)[0]
            expected = np.logaddexp(np.log1p(-q) + expected, np.log(q) + bad)
        assert term == pytest.approx(expected, abs=1e-9)


# -- what has no meaning ---------------------------------------------------------------------------------------


X, COUNTED = np.arange(4.0), [0, 1, 1, 0]
MATRIX = 0.1 * np.eye(4) + 0.05


def _refused(likelihood, data, match, population=None):
    with pytest.raises((DataError, ModelError), match=match):
        Model(LINE, likelihood, population=population).target(data)


@_named(COUNTS)
@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"y_err": 0.3}, "y_err"),
        ({"y_cov": MATRIX}, "y_cov"),
        ({"limits": ["", "upper", "", ""]}, "limit"),
        ({"x_err": 0.1, "y_err": 0.3, "xy_cov": 0.01 * np.ones(4)}, "xy_cov|identity|y_err"),
    ],
)
def test_counts_and_classes_refuse_errors_and_limits_by_name(family, arguments, match):
    _refused(family.make(), Data(X, COUNTED, columns=_columns(4), **arguments), match)


@_named(LOCATION)
@pytest.mark.parametrize(
    ("arguments", "options", "match"),
    [
        ({"y_cov": MATRIX, "x_err": 0.1}, {}, "y_cov"),
        ({"y_cov": MATRIX}, {"truncation": (-5, 5)}, "y_cov"),
        ({"y_cov": MATRIX, "limits": ["", "upper", "", ""]}, {}, "y_cov|limit"),
        ({"y_err": 0.3}, {"truncation": (0.5, 5)}, "rows 0, 3"),
        ({"y_err": 0.3}, {"truncation": ("nowhere", 5)}, "nowhere"),
    ],
)
def test_numbers_refuse_by_name_what_does_not_compose(family, arguments, options, match):
    with pytest.raises((DataError, ModelError), match=match):
        Model(LINE, family.make(**options)).target(Data(X, [0.0, 1.0, 1.0, 0.0], **arguments))


@_named([family for family in LOCATION if not family.asymmetric])
def test_families_without_a_two_piece_form_refuse_asymmetric_errors(family):
    _refused(family.make(), Data(X, X, y_err=np.full((4, 2), [0.1, 0.2])), "asymmetric")


def test_selection_needs_a_proper_population():
    data = Data(X, X + 1, y_err=0.2, x_err=0.1)
    target = Model(LINE, likelihoods.Gaussian(truncation=(0, 9)), population=populations.Flat())

    def evaluate():
        built = target.target(data)
        built.log_prob(np.ones((1, len(built.names))))

    with pytest.raises((DataError, ModelError), match="truncation needs a proper population"):
        evaluate()


def test_the_identity_link_refuses_noisy_and_missing_features():
    for x, x_err in ((X, 0.1), ([0.0, np.nan, 2.0, 3.0], None)):
        _refused(likelihoods.Poisson(), Data(x, COUNTED, x_err=x_err), r"identity link.*link='log'")
