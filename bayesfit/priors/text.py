"""Priors written as text, for files and the command line: parsed, never evaluated."""

import dataclasses
import difflib
import re
from typing import ClassVar

from bayesfit.errors import PriorError
from bayesfit.priors.base import JointPrior, Prior
from bayesfit.priors.bounded import Beta, LogUniform, TruncatedNormal, Uniform
from bayesfit.priors.fixed import Fixed
from bayesfit.priors.joint import LKJ, Dirichlet, MultivariateNormal
from bayesfit.priors.positive import Exponential, Gamma, HalfCauchy, HalfNormal, InverseGamma, LogNormal
from bayesfit.priors.unbounded import Cauchy, Flat, FlatAngle, Normal, StudentT

__all__ = ["Tokens", "parse"]

_LONGEST = 10_000
_DEEPEST = 2  # a matrix

_UNIVARIATE = (
    *(Normal, StudentT, Cauchy, Flat, FlatAngle),
    *(HalfNormal, LogNormal, HalfCauchy, Exponential, Gamma, InverseGamma),
    *(Uniform, LogUniform, Beta, TruncatedNormal, Fixed),
)
_JOINT = (MultivariateNormal, Dirichlet, LKJ)
_KINDS = {kind.__name__.lower(): kind for kind in (*_UNIVARIATE, *_JOINT)}

_TOKEN = re.compile(
    r"\s*(?:(?P<number>[+-]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|inf(?:inity)?)(?![\w.]))"
    r"|(?P<name>[A-Za-z][A-Za-z0-9_]*)|(?P<mark>[(),=\[\]]))",
    re.ASCII | re.IGNORECASE,
)


def parse(text: str) -> Prior | JointPrior:
    """Return the prior that a text such as ``"normal(0, 10)"`` names.

    A prior is written as in Python, with positional or named arguments; case and underscores in its name
    do not matter, and a plain number is `Fixed`.  Arguments are numbers, ``inf`` included, or lists of
    them for joint priors.

    Raises
    ------
    PriorError
        If the text is anything else; nothing in it is ever executed.

    Examples
    --------
    >>> parse("half_normal(2)")
    HalfNormal(2)
    >>> parse("Normal(mean=0, sd=1e3)")
    Normal(0, 1000)
    >>> parse("3.5")
    Fixed(3.5)
    """
    if not isinstance(text, str):
        raise PriorError(f"a prior's text must be a string, not {type(text).__name__}")
    if len(text) > _LONGEST:
        raise PriorError(f"a prior's text may have {_LONGEST} characters, not {len(text)}")
    tokens = Tokens(text)
    if tokens.kind == "number":
        value = float(tokens.take("number"))
        tokens.finish()
        return Fixed(value)
    return _call(tokens)


class Tokens:
    """The words of a text, one at a time; ``kind`` and ``word`` are the current one's.

    A grammar of its own gives another ``pattern`` with named groups, words for what it cannot read, and its error.
    """

    pattern: ClassVar = _TOKEN
    unreadable: ClassVar = "unexpected text"

    def __init__(self, text):
        self.text = text
        self.end = 0
        self.advance()

    def advance(self):
        """Go on to the next word."""
        self.start = self.end
        found = self.pattern.match(self.text, self.end)
        if found:
            self.kind, self.end = found.lastgroup or "", found.end()
            self.word = found[self.kind]
        elif self.text[self.end :].strip():
            raise self.error(self.unreadable)
        else:
            self.kind, self.word = "end", ""

    def take(self, kind, word=None):
        """Return the current word and go on, if it is of the kind (and is the word) asked for."""
        if self.kind != kind or (word is not None and self.word != word):
            raise self.error(f"expected {word!r}" if word else f"expected a {kind}")
        taken = self.word
        self.advance()
        return taken

    def finish(self):
        """Refuse whatever is left."""
        if self.kind != "end":
            raise self.error("unexpected text after the prior")

    def at(self, mark):
        """Return whether the current word is this mark."""
        return self.kind == "mark" and self.word == mark

    def separate(self, closing):
        """Go past a comma, unless the list ends here."""
        if self.at(","):
            self.advance()
        elif not self.at(closing):
            raise self.error(f"expected ',' or {closing!r}")

    def error(self, what):
        """Return the error that says what is wrong, and where."""
        rest = self.text[self.start :].strip()[:20]
        place = f"at {rest!r} (character {self.start + 1})" if rest else "at the end"
        shown = self.text if len(self.text) <= 60 else self.text[:57] + "..."
        return PriorError(f"cannot read {shown!r} as a prior: {what} {place}; write it like normal(0, 10)")


def _call(tokens):
    kind = _kind(tokens.take("name"))
    try:
        positional, named = _arguments(tokens)
    except PriorError as error:
        raise PriorError(f"{error}; expected {_signature(kind)}") from None
    tokens.finish()
    values = _bind(kind, positional, named)
    if issubclass(kind, Prior):
        for name, value in values.items():
            if isinstance(value, list):
                raise PriorError(f"{name} must be one number, not a list; expected {_signature(kind)}")
    try:
        return kind(**values)
    except PriorError as error:
        raise PriorError(f"{error}; expected {_signature(kind)}") from None


def _kind(name):
    plain = name.replace("_", "").lower()
    if plain in _KINDS:
        return _KINDS[plain]
    near = difflib.get_close_matches(plain[:40], _KINDS, n=1)
    known = ", ".join(kind.__name__ for kind in _KINDS.values())
    hint = f"did you mean {_signature(_KINDS[near[0]])}?" if near else f"known are {known}"
    raise PriorError(f"there is no prior {name[:40]!r}; {hint}")


def _arguments(tokens):
    positional, named = [], {}
    tokens.take("mark", "(")
    while not tokens.at(")"):
        if tokens.kind == "name":
            name = tokens.take("name")
            tokens.take("mark", "=")
            if name in named:
                raise tokens.error(f"{name} is given twice,")
            named[name] = _value(tokens, _DEEPEST)
        elif named:
            raise tokens.error("an argument without a name after a named one")
        else:
            positional.append(_value(tokens, _DEEPEST))
        tokens.separate(")")
    tokens.take("mark", ")")
    return positional, named


def _value(tokens, depth):
    if not tokens.at("["):
        return float(tokens.take("number"))
    if depth == 0:
        raise tokens.error("lists nested too deeply")
    tokens.take("mark", "[")
    items = []
    while not tokens.at("]"):
        items.append(_value(tokens, depth - 1))
        tokens.separate("]")
    tokens.take("mark", "]")
    return items


def _bind(kind, positional, named):
    """Match arguments to fields, as a call would."""
    fields = dataclasses.fields(kind)
    known = [field.name for field in fields]
    signature = f"expected {_signature(kind)}"
    if len(positional) > len(fields):
        raise PriorError(f"{kind.__name__} takes {len(fields)} arguments, not {len(positional)}; {signature}")
    values = dict(zip(known, positional, strict=False))
    for name, value in named.items():
        if name not in known or name in values:
            fault = "given twice" if name in values else "unknown"
            raise PriorError(f"{kind.__name__}: argument {name[:40]!r} is {fault}; {signature}")
        values[name] = value
    missing = [f.name for f in fields if f.default is dataclasses.MISSING and f.name not in values]
    if missing:
        raise PriorError(f"{kind.__name__}: {', '.join(missing)} missing; {signature}")
    return values


def _signature(kind):
    shown = [
        field.name if field.default is dataclasses.MISSING else f"{field.name}={field.default:g}"
        for field in dataclasses.fields(kind)
    ]
    return f"{kind.__name__}({', '.join(shown)})"
