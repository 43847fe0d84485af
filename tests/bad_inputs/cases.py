"""What a careless caller does, by number: the list of bad inputs that every test in this folder refers to."""

import warnings
from dataclasses import dataclass

import numpy as np

from bayesfit import Data, Model, likelihoods, predictors, sampling

__all__ = ["LINE", "QUICK", "ROWS", "Bad", "S", "X", "Y", "altered", "attempt", "ids", "rows_of"]

X = np.arange(10.0)
Y = 2 * X + 1 + 0.3 * np.sin(7 * X)
S = np.full(10, 0.5)
LINE = Model(predictors.Linear(), likelihoods.Gaussian())
QUICK = sampling.Ensemble(n_ensembles=2, n_walkers=16, steps=60, burn_in=40)

#: what the list says, one line each; every number must be met in some test of this folder
ROWS = {
    1: "y of shape (N, 1)",
    2: "x and y of different length",
    3: "y_err of length one",
    4: "no rows",
    5: "x of shape (2, 5)",
    6: "single values",
    7: "pandas indexes that differ",
    8: "duplicate column names",
    9: "matrices and sparse arrays",
    10: "a masked feature",
    11: "units on one side only",
    12: "numbers as text",
    13: "complex labels",
    14: "booleans in a regression",
    15: "a null in an integer column",
    16: "small unsigned integers",
    17: "overflow in half precision",
    18: "big-endian columns",
    19: "a missing label",
    20: "missing features",
    21: "labels near the largest number",
    22: "a feature that is the same everywhere",
    23: "collinear features",
    24: "a constant column beside others",
    25: "rows entered twice",
    26: "an intercept far from the data",
    27: "an error of zero",
    28: "a negative error",
    29: "an infinite error",
    30: "no errors at all",
    31: "errors in percent",
    32: "errors of features that a model cannot use",
    33: "a negative error of a feature",
    34: "a covariance of another shape",
    35: "a covariance that is not positive definite",
    36: "a singular covariance",
    37: "covariance and errors",
    38: "a correlation matrix",
    39: "signed asymmetric errors",
    40: "flags that are none",
    41: "limits only",
    42: "a limit without a value",
    43: "three classes for two",
    44: "one class only",
    45: "class labels of any kind",
    46: "a missing class label",
    47: "no exposure",
    48: "other features, and other classes, than were fitted",
    49: "a prior of an unknown parameter",
    50: "improper priors",
    51: "starts outside the prior",
    52: "functions that return nonsense",
    53: "functions that change what they are given",
    54: "settings of the sampler",
    55: "functions that cannot be sent to a worker",
    56: "an interruption",
    57: "predictions at gaps",
    58: "predictions far away",
    59: "comparing fits to other labels",
    60: "comparing fits to transformed labels",
    61: "terms that cannot be trusted",
    62: "differences that mean nothing",
    63: "pickles",
    64: "files that refer to others",
    65: "damaged files, and those of other versions",
    66: "a full disk",
    67: "code in place of a prior",
    68: "names that look like paths",
    69: "marks for missing values that were not declared",
    70: "a feature that was never measured",
    71: "names in place of classes",
}


@dataclass(frozen=True)
class Bad:
    """A row of the list, what is done, the error it must meet, and what the message must say."""

    row: int
    do: object
    error: type
    says: str


def altered(array, **changes):
    """Return a copy with elements changed, as ``altered(Y, _4=np.nan)``."""
    array = np.array(array, dtype=float)
    for place, value in changes.items():
        array[int(place[1:])] = value
    return array


def attempt(x=X, y=Y, y_err=S, *, model=LINE, sampler=QUICK, fit=None, **data):
    """Go the whole way from arrays to a posterior."""
    return model.fit(Data(x, y, y_err=y_err, **data), sampler=sampler, seed=1, progress=False, **(fit or {}))


def ids(cases):
    """Return readable names of tests."""
    return [f"{case.row}-{ROWS[case.row].replace(' ', '_')}" for case in cases]


def rows_of(*names):
    """Mark a test as meeting rows that are no plain error."""

    def mark(test):
        test.rows = names
        return test

    return mark


def suspicions(data, model=LINE):
    """Return what the audit warns of, without fitting."""
    from bayesfit.audit import announce, audit

    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        announce(audit(model.target(data)), show=False)
    return [str(warning.message) for warning in found]
