"""From chains to a verdict in words."""

from bayesfit.diagnostics.mixing import Estimates
from bayesfit.diagnostics.verdict import Diagnostics, diagnose, judge

__all__ = ["Diagnostics", "Estimates", "diagnose", "judge"]
