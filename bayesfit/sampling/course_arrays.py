"""A course as plain arrays and JSON text, and back: what a checkpoint is made of."""

import io
import json
import math
import zipfile

import numpy as np

from bayesfit.sampling.course import Block, Course
from bayesfit.sampling.student import StudentMixture
from bayesfit.sampling.walk import Plan, Position

__all__ = ["check_course", "course_of", "pack", "unpack"]

#: the plain values of a course that every record repeats
_COUNTS = ("burn_in", "n_evaluations", "n_restarts", "n_due", "finished", "thin", "confirmed", "covered")
_COUNTS += ("sentence", "unseen", "doubt")


def pack(course: Course, n_before: int, identity: dict | None) -> bytes:
    """Return everything new in a course since it had ``n_before`` kept steps.

    Parameters
    ----------
    course
        The run under way.
    n_before
        Kept steps that earlier records hold.
    identity
        What must agree before a run may go on; only the first record has it, and the moves.
    """
    text = {name: getattr(course, name) for name in _COUNTS}
    # a JSON reader may not hold 128 bits in a number
    text |= {"entropy": str(course.entropy), "n_steps": course.n_steps}
    arrays = _position_arrays(course.now)
    if identity is not None:
        text["identity"] = identity
        arrays |= _plan_arrays(course.plan)
    if course.blocks:
        kept = course.joined()
        arrays |= {
            "z": kept.z[:, n_before:],
            "log_density": kept.log_density[:, n_before:],
            "accepted": kept.accepted,
        }
    buffer = io.BytesIO()
    np.savez(buffer, text=np.array(json.dumps(text)), **arrays)
    return buffer.getvalue()


def unpack(record: bytes) -> tuple[dict, dict]:
    """Return the arrays and the text of a record; executes nothing, and allocates no more than the record holds.

    Raises
    ------
    ValueError
        If an array declares more than is there, or is not of numbers or text.
    """
    with zipfile.ZipFile(io.BytesIO(record)) as file:
        arrays = {info.filename.removesuffix(".npy"): _array(file, info) for info in file.infolist()}
    return arrays, json.loads(str(arrays.pop("text")))


def _array(file: zipfile.ZipFile, info: zipfile.ZipInfo) -> np.ndarray:
    """Return one array of an npz file, which `pack` neither compresses nor stores twice."""
    if info.compress_type != zipfile.ZIP_STORED or info.flag_bits & 1:
        raise ValueError(f"{info.filename[:40]!r} is compressed or encrypted")
    content = file.read(info)
    stream = io.BytesIO(content)
    if np.lib.format.read_magic(stream) != (1, 0):
        raise ValueError(f"{info.filename[:40]!r} is not an array as numpy writes it")
    shape, in_columns, dtype = np.lib.format.read_array_header_1_0(stream)
    if dtype.kind not in "fiubU" or dtype.hasobject:
        raise ValueError(f"{info.filename[:40]!r} is of type {dtype}, not of numbers or text")
    # with Python's whole numbers: those of numpy overflow
    if math.prod(shape) * dtype.itemsize != len(content) - stream.tell():
        raise ValueError(f"{info.filename[:40]!r} declares a shape {shape} that is not what is stored")
    array = np.ndarray(shape, dtype, content, stream.tell(), order="F" if in_columns else "C")
    # the order in memory decides on the last bits of products
    return array.copy(order="K")


def course_of(records: list[tuple[dict, dict]]) -> Course:
    """Return the course that records (arrays, text) tell of: the first has the moves, the last where it is."""
    (first, _), (last, text) = records[0], records[-1]
    positions = _positions(last)
    course = Course(
        entropy=int(text["entropy"]),
        plan=_plan(first),
        positions=positions,
        **{name: text[name] for name in _COUNTS},
    )
    parts = [arrays for arrays, _ in records if "z" in arrays]
    if parts:
        z, log_density = (np.concatenate([part[name] for part in parts], axis=1) for name in ("z", "log_density"))
        course.blocks.append(Block(z, log_density, last["accepted"], positions, text["n_steps"]))
    return course


def check_course(course: Course, n_ensembles: int, n_walkers: int, d: int):
    """Refuse a course that no run of so many ensembles, walkers and parameters can go on from.

    Raises
    ------
    ValueError
        Naming what has another shape or kind.
    """
    block, plan = (course.blocks or [None])[0], course.plan
    shapes: list[tuple[np.ndarray, tuple[int, ...]]] = [(place.coords, (n_walkers, d)) for place in course.positions]
    shapes += [(place.log_prob, (n_walkers,)) for place in course.positions]
    if block is not None:
        n_kept = block.z.shape[1] if block.z.ndim == 4 else -1
        shapes += [
            (block.z, (n_ensembles, n_kept, n_walkers, d)),
            (block.log_density, (n_ensembles, n_kept, n_walkers)),
        ]
        shapes += [(block.accepted, (n_ensembles, n_walkers))]
    if plan is not None:
        parts = len(np.atleast_1d(plan.proposal.weights))
        shapes += [(plan.weights, (len(Plan.NAMES),)), (plan.proposal.weights, (parts,))]
        shapes += [(plan.proposal.means, (parts, d)), (plan.proposal.factors, (parts, d, d))]
    for array, shape in shapes:
        if array.shape != shape or not np.isfinite(array).all():
            raise ValueError(f"an array has shape {array.shape}, expected {shape}, or is not finite")
    for place in course.positions:
        np.random.RandomState().set_state(place.random_state)
    for name, kind in Course.__annotations__.items():
        if kind in (int, bool, str) and type(getattr(course, name)) is not kind:
            raise ValueError(f"{name} is a {type(getattr(course, name)).__name__}, expected {kind.__name__}")
    if len(course.positions) != n_ensembles or course.thin < 1 or min(course.n_steps, course.burn_in) < 0:
        raise ValueError("the numbers of ensembles or steps make no sense")


def _plan_arrays(plan: Plan | None) -> dict:
    if plan is None:
        return {}
    return {
        "plan_weights": plan.weights,
        "t_weights": plan.proposal.weights,
        "t_means": plan.proposal.means,
        "t_factors": plan.proposal.factors,
        "t_dof": np.array(plan.proposal.dof),
    }


def _plan(arrays: dict) -> Plan | None:
    if "plan_weights" not in arrays:
        return None
    weights, means, factors, dof = (arrays[f"t_{name}"] for name in ("weights", "means", "factors", "dof"))
    return Plan(arrays["plan_weights"], StudentMixture(weights, means, factors, float(dof)))


def _position_arrays(positions) -> dict:
    states = [position.random_state for position in positions]
    return {
        "coords": np.stack([position.coords for position in positions]),
        "log_prob": np.stack([position.log_prob for position in positions]),
        "keys": np.stack([state[1] for state in states]),
        "places": np.array([[state[2], state[3]] for state in states]),
        "gauss": np.array([state[4] for state in states]),
    }


def _positions(arrays: dict) -> tuple[Position, ...]:
    columns = (arrays[name] for name in ("coords", "log_prob", "keys", "places", "gauss"))
    return tuple(
        Position(coords, log_prob, ("MT19937", keys, int(place), int(has_gauss), float(gauss)))
        for coords, log_prob, keys, (place, has_gauss), gauss in zip(*columns, strict=True)
    )
