"""Plain values that say what to do: the common root of priors, predictors, likelihoods and populations."""

import dataclasses

import numpy as np

__all__ = ["Specification"]


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
        shown, positional = [], True
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if field.default is not dataclasses.MISSING and _same(value, field.default):
                positional = False
                continue
            positional = positional and not field.kw_only
            shown.append(_show(value) if positional else f"{field.name}={_show(value)}")
        return f"{type(self).__name__}({', '.join(shown)})"

    def to_plain(self) -> dict:
        """Return JSON data that `from_plain` turns back into an equal specification.

        Raises
        ------
        TypeError
            If a field holds something that is not plain data, such as a function.
        """
        fields = {name: _plain(value) for name, value in self.fields().items()}
        return {"kind": type(self).__name__, **fields}

    @classmethod
    def from_plain(cls, plain: dict, kinds: dict) -> "Specification":
        """Build a specification from JSON data; only the classes in ``kinds`` (name to class) are made."""
        kind = plain.get("kind")
        if kind not in kinds:
            raise TypeError(f"unknown kind {kind!r}; known are {', '.join(sorted(kinds))}")
        fields = {name: _unplain(value, kinds) for name, value in plain.items() if name != "kind"}
        return kinds[kind](**fields)


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
