"""A folder of Parquet files that grows while objects are fitted, and is whole at any moment."""

import importlib.util
import io
import json
import secrets
import time
from collections import Counter
from pathlib import Path

from bayesfit.atomic import replace_file
from bayesfit.catalog.keys import key_text
from bayesfit.catalog.lock import lock_folder
from bayesfit.catalog.rows import CatalogRow, column_order
from bayesfit.errors import DataError, ResultFileError

__all__ = ["Store"]

_FORMAT = 1
_MARK = b"bayesfit_catalog"
#: the first file, as all once were, and the others, which end with a word of their run
_NAMES = "part-????????.parquet", "part-????????-????????.parquet"
#: a write waits this many seconds, and this share of the time so far, up to the longest wait
_WAIT, _SHARE, _LONGEST = 1.0, 0.01, 300.0
#: rows that are written at once at the latest
_MOST_ROWS = 50_000


class Store:
    """Rows of a catalogue on disk.

    Each file is written beside its name and then put in place, so that a kill at any moment leaves complete files
    only.  The first file holds no rows but all columns, and says which run the folder belongs to.  What a kill can
    cost is the last second, or the last hundredth of the time so far.  One run at a time may write; where nothing can
    be locked, names that no other run chooses still keep its rows apart.

    Parameters
    ----------
    path
        The folder.
    identity : dict
        What must agree for a run to go on, part by part.
    seed : int or None
        The seed asked for; None takes that of the folder.
    fresh : int
        The seed of a new folder.

    Raises
    ------
    ResultFileError
        If pyarrow is missing, or the path cannot be written, is something else, belongs to another run, or is
        being written by one.
    """

    def __init__(self, path, identity: dict, seed: int | None, fresh: int):
        if importlib.util.find_spec("pyarrow") is None:
            raise ResultFileError("out: Parquet files need pyarrow: pip install 'bayesfit-toolkit[parquet]'")
        self.path = Path(path)
        # through JSON and back, as the file's copy goes
        self._identity = json.loads(json.dumps(identity))
        self.entropy = fresh if seed is None else seed
        self.done: Counter[str] = Counter()
        self.marks: dict[str, str] = {}
        self._schema = self._kind = None
        self._buffer: list[CatalogRow] = []
        self._began = self._written = time.monotonic()
        self._name = f"part-{{:08d}}-{secrets.token_hex(4)}.parquet"
        self._make_folder()
        self._lock = lock_folder(self.path)
        try:
            if self._head.exists():
                self._resume(seed)
        except BaseException:
            self._lock.close()
            raise
        self._next = 1 + max([int(file.stem.split("-")[1]) for file in self._files()], default=0)

    @property
    def _head(self) -> Path:
        return self.path / "part-00000000.parquet"

    def _make_folder(self):
        try:
            self.path.mkdir(exist_ok=True)
        except OSError as error:
            raise ResultFileError(f"out: cannot make the folder {self.path}: {error.strerror or error}") from error
        # in this order: another run may just be making its first file
        if any(self.path.glob("[!.]*")) and not self._head.exists():
            raise ResultFileError(f"out: the folder {self.path} holds something else; give a new or an empty one")

    def _files(self):
        return sorted(file for name in _NAMES for file in self.path.glob(name))

    def _resume(self, seed):
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            self._schema = pq.read_schema(self._head)
            there = json.loads(self._schema.metadata[_MARK])
            entropy = int(there["seed"])
        except (OSError, pa.ArrowException, TypeError, KeyError, ValueError) as error:
            raise ResultFileError(f"out: {self._head} is damaged, or was not written by fit_many: {error}") from error
        names = [*dict.fromkeys([*there["identity"], *self._identity])]
        differing = [name for name in names if there["identity"].get(name) != self._identity.get(name)]
        details = [_difference(name, there["identity"].get(name), self._identity.get(name)) for name in differing]
        if seed is not None and seed != entropy:
            details.append(f"seed {entropy} there, {seed} here")
        if details:
            raise ResultFileError(
                f"out: {self.path} holds another run: {'; '.join(details)}; give another folder, or delete this one"
            )
        self.entropy = entropy
        self._kind = self._schema.field("key").type
        for row in self._read(["key", "mark"]):
            text = key_text(_plain_key(row["key"]))
            self.done[text] += 1
            self.marks.setdefault(text, row["mark"])

    def check_same(self, key, text: str, mark: str):
        """Raise `DataError` if an object that is there already has other data now."""
        if mark != self.marks.get(text, mark):
            raise DataError(
                f"out: {self.path} holds object {key!r} with other data than it has now; give another folder"
            )

    def check_kind(self, key):
        """Raise `ResultFileError` if a key cannot be kept beside those before it."""
        if not self._keeps(key):
            raise ResultFileError(
                f"out: key {key!r} cannot be kept as it is; keys in one table should all be of one kind, such as text"
            )

    def _keeps(self, key) -> bool:
        import pyarrow as pa

        try:
            if self._kind is None:
                self._kind = pa.infer_type([key])
            kept = pa.scalar(key, self._kind).as_py()
        except (pa.ArrowException, TypeError, ValueError, OverflowError):
            return False
        # Arrow would cut 1.5 to 1 in a column of whole numbers
        return key_text(_plain_key(kept)) == key_text(key)

    def add(self, rows: list[CatalogRow]):
        """Keep rows, and write them when it is time."""
        self._buffer += rows
        now = time.monotonic()
        wait = min(_LONGEST, max(_WAIT, _SHARE * (now - self._began)))
        if now - self._written >= wait or len(self._buffer) >= _MOST_ROWS:
            self.flush()

    def flush(self):
        """Write what is not yet written.

        Raises
        ------
        ResultFileError
            If it cannot be; what was there is untouched.
        """
        import pyarrow as pa

        if not self._buffer and self._schema is not None:
            return
        self._widen()
        if self._buffer:
            table = pa.Table.from_pylist(self._buffer, schema=self._schema)
            self._put(table, self.path / self._name.format(self._next))
            self._next += 1
        self._buffer = []
        self._written = time.monotonic()

    def close(self):
        """Write what is not yet written, and let other runs in."""
        with self._lock:
            self.flush()

    def _widen(self):
        """Write the first file anew where there are columns that it does not have."""
        import pyarrow as pa

        known = [] if self._schema is None else self._schema.names
        present = [*known, *dict.fromkeys(name for row in self._buffer for name in row)]
        columns = [*column_order(name for name in present if name != "mark"), "mark"]
        if self._schema is not None and set(columns) == set(known):
            return
        kind = pa.int64() if self._kind is None else self._kind
        kinds = {"key": kind, "status": pa.string(), "message": pa.string(), "n_rows": pa.int64(), "mark": pa.string()}
        fields = [(name, kinds.get(name, pa.float64())) for name in columns]
        text = json.dumps({"format": _FORMAT, "identity": self._identity, "seed": str(self.entropy)})
        self._schema = pa.schema(fields, metadata={_MARK: text.encode()})
        self._put(self._schema.empty_table(), self._head)

    def _put(self, table, path):
        import pyarrow.parquet as pq

        content = io.BytesIO()
        pq.write_table(table, content)
        try:
            replace_file(path, content.getvalue())
        except OSError as error:
            raise ResultFileError(
                f"out: cannot write {path}: {error.strerror or error}; what was there before is untouched"
            ) from error

    def _read(self, columns=None) -> list[CatalogRow]:
        import pyarrow as pa
        import pyarrow.dataset as ds

        rows: list[CatalogRow] = []
        for file in self._files():
            try:
                found = ds.dataset(str(file), schema=self._schema, format="parquet")
                rows += found.to_table(columns=columns).to_pylist()
            except (OSError, ValueError, pa.ArrowException) as error:
                raise ResultFileError(
                    f"out: {file} cannot be read: {error}; if it is damaged, delete it: its objects are fitted again"
                ) from error
        return rows

    def rows(self) -> list[CatalogRow]:
        """Return all rows that are written."""
        return [{**row, "key": _plain_key(row["key"])} for row in self._read()]


def _plain_key(key):
    return tuple(map(_plain_key, key)) if isinstance(key, list) else key


def _difference(name, there, here) -> str:
    if len(str(there)) + len(str(here)) > 120:
        return f"{name} not the same"
    return f"{name} {there} there, {here} here"
