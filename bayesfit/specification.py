"""Plain values that say what to do: the common root of priors, predictors, likelihoods and populations."""

import dataclasses
from collections.abc import Mapping

import numpy as np

__all__ = ["Specification", "exact_text"]


@dataclasses.dataclass(frozen=True, repr=False, eq=False)
class Specification:
    """A frozen dataclass whose fields are plain values.

    It prints as the call that makes it, leaving defaults out, and it turns into plain JSON data
    and back.  Subclasses are dataclasses with ``frozen=True, repr=False``; their fields hold
    numbers, text, booleans, None, arrays, or sequences, mappings and specifications of these.
    """

    def fields(self) -> dict:
        """Return the fields by name."""
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}

    def __repr__(self):
        shown = []
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if field.default is dataclasses.MISSING:
                shown.append(_show(value))
            elif not _same(value, field.default):
                shown.append(f"{field.name}={_show(value)}")
        return f"{type(self).__name__}({', '.join(shown)})"

    def to_plain(self) -> dict:
        """Return JSON data that `from_plain` turns back into an equal specification.

        Raises
        ------
        TypeError
            If a field holds something that is not plain data, such as a function.
        """
        fields = {name: _plain(value) for name, value in self.fields().items()}
        return {"kind": self.kind(), **fields}

    @classmethod
    def kind(cls) -> str:
        """Return the name of this class with its family, such as "priors.Normal": families share names."""
        package, *family = cls.__module__.split(".")
        return f"{family[0] if family else package}.{cls.__name__}"

    @classmethod
    def from_plain(cls, plain: dict, kinds: dict) -> "Specification":
        """Build a specification from JSON data; only the classes in ``kinds``, by `kind`, are made."""
        kind = plain.get("kind")
        if kind not in kinds:
            raise TypeError(f"unknown kind {kind!r}; known are {', '.join(sorted(kinds))}")
        fields = {name: _unplain(value, kinds) for name, value in plain.items() if name != "kind"}
        return kinds[kind](**fields)


def exact_text(value) -> str:
    """Return a text that differs wherever two specifications do: like ``repr``, with all digits of numbers.

    Examples
    --------
    >>> exact_text([0.1 + 0.2, "a"])
    "[0.30000000000000004, 'a']"
    """
    if isinstance(value, Specification):
        if type(value).__repr__ is not Specification.__repr__:  # it knows better what it holds
            return repr(value)
        inner = ", ".join(f"{name}={exact_text(field)}" for name, field in value.fields().items())
        return f"{value.kind()}({inner})"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{exact_text(k)}: {exact_text(v)}" for k, v in value.items()) + "}"
    if isinstance(value, np.ndarray | tuple | list):
        return "[" + ", ".join(exact_text(item) for item in value) + "]"
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, str | bool):
        return repr(value)
    if isinstance(value, int | float):
        return repr(float(value))
    # what is not plain data, such as a function, is known by its name only
    return getattr(value, "__qualname__", None) or type(value).__qualname__


def _same(value, default):
    if value is default:
        return True
    return np.isscalar(value) and np.isscalar(default) and type(value) is type(default) and value == default


def _show(value):
    if isinstance(value, np.ndarray):
        return repr(value.tolist())
    if isinstance(value, float | np.floating):
        return f"{value:.6g}"
    if isinstance(value, tuple | list):
        inner = ", ".join(map(_show, value))
        return f"[{inner}]" if isinstance(value, list) else f"({inner}{',' if len(value) == 1 else ''})"
    return getattr(value, "__name__", None) or repr(value)


def _plain(value):
    if isinstance(value, Specification):
        return value.to_plain()
    if isinstance(value, np.ndarray):
        return {"array": value.tolist()}
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {"mapping": [[_plain(key), _plain(item)] for key, item in value.items()]}
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if np.isfinite(value) else {"float": repr(value)}
    raise TypeError(f"{value!r} is not plain data")


def _unplain(value, kinds):
    if isinstance(value, list):
        return tuple(_unplain(item, kinds) for item in value)
    if not isinstance(value, dict):
        return value
    if "kind" in value:
        return Specification.from_plain(value, kinds)
    if "array" in value:
        return np.array(value["array"], dtype=float)
    if "mapping" in value:
        return {_unplain(key, kinds): _unplain(item, kinds) for key, item in value["mapping"]}
    return float(value["float"])
