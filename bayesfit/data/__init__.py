"""Data: features, labels, their errors, limits, gaps and further columns, validated once."""

from bayesfit.data.data import Data

__all__ = ["Data"]
