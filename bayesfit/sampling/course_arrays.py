"""A course as plain arrays and JSON text, and back: what a checkpoint is made of."""

import io
import json

import numpy as np

from bayesfit.sampling.course import Block, Course
from bayesfit.sampling.student import StudentMixture
from bayesfit.sampling.walk import Plan, Position

__all__ = ["course_of", "pack", "unpack"]

#: the plain values of a course that every record repeats
_COUNTS = ("burn_in", "n_evaluations", "n_restarts", "n_checked", "finished", "thin", "doubt", "sentence")


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
    """Return the arrays and the text of a record; executes nothing."""
    with np.load(io.BytesIO(record), allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    return arrays, json.loads(str(arrays.pop("text")))


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
