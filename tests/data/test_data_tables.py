"""Tables of every make and files of every ending give the same data."""

import sys

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from astropy import units as u
from astropy.table import MaskedColumn, QTable, Table

from bayesfit.data import Data
from bayesfit.errors import DataError

TEFF = [5100.5, 5500.25, None, 6000.0]
MASS = [0.9, None, 1.1, 1.2]
PLAIN = {
    "Teff": TEFF,
    "e_Teff": [50.0, 60.0, 70.0, 80.0],
    "mass": MASS,
    "e_mass": [0.1, 0.2, 0.3, 0.4],
    "flag": ["", "<", None, ">"],
    "id": [11, 12, 13, 14],
    "kind": ["dwarf", "giant", "dwarf", None],
}
PLAIN["mass"] = [0.9, 1.0, 1.1, 1.2]


def astropy_table():
    table = Table()
    for name, values in PLAIN.items():
        mask = [item is None for item in values]
        filled = [("" if isinstance(values[0], str) else 0) if item is None else item for item in values]
        table[name] = MaskedColumn(filled, mask=mask)
    return table


MAKERS = {
    "mapping": lambda: PLAIN,
    "pandas": lambda: pd.DataFrame(PLAIN),
    "pandas nullable": lambda: pd.DataFrame(PLAIN).convert_dtypes(),
    "pandas pyarrow": lambda: pd.DataFrame(PLAIN).convert_dtypes(dtype_backend="pyarrow"),
    "polars": lambda: pl.DataFrame(PLAIN),
    "pyarrow": lambda: pa.table(PLAIN),
    "astropy": astropy_table,
}
NAMES = {
    "x": "Teff",
    "x_err": "e_Teff",
    "y": "mass",
    "y_err": "e_mass",
    "limits": "flag",
    "columns": ["id", "kind"],
}


@pytest.fixture(params=MAKERS)
def table(request):
    return MAKERS[request.param]()


def check(data):
    assert data.names == ("Teff",)
    assert data.label == "mass"
    np.testing.assert_array_equal(data.x[:, 0], [5100.5, 5500.25, np.nan, 6000.0])
    np.testing.assert_array_equal(data.x_err[:, 0], [50.0, 60.0, 0.0, 80.0])
    np.testing.assert_array_equal(data.y, [0.9, 1.0, 1.1, 1.2])
    np.testing.assert_array_equal(data.y_err, [0.1, 0.2, 0.3, 0.4])
    assert data.limits.tolist() == [0, 1, 0, -1]
    assert data.columns["id"].tolist() == [11, 12, 13, 14]
    assert data.columns["id"].dtype.kind == "i"
    assert data.columns["kind"].tolist() == ["dwarf", "giant", "dwarf", None]


def test_every_make_of_table(table):
    check(Data.from_table(table, **NAMES))


def test_fingerprint_does_not_depend_on_the_make(table):
    assert Data.from_table(table, **NAMES).fingerprint == Data.from_table(PLAIN, **NAMES).fingerprint


def test_classes_from_every_make(table):
    data = Data.from_table(table, x="Teff", y="kind")
    assert data.classes == ("dwarf", "giant")
    assert data.labelled.tolist() == [True, True, True, False]


def test_table_as_x(table):
    if hasattr(table, "keys") and not hasattr(table, "colnames") and not hasattr(table, "iloc"):
        part = {"Teff": table["Teff"], "e_Teff": table["e_Teff"]}
    elif isinstance(table, pl.DataFrame | pa.Table):
        part = table.select(["Teff", "e_Teff"])
    else:
        part = table[["Teff", "e_Teff"]]
    data = Data(part, PLAIN["mass"])
    assert data.names == ("Teff", "e_Teff")
    np.testing.assert_array_equal(data.x[:, 1], PLAIN["e_Teff"])


@pytest.mark.parametrize("categorical", [pl.Series(["b", "a", None], dtype=pl.Categorical),
                                         pa.array(["b", "a", None]).dictionary_encode()])  # fmt: skip
def test_categories(categorical):
    assert Data([1, 2, 3], categorical).y.tolist() == ["b", "a", None]


def test_pairs_of_columns():
    table = {"x": [1, 2], "low": [1.0, -np.inf], "high": [1.0, 2.0], "minus": [0.1, 0.2], "plus": [0.3, 0.4]}
    data = Data.from_table(table, x="x", y=("low", "high"), y_err=("minus", "plus"))
    assert data.limits.tolist() == [0, 1]
    assert data.label == "y"
    np.testing.assert_array_equal(data.y_err, [[0.1, 0.3], [0.2, 0.4]])
    with pytest.raises(DataError, match="y_err names 3 columns"):
        Data.from_table(table, x="x", y="low", y_err=("minus", "plus", "plus"))


def test_errors_of_several_features():
    table = {"a": [1, 2], "b": [3, 4], "ea": [0.1, 0.2], "y": [1, 2], "c": [0.001, 0.002], "ey": [1.0, 1.0]}
    expected = [[0.1, 0.0], [0.2, 0.0]]
    for x_err in (["ea", None], {"a": "ea"}):
        data = Data.from_table(table, x=["a", "b"], y="y", x_err=x_err)
        np.testing.assert_array_equal(data.x_err, expected)
    data = Data.from_table(table, x=["a", "b"], y="y", x_err={"a": 0.5}, y_err="ey", xy_cov={"a": "c"})
    np.testing.assert_array_equal(data.x_err, [[0.5, 0], [0.5, 0]])
    np.testing.assert_array_equal(data.xy_cov, [[0.001, 0], [0.002, 0]])
    with pytest.raises(DataError, match="x_err names 1 columns for 2 features"):
        Data.from_table(table, x=["a", "b"], y="y", x_err="ea")


def test_renamed_columns_and_no_label():
    data = Data.from_table(PLAIN, x="Teff", y=None, columns={"star": "id"}, units={"Teff": "K"})
    assert data.kind == "none"
    assert list(data.columns) == ["star"]
    assert data.units["Teff"] == "K"


def test_missing_column(table):
    with pytest.raises(DataError, match=r"x: there is no column 'teff'; did you mean 'Teff'\?"):
        Data.from_table(table, x="teff", y="mass")
    with pytest.raises(DataError, match="columns: there is no column 'ident'"):
        Data.from_table(table, x="Teff", y="mass", columns=["ident"])


def test_text_in_a_number_column():
    table = pd.DataFrame({"x": [1, 2, 3], "y": [1, 2, 3], "e": ["0.1", "0.2", "n.a."]})
    with pytest.raises(DataError, match=r"y_err.*row 2 is text, 'n.a.'"):
        Data.from_table(table, x="x", y="y", y_err="e")
    with pytest.raises(DataError, match=r"x \(column 'e'\) row 2 is text"):
        Data.from_table(table, x="e", y="y")


def test_duplicate_columns():
    table = pd.DataFrame(np.ones((2, 2)), columns=["a", "a"])
    with pytest.raises(DataError, match="more than once: 'a'"):
        Data.from_table(table, x="a", y="a")
    with pytest.raises(DataError, match="more than once: 'a'"):
        Data(table, [1, 2])
    arrow = pa.table([[1.0], [2.0]], names=["a", "a"])
    with pytest.raises(DataError, match="more than once: 'a'"):
        Data(arrow, [1])
    with pytest.raises(DataError, match="x names a column twice"):
        Data.from_table(PLAIN, x=["id", "id"], y="mass")


def test_lazy_and_foreign_tables():
    with pytest.raises(DataError, match="collect"):
        Data.from_table(pl.DataFrame(PLAIN).lazy(), x="Teff", y="mass")
    with pytest.raises(DataError, match="table is a list"):
        Data.from_table([1, 2], x="Teff", y="mass")


def test_index_of_a_table_does_not_matter():
    check(Data.from_table(pd.DataFrame(PLAIN, index=[5, 5, 2, 1]), **NAMES))


def test_csv(tmp_path):
    path = tmp_path / "stars.csv"
    pd.DataFrame(PLAIN).to_csv(path, index=False)
    check(Data.read(path, **NAMES))
    check(Data.read(str(path), **NAMES))


def test_csv_numbers_are_exact(tmp_path):
    numbers = np.random.default_rng(5).normal(size=500) * 10.0 ** np.arange(-250, 250)
    path = tmp_path / "numbers.csv"
    path.write_text("x,y\n" + "".join(f"{number!r},1\n" for number in numbers.tolist()))
    np.testing.assert_array_equal(Data.read(path, x="x", y="y").x[:, 0], numbers)


def test_csv_blanks_and_markers(tmp_path):
    path = tmp_path / "gaps.csv"
    path.write_text("\ufeffx,y,kind\n1,,NA\nnan,2,None\n3,NaN,\n", encoding="utf-8")
    data = Data.read(path, x="x", y="y")
    np.testing.assert_array_equal(data.x[:, 0], [1, np.nan, 3])
    np.testing.assert_array_equal(data.y, [np.nan, 2, np.nan])
    assert Data.read(path, x="x", y="kind").y.tolist() == ["NA", "None", None]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x,y\n1,2\n--,3\n", r"x \(column 'x'\) row 1 is text, '--'"),
        ("x,x\n1,2\n", "more than once: 'x'"),
        ("x,y\n1,2\n1,2,3\n", "not a well-formed CSV file: line 3 has 3 cells, the header has 2; write decimals"),
        ("x,y\n1,2,3\n1,2,3\n", "line 2 has 3 cells, the header has 2"),
        ("\n\nx,y\n1,2\n\n3\n4,\n", "line 6 has 1 cell, the header has 2; complete the row"),
        ('x,k,y\n1,"a\nb",2\n3,"c"\n', "line 4 has 2 cells, the header has 3; complete the row"),
        ("x,k,y\n1,a,2\n3,b\n", "line 3 has 2 cells"),
        ("x;y;e\n1,5;2,5;0,1\n2,5;3,5;0,1\n", "line 2 has 4 cells, the header has 1; part the cells by commas"),
        ("# stars\nx,y\n1,2\n", r"line 2 has 2 cells, the header has 1; take out lines of comment \(#\)"),
        ("x,y\n1,2\n# more\n3,4\n", "line 3 has 1 cell, the header has 2; take out lines of comment"),
        ("x\n3\n\n-5\n", "line 3 is blank; write NaN for a gap"),
        ("\nx\r\n3\r\n \t\r\n\r\n-5", "line 4 is blank"),
        ('x,y\n1,2\n3,"4\n', "EOF inside string|line 3"),
        ("x,y\n1,2\n3\n" + "4" * 200_000 + ",5\n", "line 3 has 1 cell"),
        ('x,y\n1,2\n3,"' + "4" * 200_000, "larger than field limit .* after line 2; is a quote not closed"),
        ("4" * 200_000 + ",5\n", "larger than field limit"),
        ("x,y\n3.197,1\n5,1\n1_000,1\n", "row 2 is text, '1_000'"),
        ("x,y\n3.197,1\nNAN,1\n", "row 1 is text, 'NAN'"),
        ("x,y\n3.197,1\n٣,1\n", "row 1 is text, '٣'"),
        ("", "not a well-formed CSV"),
        ("x,y\n", "no data"),
    ],
)
def test_bad_csv(tmp_path, text, words):
    path = tmp_path / "bad.csv"
    path.write_text(text, encoding="utf-8", newline="")
    with pytest.raises(DataError, match=words):
        Data.read(path, x="x", y="y")


@pytest.mark.parametrize(
    ("text", "x"),
    [
        ('x\n3\n""\nNaN\n-5\n', [3, np.nan, np.nan, -5]),
        ("\n\nx\n3\n-5\n\n \n\n", [3, -5]),
        ('k,x,y\n"a,b\nc",1,\n\n"d ""e"" f",2,\n', [1, 2]),
        ("x,y\r\n1,\r\n \r\n,\r\n", [1, np.nan]),
        ("x,y\r1,2\r\r3,\r", [1, 3]),
        ("x,y\n1,,\n3,4,\n", [1, 3]),
    ],
)
def test_csv_lines_that_are_no_rows_and_cells_that_are_blank(tmp_path, text, x):
    path = tmp_path / "gaps.csv"
    path.write_text(text, newline="")
    np.testing.assert_array_equal(Data.read(path, x="x", y=None).x[:, 0], x)


def test_csv_in_another_encoding(tmp_path):
    path = tmp_path / "bad.csv"
    path.write_bytes("x,y\n1,\xe9\n".encode("latin-1"))
    with pytest.raises(DataError, match="not a well-formed CSV"):
        Data.read(path, x="x", y="y")


def test_parquet(tmp_path):
    path = tmp_path / "stars.parquet"
    pq.write_table(pa.table(PLAIN), path)
    check(Data.read(path, **NAMES))
    path.write_bytes(b"no parquet")
    with pytest.raises(DataError, match="not a readable Parquet"):
        Data.read(path, **NAMES)


@pytest.mark.parametrize("ending", ["ecsv", "fits", "xml", "parquet"])
def test_astropy_files_keep_units_and_gaps(tmp_path, ending):
    path = tmp_path / f"stars.{ending}"
    table = Table({"d": MaskedColumn([1.0, 2.0, 3.0], unit="pc", mask=[0, 1, 0]), "m": [1.5, 2.5, 3.5]})
    table["kind"] = ["a", "b", "a"]
    table.write(path, format={"xml": "votable"}.get(ending))
    data = Data.read(path, x="d", y="m", columns=["kind"])
    assert dict(data.units) == {"d": "pc"}
    np.testing.assert_array_equal(data.x[:, 0], [1.0, np.nan, 3.0])
    assert data.columns["kind"].tolist() == ["a", "b", "a"]
    assert data.x.dtype.isnative


def test_damaged_astropy_file(tmp_path):
    path = tmp_path / "bad.fits"
    path.write_bytes(b"no fits file")
    with pytest.raises(DataError, match="cannot be read as fits"):
        Data.read(path, x="d", y="m")


def test_missing_file_and_unknown_ending(tmp_path):
    with pytest.raises(DataError, match="there is no file"):
        Data.read(tmp_path / "none.csv", x="x", y="y")
    (tmp_path / "a.doc").write_text("x")
    with pytest.raises(DataError, match=r"unknown ending '.doc'; known are .csv"):
        Data.read(tmp_path / "a.doc", x="x", y="y")


@pytest.mark.parametrize(("ending", "module"), [("parquet", "pyarrow"), ("ecsv", "astropy.table")])
def test_missing_extras_are_named(tmp_path, monkeypatch, ending, module):
    path = tmp_path / f"a.{ending}"
    path.write_text("x")
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(DataError, match=r"pip install 'bayesfit-toolkit\["):
        Data.read(path, x="x", y="y")


def test_qtable():
    table = QTable({"d": [1.0, 2.0] * u.pc, "v": [1.0, 2.0] * u.km / u.s, "e": [100.0, 200.0] * u.m / u.s})
    data = Data.from_table(table, x="d", y="v", y_err="e")
    assert dict(data.units) == {"d": "pc", "v": "km / s"}
    np.testing.assert_allclose(data.y_err, [0.1, 0.2], rtol=1e-15)
    assert data.label == "v"


def test_a_pair_of_columns_of_different_lengths_is_refused():
    with pytest.raises(DataError, match=r"y_err: the columns 'low' and 'high' have the shapes \(0,\) and \(2,\)"):
        Data.from_table(
            {"x": [1.0, 2.0], "y": [1.0, 2.0], "low": [], "high": [1.0, 1.0]}, x="x", y="y", y_err=("low", "high")
        )


def test_errors_of_a_table_may_be_numbers():
    table = {"x": [1.0, 2.0], "y": [3.0, 4.0], "e": [0.1, 0.3]}
    np.testing.assert_array_equal(Data.from_table(table, x="x", y="y", y_err=(0.1, 0.2)).y_err, [[0.1, 0.2]] * 2)
    np.testing.assert_array_equal(
        Data.from_table(table, x="x", y="y", y_err=("e", 0.2)).y_err, [[0.1, 0.2], [0.3, 0.2]]
    )


@pytest.mark.parametrize(("mark", "word"), [(";", "semicolons"), ("\t", "tabs")])
def test_cells_that_are_parted_otherwise_are_named(tmp_path, mark, word):
    path = tmp_path / "t.csv"
    path.write_text(f"x{mark}y\n1{mark}2\n2{mark}3\n")
    with pytest.raises(DataError, match=f"its cells are parted by {word}; part them by commas"):
        Data.read(path, x="x", y="y")
