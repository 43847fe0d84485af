"""Errors come before the first step of any chain."""

import pytest

from bayesfit.sampling.workers import Workers


@pytest.fixture
def no_sampling(monkeypatch):
    """Fail if a single step is taken."""
    monkeypatch.setattr(Workers, "advance", lambda *_, **__: pytest.fail("sampling began before the error"))
