"""Small published data sets, typed in, for examples and tests."""

from bayesfit.datasets.cosmic_chronometers import cosmic_chronometers
from bayesfit.datasets.freedman2001 import freedman2001
from bayesfit.datasets.harris2013 import harris2013
from bayesfit.datasets.hogg2010 import hogg2010

__all__ = ["cosmic_chronometers", "freedman2001", "harris2013", "hogg2010"]
