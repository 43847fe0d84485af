"""A file from which an interrupted run goes on, bit for bit."""

import contextlib
import json
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from bayesfit.errors import SamplingError
from bayesfit.sampling.course import Course
from bayesfit.sampling.course_arrays import check_course, course_of, pack, unpack
from bayesfit.sampling.journal import ForeignFileError, Journal

__all__ = ["Checkpoint", "seed_of"]

#: version of the layout of the records
LAYOUT = 6
#: a write waits until this many seconds, and this many times its own duration, have passed
WAIT, PATIENCE = 1.0, 20.0


class Checkpoint:
    """Writes a `Course` to one file, a record at a time, and reads it back.

    Each record holds only what is new, so that a write costs no more the longer the run is; only a course
    that has dropped steps is written whole.  The file holds plain arrays and JSON text, never pickles, so
    that reading one executes nothing.

    Parameters
    ----------
    path
        The file.
    settings
        The sampler's settings, which must be the same when a run goes on.
    target
        The density, of which the fingerprint must be the same.

    Raises
    ------
    SamplingError
        If there is no such folder.
    """

    def __init__(self, path, settings, target):
        self.path = Path(path)
        self.identity = _identity(settings, target)
        self._shape = settings.n_ensembles, settings.walkers(target.n_walked), target.n_walked
        self._journal = Journal(self.path)
        self._next = time.monotonic() + WAIT
        # the restarts and the thinning of what is in the file, and its kept steps
        self._written: tuple[int, int] | None = None
        self._n_written = 0
        if not self.path.parent.is_dir():
            raise SamplingError(f"checkpoint: there is no folder {self.path.parent}")

    def save_if_due(self, course: Course):
        """Write unless the last write was a moment ago."""
        if time.monotonic() >= self._next:
            self.save(course)

    def save(self, course: Course):
        """Write what is new; what the file held stays whole whatever happens.

        Raises
        ------
        SamplingError
            If it cannot be written.
        """
        began = time.monotonic()
        try:
            if self._written == (course.n_restarts, course.thin) and self.path.exists():
                self._journal.append(pack(course, self._n_written, None))
            else:
                self._journal.rewrite(pack(course, 0, self.identity))
        except OSError as error:
            raise SamplingError(
                f"checkpoint: cannot write {self.path}: {error.strerror or error}; what was there before is untouched"
            ) from error
        self._remember(course)
        now = time.monotonic()
        self._next = now + max(WAIT, PATIENCE * (now - began))

    def _remember(self, course: Course):
        self._written = course.n_restarts, course.thin
        self._n_written = course.joined().z.shape[1] if course.blocks else 0

    def load(self, seed: int | None) -> Course | None:
        """Read the file; None if there is none yet.

        Raises
        ------
        SamplingError
            If it is damaged, belongs to another run, or is no checkpoint.
        """
        if not self.path.exists():
            return None
        with _blamed(self.path):
            records = [unpack(record) for record in self._journal.read()]
            text = records[0][1]
            self._compare(text["identity"], text["entropy"], seed)
            course = course_of(records)
            check_course(course, *self._shape)
        self._remember(course)
        return course

    def _compare(self, identity: dict, entropy: str, seed: int | None):
        names = sorted(set(identity) | set(self.identity))
        differing = [name for name in names if identity.get(name) != self.identity.get(name)]
        if seed is not None and int(entropy) != seed:
            differing.append("seed")
        if differing:
            detail = "; ".join(_difference(name, identity.get(name), self.identity.get(name)) for name in differing)
            raise SamplingError(
                f"checkpoint {self.path} belongs to another run: {detail}; give another path, or "
                "delete it to start afresh"
            )


def seed_of(path) -> int | None:
    """Return the seed of the run in a checkpoint; None if there is no file yet.

    Raises
    ------
    SamplingError
        If it is damaged, or no checkpoint.
    """
    path = Path(path)
    if not path.exists():
        return None
    with _blamed(path):
        return int(unpack(Journal(path).read()[0])[1]["entropy"])


@contextlib.contextmanager
def _blamed(path: Path):
    """Whatever cannot be made of the file, it is at fault; only what is a checkpoint may be deleted."""
    try:
        yield
    except SamplingError:
        raise
    except ForeignFileError as error:
        raise SamplingError(f"{path} is not a checkpoint; give another path") from error
    except OSError as error:
        raise SamplingError(
            f"checkpoint {path} cannot be read: {error.strerror or error}; give another path"
        ) from error
    except Exception as error:
        raise SamplingError(
            f"checkpoint {path} is damaged ({error}); give another path, or delete it to start afresh"
        ) from error


def _difference(name, there, here) -> str:
    if name == "seed" or len(str(there)) + len(str(here)) > 200:
        return f"{name} not the same"
    return f"{name} {there} there, {here} here"


def _identity(settings, target) -> dict:
    """Return what must agree, part by part, before a run may go on."""
    try:
        own = version("bayesfit-toolkit")
    except PackageNotFoundError:
        own = "unknown"
    parts: dict = getattr(target, "fingerprints", None) or {"model or data": target.fingerprint}
    identity = {f"setting {name}": value for name, value in settings.described().items()}
    # what is walked in may follow from rounding in the data, or from the version
    parts = {**parts, "walked parameters": list(target.walked_names)}
    # through JSON and back, as the file's copy goes
    return json.loads(json.dumps({"version": own, "layout": LAYOUT, **parts, **identity}))
