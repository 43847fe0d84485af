"""How well rows are classified, as posterior distributions, and which decision to take on them.

The spread of a metric has two sources: the parameters are not known exactly, and the rows that were classified are
only so many.  The draws hold both.
"""

from bayesfit.metrics.classification import classification
from bayesfit.metrics.confusion import from_counts
from bayesfit.metrics.curves import precision_recall, roc
from bayesfit.metrics.decisions import Decision, decide, expected_utility

__all__ = [
    "Decision",
    "classification",
    "decide",
    "expected_utility",
    "from_counts",
    "precision_recall",
    "roc",
]
