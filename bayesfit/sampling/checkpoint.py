"""A file from which an interrupted run goes on, bit for bit."""

import io
import json
import os
import tempfile
import time
import zipfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

from bayesfit.errors import SamplingError
from bayesfit.sampling.course import Block, Course
from bayesfit.sampling.student import StudentMixture
from bayesfit.sampling.walk import Plan, Position

__all__ = ["Checkpoint"]

#: version of the layout below
LAYOUT = 1
#: a write waits until this many seconds, and this many times its own duration, have passed
WAIT, PATIENCE = 1.0, 20.0


class Checkpoint:
    """Writes a `Course` to one npz file, whole or not at all, and reads it back.

    The file holds plain arrays and JSON text, never pickles, so that reading one executes nothing.

    Parameters
    ----------
    path
        The file; ``.npz`` is not appended.
    settings
        The sampler's settings, which must be the same when a run goes on.
    target
        The density, of which the fingerprint must be the same.
    """

    def __init__(self, path, settings, target):
        self.path = Path(path)
        self.identity = _identity(settings, target)
        self._next = time.monotonic() + WAIT
        if not self.path.parent.is_dir():
            raise SamplingError(f"checkpoint: there is no folder {self.path.parent}")

    def save_if_due(self, course: Course):
        """Write unless the last write was a moment ago."""
        if time.monotonic() >= self._next:
            self.save(course)

    def save(self, course: Course):
        """Write the file; one that is there stays whole until the new one is complete.

        Raises
        ------
        SamplingError
            If it cannot be written.
        """
        began = time.monotonic()
        buffer = io.BytesIO()
        np.savez(buffer, **_arrays(course, self.identity))
        _replace(self.path, buffer.getvalue())
        now = time.monotonic()
        self._next = now + max(WAIT, PATIENCE * (now - began))

    def load(self, seed: int | None) -> Course | None:
        """Read the file; None if there is none yet.

        Raises
        ------
        SamplingError
            If it is damaged, or belongs to another run.
        """
        if not self.path.exists():
            return None
        try:
            with np.load(io.BytesIO(self.path.read_bytes()), allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
            text = json.loads(str(arrays["text"]))
            self._compare(text["identity"], text["entropy"], seed)
            return _course(arrays, text)
        except SamplingError:
            raise
        except (OSError, ValueError, KeyError, IndexError, TypeError, EOFError, zipfile.BadZipFile) as error:
            raise SamplingError(
                f"checkpoint {self.path} is damaged or not a checkpoint ({error}); delete it to start afresh"
            ) from error

    def _compare(self, identity: dict, entropy: str, seed: int | None):
        names = sorted(set(identity) | set(self.identity))
        differing = [name for name in names if identity.get(name) != self.identity.get(name)]
        if seed is not None and int(entropy) != seed:
            differing.append("seed")
        if differing:
            detail = "; ".join(
                _difference(name, identity.get(name), self.identity.get(name)) for name in differing
            )
            raise SamplingError(
                f"checkpoint {self.path} belongs to another run: {detail}; give another path, or "
                "delete it to start afresh"
            )


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
    parts = getattr(target, "fingerprints", None) or {"model or data": target.fingerprint}
    identity = {f"setting {name}": value for name, value in settings.described().items()}
    # through JSON and back, as the file's copy goes
    return json.loads(json.dumps({"version": own, "layout": LAYOUT, **parts, **identity}))


def _replace(path: Path, content: bytes):
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise
    except OSError as error:
        raise SamplingError(
            f"checkpoint: cannot write {path}: {error.strerror or error}; what was there before is untouched"
        ) from error


def _arrays(course: Course, identity: dict) -> dict:
    """Everything in a course as plain arrays."""
    text = {
        "identity": identity,
        "entropy": str(course.entropy),
        "sentence": course.sentence,
        "burn_in": course.burn_in,
        "n_evaluations": course.n_evaluations,
        "n_restarts": course.n_restarts,
        "n_checked": course.n_checked,
        "finished": course.finished,
    }
    arrays = {"text": np.array(json.dumps(text))}
    if course.plan is not None:
        proposal = course.plan.proposal
        arrays |= {
            "plan_weights": course.plan.weights,
            "t_weights": proposal.weights,
            "t_means": proposal.means,
            "t_factors": proposal.factors,
            "t_dof": np.array(proposal.dof),
        }
    if course.blocks:
        kept = course.joined()
        arrays |= {"z": kept.z, "log_density": kept.log_density, "accepted": kept.accepted}
    return arrays | _position_arrays(course.now)


def _position_arrays(positions) -> dict:
    states = [position.random_state for position in positions]
    return {
        "coords": np.stack([position.coords for position in positions]),
        "log_prob": np.stack([position.log_prob for position in positions]),
        "keys": np.stack([state[1] for state in states]),
        "places": np.array([[state[2], state[3]] for state in states]),
        "gauss": np.array([state[4] for state in states]),
    }


def _course(arrays: dict, text: dict) -> Course:
    positions = tuple(
        Position(coords, log_prob, ("MT19937", keys, int(place), int(has_gauss), float(gauss)))
        for coords, log_prob, keys, (place, has_gauss), gauss in zip(
            *(arrays[name] for name in ("coords", "log_prob", "keys", "places", "gauss")), strict=True
        )
    )
    plan = None
    if "plan_weights" in arrays:
        proposal = StudentMixture(
            arrays["t_weights"], arrays["t_means"], arrays["t_factors"], float(arrays["t_dof"])
        )
        plan = Plan(arrays["plan_weights"], proposal)
    course = Course(
        int(text["entropy"]), text["sentence"], plan, positions, text["burn_in"], text["n_evaluations"]
    )
    course.n_restarts, course.n_checked, course.finished = (
        text["n_restarts"],
        text["n_checked"],
        text["finished"],
    )
    if "z" in arrays:
        course.blocks.append(Block(arrays["z"], arrays["log_density"], arrays["accepted"], positions))
    return course
