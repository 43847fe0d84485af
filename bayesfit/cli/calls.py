"""Words such as ``student-t(dof=4)`` or ``fourier:24,2``, read by a small grammar; nothing is ever evaluated."""

import re
from typing import NamedTuple

from bayesfit.errors import ModelError
from bayesfit.priors.text import Tokens

__all__ = ["Call", "read_call"]

_LONGEST = 10_000
_TOKEN = re.compile(
    r"\s*(?:(?P<quoted>'[^']*'|\"[^\"]*\")|(?P<mark>[(),=\[\]:])|(?P<word>[^\s()\[\],=:'\"]+))", re.ASCII
)
_NUMBER = re.compile(r"[+-]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|inf)", re.ASCII)
_CONSTANTS = {"true": True, "yes": True, "false": False, "no": False, "none": None}


class Call(NamedTuple):
    """A name with its arguments: numbers, texts, True, False, None, or lists of these.

    Attributes
    ----------
    text : str
        What was written.
    option : str
        Where it was written, such as "--predictor".
    name : str
    positional : list
    named : dict
    """

    text: str
    option: str
    name: str
    positional: list
    named: dict

    def error(self, what: str) -> ModelError:
        """Return the error that quotes the text."""
        return ModelError(f"{self.option} {_clip(self.text)!r}: {what}")


def read_call(text: str, option: str) -> Call:
    """Return what a text such as ``"name"``, ``"name:1,2"`` or ``"name(1, key=word)"`` says.

    Raises
    ------
    ModelError
        Naming the option, the text and the place that cannot be read.

    Examples
    --------
    >>> call = read_call("poisson(link=log, exposure='time (s)')", "--likelihood")
    >>> call.name, call.positional, call.named
    ('poisson', [], {'link': 'log', 'exposure': 'time (s)'})
    >>> read_call("spline:0,1.5,1e3", "--predictor").positional
    [0, 1.5, 1000.0]
    """
    words = _Words(text, option)
    name = words.take("word")
    positional, named = [], {}
    if words.at(":"):
        words.advance()
        _read_arguments(words, positional, named, "")
    elif words.at("("):
        words.advance()
        _read_arguments(words, positional, named, ")")
        words.take("mark", ")")
    if words.kind != "end":
        raise words.error("unexpected text")
    return Call(text, option, name, positional, named)


class _Words(Tokens):
    """The words of an option's text."""

    pattern = _TOKEN
    unreadable = "an open quotation"

    def __init__(self, text, option):
        self.option = option
        if len(text) > _LONGEST:
            raise ModelError(f"{option}: the text has {len(text)} characters; write {_LONGEST} at most")
        super().__init__(text)

    def error(self, what):
        rest = self.text[self.start :].strip()[:20]
        place = f"at {rest!r}" if rest else "at the end"
        return ModelError(
            f"{self.option} {_clip(self.text)!r} cannot be read: {what} {place}; "
            "write NAME, NAME:NUMBER or NAME(setting=value)"
        )


def _read_arguments(words, positional, named, closing):
    while not (words.kind == "end" or (closing and words.at(closing))):
        value = _read_value(words)
        if words.at("=") and isinstance(value, str):
            words.advance()
            if value in named:
                raise words.error(f"{value} is given twice")
            named[value] = _read_value(words)
        elif named:
            raise words.error("a setting without a name after a named one")
        else:
            positional.append(value)
        _separate(words, closing)


def _read_value(words, depth=1):
    if depth and (words.at("[") or words.at("(")):
        closing = "]" if words.take("mark") == "[" else ")"
        items = []
        while not words.at(closing):
            items.append(_read_value(words, depth - 1))
            _separate(words, closing)
        words.take("mark", closing)
        return items
    if words.kind == "quoted":
        return words.take("quoted")[1:-1]
    return _meaning(words.take("word"))


def _separate(words, closing):
    """Go past a comma, unless the list ends here."""
    if words.at(","):
        words.advance()
        if words.kind == "end":
            raise words.error("expected a word")
    elif not (words.at(closing) if closing else words.kind == "end"):
        raise words.error(f"expected ',' or {closing!r}" if closing else "expected ','")


def _meaning(word):
    if word.lower() in _CONSTANTS:
        return _CONSTANTS[word.lower()]
    if re.fullmatch(r"[+-]?\d{1,15}", word, re.ASCII):
        return int(word)
    return float(word) if _NUMBER.fullmatch(word) else word


def _clip(text):
    return text if len(text) <= 60 else text[:57] + "..."
