"""Tables of every make, taken apart into columns, and the files they come from."""

import csv
import difflib
import warnings
from collections.abc import Mapping
from pathlib import Path

from bayesfit.data.columns import Column, is_pandas, is_plain, unpack
from bayesfit.errors import DataError

__all__ = ["closest", "is_table", "read_table", "select", "table_columns"]

#: what a blank cell of a CSV file may look like; any other text in a column of numbers is an error
_BLANK = ["", "nan", "NaN"]


def closest(name: str, known) -> str:
    """Return a hint that names what ``name`` may have meant, with the known names."""
    known = [str(item) for item in known]
    near = difflib.get_close_matches(str(name), known, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return f"{hint}known are {', '.join(map(repr, known[:20])) or 'none'}"


def is_table(value) -> bool:
    """Return whether a value is a table with named columns."""
    if isinstance(value, Mapping) or hasattr(value, "colnames"):
        return True
    if is_plain(value):
        return False
    # narwhals takes longer to load than many a fit
    import narwhals.stable.v2 as nw

    return nw.dependencies.is_into_dataframe(value) or nw.dependencies.is_polars_lazyframe(value)


def table_columns(table) -> dict[str, object]:
    """Return the columns by name, each still as the table holds it.

    Raises
    ------
    DataError
        For duplicate column names, lazy tables, and things that are no table.
    """
    if isinstance(table, Mapping):
        return {str(name): column for name, column in table.items()}
    if hasattr(table, "colnames"):
        return {name: table[name] for name in table.colnames}
    if not is_table(table):
        raise DataError(f"table is a {type(table).__name__}; pass a pandas, polars, pyarrow or astropy table")
    import narwhals.stable.v2 as nw

    if nw.dependencies.is_polars_lazyframe(table):
        raise DataError("table is lazy; collect() it first")
    # before narwhals sees the names, which it wants to be unique
    _refuse_duplicates(table.column_names if hasattr(table, "column_names") else table.columns)
    if is_pandas(table):
        return {str(name): table[name] for name in table.columns}
    frame = nw.from_native(table, eager_only=True)
    return {name: frame[name].to_native() for name in frame.columns}


def select(columns: Mapping, name, argument: str) -> Column:
    """Return one column, or a number or array given in its place, taken apart.

    Raises
    ------
    DataError
        If there is no column of that name; near names are suggested.
    """
    if not isinstance(name, str):
        return unpack(name, argument)
    if name not in columns:
        raise DataError(f"{argument}: there is no column {name!r}; {closest(name, columns)}")
    return unpack(columns[name], f"{argument} (column {name!r})")


def read_table(path):
    """Read a table from a CSV, Parquet, ECSV, FITS or VOTable file, by its ending.

    In a CSV file a blank cell (or ``nan``) is missing; other text in a column of numbers is an error
    of whoever asks for numbers.  Every row has as many cells as the header; blank lines are ignored, but for those
    between the rows of a single column.
    """
    path = Path(path)
    if not path.is_file():
        raise DataError(f"there is no file {str(path)!r}")
    readers = {".csv": _read_csv, ".parquet": _read_parquet}
    formats = {".ecsv": "ascii.ecsv", ".fits": "fits", ".fit": "fits", ".xml": "votable", ".vot": "votable"}
    ending = path.suffix.lower()
    if ending in readers:
        return readers[ending](path)
    if ending in formats:
        return _read_astropy(path, formats[ending])
    raise DataError(f"{path.name}: unknown ending {ending!r}; known are {', '.join([*readers, *formats])}")


def _refuse_duplicates(names):
    names = [str(name) for name in names]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise DataError(f"column names occur more than once: {', '.join(map(repr, repeated))}; rename them")


def _read_csv(path):
    import pandas as pd

    # pandas 3.1 reads numbers exactly, and deprecates the wish for it
    version = tuple(int(part) for part in pd.__version__.split(".")[:2])
    precision = "round_trip" if version < (3, 1) else None
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            _refuse_duplicates(next((cells for _, cells in _csv_rows(lines) if cells), []))
        with warnings.catch_warnings():
            # pandas only warns before it drops the cells of rows longer than the header
            warnings.simplefilter("error", pd.errors.ParserWarning)
            table = pd.read_csv(
                path,
                encoding="utf-8-sig",
                float_precision=precision,
                keep_default_na=False,
                na_values=_BLANK,
                index_col=False,
                low_memory=False,
            )
    except (pd.errors.ParserError, pd.errors.ParserWarning) as error:
        fault = _layout_fault(path) or str(error)
    except (pd.errors.EmptyDataError, UnicodeError, csv.Error) as error:
        fault = str(error)
    else:
        fault = _parting_fault(table) or ("" if _is_even(path, table) else _layout_fault(path))
        if not fault:
            return table
    raise DataError(f"{path.name} is not a well-formed CSV file: {fault}")


def _parting_fault(table):
    """Say how the cells of a table are parted whose only column has the names of several; "" if they are not."""
    mark = _parted_by(str(table.columns[0])) if table.shape[1] == 1 else ""
    return mark and f"its cells are parted by {mark}; part them by commas, and write decimals with a point"


def _parted_by(cell: str) -> str:
    """Return what parts a cell that should be several; "" if nothing does."""
    return "semicolons" if ";" in cell else "tabs" if "\t" in cell else ""


def _is_even(path, table):
    """Tell quickly that pandas neither filled up short rows nor, of one column, dropped blank lines; False: unsure."""
    if table.shape[1] > 1 and not table.iloc[:, -1].isna().any():
        return True
    content, n_rows = path.read_bytes().strip(), len(table) + 1
    if table.shape[1] == 1:
        return len(content.splitlines()) == n_rows
    return b'"' not in content and content.count(b",") == n_rows * (table.shape[1] - 1)


def _csv_rows(lines):
    """Yield the line that each row begins at, and its cells: none where the line is blank."""
    reader, start = csv.reader(lines), 1
    for cells in reader:
        yield start, [] if len(cells) == 1 and cells[0] and not cells[0].strip(" \t") else cells
        start = reader.line_num + 1


def _layout_fault(path):
    """Say which row is the first that has not as many cells as the header; "" where there is none.

    Rows may end with a comma, as pandas has it.
    """
    header, blank, line = [], 0, 0
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
        try:
            for line, cells in _csv_rows(lines):
                if not cells:
                    blank = blank or (line if len(header) == 1 else 0)
                elif blank:
                    return f"line {blank} is blank; write NaN for a gap"
                elif header and len(cells) != len(header) and cells != [*cells[: len(header)], ""]:
                    count = "1 cell" if len(cells) == 1 else f"{len(cells)} cells"
                    return f"line {line} has {count}, the header has {len(header)}; {_layout_advice(header, cells)}"
                header = header or cells
        except csv.Error as error:
            return f"{error} after line {line}; is a quote not closed?"
    return ""


def _layout_advice(header, cells):
    if header[0].startswith("#") or cells[0].startswith("#"):
        return "take out lines of comment (#), which are read as rows"
    if mark := _parted_by(header[0]):
        return f"part the cells by commas instead of {mark}, and write decimals with a point"
    if len(cells) > len(header):
        return "write decimals with a point, and put text with commas in quotes"
    return "complete the row, with blank cells between commas (or NaN) for what is missing"


def _read_parquet(path):
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise DataError("reading Parquet needs pyarrow: pip install 'bayesfit-toolkit[parquet]'") from None
    try:
        table = parquet.read_table(path)
    except (pyarrow.ArrowException, OSError) as error:
        raise DataError(f"{path.name} is not a readable Parquet file: {error}") from None
    # astropy keeps the units of its tables here
    return _read_astropy(path, "parquet") if b"table_meta_yaml" in (table.schema.metadata or {}) else table


def _read_astropy(path, file_format):
    try:
        from astropy.table import Table
    except ImportError:
        raise DataError(f"reading {path.name} needs astropy: pip install 'bayesfit-toolkit[astro]'") from None
    try:
        return Table.read(path, format=file_format)
    except Exception as error:  # readers of many formats, with errors of their own; the file is at fault
        raise DataError(f"{path.name} cannot be read as {file_format}: {error}") from None
