"""From chains to a verdict in words."""

from bayesfit.diagnostics.verdict import Diagnostics, diagnose

__all__ = ["Diagnostics", "diagnose"]
