"""Bringing a saved posterior back."""

import json

from bayesfit import likelihoods, models, populations, predictors, priors
from bayesfit.diagnostics import Diagnostics
from bayesfit.errors import ModelError, ResultFileError
from bayesfit.models import BaseModel
from bayesfit.posterior import Posterior
from bayesfit.results.files import read_tree
from bayesfit.results.records import RECORD, recorded_data, recorded_model
from bayesfit.specification import Specification

__all__ = ["load"]

#: the only classes a file may name
_KINDS = {
    member.kind(): member
    for family in (priors, predictors, populations, likelihoods, models)
    for member in map(family.__dict__.get, family.__all__)
    if isinstance(member, type) and issubclass(member, Specification)
}


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
    model = _model(plain, text) if model is None else model
    target = model.target(data)
    expected = json.loads(tree[RECORD].attrs["fingerprints"])
    differing = [name for name, mark in target.fingerprints.items() if mark != expected.get(name)]
    if differing:
        raise ResultFileError(f"{path} holds another fit: its {' and '.join(differing)} differ(s); it has {text}")
    try:
        found = json.loads(tree.attrs["diagnostics"])
        found["messages"] = tuple(found["messages"])
        diagnostics = Diagnostics(**found)
    except (KeyError, TypeError, ValueError) as error:
        raise ResultFileError(f"{path}: the diagnostics are damaged: {error}") from error
    del tree[RECORD]
    return Posterior(tree, target, diagnostics)


def _model(plain, text) -> BaseModel:
    if plain is None:
        raise ResultFileError(
            f"the fitted model holds a function, which a file cannot bring back; pass it: load(path, model=…). "
            f"It was {text}"
        )
    try:
        model = Specification.from_plain(plain, _KINDS)
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise ResultFileError(f"the record of the model cannot be read: {error}") from error
    if not isinstance(model, BaseModel):
        raise ResultFileError(f"the record holds a {type(model).__name__}, not a model")
    return model
