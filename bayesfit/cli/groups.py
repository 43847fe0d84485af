"""Options that several commands share: written once as a dataclass, spread over the command line."""

import functools
import inspect
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, get_type_hints

__all__ = ["grouped"]


def grouped(command: Callable) -> Callable:
    """Return a command that takes the fields of its dataclass arguments as options of their own.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @dataclass
    ... class Point:
    ...     x: int
    ...     y: int = 0
    >>> @grouped
    ... def show(at: Point, loud: bool = False):
    ...     return at, loud
    >>> show(x=1, loud=True)
    (Point(x=1, y=0), True)
    """
    hints = get_type_hints(command, include_extras=True)
    groups = {name: kind for name, kind in hints.items() if is_dataclass(kind)}
    parameters = []
    for name, parameter in inspect.signature(command).parameters.items():
        spread = _fields(groups[name]) if name in groups else [(name, hints[name], parameter.default)]
        parameters += [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=hint)
            for name, hint, default in spread
        ]

    @functools.wraps(command)
    def typed(**words: Any):
        for name, kind in groups.items():
            own = {field.name: words.pop(field.name) for field in fields(kind) if field.name in words}
            words[name] = kind(**own)
        return command(**words)

    # this is where the command line is read from
    vars(typed).pop("__wrapped__")
    vars(typed)["__signature__"] = inspect.Signature(parameters)
    typed.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return typed


def _fields(kind):
    hints = get_type_hints(kind, include_extras=True)
    return [
        (field.name, hints[field.name], inspect.Parameter.empty if field.default is MISSING else field.default)
        for field in fields(kind)
    ]
