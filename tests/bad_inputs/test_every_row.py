"""Every row of the list is met by some test of this folder."""

import importlib
from types import FunctionType

from cases import ROWS, Bad

FILES = ("test_bad_arrays", "test_bad_models", "test_bad_uses")


def met(module):
    """Return the numbers that a file's tables and marked tests refer to."""
    for value in vars(module).values():
        yield from value.rows if isinstance(value, FunctionType) and hasattr(value, "rows") else ()
        yield from (case.row for case in value if isinstance(case, Bad)) if isinstance(value, list) else ()


def test_no_row_is_left_out():
    found = {row for name in FILES for row in met(importlib.import_module(name))}
    assert found == set(ROWS)
    assert sorted(ROWS) == list(range(1, 72))
