"""Writing a file whole or not at all."""

import errno
import os
import tempfile
from pathlib import Path

__all__ = ["replace_file"]


def replace_file(path, content: bytes) -> Path:
    """Put ``content`` in the place of the file at ``path``, by way of a temporary file beside it.

    Whatever goes wrong, a file that was there stays as it was.  The new file has the permissions of the
    old one, or those that the umask grants to any new file.  Of a link the file that it points to is replaced.

    Raises
    ------
    OSError
        If it cannot be written, or what is there is no regular file, such as a folder or a device.
    """
    path = Path(path)
    file = Path(os.path.realpath(path))
    if file.exists() and not file.is_file():
        raise FileExistsError(errno.EEXIST, "it is no regular file; choose another name", str(path))
    _replace(file, content)
    return path


def _replace(path: Path, content: bytes):
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, _mode(path))
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def _mode(path: Path) -> int:
    """Return the permissions of the file that is there, or of one that is not yet."""
    if path.exists():
        return path.stat().st_mode & 0o777
    # there is no way to read the umask but to set it
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask
