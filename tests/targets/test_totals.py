"""Sums over all rows by a short way: equal to the rows added up one by one, or not offered."""

import pickle

import numpy as np
import pytest

from bayesfit import Data, Model, populations
from bayesfit.likelihoods import Gaussian, StudentT
from bayesfit.predictors import Basis, Fourier, Linear, Polynomial
from bayesfit.targets.totals import EqualErrors, KnownErrors, UnequalErrors

N_ROWS, N_VECTORS = 700, 20


def _rows(shift=0.0, lift=0.0, n_features=1, n_rows=N_ROWS):
    rng = np.random.default_rng(n_features)
    x = rng.normal(5, 3, (n_rows, n_features))
    y = lift + 1 + x @ np.linspace(1, 2, n_features) + 0.7 * rng.standard_normal(n_rows)
    return x + shift, y


def _errors(kind, n_rows=N_ROWS):
    rng = np.random.default_rng(9)
    by_kind = {
        "known": np.exp(rng.normal(-0.5, 0.5, n_rows)),
        "three decades": 10 ** rng.uniform(-2, 1, n_rows),
        "equal": np.full(n_rows, 0.4),
        "none": None,
        "one is tiny": np.r_[1e-9, np.full(n_rows - 1, 0.4)],
    }
    return by_kind[kind]


#: what the rows are like, the predictor
FEEDS = {
    "a line": (_rows(), Linear()),
    "a pivot": (_rows(), Linear(pivot=5.0)),
    "Julian dates": (_rows(shift=2_459_000.0), Linear()),
    "years, curved": (_rows(shift=2000.0), Polynomial(2)),
    "labels far from zero": (_rows(lift=1e5), Linear()),
    "ten features": (_rows(n_features=10), Linear()),
    "interactions": (_rows(n_features=3), Linear(interaction=True)),
    "waves": (_rows(), Fourier(3.0, 2)),
}
KINDS = [
    ("known", False, KnownErrors),
    ("three decades", False, KnownErrors),
    ("none", None, EqualErrors),
    ("equal", True, EqualErrors),
    ("known", True, UnequalErrors),
    ("three decades", True, UnequalErrors),
    ("one is tiny", True, UnequalErrors),
]


def _points(target, rng):
    """Near the fit, where walkers are; around it; and from the priors, where a search begins."""
    fit = target.complete(target.starts(rng, 2), None)[0]
    prior = target.parameters.sample_prior(rng, N_VECTORS)
    whole = target.parameters.unconstrain(np.tile(fit, (N_VECTORS, 1)))
    near, _ = target.parameters.constrain(whole + 0.05 * rng.standard_normal(whole.shape))
    return np.concatenate([near, 0.9 * fit + 0.1 * prior, prior])


def _by_rows(target, theta):
    """What the pointwise terms, which know of no short way, add up to."""
    return target.log_prior(theta) + np.sum(target.log_likelihood(theta), axis=1)


@pytest.mark.parametrize("feed", FEEDS)
@pytest.mark.parametrize(("errors", "scatter", "kind"), KINDS, ids=[f"{k[0]}, {k[1]}" for k in KINDS])
def test_the_short_way_gives_what_the_rows_add_up_to(feed, errors, scatter, kind):
    (x, y), predictor = FEEDS[feed]
    target = Model(predictor, Gaussian(scatter=scatter)).target(Data(x, y, y_err=_errors(errors)))
    theta = _points(target, np.random.default_rng(3))
    assert isinstance(target._total, kind)
    np.testing.assert_allclose(target.log_prob(theta), _by_rows(target, theta), rtol=1e-9)


@pytest.mark.parametrize("scatter", [1e-12, 1e-6, 1e-2, 1.0, 1e3, 1e8, 1e30])
def test_any_scatter_is_met_by_a_table_of_its_own(scatter):
    x, y = _rows()
    target = Model(Linear(), Gaussian(scatter=True)).target(Data(x, y, y_err=_errors("three decades")))
    theta = np.column_stack([np.full(50, 1.0), np.full(50, 1.0), scatter * np.geomspace(0.05, 20, 50)])
    np.testing.assert_allclose(target.log_prob(theta), _by_rows(target, theta), rtol=1e-9)


def test_a_place_on_a_node_of_the_table_is_no_exception():
    x, y = _rows()
    target = Model(Linear(), Gaussian(scatter=True)).target(Data(x, y, y_err=_errors("one is tiny")))
    theta = np.array([[1.0, 1.0, 1.0], [1.0, 1.0, np.exp(3.0)], [1.0, 1.0, np.exp(1.5)]])
    np.testing.assert_allclose(target.log_prob(theta), _by_rows(target, theta), rtol=1e-9)


def test_fixed_parameters_and_missing_labels_change_nothing():
    x, y = _rows()
    y = y.copy()
    y[::7] = np.nan
    model = Model(Linear(), Gaussian(scatter=True), priors={"intercept": 1.0, "scatter": 0.7})
    target = model.target(Data(x, y, y_err=_errors("known")))
    theta = np.linspace(0.9, 1.1, 20)[:, None]
    # 600 of 700 rows have a label
    assert isinstance(target._total, UnequalErrors)
    np.testing.assert_allclose(target.log_prob(theta), _by_rows(target, theta), rtol=1e-9)


def test_a_batch_gives_what_single_vectors_give_whatever_came_before():
    """Tables are made when they are first needed: which came first must not show."""
    x, y = _rows()
    data = Data(x, y, y_err=_errors("known"))
    targets = [Model(Linear(), Gaussian(scatter=True)).target(data) for _ in range(2)]
    theta = targets[0].parameters.sample_prior(np.random.default_rng(1), 30)
    forwards = [targets[0].log_prob(t) for t in theta]
    backwards = [targets[1].log_prob(t) for t in theta[::-1]][::-1]
    np.testing.assert_array_equal(forwards, backwards)
    np.testing.assert_allclose(targets[0].log_prob(theta), forwards, rtol=1e-13)


def test_a_target_that_has_its_tables_can_be_sent_elsewhere():
    x, y = _rows()
    target = Model(Linear(), Gaussian(scatter=True)).target(Data(x, y, y_err=_errors("known")))
    theta = _points(target, np.random.default_rng(1))
    expected = target.log_prob(theta)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(target)).log_prob(theta), expected)


def _limits():
    return np.where(np.arange(N_ROWS) < 5, "upper", "")


@pytest.mark.parametrize(
    ("likelihood", "feed", "predictor", "population"),
    [
        (StudentT(4.0), {"y_err": 0.3}, Linear(), None),
        (Gaussian(truncation=(-100, None)), {"y_err": 0.3}, Linear(), None),
        (Gaussian(), {"y_err": 0.3, "limits": _limits()}, Linear(), None),
        (Gaussian(), {"y_err": np.full((N_ROWS, 2), [0.3, 0.4])}, Linear(), None),
        (Gaussian(), {"y_err": 0.3, "x_err": 0.1}, Linear(), None),
        (Gaussian(), {"y_err": 0.3, "x_err": 0.1}, Linear(), populations.Flat()),
        (Gaussian(), {"y_cov": 0.1 * np.eye(N_ROWS)}, Linear(), None),
    ],
    ids=["Student t", "truncation", "limits", "asymmetric", "noisy x", "noisy x, flat", "covariance"],
)
def test_what_is_not_plain_goes_row_by_row(likelihood, feed, predictor, population):
    x, y = _rows()
    target = Model(predictor, likelihood, population=population).target(Data(x, y, **feed))
    assert target._quadratic is None


def test_few_rows_with_unequal_errors_go_row_by_row():
    x, y = _rows(n_rows=50)
    target = Model(Linear(), Gaussian(scatter=True)).target(Data(x, y, y_err=_errors("known", 50)))
    assert target._total is None


def test_a_design_that_is_nearly_degenerate_goes_row_by_row():
    """Cubes of Julian dates lose all digits, whichever way the sum is made."""
    x, y = _rows(shift=2_459_000.0)
    target = Model(Polynomial(3), Gaussian()).target(Data(x, y, y_err=0.3))
    assert target._total is None


def test_labels_without_any_noise_go_row_by_row():
    """Residuals would be pure rounding, and a scatter near zero would amplify it."""
    x, _ = _rows()
    target = Model(Linear(), Gaussian()).target(Data(x, 1.0 + 2.0 * x[:, 0]))
    assert target._total is None


def _first(x):
    return x[0]


def test_a_predictor_with_its_own_way_to_the_label_is_asked_for_it():
    """A subclass that overrides η may not be short-cut by its design."""

    class Twice(Basis):
        def __call__(self, values, x):
            return 2.0 * super().__call__(values, x)

        def bind(self, x):
            return lambda values: self(values, x)

    x, y = _rows()
    target = Model(Twice([_first]), Gaussian()).target(Data(x, y, y_err=0.3))
    assert target._total is None
    theta = np.array([[0.5], [0.6]])
    np.testing.assert_allclose(target.log_prob(theta), _by_rows(target, theta), rtol=1e-12)
