"""Writing a DataTree to one netCDF file, whole or not at all, and reading it back without trusting it."""

import io
from pathlib import Path
from typing import TYPE_CHECKING

from bayesfit.atomic import replace_file
from bayesfit.errors import ResultFileError

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["read_tree", "write_bytes", "write_tree"]

_HDF5 = b"\x89HDF\r\n\x1a\n"


def write_tree(tree: "xr.DataTree", path) -> Path:
    """Write ``tree`` to ``path``; a file that is there stays whole until the new one is complete.

    Raises
    ------
    ResultFileError
        If the file cannot be written.
    """
    buffer = io.BytesIO()
    # in memory first: a full disk under the HDF5 library ends the process
    tree.to_netcdf(buffer, engine="h5netcdf")
    return write_bytes(buffer.getvalue(), path)


def write_bytes(content: bytes, path) -> Path:
    """Write a file by way of a temporary one beside it.

    Raises
    ------
    ResultFileError
        If it cannot be written, or would take the place of a result: a table is quickly made again, a fit is not.
    """
    path = _checked_path(path, "write")
    try:
        if content.startswith(_HDF5) or not path.is_file() or _first_bytes(path) != _HDF5:
            return replace_file(path, content)
    except (OSError, ValueError) as error:
        raise ResultFileError(f"cannot write {path}: {getattr(error, 'strerror', None) or error}") from error
    raise ResultFileError(f"{path} is a result file, which would be lost; choose another name")


def _first_bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(len(_HDF5))


def _checked_path(path, what) -> Path:
    try:
        return Path(path)
    except TypeError as error:
        raise ResultFileError(f"cannot {what} {path!r}: give the path of a file") from error


def read_tree(path) -> "xr.DataTree":
    """Read a DataTree into memory and close the file.

    Raises
    ------
    ResultFileError
        If there is no such file, it is not a netCDF-4 file that can be read whole, or it refers to other files
        or declares more than it holds.
    """
    # xarray and h5py, which nobody needs who only fits
    import xarray as xr

    from bayesfit.results.vetting import vet

    path = _checked_path(path, "read")
    try:
        start = _first_bytes(path)
    except (OSError, ValueError) as error:
        raise ResultFileError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from error
    if start != _HDF5:
        raise ResultFileError(f"{path} is not a result file of bayesfit: it is no netCDF-4 file")
    try:
        vet(path)
        with xr.open_datatree(path, engine="h5netcdf", phony_dims="access") as tree:
            return tree.load()
    except ResultFileError as error:
        raise ResultFileError(f"{path} is refused: {error}") from error
    except Exception as error:  # whatever the HDF5 layer finds wrong, the file is at fault
        raise ResultFileError(f"{path} is damaged: {error}") from error
