"""A fit on one page.

The package is not called report: a module of that name would take the place of the function `bayesfit.report`.
"""

from bayesfit.reports.page import report

__all__ = ["report"]
