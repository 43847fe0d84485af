"""The parts of a model as they are typed: predictors, likelihoods, populations and priors."""

import dataclasses
import difflib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from bayesfit.cli.calls import Call, read_call
from bayesfit.errors import ModelError, PriorError
from bayesfit.likelihoods import (
    Bernoulli,
    Binomial,
    Categorical,
    Gaussian,
    Laplace,
    Likelihood,
    OutlierMixture,
    Poisson,
    StudentT,
)
from bayesfit.populations import Flat, Normal, NormalMixture, Population
from bayesfit.predictors import Fourier, Linear, Polynomial, Predictor, Spline
from bayesfit.priors import JointPrior, Prior, parse

__all__ = ["columns_of", "read_likelihood", "read_population", "read_predictor", "read_priors"]


class _Kind(NamedTuple):
    """What a name stands for."""

    kind: Any
    preset: dict = {}  # noqa: RUF012
    #: the field that takes all that is written in a row
    gathers: str = ""


_PREDICTORS = {
    "linear": _Kind(Linear),
    "polynomial": _Kind(Polynomial),
    "fourier": _Kind(Fourier),
    "spline": _Kind(Spline, gathers="knots"),
}
_LIKELIHOODS = {
    "gaussian": _Kind(Gaussian),
    "student-t": _Kind(StudentT),
    "laplace": _Kind(Laplace),
    "outliers": _Kind(OutlierMixture),
    "poisson": _Kind(Poisson),
    "binomial": _Kind(Binomial),
    "bernoulli": _Kind(Bernoulli),
    "logit": _Kind(Bernoulli, {"link": "logit"}),
    "probit": _Kind(Bernoulli, {"link": "probit"}),
    "categorical": _Kind(Categorical),
    "softmax": _Kind(Categorical),
}
_POPULATIONS = {"normal": _Kind(Normal), "mixture": _Kind(NormalMixture), "flat": _Kind(Flat)}

#: settings that are, or may be, names of columns
_COLUMNS = ("exposure", "background", "trials", "truncation")
_SWITCHES = ("interaction", "scatter", "label_noise")
_LISTS = ("knots", "pivot", "truncation")
#: more than the sampler could walk in
_MOST = {"degree": 50, "harmonics": 25, "n": 25}


def read_predictor(text: str) -> Predictor:
    """Return the predictor that a text such as ``"polynomial:3"`` names.

    Raises
    ------
    ModelError
        For any other text.

    Examples
    --------
    >>> read_predictor("linear(interaction)"), read_predictor("polynomial:3"), read_predictor("spline:0,1,2")
    (Linear(interaction=True), Polynomial(3), Spline((0, 1, 2)))
    """
    return _build(read_call(text, "--predictor"), _PREDICTORS)


def read_likelihood(text: str, *, scatter: bool | None = None, truncation: str | None = None) -> Likelihood:
    """Return the likelihood that a text such as ``"student-t(dof=4)"`` names, with the options beside it.

    Raises
    ------
    ModelError
        For any other text, and for options that this likelihood does not have.

    Examples
    --------
    >>> read_likelihood("student-t(dof=4)", scatter=True)
    StudentT(dof=4, scatter=True)
    >>> read_likelihood("Poisson(log, exposure=time)")
    Poisson(link='log', exposure='time')
    """
    call = read_call(text, "--likelihood")
    for name, value in (("scatter", scatter), ("truncation", truncation)):
        if value is None:
            continue
        if name in call.named:
            raise call.error(f"{name} is given here and by --{name}; keep one")
        if name not in _fields(_find(call, _LIKELIHOODS)) or (name == "scatter" and call.name.lower() == "laplace"):
            raise call.error(f"this likelihood has no {name}; leave --{name} out")
        call.named[name] = _ends(value) if name == "truncation" else value
    return _build(call, _LIKELIHOODS)


def _ends(text):
    call = read_call(f"truncation:{text}", "--truncation")
    if call.named or len(call.positional) != 2:
        raise ModelError(f"--truncation {text!r} should be LOW,HIGH: numbers, columns, or 'none' for an open end")
    return call.positional


def read_population(text: str | None) -> Population | None:
    """Return the population that a text such as ``"mixture:3"`` names; None stays None.

    Examples
    --------
    >>> read_population("mixture:3")
    NormalMixture(3)
    """
    return None if text is None else _build(read_call(text, "--population"), _POPULATIONS)


def columns_of(likelihood: Likelihood) -> list[str]:
    """Return the columns that a likelihood's settings name.

    Examples
    --------
    >>> columns_of(read_likelihood("binomial(trials=n)"))
    ['n']
    """
    values = [likelihood.fields().get(name) for name in _COLUMNS]
    flat = [item for value in values for item in (value if isinstance(value, tuple | list) else [value])]
    return [item for item in flat if isinstance(item, str)]


def read_priors(texts: Sequence[str]) -> dict:
    """Return priors by parameter from texts such as ``"slope=normal(0, 10)"``.

    A joint prior is written for several parameters: ``"a,b=multivariate_normal([0,0],[[1,0],[0,1]])"``.

    Raises
    ------
    PriorError
        For a text without a parameter, a prior that cannot be read, or a parameter named twice.

    Examples
    --------
    >>> read_priors(["slope=normal(0, 10)", "intercept=0"])
    {'slope': Normal(0, 10), 'intercept': Fixed(0)}
    """
    priors: dict[str | tuple[str, ...], Prior | JointPrior] = {}
    for text in texts:
        name, _, words = (part.strip() for part in text.partition("="))
        if not (name and words):
            raise PriorError(f"--prior {text!r} should be PARAMETER=PRIOR, such as 'slope=normal(0,10)'")
        try:
            prior = parse(words)
        except PriorError as error:
            raise PriorError(f"--prior {text!r}: {error}") from None
        several = isinstance(prior, JointPrior) and "," in name
        key = tuple(part.strip() for part in name.split(",")) if several else name
        if key in priors:
            raise PriorError(f"--prior: {name!r} is given twice; keep one")
        priors[key] = prior
    return priors


def _build(call: Call, kinds: Mapping[str, _Kind]):
    found = _find(call, kinds)
    known = _fields(found)
    values = dict(found.preset)
    if found.gathers and all(_is_number(value) for value in call.positional):
        values |= {found.gathers: tuple(call.positional)} if call.positional else {}
    else:
        for name, value in _in_order(call, known):
            values[name] = value
    for name, value in call.named.items():
        if name not in known or name in values:
            fault = "is given twice" if name in values else "is not one of its settings"
            raise call.error(f"{name!r} {fault}; {_usage(call.name, found)}")
        values[name] = value
    required = [f.name for f in dataclasses.fields(found.kind) if f.default is dataclasses.MISSING]
    if missing := [name for name in required if name not in values]:
        raise call.error(f"{', '.join(missing)} missing; {_usage(call.name, found)}")
    values = {name: _checked(call, name, value) for name, value in values.items()}
    try:
        return found.kind(**values)
    except ModelError as error:
        raise call.error(str(error)) from None


def _find(call, kinds):
    plain = {_plain(name): kind for name, kind in kinds.items()} | {_plain(k.kind.__name__): k for k in kinds.values()}
    kind = plain.get(_plain(call.name))
    if kind is None:
        near = difflib.get_close_matches(call.name.lower(), kinds, n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise call.error(f"{call.name!r} is not known; {hint}known are {', '.join(kinds)}")
    return kind


def _plain(name):
    return name.lower().replace("-", "").replace("_", "")


def _fields(found):
    return [field.name for field in dataclasses.fields(found.kind) if field.name not in found.preset]


def _in_order(call, known):
    """Pair what was written without names with settings; the name of a switch turns it on."""
    rest = list(known)
    for value in call.positional:
        if value in _SWITCHES and value in rest:
            yield value, True
        elif not rest:
            raise call.error(f"{len(call.positional)} values are too many; known are {', '.join(known) or 'none'}")
        else:
            yield rest[0], value
        rest.remove(value if value in _SWITCHES and value in rest else rest[0])


def _checked(call, name, value):
    """Refuse values of a type that the setting cannot have, before anything is computed with them."""
    items = value if isinstance(value, list | tuple) else [value]
    if isinstance(value, list) and name not in _LISTS:
        raise call.error(f"{name} should be one value, not a list")
    for item in items:
        if isinstance(item, str) and name not in (*_COLUMNS, "link"):
            raise call.error(f"{name}={item!r} should be {'true or false' if name in _SWITCHES else 'a number'}")
        if isinstance(item, bool) and name not in _SWITCHES:
            raise call.error(f"{name}={str(item).lower()} should be a number")
        if name in ("interaction", "scatter") and not isinstance(item, bool | None):
            raise call.error(f"{name}={item!r} should be true or false")
        if isinstance(item, int) and item > _MOST.get(name, item):
            raise call.error(f"{name}={item} is more than can be sampled; {_MOST[name]} is the most")
    return tuple(value) if isinstance(value, list) else value


def _is_number(value):
    return isinstance(value, int | float) and not isinstance(value, bool)


def _usage(name, found):
    shown = [
        field.name if field.default is dataclasses.MISSING else f"{field.name}={field.default}".lower()
        for field in dataclasses.fields(found.kind)
        if field.name not in found.preset
    ]
    return f"expected {name}({', '.join(shown)})"
