"""Reference data sets as fixtures; tests that need one are skipped where it is not at hand."""

import pytest
from references import load, load_traps


@pytest.fixture(scope="session")
def reference():
    """A function that reads one published data set, ``group/name``."""
    return load


@pytest.fixture(scope="session")
def traps():
    """Rows of the table of numerical traps, by name."""
    return load_traps()
