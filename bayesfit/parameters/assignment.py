"""Which prior holds for which parameter: the user's word over the default, an element over its parameter."""

import difflib
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from bayesfit.errors import PriorError
from bayesfit.parameters.parameter import Parameter
from bayesfit.priors import Fixed, JointPrior, Ordered, Prior, as_prior
from bayesfit.supports import Correlation, Simplex

__all__ = ["Block", "assign"]


class Block(NamedTuple):
    """Elements that share one prior: a single one, or several under a joint prior."""

    names: tuple[str, ...]
    prior: Prior | JointPrior
    is_default: bool


def assign(parameters: Sequence[Parameter], priors: Mapping) -> tuple[Block, ...]:
    """Return one block for each element or joint prior, in the order of the elements.

    Raises
    ------
    PriorError
        For an unknown name (with the nearest known one), an element named twice, a joint prior of the
        wrong length, elements left without a prior, or priors apart of what has to fit together.

    Notes
    -----
    One prior for all of several elements that are told apart by their order is that of their set: they stay in order.
    """
    elements = {p.name: p.elements for p in parameters}
    single, joint = _read(priors, elements)
    named = {name for names, _ in joint for name in names} | single.keys()
    blocks_of = [Block(tuple(names), prior, False) for names, prior in joint]
    for names, default in (each for p in parameters for each in p.joint):
        if not named & set(names):
            blocks_of.append(Block(tuple(names), default, True))
        elif isinstance(default, Ordered) and (shared := _shared(names, single)) is not None:
            blocks_of.append(Block(tuple(names), Ordered(shared, len(names)), False))
        else:
            _check_together(names, default, single, joint)
    starts = {block.names[0]: block for block in blocks_of}
    covered = {name for block in blocks_of for name in block.names}
    blocks, missing = [], []
    for parameter in parameters:
        for position, name in enumerate(parameter.elements):
            if name in starts:
                blocks.append(starts[name])
            elif name in covered:
                continue
            elif name in single:
                blocks.append(Block((name,), single[name], False))
            elif (default := parameter.default_of(position)) is not None:
                blocks.append(Block((name,), default, True))
            else:
                missing.append(name)
    if missing:
        raise PriorError(
            f"no prior for {', '.join(missing)}: give priors={{{missing[0]!r}: bayesfit.priors.Normal(…), …}}"
        )
    return tuple(blocks)


def _shared(names, single) -> Prior | None:
    """Return the one prior on the whole line that was given for all of several elements; None if there is none."""
    prior = single.get(names[0])
    if any(single.get(name) is not prior for name in names) or not isinstance(prior, Prior) or not prior.proper:
        return None
    return None if np.isfinite(prior.support).any() else prior


def _check_together(names, default, single, joint):
    """Refuse priors apart of shares, which sum to one, and of correlations, which make one matrix."""
    kind = type(default.support)
    apart = kind is Simplex or (kind is Correlation and len(names) > 1)
    if not apart or any(tuple(names) == given and isinstance(prior.support, kind) for given, prior in joint):
        return
    fixed = np.array([prior.value if isinstance(prior := single.get(name), Fixed) else np.nan for name in names])
    fits = abs(fixed.sum() - 1) < 1e-9 and (fixed > 0).all() if kind is Simplex else default.support.contains(fixed)
    if not fits:
        together = "sum to one" if kind is Simplex else "be those of one matrix"
        raise PriorError(
            f"priors: {', '.join(names)} have to {together}: give all of them numbers that do, or one joint prior, "
            f"such as {default!r}"
        )


def _read(priors, elements):
    """Return the user's univariate priors by element and the joint ones as (names, prior)."""
    known = [name for names in elements.values() for name in names]
    whole: dict[str, Prior] = {}
    own: dict[str, Prior] = {}
    joint: list[tuple] = []
    for key, value in priors.items():
        names = key if isinstance(key, tuple) else (key,)
        if isinstance(value, Mapping):
            nested = {_element(key, label, known, elements): as_prior(prior) for label, prior in value.items()}
            _refuse_twice([*own, *nested])
            own |= nested
            continue
        prior = as_prior(value)
        expanded = tuple(e for name in names for e in (elements.get(name) or (_known(name, known, elements),)))
        if isinstance(prior, JointPrior):
            if prior.n_values != len(expanded):
                raise PriorError(
                    f"priors[{key!r}]: {prior!r} is for {prior.n_values} values, but there are "
                    f"{len(expanded)} ({', '.join(expanded)})"
                )
            joint.append((expanded, prior))
        elif isinstance(key, tuple):
            raise PriorError(f"priors[{key!r}]: a tuple of names needs a joint prior, got {prior!r}")
        elif key in elements:
            whole |= dict.fromkeys(expanded, prior)
        else:
            _refuse_twice([*own, *expanded])
            own |= dict.fromkeys(expanded, prior)
    single = whole | own
    _refuse_twice([name for names, _ in joint for name in names] + list(single))
    return single, joint


def _element(parameter, label, known, elements):
    if parameter not in elements:
        _known(parameter, known, elements)
    text = ", ".join(map(str, label)) if isinstance(label, tuple) else str(label)
    return _known(f"{parameter}[{text}]", known, elements)


def _known(name, known, elements):
    if name in known:
        return name
    every = [*dict.fromkeys([*elements, *known])]
    near = difflib.get_close_matches(str(name), every, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}? " if near else ""
    raise PriorError(f"priors: no parameter is named {name!r}; {hint}The model has: {', '.join(every)}")


def _refuse_twice(names):
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise PriorError(f"priors: {', '.join(twice)} has more than one prior")
