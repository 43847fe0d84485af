"""Whatever is passed, there are data or a DataError, and nothing else."""

import contextlib

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from bayesfit.data import Data
from bayesfit.errors import DataError

SHAPES = arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)
DTYPES = st.one_of(
    arrays.boolean_dtypes(),
    arrays.integer_dtypes(),
    arrays.floating_dtypes(),
    arrays.complex_number_dtypes(),
    arrays.unicode_string_dtypes(max_len=3),
    arrays.byte_string_dtypes(max_len=3),
    arrays.datetime64_dtypes(),
)
ANYTHING = st.one_of(st.none(), st.floats(), st.text(max_size=3), arrays.arrays(DTYPES, SHAPES))
REAL = st.floats(allow_nan=True, allow_infinity=True)
LIMITS = st.sampled_from(["", "<", ">", "upper", "lower", None, "x", 1])


ROWS = st.integers(1, 4)


def numbers(size):
    """Return strategies for x, y, y_err and limits of that many rows."""
    reals = arrays.arrays(float, size, elements=REAL)
    flags = st.lists(LIMITS, min_size=size, max_size=size)
    return st.tuples(reals, reals, st.none() | reals, st.none() | flags)


@given(ANYTHING, ANYTHING, ANYTHING, ANYTHING)
def test_any_arrays(x, y, x_err, y_err):
    with contextlib.suppress(DataError):
        check(Data(x, y, x_err=x_err, y_err=y_err))


@given(ROWS.flatmap(numbers))
def test_any_numbers(arguments):
    x, y, y_err, limits = arguments
    with contextlib.suppress(DataError):
        data = Data(x, y, y_err=y_err, limits=limits)
        check(data)
        # nothing was dropped or altered
        np.testing.assert_array_equal(data.x[:, 0], x)
        np.testing.assert_array_equal(data.y, y)


FINITE = st.floats(-1e300, 1e300)
POSITIVE = st.floats(1e-300, 1e300)


@given(st.lists(st.tuples(FINITE | st.just(np.nan), FINITE | st.just(np.nan), POSITIVE), min_size=1, max_size=5))
def test_honest_numbers_are_always_accepted(rows):
    x, y, y_err = np.array(rows).T
    check(Data(x, y, y_err=y_err))


def check(data):
    assert data.x.shape == (data.size, data.n_features)
    assert not np.isinf(data.x).any()
    if data.kind == "numbers":
        assert (data.y_low <= data.y_high)[data.labelled].all()
        assert not np.isinf(data.y).any()
        if data.y_err is not None:
            measured = data.labelled & (data.limits == 0)
            assert (data.y_err[measured] > 0).all()
            assert np.isfinite(data.y_err[data.labelled]).all()
    if data.x_err is not None:
        assert np.isfinite(data.x_err).all()
    assert data[:1].size == 1
    assert data.replace().fingerprint == data.fingerprint
    assert data.describe()
