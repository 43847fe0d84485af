"""Objects in closed form: the same posterior as plain linear algebra, exact leave-one-out, and as sampled fits."""

from fractions import Fraction

import numpy as np
import pytest
from lines_of_objects import LINE, line_table
from scipy import stats

import bayesfit as bf

RNG = np.random.default_rng(7)
N = 14
X = RNG.uniform(-1, 4, N)
ERRORS = RNG.uniform(0.2, 0.9, N)
Y = 1 + 2 * X - 0.3 * X**2 + RNG.normal(0, ERRORS)
DATA = bf.Data(X, Y, y_err=ERRORS)
NORMAL = bf.priors.Normal


def one(model, data=DATA):
    return bf.fit_many(model, [("only", data)], seed=1, progress=False).iloc[0]


def gaussian(predictor, **priors):
    return bf.Model(predictor, bf.likelihoods.Gaussian(), priors=priors or None)


def conjugate(design, labels, errors, means, sds):
    """Return mean and covariance of the normal posterior by its textbook formula."""
    precision = np.diag(1 / np.square(sds)) + design.T @ (design / np.square(errors)[:, None])
    cov = np.linalg.inv(precision)
    return cov @ (np.divide(means, np.square(sds)) + design.T @ (labels / np.square(errors))), cov


def exact_elpd(design, labels, errors, means, sds):
    """Return Σ ln p(y_i | y_-i), each row really left out."""
    total = 0.0
    for i in range(len(labels)):
        kept = np.arange(len(labels)) != i
        mean, cov = conjugate(design[kept], labels[kept], errors[kept], means, sds)
        sd = np.sqrt(errors[i] ** 2 + design[i] @ cov @ design[i])
        total += stats.norm.logpdf(labels[i], design[i] @ mean, sd)
    return total


CASES = {
    "line": (gaussian(bf.predictors.Linear(), intercept=NORMAL(0, 3), slope=NORMAL(1, 2)), ["intercept", "slope"], 2),
    "parabola": (
        gaussian(bf.predictors.Polynomial(2), coefficient=NORMAL(0, 5)),
        [f"coefficient[{k}]" for k in "012"],
        3,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_textbook_formula(name):
    model, names, size = CASES[name]
    design = np.vander(X, size, increasing=True)
    means, sds = {"line": ([0, 1], [3, 2]), "parabola": ([0, 0, 0], [5, 5, 5])}[name]
    mean, cov = conjugate(design, Y, ERRORS, means, sds)
    row = one(model)
    assert row["status"] == "closed form"
    assert [row[f"{n}_mean"] for n in names] == pytest.approx(mean, rel=1e-10)
    assert [row[f"{n}_sd"] for n in names] == pytest.approx(np.sqrt(np.diag(cov)), rel=1e-10)
    assert row[f"{names[1]}_q95"] == pytest.approx(stats.norm.ppf(0.95, mean[1], np.sqrt(cov[1, 1])), rel=1e-10)
    assert row["elpd"] == pytest.approx(exact_elpd(design, Y, ERRORS, means, sds), rel=1e-9)


def test_leaving_out_a_row_that_alone_decides_about_a_parameter():
    """Its leverage is one but for 1e-12: a difference of ones would hold no digits."""
    x, y, errors = np.array([0.0, 0.0, 1.0]), np.array([0.1, -0.2, 2.0]), np.full(3, 1e-3)
    design = np.vander(x, 2, increasing=True)
    row = one(gaussian(bf.predictors.Linear(), intercept=NORMAL(0, 1), slope=NORMAL(0, 1e3)), bf.Data(x, y, y_err=1e-3))
    expected = exact_elpd(design, y, errors, [0, 0], [1, 1e3])
    assert row["elpd"] == pytest.approx(expected, rel=1e-7)


def test_a_joint_prior_and_a_fixed_value():
    cov = np.array([[4.0, -1.0], [-1.0, 2.0]])
    joint = {
        ("coefficient[0]", "coefficient[1]"): bf.priors.MultivariateNormal([0.5, 1.0], cov),
        "coefficient[2]": -0.3,
    }
    row = one(bf.Model(bf.predictors.Polynomial(2), bf.likelihoods.Gaussian(), priors=joint))
    design, inverse = np.vander(X, 2, increasing=True), np.linalg.inv(cov)
    precision = inverse + design.T @ (design / ERRORS[:, None] ** 2)
    right = inverse @ [0.5, 1.0] + design.T @ ((Y + 0.3 * X**2) / ERRORS**2)
    assert [row[f"coefficient[{k}]_mean"] for k in "01"] == pytest.approx(np.linalg.solve(precision, right), rel=1e-10)
    assert not any(name.startswith("coefficient[2]") for name in row.index)


def test_flat_priors_give_least_squares():
    row = one(gaussian(bf.predictors.Linear(), intercept=bf.priors.Flat(), slope=bf.priors.Flat()))
    design = np.vander(X, 2, increasing=True) / ERRORS[:, None]
    expected = np.linalg.lstsq(design, Y / ERRORS, rcond=None)[0]
    assert row["status"] == "closed form"
    assert [row["intercept_mean"], row["slope_mean"]] == pytest.approx(expected, rel=1e-10)
    assert row["slope_sd"] == pytest.approx(np.sqrt(np.linalg.inv(design.T @ design)[1, 1]), rel=1e-10)


def test_default_priors_are_those_of_the_object():
    """The label at the mean of x ~ Normal(mean label, 10 sd), the slope ~ Normal(0, 10 sd(y) / sd(x))."""
    design = np.column_stack([np.ones(N), X - X.mean()])
    means, sds = [Y.mean(), 0.0], [10 * Y.std(), 10 * Y.std() / X.std()]
    (middle, slope), cov = conjugate(design, Y, ERRORS, means, sds)
    to_zero = np.array([1.0, -X.mean()])
    row = one(LINE)
    assert row["slope_mean"] == pytest.approx(slope, rel=1e-10)
    assert row["intercept_mean"] == pytest.approx(middle - X.mean() * slope, rel=1e-10)
    assert row["intercept_sd"] == pytest.approx(np.sqrt(to_zero @ cov @ to_zero), rel=1e-10)


def test_a_fixed_slope_shifts_the_default_prior_of_the_intercept():
    """It speaks of the middle of the data also where only the intercept is free."""
    (middle,), cov = conjugate(np.ones((N, 1)), Y - 2 * (X - X.mean()), ERRORS, [Y.mean()], [10 * Y.std()])
    row = one(gaussian(bf.predictors.Linear(), slope=2))
    assert row["intercept_mean"] == pytest.approx(middle - 2 * X.mean(), rel=1e-10)
    assert row["intercept_sd"] == pytest.approx(np.sqrt(cov[0, 0]), rel=1e-10)


PREDICTORS = [
    bf.predictors.Fourier(3.0, 1),
    bf.predictors.Spline((-1.0, 1.0, 4.0)),
    bf.predictors.Basis((np.ones_like, np.sin, lambda x: x - x.mean())),
    bf.predictors.Linear(pivot=2.0),
]


@pytest.mark.parametrize("predictor", PREDICTORS, ids=lambda predictor: type(predictor).__name__)
def test_the_density_is_that_of_the_target(predictor):
    """Its gradient vanishes at the mean, and along each axis its width given the others is that of the covariance."""
    model = gaussian(predictor)
    target, row = model.target(DATA), one(model)
    mean = np.array([row[f"{name}_mean"] for name in target.names])
    steps = 1e-3 * np.diag([row[f"{name}_sd"] for name in target.names])
    top = target.log_prob(mean)
    up, down = target.log_prob(mean + steps), target.log_prob(mean - steps)
    assert up - down == pytest.approx(0, abs=1e-7)
    hessian = np.empty((len(mean), len(mean)))
    for i, a in enumerate(steps):
        for j, b in enumerate(steps):
            corners = target.log_prob(np.array([mean + a + b, mean + a - b, mean - a + b, mean - a - b]))
            hessian[i, j] = (corners[0] - corners[1] - corners[2] + corners[3]) / 4e-6
    assert (up + down - 2 * top).max() < 0
    # in units of the standard deviations the covariance is a correlation matrix
    assert np.diag(np.linalg.inv(-hessian)) == pytest.approx(1.0, abs=1e-3)


def test_it_agrees_with_the_sampled_fit():
    data = line_table(2)
    table = bf.fit_many(LINE, data, by="star", seed=1, progress=False)
    for place, star in enumerate(table["key"]):
        posterior = LINE.fit(data[data.columns["star"] == star], seed=3, progress=False)
        summary, row = posterior.summary(), table.iloc[place]
        error = summary["mcse_mean"]["slope"]
        assert row["slope_mean"] == pytest.approx(summary["mean"]["slope"], abs=5 * error)
        assert row["slope_sd"] == pytest.approx(summary["sd"]["slope"], rel=0.1)
        assert row["elpd"] == pytest.approx(posterior.loo(refits=None).elpd, abs=0.3)
        assert row["p_loo"] == pytest.approx(posterior.loo(refits=None).p, abs=0.3)


def test_julian_dates_lose_no_digits():
    """Against the normal equations in exact fractions."""
    days, y = [2455000.5, 2455001.5, 2455003.5, 2455004.5], [1.0, 2.5, 5.0, 7.0]
    model = gaussian(bf.predictors.Linear(), intercept=NORMAL(0, 1e9), slope=NORMAL(0, 1e6))
    row = one(model, bf.Data(days, y, y_err=1.0))
    t, labels = [Fraction(day) for day in days], [Fraction(value) for value in y]
    a, b, c = len(t) + Fraction(1, 10**18), sum(t), sum(day**2 for day in t) + Fraction(1, 10**12)
    right = sum(labels), sum(day * value for day, value in zip(t, labels, strict=True))
    determinant = a * c - b * b
    assert row["slope_mean"] == pytest.approx(float((a * right[1] - b * right[0]) / determinant), rel=1e-9)
    assert row["slope_sd"] == pytest.approx(float(a / determinant) ** 0.5, rel=1e-9)
    assert row["intercept_mean"] == pytest.approx(float((c * right[0] - b * right[1]) / determinant), rel=1e-9)


def test_rows_without_a_label_are_left_out():
    y = Y.copy()
    y[[2, 5]] = np.nan
    kept = ~np.isnan(y)
    model = CASES["line"][0]
    assert one(model, bf.Data(X, y, y_err=ERRORS))["slope_mean"] == pytest.approx(
        one(model, bf.Data(X[kept], Y[kept], y_err=ERRORS[kept]))["slope_mean"], rel=1e-12
    )
    assert one(model, bf.Data(X, y, y_err=ERRORS))["n_rows"] == N - 2


@pytest.mark.parametrize(
    ("model", "data"),
    [
        (LINE, bf.Data(X, Y)),
        (gaussian(bf.predictors.Linear(), slope=bf.priors.StudentT(3, 0, 1)), DATA),
        (LINE, bf.Data(X, Y, y_err=ERRORS, x_err=0.1)),
        (LINE, bf.Data(X, Y, y_err=ERRORS, limits=["<", *[""] * (N - 1)])),
        (LINE, bf.Data(X, Y, y_err=np.column_stack([ERRORS, 2 * ERRORS]))),
        (bf.Model(bf.predictors.Linear(), bf.likelihoods.Gaussian(scatter=True)), DATA),
        (bf.Model(bf.predictors.Linear(), bf.likelihoods.StudentT(dof=4)), DATA),
    ],
    ids=["no y_err", "Student prior", "x_err", "limit", "asymmetric", "scatter", "Student noise"],
)
def test_what_is_not_normal_is_sampled(model, data):
    sampler = bf.sampling.Ensemble(n_ensembles=2, steps=20, burn_in=10)
    row = bf.fit_many(model, [(0, data)], sampler=sampler, seed=1, progress=False).iloc[0]
    assert row["status"] in ("converged", "not converged")
    assert np.isfinite(row["rhat"])


def test_what_looks_like_a_mistake_is_said():
    """As by the audit of a fit: errors far too large, and a feature without spread."""
    assert "far less than their errors say" in one(LINE, bf.Data(X, 1 + X + 1e-4 * Y, y_err=5.0))["message"]
    flat = one(LINE, bf.Data(np.full(N, 3.0), Y, y_err=1.0))
    assert "same in all rows" in flat["message"]
    assert flat["status"] == "closed form"
    assert one(LINE)["message"] == ""


def test_errors_are_those_of_a_fit():
    constant = bf.Data(np.column_stack([X, np.ones(N)]), Y, y_err=1.0)
    row = one(LINE, constant)
    with pytest.raises(bf.ModelError) as raised:
        LINE.fit(constant, progress=False)
    assert row["status"] == "error"
    assert row["message"] == f"ModelError: {raised.value}"
    flat = gaussian(bf.predictors.Linear(), intercept=bf.priors.Flat(), slope=bf.priors.Flat())
    assert one(flat, bf.Data([1.0, 1.0], [2.0, 2.1], y_err=1.0))["message"].startswith("ModelError: the 2 labelled")


def test_a_feature_that_is_zero_for_one_object_spoils_no_other():
    """What is refused for one object is its own error; the object beside it has what it has alone."""
    rng = np.random.default_rng(4)
    x = rng.normal(size=(2, 9, 2))
    x[0, :, 1] = 0.0
    prior = {"intercept": bf.priors.Normal(0, 2), "slope": bf.priors.Normal(0, 3)}
    model = bf.Model(bf.predictors.Linear(), bf.likelihoods.Gaussian(), priors=prior)
    objects = {k: bf.Data(x[k], x[k, :, 0] + rng.normal(0, 0.3, 9), y_err=0.3, names=["a", "b"]) for k in (0, 1)}
    table = bf.fit_many(model, objects, seed=1, progress=False).drop(columns="seconds")
    assert table["status"].tolist() == ["error", "closed form"]
    assert "the feature b is the same in all rows" in table["message"][0]
    alone = bf.fit_many(model, {1: objects[1]}, seed=1, progress=False).drop(columns="seconds")
    np.testing.assert_equal(table.iloc[1].to_dict(), alone.iloc[0].to_dict())


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize("formula", ["y ~ a", "y ~ b", "y ~ a + b + a:b"])
def test_a_formula_finds_its_features_wherever_they_are(formula, order):
    rng = np.random.default_rng(3)
    features = np.column_stack([rng.normal(size=30), rng.normal(5, 3, 30)])
    y = 1 + 2 * features[:, 0] - 3 * features[:, 1] + rng.normal(0, 0.1, 30)
    table = {"a": features[:, 0], "b": features[:, 1], "y": y}
    model = gaussian(bf.predictors.Linear.from_formula(formula, table))
    data = bf.Data(features[:, order], y, y_err=0.1, names=tuple("ab"[j] for j in order))
    row, posterior = one(model, data), model.fit(data, seed=1, progress=False)
    assert row["status"] == "closed form"
    for name, column in posterior.summary().iterrows():
        assert row[f"{name}_mean"] == pytest.approx(column["mean"], abs=0.2 * column["sd"])
        assert row[f"{name}_sd"] == pytest.approx(column["sd"], rel=0.1)
