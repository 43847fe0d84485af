"""A file of checksummed records that grows at its end and survives a kill at any moment."""

import os
import struct
import zlib
from pathlib import Path

from bayesfit.atomic import replace_file

__all__ = ["ForeignFileError", "Journal"]

_HEAD = b"bayesfit journal 1\n"
_RECORD = struct.Struct("<4sQI")
_MARK = b"rec\n"


class ForeignFileError(ValueError):
    """A file that is no journal at all."""


class Journal:
    """Records of bytes one after another, each with its length and checksum.

    Adding one costs as much as that record is long, however much is there already.  A process that is killed
    while it writes leaves an incomplete last record, which is left out when the file is read, and
    overwritten when it goes on.

    Parameters
    ----------
    path
        The file.
    """

    def __init__(self, path):
        self.path = Path(path)
        self._end = 0

    def rewrite(self, record: bytes):
        """Put one record in the place of everything, whole or not at all.

        Raises
        ------
        OSError
            If it cannot be written; what was there is untouched.
        """
        content = _HEAD + _framed(record)
        replace_file(self.path, content)
        self._end = len(content)

    def append(self, record: bytes):
        """Add a record after those that were read or written.

        Raises
        ------
        OSError
            If it cannot be written; the records before it stay.
        """
        framed = _framed(record)
        with self.path.open("r+b", buffering=0) as file:
            try:
                file.truncate(self._end)
                file.seek(self._end)
                _write_all(file, framed)
                os.fsync(file.fileno())
            except OSError:
                file.truncate(self._end)
                raise
        self._end += len(framed)

    def read(self) -> list[bytes]:
        """Return all complete records.

        Raises
        ------
        ForeignFileError
            If the file is no journal.
        ValueError
            If it is damaged before its last record.
        """
        content = self.path.read_bytes()
        if not content.startswith(_HEAD):
            raise ForeignFileError(f"{self.path} is no journal")
        records, place = [], len(_HEAD)
        while (record := _record_at(content, place)) is not None:
            records.append(record)
            place += _RECORD.size + len(record)
        if not records:
            raise ValueError("it holds no complete record")
        self._end = place
        return records


def _framed(record: bytes) -> bytes:
    return _RECORD.pack(_MARK, len(record), zlib.crc32(record)) + record


def _write_all(file, content: bytes):
    """Write on until all is written: an unbuffered write may stop short."""
    view = memoryview(content)
    while view:
        view = view[file.write(view) :]


def _record_at(content: bytes, place: int) -> bytes | None:
    """Return the record at ``place``, None where the file ends or the last record is incomplete."""
    if len(content) < place + _RECORD.size:
        return None
    mark, length, checksum = _RECORD.unpack_from(content, place)
    begin = place + _RECORD.size
    record = content[begin : begin + length]
    if mark == _MARK and len(record) < length:
        return None
    if mark != _MARK or zlib.crc32(record) != checksum:
        # only the record that was being written may be incomplete
        if begin + length == len(content) and mark == _MARK:
            return None
        raise ValueError(f"the record at byte {place} does not match its checksum")
    return record
