"""One run at a time in a folder."""

import os
from contextlib import ExitStack
from pathlib import Path
from weakref import WeakSet

from bayesfit.errors import ResultFileError

try:
    import fcntl
except ImportError:  # on Windows
    fcntl = None

__all__ = ["lock_folder"]

#: the files by which this process holds its folders
_HELD: WeakSet = WeakSet()


def lock_folder(folder: Path) -> ExitStack:
    """Keep other runs out of the folder until what is returned is closed, or this process ends in whatever way.

    Where nothing can be locked, as on Windows and on some network file systems, nobody is kept out.

    Raises
    ------
    ResultFileError
        If another run holds it.
    """
    held = ExitStack()
    try:
        # NFS locks only what is open for writing
        file = held.enter_context((folder / ".lock").open("ab", buffering=0))
        _HELD.add(file)
        if fcntl is not None:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        held.close()
        raise ResultFileError(
            f"out: another run is writing into {folder}; give another folder, or wait until it is done"
        ) from error
    except OSError:
        pass
    return held


def _let_go():
    """Leave to its parent what a forked process has inherited: a worker may outlive a run that is killed."""
    for file in _HELD:
        file.close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_let_go)
