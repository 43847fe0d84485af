"""Bringing a saved posterior back."""

from bayesfit import likelihoods, models, populations, predictors, priors
from bayesfit.errors import ModelError, ResultFileError
from bayesfit.models import BaseModel
from bayesfit.posterior import Posterior
from bayesfit.results.draws import check_draws, recorded_diagnostics
from bayesfit.results.files import read_tree
from bayesfit.results.records import RECORD, check_numbers, recorded_data, recorded_fingerprints, recorded_model
from bayesfit.specification import Specification

__all__ = ["load"]

#: the only classes a file may name
_KINDS = {
    member.kind(): member
    for family in (priors, predictors, populations, likelihoods, models)
    for member in map(family.__dict__.get, family.__all__)
    if isinstance(member, type) and issubclass(member, Specification)
}

#: the fields of these classes that say how many parameters there are, and their most in a file
_SIZES, _MOST_TERMS = ("degree", "harmonics", "n", "knots"), 10_000


def load(path, *, model=None) -> Posterior:
    """Read a posterior written by `Posterior.save`.

    Parameters
    ----------
    path : path
    model : Model, optional
        The model that was fitted; needed where it holds a function of the user's, since nothing in a file
        is ever executed.

    Raises
    ------
    ResultFileError
        If the file is missing, damaged, foreign, of another format, or of another model than the one given.
    """
    if not isinstance(model, BaseModel | None):
        raise ModelError(f"model should be the Model that was fitted, got {model!r}")
    tree = read_tree(path)
    plain, text = recorded_model(tree)
    data = recorded_data(tree)
    target = _own_target(plain, text, data) if model is None else model.target(data)
    expected = recorded_fingerprints(tree)
    differing = [name for name, mark in target.fingerprints.items() if mark != expected.get(name)]
    if differing:
        raise ResultFileError(f"{path} holds another fit: its {' and '.join(differing)} differ(s); it has {text}")
    diagnostics = recorded_diagnostics(tree, target.names)
    check_draws(tree, target)
    check_numbers(tree)
    del tree[RECORD]
    return Posterior(tree, target, diagnostics)


def _own_target(plain, text, data):
    """Return the target of the model that the file describes; whatever is wrong with it, the file is at fault."""
    if plain is None:
        raise ResultFileError(
            f"the fitted model holds a function, which a file cannot bring back; pass it: load(path, model=…). "
            f"It was {text}"
        )
    try:
        _refuse_large(plain)
        model = Specification.from_plain(plain, _KINDS)
    except Exception as error:
        raise ResultFileError(f"the record of the model cannot be read: {error}") from error
    if not isinstance(model, BaseModel):
        raise ResultFileError(f"the record holds a {type(model).__name__}, not a model")
    try:
        return model.target(data)
    except Exception as error:
        raise ResultFileError(f"the record of the model does not go with its data: {error}") from error


def _refuse_large(plain):
    """Refuse orders and numbers of terms that nobody could have sampled, before anything of that size is made."""
    pending = [plain]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            large = [n for n in _SIZES if isinstance(value.get(n), int) and value[n] > _MOST_TERMS]
            if large:
                raise ValueError(f"{large[0]} = {value[large[0]]} is beyond {_MOST_TERMS}")
            pending.extend(value.values())
        elif isinstance(value, list):
            pending.extend(value)
