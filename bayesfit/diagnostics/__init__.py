"""From chains to a verdict in words."""

from bayesfit.diagnostics.mixing import Estimates, estimate
from bayesfit.diagnostics.verdict import Diagnostics, diagnose, judge

__all__ = ["Diagnostics", "Estimates", "diagnose", "estimate", "judge"]
