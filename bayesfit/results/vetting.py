"""What a netCDF file declares, looked at before anything of it is read: nothing outside it, nothing larger than it."""

from pathlib import Path

import h5py

from bayesfit.errors import ResultFileError

__all__ = ["vet"]

#: objects, names in one place, and nesting of a result file are far below these
_MOST_OBJECTS = 10_000
_DEEPEST = 8
#: attributes in which the netCDF layer keeps references between variables
_REFERENCES = ("DIMENSION_LIST", "REFERENCE_LIST")


def vet(path: Path) -> None:
    """Refuse an HDF5 file that refers to anything outside itself, or declares more than it holds.

    Raises
    ------
    ResultFileError
        For links, external or virtual storage, object types, compressed or sparse arrays, loops, and objects
        without end; the message names the object.

    Notes
    -----
    Result files are written uncompressed, so that an array which declares more bytes than are stored is none of
    ours: whatever passes can be read in about as much memory as the file is long.
    """
    with h5py.File(path, "r") as file:
        _Vetted(path.stat().st_size).group(file, 0)


class _Vetted:
    """A walk through one file that keeps count of objects and bytes."""

    def __init__(self, n_bytes: int):
        self.n_bytes = n_bytes
        self.n_read = 0
        self.seen: set = set()

    def group(self, group, depth: int):
        self._once(group)
        if depth > _DEEPEST or len(group) > _MOST_OBJECTS:
            raise ResultFileError(f"{_name(group)}: nested too deeply, or too many objects")
        self._attributes(group)
        for name in group:
            if not isinstance(group.get(name, getlink=True), h5py.HardLink):
                raise ResultFileError(f"{_name(group)}: {name[:40]!r} is a link, an external reference perhaps")
            kind = group.get(name, getclass=True)
            if kind is h5py.Group:
                self.group(group[name], depth + 1)
            elif kind is h5py.Dataset:
                self._dataset(group[name])
            else:
                raise ResultFileError(f"{_name(group)}: {name[:40]!r} is neither a group nor an array")

    def _once(self, item):
        # h5py's identifiers are hashed by where the object lies in the file
        place = hash(item.id)
        if place in self.seen or len(self.seen) >= _MOST_OBJECTS:
            raise ResultFileError(f"{_name(item)}: the same object under two names, or too many objects")
        self.seen.add(place)

    def _dataset(self, dataset):
        self._once(dataset)
        self._attributes(dataset)
        if dataset.is_virtual or dataset.external:
            raise ResultFileError(f"{_name(dataset)}: an external reference; its values are in another file")
        text = h5py.check_string_dtype(dataset.dtype) is not None
        if not text and dataset.dtype.kind not in "fiub":
            raise ResultFileError(f"{_name(dataset)}: type {dataset.dtype}; only numbers and text are read")
        if _is_bare_dimension(dataset):
            return
        stored = dataset.id.get_storage_size()
        if dataset.shape is None or stored < dataset.nbytes:
            raise ResultFileError(
                f"{_name(dataset)}: declares {dataset.nbytes} bytes, of which {stored} are stored; result files are "
                "neither compressed nor sparse"
            )
        self._read(dataset, stored)
        if text:
            self._texts(dataset)

    def _texts(self, dataset):
        if dataset.ndim != 1:
            raise ResultFileError(f"{_name(dataset)}: text in {dataset.ndim} dimensions; only lists of text are read")
        for place in range(len(dataset)):
            # one by one: a long text may be stored once and meant many times
            self._read(dataset, len(dataset[place]))

    def _attributes(self, item):
        if len(item.attrs) > _MOST_OBJECTS:
            raise ResultFileError(f"{_name(item)}: too many attributes")
        for name in item.attrs:
            attribute = item.attrs.get_id(name)
            text = h5py.check_string_dtype(attribute.dtype) is not None
            self._read(item, attribute.get_storage_size())
            if attribute.dtype.kind in "fiub" or name in _REFERENCES or (text and attribute.shape in ((), (1,))):
                continue
            raise ResultFileError(f"{_name(item)}: attribute {name[:40]!r} of type {attribute.dtype} is not read")

    def _read(self, item, n_bytes: int):
        self.n_read += n_bytes
        if self.n_read > self.n_bytes:
            raise ResultFileError(f"{_name(item)}: declares more than the {self.n_bytes} bytes of the file")


def _is_bare_dimension(dataset) -> bool:
    """Return whether this is the mark of a dimension without values, which is never read."""
    name = dataset.attrs.get("NAME", b"")
    return isinstance(name, bytes) and name.startswith(b"This is a netCDF dimension but not a netCDF variable")


def _name(item) -> str:
    return str(item.name)[-60:]
