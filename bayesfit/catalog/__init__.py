"""The same model fitted to many objects, on one machine or on many."""

from bayesfit.catalog.catalog import fit_many

__all__ = ["fit_many"]
