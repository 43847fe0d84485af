"""A dataclass whose fields stay as they were validated."""

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType
from typing import Self

import numpy as np

__all__ = ["Frozen", "locked"]


@dataclasses.dataclass(frozen=True, init=False, repr=False, eq=False)
class Frozen:
    """Base of frozen dataclasses that hold arrays: read-only ones, in memory as after pickling."""

    def __getstate__(self):
        return {name: dict(value) if isinstance(value, Mapping) else value for name, value in self._fields().items()}

    def __setstate__(self, state):
        self._set(state)

    def remember(self, name: str, compute):
        """Return ``compute()``, calling it once only: nothing that it is made of can change."""
        memory = self.__dict__.setdefault("_memory", {})
        if name not in memory:
            memory[name] = compute()
        return memory[name]

    def contents(self) -> dict:
        """Return the fields by name; `from_contents` makes an equal object of them."""
        return self._fields()

    @classmethod
    def from_contents(cls, contents: Mapping) -> Self:
        """Make an object of what `contents` returned, trusting that it is valid."""
        return cls._made({field.name: contents[field.name] for field in dataclasses.fields(cls)})

    def _fields(self) -> dict:
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}

    def _set(self, fields: Mapping):
        for name, value in fields.items():
            object.__setattr__(self, name, locked(value))

    def _with(self, **changes) -> Self:
        """Return a copy with some fields changed, which are trusted."""
        return self._made({**self._fields(), **changes})

    @classmethod
    def _made(cls, fields: Mapping) -> Self:
        new = object.__new__(cls)
        new._set(fields)
        return new


def locked(value):
    """Make an array, or the arrays of a mapping, read-only, and return it."""
    if isinstance(value, np.ndarray):
        value.flags.writeable = False
        return value
    if isinstance(value, Mapping):
        return MappingProxyType({name: locked(item) for name, item in value.items()})
    return value
