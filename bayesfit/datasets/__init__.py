"""Small published data sets, typed in, for examples and tests."""

from bayesfit.datasets.hogg2010 import hogg2010

__all__ = ["hogg2010"]
