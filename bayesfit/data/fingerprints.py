"""Fingerprints: the same content gives the same digest, on every machine and in every layout."""

import hashlib
from collections.abc import Mapping

import numpy as np

__all__ = ["fingerprint"]


def fingerprint(content: Mapping) -> str:
    """Return the SHA-256 digest, in hexadecimal, of named arrays, texts and mappings of them.

    Examples
    --------
    >>> fingerprint({"x": np.array([1.0, np.nan])}) == fingerprint({"x": np.array([1.0, -np.nan])})
    True
    """
    digest = hashlib.sha256()
    _feed(digest, content)
    return digest.hexdigest()


def _feed(digest, value):
    if isinstance(value, Mapping):
        digest.update(b"{%d" % len(value))
        for name in sorted(value):
            _feed(digest, name)
            _feed(digest, value[name])
    elif isinstance(value, np.ndarray) and value.dtype.kind in "OU":
        # each item by its own length, since the width of a text array depends on its neighbours
        _feed(digest, [None if item is None else item for item in value.ravel().tolist()])
    elif isinstance(value, np.ndarray):
        array = np.where(np.isnan(value), np.nan, value) + 0.0 if value.dtype.kind == "f" else value
        array = array.astype(array.dtype.newbyteorder("<"))
        digest.update(f"{array.dtype.str}{array.shape}".encode() + array.tobytes())
    elif isinstance(value, list | tuple):
        digest.update(b"[%d" % len(value))
        for item in value:
            _feed(digest, item)
    else:
        text = f"{type(value).__name__}:{value!r}".encode()
        digest.update(b"%d:" % len(text) + text)
