"""Every exception and warning that bayesfit raises.

The tree::

    BayesfitError
    ├── DataError          the table: shapes, errors, limits, gaps
    ├── PriorError         a prior's own numbers, or a prior nobody asked for
    ├── ModelError         parts that do not fit together or to the data
    ├── SamplingError      settings, starting points, a log-probability that cannot be walked on
    ├── ComparisonError    posteriors that may not be compared
    └── ResultFileError    a file that is damaged, foreign or unwritable
    BayesfitWarning

Each error below the root is a `ValueError` too, so that code which knows nothing of bayesfit
can still catch it.  A message says what is wrong, where, and what to do about it.
"""

__all__ = [
    "BayesfitError",
    "BayesfitWarning",
    "ComparisonError",
    "DataError",
    "ModelError",
    "PriorError",
    "ResultFileError",
    "SamplingError",
    "misnamed",
    "rows_text",
]


class BayesfitError(Exception):
    """Root of all errors raised by bayesfit."""


class DataError(BayesfitError, ValueError):
    """The data are malformed or cannot mean what they seem to say."""


class PriorError(BayesfitError, ValueError):
    """A prior is malformed, missing, or given for a parameter that does not exist."""


class ModelError(BayesfitError, ValueError):
    """The parts of a model do not fit together, or do not fit the data."""


class SamplingError(BayesfitError, ValueError):
    """The sampler's settings are unusable or the posterior cannot be sampled."""


class ComparisonError(BayesfitError, ValueError):
    """The posteriors cannot be compared with one another."""


class ResultFileError(BayesfitError, ValueError):
    """A result file cannot be written, or is not one that can be trusted."""


class BayesfitWarning(UserWarning):
    """Something is legal but probably not what was meant."""


def misnamed(given, wanted) -> str:
    """Say which names are wanted, which of those given are unknown, and which are missing; "" where none is.

    Examples
    --------
    >>> misnamed({"cat": 1, "crow": 2}, ["cat", "dog"])
    "'cat', 'dog'; unknown: ['crow'], missing: ['dog']"
    """
    unknown = [name for name in given if name not in wanted]
    missing = [name for name in wanted if name not in given]
    if not (unknown or missing):
        return ""
    return f"{', '.join(map(repr, wanted))}; unknown: {unknown or 'none'}, missing: {missing or 'none'}"


def rows_text(rows, shown=5):
    """Name the first few rows and how many there are in all.

    Examples
    --------
    >>> rows_text([3])
    'row 3'
    >>> rows_text(range(9))
    'rows 0, 1, 2, 3, 4, ... (9 in all)'
    """
    rows = [int(row) for row in rows]
    if len(rows) == 1:
        return f"row {rows[0]}"
    listed = ", ".join(map(str, rows[:shown]))
    return f"rows {listed}" if len(rows) <= shown else f"rows {listed}, ... ({len(rows)} in all)"
