"""Shapes, types, units, values and errors of the arrays: rows 1 to 42."""

import numpy as np
import pandas as pd
import pytest
from astropy import units
from cases import LINE, Bad, S, X, Y, altered, attempt, ids, rows_of, suspicions
from scipy import sparse

from bayesfit import Data, Model, likelihoods, populations, predictors, priors
from bayesfit.errors import BayesfitWarning, DataError, ModelError, PriorError

COV = 0.25 * np.eye(10)
TWO = np.column_stack([X, X**2])


def changed(matrix, value, *places):
    matrix = np.array(matrix)
    for place in places:
        matrix[place] = value
    return matrix


def half_precision():
    with np.errstate(over="ignore"):
        return altered(X, _0=70000).astype(np.float16)


def with_cov(y_cov, y_err=None):
    return attempt(y_err=y_err, y_cov=y_cov)


CASES = [
    Bad(1, lambda: attempt(y=Y[:, None]), DataError, r"y has shape \(10, 1\).*y\.ravel"),
    Bad(2, lambda: attempt(X[:9]), DataError, "x has 9 rows, y has 10"),
    Bad(3, lambda: attempt(y_err=np.array([0.5])), DataError, r"y_err has shape \(1,\)"),
    Bad(4, lambda: attempt([], [], []), DataError, "x .*no rows|no data|empty"),
    Bad(5, lambda: attempt(X.reshape(2, 5)), DataError, "x has 2 rows, y has 10"),
    Bad(6, lambda: attempt(np.float64(3.0), 2.0, 0.5), DataError, "x .*0-d"),
    Bad(
        7,
        lambda: attempt(pd.Series(X, index=range(10)), pd.Series(Y, index=range(9, -1, -1))),
        DataError,
        "index of x and that of y differ",
    ),
    Bad(8, lambda: attempt(pd.DataFrame(TWO, columns=["a", "a"])), DataError, "more than once: 'a'"),
    Bad(9, lambda: attempt(np.array(X)[:, None].view(np.matrix)), DataError, "x is a matrix; pass a dense"),
    Bad(9, lambda: attempt(sparse.csr_matrix(TWO)), DataError, "x is a csr_matrix; pass a dense"),
    Bad(11, lambda: attempt(y=Y * units.km), DataError, "y has unit km, y_err has none"),
    Bad(12, lambda: attempt(y=Y.astype(str)), DataError, "y .*(text|class)"),
    Bad(12, lambda: attempt(X.astype(str)), DataError, "x row 0 is text, '0.0'"),
    Bad(13, lambda: attempt(y=Y + 0j), DataError, r"y is complex \(complex128\)"),
    Bad(14, lambda: attempt(y=Y > 10, y_err=None), DataError, "y .*classification"),
    Bad(17, lambda: attempt(half_precision()), DataError, "x row 0 .*inf"),
    Bad(21, lambda: attempt(y=altered(Y, _4=1e308)), DataError, r"y row 4: 1e\+308 is too large"),
    Bad(21, lambda: attempt(altered(X, _4=1e308)), DataError, r"x row 4.*1e\+308"),
    Bad(22, lambda: attempt(np.full(10, 3.0), model=flat_line()), (ModelError, PriorError), "slope"),
    Bad(24, lambda: attempt(np.column_stack([X, np.ones(10)])), ModelError, "feature x1 is the same in all rows"),
    Bad(70, lambda: attempt(np.column_stack([X, np.nan * X])), DataError, "the feature x1 is missing in all rows"),
    Bad(27, lambda: attempt(y_err=altered(S, _3=0)), DataError, "y_err row 3: the error is zero.*scatter=True"),
    Bad(28, lambda: attempt(y_err=altered(S, _3=-0.5)), DataError, "y_err row 3: -0.5 is negative"),
    Bad(29, lambda: attempt(y_err=altered(S, _3=np.inf)), DataError, "y_err row 3: inf is not an error"),
    Bad(30, lambda: attempt(y_err=None, model=no_scatter()), DataError, "y_err is missing and scatter=False"),
    Bad(32, lambda: attempt(y_err=None, y_cov=COV, x_err=0.1), ModelError, "y_cov does not go with noisy"),
    Bad(32, lambda: attempt(y=np.arange(10), y_err=None, x_err=0.1, model=counts()), ModelError, "noisy|negative"),
    Bad(33, lambda: attempt(x_err=altered(S, _2=-0.1)), DataError, "x_err row 2: -0.1"),
    Bad(34, lambda: with_cov(COV[:, :9]), DataError, r"y_cov has shape \(10, 9\)"),
    Bad(35, lambda: with_cov(changed(COV, 0.3, (0, 1), (1, 0))), DataError, "y_cov.*eigenvalue.*-0.05"),
    Bad(36, lambda: with_cov(changed(COV, 0.25, (0, 1), (1, 0))), DataError, "y_cov.*rows 0, 1"),
    Bad(37, lambda: with_cov(COV, S), DataError, "y_cov and y_err were both given"),
    Bad(38, lambda: with_cov(np.eye(10), S), DataError, "y_cov and y_err were both given"),
    Bad(39, lambda: attempt(y_err=np.tile([-0.3, 0.5], (10, 1))), DataError, r"y_err rows 0.*-0.3 is negative"),
    Bad(40, lambda: attempt(limits=[0, 1] * 4 + [2, 2]), DataError, "limits rows 0.*is not a flag"),
    Bad(42, lambda: attempt(y=altered(Y, _4=np.nan), limits=["<"] * 10), DataError, "y row 4 is NaN but flagged"),
]


def flat_line():
    return Model(
        predictors.Linear(), likelihoods.Gaussian(), priors={"slope": priors.Flat(), "intercept": priors.Flat()}
    )


def no_scatter():
    return Model(predictors.Linear(), likelihoods.Gaussian(scatter=False))


def counts():
    return Model(predictors.Linear(), likelihoods.Poisson(link="identity"))


@pytest.mark.parametrize("case", CASES, ids=ids(CASES))
def test_refused_before_any_sampling(case, no_sampling):
    with pytest.raises(case.error, match=case.says):
        case.do()


def test_arrays_of_the_caller_are_never_changed():
    given = [X.copy(), altered(Y, _4=np.nan), altered(S, _4=-1.0)]
    Data(given[0], given[1], y_err=given[2])
    np.testing.assert_array_equal(given, [X, altered(Y, _4=np.nan), altered(S, _4=-1.0)])


# -- what is allowed, and said --------------------------------------------------------------------------------


def said(data):
    return " ".join(data.describe())


@rows_of(10, 20)
def test_masked_and_missing_features_are_integrated_over_and_named():
    masked = Data(np.ma.array(X, mask=X == 3), Y, y_err=S)
    assert masked.missing[:, 0].tolist() == [False] * 3 + [True] + [False] * 6
    gappy = Data(altered(X, _2=np.nan, _7=np.nan), Y, y_err=S)
    assert len(gappy) == 10
    for data, rows in ((masked, "1"), (gappy, "2")):
        assert rows in said(data)
        assert "missing" in said(data)
        assert isinstance(LINE.target(data).population, populations.Normal)


@rows_of(15, 19)
def test_missing_labels_stay_and_are_counted():
    for data in (
        Data(X[:3], pd.array([1, None, 3], dtype="Int64"), y_err=0.5),
        Data(X, altered(Y, _4=np.nan), y_err=S),
    ):
        assert (~data.labelled).sum() == 1
        assert "1 row" in said(data)
        assert "label" in said(data)
        assert LINE.target(data).log_likelihood([[1.0, 2.0]]).shape == (1, len(data) - 1)


@rows_of(16)
@pytest.mark.parametrize("kind", [np.uint8, np.int16, np.uint16])
def test_small_integers_are_numbers_like_any_other(kind):
    whole = np.array([3, 250, 120, 4, 90])
    narrow, wide = (Data(whole.astype(k), whole.astype(k), y_err=1.0) for k in (kind, float))
    theta = [[5.0, -2.0]]
    np.testing.assert_array_equal(LINE.target(narrow).log_likelihood(theta), LINE.target(wide).log_likelihood(theta))


@rows_of(18)
def test_big_endian_columns_are_the_same_data():
    assert Data(X.astype(">f8"), Y.astype(">f8"), y_err=S.astype(">f4")).fingerprint == Data(X, Y, y_err=S).fingerprint


@rows_of(22)
def test_a_constant_feature_with_proper_priors_is_warned_of():
    assert any("not identified beside the intercept" in text for text in suspicions(Data(np.full(10, 3.0), Y, y_err=S)))


@rows_of(23)
def test_collinear_features_are_warned_of():
    noise = np.random.default_rng(1).normal(size=10)
    found = suspicions(Data(np.column_stack([X, X + 1e-9 * noise]), Y, y_err=S))
    assert any("x0 and x1 are collinear (condition number" in text for text in found)


@rows_of(25)
def test_rows_entered_twice_are_warned_of():
    found = suspicions(Data(np.tile(X, 2), np.tile(Y, 2), y_err=np.tile(S, 2)))
    assert any("20 rows, 10 exact duplicates (x, y, y_err)" in text for text in found)


@rows_of(26)
def test_a_prior_for_the_wrong_place_is_warned_of():
    model = Model(predictors.Linear(), likelihoods.Gaussian(), priors={"intercept": priors.Normal(0, 10)})
    found = suspicions(Data(2460000.5 + X, Y, y_err=S), model)
    assert any("speaks of x = 0" in text and "Linear(pivot=2.46" in text for text in found)


@rows_of(30)
def test_without_errors_the_noise_level_is_inferred_and_said():
    target = LINE.target(Data(X, Y))
    assert target.names == ("intercept", "slope", "scatter")
    assert "it is the noise level" in " ".join(target.likelihood.explain(target.data))


@rows_of(31)
def test_errors_of_features_in_another_unit_are_warned_of():
    assert any(
        "x_err: x scatters far less than its errors" in text for text in suspicions(Data(X, Y, x_err=100 * X.std()))
    )
    assert not any("x_err" in text for text in suspicions(Data(X, Y, x_err=X.std() / 2)))


def test_errors_in_percent_are_warned_of():
    assert any("in percent" in text for text in suspicions(Data(X, Y / 1e3, y_err=5.0)))


@rows_of(69)
@pytest.mark.parametrize("mark", [-99.0, -9999.0, 999.0, -999.9, 1e30, -1e20, float(np.float32(-99.9))])
def test_marks_for_missing_values_are_warned_of(mark):
    two = np.column_stack([X, np.cos(X)])
    two[[3, 5], 1] = mark
    found = suspicions(Data(two, altered(Y, _3=mark, _4=-99999.0), names=("a", "b"), label="v"))
    for says in (f"b is {mark:.7g} in rows 3, 5", f"v is {mark:.7g} in row 3", "v is -99999 in row 4"):
        assert any(f"{says}, far from all other values: a mark for a missing value?" in text for text in found)


ORDINARY = [
    np.arange(90, 100),
    11 * np.arange(10),
    -111 * np.arange(10),
    np.array([1, 2, 1, 3, 1, 1, 7, 20, 1, 99]),
    np.array([0, 99] * 5),
    altered(np.ones(10), _3=999),
    altered(X, _3=-98, _4=1000),
]


@rows_of(69)
@pytest.mark.parametrize("values", ORDINARY)
def test_ordinary_values_are_not_taken_for_marks(values):
    """Whole numbers that end at 99 or 999, a heavy tail, groups, and outliers of other values."""
    found = suspicions(Data(X, values)) + suspicions(Data(values, Y))
    assert not any("a mark for a missing value" in text for text in found)


@rows_of(38)
def test_a_correlation_matrix_alone_is_warned_of():
    with pytest.warns(BayesfitWarning, match="diagonal is exactly 1 everywhere"):
        Data(X, Y, y_cov=np.eye(10))


@rows_of(41)
def test_limits_only_are_warned_of():
    assert any("no label was measured" in text for text in suspicions(Data(X, Y, y_err=S, limits=["<"] * 10)))


@rows_of(3)
def test_one_number_is_the_error_of_all_rows_and_said():
    data = Data(X, Y, y_err=0.5)
    np.testing.assert_array_equal(data.y_err, S)
    assert "Errors of the label are all 0.5" in said(data)
