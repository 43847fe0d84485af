"""Tables, units, text and times of any kind; files of any bytes: data or a DataError, and nothing else."""

import contextlib
import datetime
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from astropy import units
from astropy.table import MaskedColumn, Table
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from bayesfit import priors
from bayesfit.data import Data
from bayesfit.errors import DataError, PriorError
from bayesfit.supports import Interval

CELL = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.sampled_from([1e308, -1e308, 5e-324, 1e-200, np.inf, -np.inf, np.nan]),
    st.text(max_size=3),
    st.binary(max_size=3),
    st.complex_numbers(),
    st.dates(),
    st.datetimes(),
    st.timedeltas(),
    st.decimals(),
    st.fractions(),
    st.just(object()),
    st.lists(st.integers(0, 3), max_size=2),
)
COLUMN = st.one_of(
    st.lists(CELL, max_size=4),
    st.lists(st.floats(), min_size=3, max_size=3),
    st.lists(st.integers(-(2**70), 2**70), min_size=3, max_size=3),
    st.lists(st.sampled_from(["a", "b", None]), min_size=3, max_size=3),
    st.lists(st.sampled_from(["", "<", ">", "upper", None, 1]), min_size=3, max_size=3),
)
NAMES = st.sampled_from(["a", "b", "c", "d", "", None, 3, ("a", "b"), ["a", "b"], {"a": "b"}, "a " * 50])


def arguments(draw):
    """Choose what a call of from_table may be given."""
    given_names = {name: draw(NAMES) for name in ("y", "x_err", "y_err", "limits", "columns", "xy_cov")}
    return {"x": draw(NAMES), **{name: value for name, value in given_names.items() if draw(st.booleans())}}


@given(st.data())
def test_any_columns_and_any_choice_of_them(data):
    names = data.draw(st.lists(st.sampled_from("abcd"), min_size=1, max_size=4, unique=True))
    table = {name: data.draw(COLUMN) for name in names}
    with contextlib.suppress(DataError):
        check(Data.from_table(table, **{"y": None, **arguments(data.draw)}))


def pandas_of(columns):
    return pd.DataFrame(columns)


def arrow_of(columns):
    return pa.table(columns)


def polars_of(columns):
    import polars as pl

    return pl.DataFrame(columns, strict=False)


def astropy_of(columns):
    return Table({name: MaskedColumn(column, mask=np.arange(len(column)) == 1) for name, column in columns.items()})


@pytest.mark.parametrize("make", [pandas_of, arrow_of, polars_of, astropy_of])
@given(columns=st.lists(st.lists(st.floats() | st.none(), min_size=3, max_size=3), min_size=3, max_size=3))
def test_tables_of_every_make_hold_the_same(make, columns):
    plain = dict(zip("abc", [[np.nan if v is None else v for v in column] for column in columns], strict=True))
    names = {"x": "a", "y": "b", "y_err": "c"}
    try:
        expected = Data.from_table({n: np.array(c) for n, c in plain.items()}, **names)
    except DataError:
        expected = None
    try:
        found = Data.from_table(make(plain), **names)
    except DataError:
        found = None
    if make is not astropy_of:  # whose second row is masked
        assert (found is None) == (expected is None)
        assert found is None or found.fingerprint == expected.fingerprint
    elif found is not None:
        assert np.isnan(found.x[1, 0])
        check(found)


UNITS = st.sampled_from([None, units.km, units.m, units.s, units.dimensionless_unscaled, units.mag, units.deg_C])


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=2), UNITS, UNITS, UNITS)
def test_any_units(values, of_x, of_y, of_errors):
    def with_unit(array, unit):
        return array if unit is None else units.Quantity(array, unit)

    with contextlib.suppress(DataError):
        check(Data(with_unit(values, of_x), with_unit(values, of_y), y_err=with_unit([1.0, 2.0], of_errors)))


@given(st.lists(st.tuples(st.floats(), st.floats()), min_size=1, max_size=4), st.none() | st.floats())
def test_any_intervals(pairs, y_err):
    with contextlib.suppress(DataError):
        data = Data(np.zeros(len(pairs)), pairs, y_err=y_err)
        check(data)
        measured = np.array(pairs)
        np.testing.assert_array_equal(data.y_low, measured[:, 0])
        np.testing.assert_array_equal(data.y_high, measured[:, 1])


@given(st.lists(CELL, min_size=1, max_size=4))
def test_any_objects_as_labels_and_columns(cells):
    objects = np.empty(len(cells), dtype=object)
    objects[:] = cells
    for call in (
        lambda: Data(np.zeros(len(cells)), objects),
        lambda: Data(np.zeros(len(cells)), columns={"c": objects}),
    ):
        with contextlib.suppress(DataError):
            check(call())


@pytest.mark.parametrize(
    "value",
    [
        [datetime.date(2020, 1, 1)] * 3,
        np.array(["2020", "2021", "NaT"], dtype="M8[Y]"),
        np.array([1, 2, 3], dtype="m8[s]"),
        pd.date_range("2020", periods=3),
    ],
)
def test_times_are_no_numbers(value):
    for call in (lambda: Data(value), lambda: Data([1, 2, 3], value), lambda: Data([1, 2, 3], [1, 2, 3], y_err=value)):
        with pytest.raises(DataError, match=r"number|date|dtype|class"):
            call()


# -- files ------------------------------------------------------------------------------------------------------

CSV = b"x,y,e\n1.0,2.0,0.1\n2.0,,0.1\n3.0,nan,0.2\n"


def honest(path):
    """Return the bytes of a sound file of this ending."""
    table = Table({"x": [1.0, 2.0, 3.0], "y": [2.0, 3.0, 5.0], "e": [0.1, 0.1, 0.2]})
    if path.suffix == ".csv":
        return CSV
    if path.suffix == ".parquet":
        parquet.write_table(pa.table({name: list(table[name]) for name in table.colnames}), path)
    else:
        table.write(path, format={".ecsv": "ascii.ecsv", ".fits": "fits", ".vot": "votable"}[path.suffix])
    return path.read_bytes()


def read(path):
    with contextlib.suppress(DataError), warnings.catch_warnings():
        # the readers' own warnings about odd files
        warnings.simplefilter("ignore")
        check(Data.read(path, x="x", y="y", y_err="e"))


ENDINGS = [".csv", ".parquet", ".ecsv", ".fits", ".vot"]


@pytest.mark.parametrize("ending", ENDINGS)
def test_mangled_files_are_data_or_an_error(tmp_path, ending):
    path = tmp_path / f"table{ending}"
    content, rng = honest(path), np.random.default_rng(1)
    for i in range(60):
        spoiled = bytearray(content)
        for place in rng.integers(0, len(content), 1 + i % 6):
            spoiled[place] = rng.integers(256)
        path.write_bytes(spoiled[: rng.integers(len(spoiled))] if i % 3 == 0 else spoiled)
        read(path)


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("content", [b"", b"\0" * 100, b"x", b"\xff\xfe" * 50, b"x,x\n1,2\n", b'"x,y\n', b"PK\x03\x04"])
def test_files_of_something_else_are_refused(tmp_path, ending, content):
    path = tmp_path / f"table{ending}"
    path.write_bytes(content)
    with pytest.raises(DataError):
        Data.read(path, x="x", y="y")


@given(st.binary(max_size=60) | st.text("x,y\n\"'0123456789.e-nan ;\t", max_size=60).map(str.encode))
def test_any_bytes_as_csv(content):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        path.write_bytes(b"x,y,e\n" + content)
        read(path)


# -- priors as text ---------------------------------------------------------------------------------------------

WORDS = ["normal", "Half_Normal", "uniform", "beta", "dirichlet", "lkj", "multivariatenormal", "fixed", "flat"]
MARKS = ["(", ")", "[", "]", ",", "=", "mean", "sd", "low", "0", "1", "-1", "1e400", "inf", "nan", "0.5", " ", "\n"]
TOKENS = [*WORDS, *MARKS]


@given(st.one_of(st.text(max_size=30), st.lists(st.sampled_from(TOKENS), max_size=12).map("".join)))
def test_any_text_is_a_prior_or_an_error(text):
    with contextlib.suppress(PriorError):
        prior = priors.parse(text)
        assert repr(prior)
        if isinstance(prior, priors.Prior) and isinstance(prior.support, Interval):
            inside = prior.log_prob(np.array([-1.0, 0.5, 2.0]))
            assert not np.isnan(inside).any()
        # what it prints is read back as the same
        again = priors.parse(repr(prior))
        assert repr(again) == repr(prior)


def check(data):
    assert data.x.shape == (data.size, data.n_features)
    assert not np.isinf(data.x).any()
    if data.kind == "numbers":
        assert (data.y_low <= data.y_high)[data.labelled].all()
        assert not np.isinf(data.y).any()
    assert data.replace().fingerprint == data.fingerprint
    assert data.describe()
    assert repr(data)
    assert data[:1].size == 1
