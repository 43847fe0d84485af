"""How rows are divided for cross-validation."""

from collections.abc import Iterator
from dataclasses import dataclass
from reprlib import repr as short

import numpy as np

from bayesfit.data import Data
from bayesfit.errors import DataError, rows_text

__all__ = ["Blocked", "Fold", "make_folds"]

#: a fold: the rows to judge, and those whose labels are left out
Fold = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Blocked:
    """Folds that are contiguous in time, or in whatever the rows are ordered by.

    Parameters
    ----------
    n : int
        The number of blocks.
    by : str, optional
        A feature or a further column that orders the rows; by default they are in order.

    Examples
    --------
    >>> [test.tolist() for _, test in Blocked(2).split(np.zeros((4, 1)))]
    [[0, 1], [2, 3]]
    """

    n: int = 5
    by: str | None = None

    def __post_init__(self):
        if isinstance(self.n, bool) or not isinstance(self.n, int | np.integer) or self.n < 2:
            raise DataError(f"Blocked: n={self.n!r} should be a whole number, 2 or more")

    def split(self, X, y=None, groups=None) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield (train, test) row numbers; ``groups`` are the values to order by, if any."""
        if self.n > len(X):
            raise DataError(f"Blocked: n={self.n} is more than the {len(X)} rows with a label")
        order = np.arange(len(X)) if groups is None else np.argsort(groups, kind="stable")
        for block in np.array_split(order, self.n):
            yield np.setdiff1d(order, block), np.sort(block)


def make_folds(
    data: Data, term_rows: np.ndarray, folds, groups, rng: np.random.Generator, *, classes: tuple = ()
) -> list[Fold]:
    """Return the folds that ``folds`` and ``groups`` mean.

    Raises
    ------
    DataError
        Where rows cannot be divided so.
    """
    groups = _column(data, groups, "groups")
    if isinstance(folds, Blocked):
        if groups is not None:
            raise DataError(
                "groups: Blocked makes blocks of neighbours, which may divide a group; leave one of both out"
            )
        groups = _column(data, folds.by, "Blocked(by=…)")
    chosen = None if groups is None else _named(groups, term_rows)
    if isinstance(folds, str) and folds == "groups":
        if chosen is None:
            raise DataError("folds='groups' leaves one group out at a time; say which they are with groups=")
        parts = [np.flatnonzero(chosen == group) for group in np.unique(chosen)]
        if len(parts) < 2:
            raise DataError(f"groups: all rows are of one group, {chosen.tolist()[0]!r}; nothing would be left to fit")
        pairs = [(part, part) for part in parts]
    elif hasattr(folds, "split") and not isinstance(folds, str):
        pairs = list(_from_splitter(folds, data, term_rows, chosen, classes))
    else:
        n = _count(folds, len(term_rows))
        pairs = [(part, part) for part in _random(n, _strata(data, term_rows, classes), chosen, len(term_rows), rng)]
    pairs = [pair for pair in pairs if len(pair[0])]
    _check(pairs, len(term_rows), term_rows)
    return [(term_rows[test], term_rows[left_out]) for test, left_out in pairs]


def _column(data, groups, argument):
    if groups is None:
        return None
    if isinstance(groups, str):
        if groups in data.columns:
            return np.asarray(data.columns[groups])
        if groups in data.names:
            return data.x[:, data.names.index(groups)]
        raise DataError(
            f"{argument}: there is no column {groups!r}; there are {', '.join([*data.columns, *data.names])}"
        )
    groups = np.asarray(groups)
    if groups.shape != (len(data),):
        raise DataError(f"{argument} has shape {groups.shape}; there are {len(data)} rows")
    return groups


def _named(groups, rows):
    """Return the groups of some rows, all of which have one."""
    missing = np.array([group is None or group != group for group in groups[rows].tolist()])
    if missing.any():
        raise DataError(f"groups: no group at {rows_text(rows[missing])}; every row with a label needs a group")
    try:
        np.unique(groups[rows])
    except TypeError:
        raise DataError("groups: numbers and text are mixed; make them all text, or all numbers") from None
    return groups[rows]


def _count(folds, n_rows) -> int:
    whole = isinstance(folds, int | np.integer) and not isinstance(folds, bool)
    if n_rows < 2:
        raise DataError(f"folds: {n_rows} row with a label cannot be divided; cross-validation needs two or more")
    if not whole or not 2 <= folds <= n_rows:
        raise DataError(
            f"folds={short(folds)} should be a whole number between 2 and {n_rows}, the number of rows with a label, "
            "'groups', or an object with split(X, y, groups)"
        )
    return int(folds)


def _strata(data, term_rows, classes):
    """Return the class of each row, so that every fold has its share of each; None for other labels."""
    if not classes:
        return None
    return np.array([classes.index(label) for label in data.y[term_rows]])


def _random(n, strata, groups, size, rng) -> list[np.ndarray]:
    if groups is not None:
        names, codes = np.unique(groups, return_inverse=True)
        if len(names) < n:
            raise DataError(f"folds={n}, but there are {len(names)} groups only; use fewer folds, or folds='groups'")
        # the largest groups first, each into the fold that is smallest so far
        sizes, fold_of, filled = np.bincount(codes), np.empty(len(names), dtype=int), np.zeros(n)
        shuffled = rng.permutation(len(names))
        for group in shuffled[np.argsort(-sizes[shuffled], kind="stable")]:
            fold_of[group] = np.argmin(filled)
            filled[fold_of[group]] += sizes[group]
        return [np.flatnonzero(fold_of[codes] == k) for k in range(n)]
    order = rng.permutation(size)
    if strata is not None:
        order = order[np.argsort(strata[order], kind="stable")]
    return [np.sort(order[k::n]) for k in range(n)]


def _from_splitter(folds, data, term_rows, groups, classes):
    if isinstance(folds, type):
        raise DataError(f"folds is the class {folds.__name__}; make a splitter of it: {folds.__name__}(…)")
    # of classes their numbers, whatever kind of labels they have
    labels = _strata(data, term_rows, classes) if classes else None if data.y is None else data.y[term_rows]
    everything = np.arange(len(term_rows))
    try:
        pairs = [(train, test) for train, test in folds.split(data.x[term_rows], labels, groups)]
    except DataError:
        raise
    except (TypeError, ValueError) as error:
        raise DataError(f"folds: {type(folds).__name__}.split does not divide these rows: {error}") from error
    for train, test in pairs:
        yield _places(test, everything), np.setdiff1d(everything, _places(train, everything))


def _places(found, everything) -> np.ndarray:
    """Return places among the rows with a label, of places or a mask."""
    found = np.asarray(found)
    if found.dtype == bool and found.shape == everything.shape:
        return everything[found]
    if found.ndim != 1 or (found.size and not np.isin(found, everything).all()):
        raise DataError(
            f"folds: split gave {short(found.tolist())}, which are not places among the {len(everything)} rows with a "
            "label, counted from 0"
        )
    return found.astype(int)


def _check(pairs, size, term_rows):
    if not pairs:
        raise DataError("folds: there are none")
    counts = np.bincount(np.concatenate([test for test, _ in pairs]), minlength=size)
    if (counts > 1).any():
        raise DataError(
            f"folds: {rows_text(term_rows[counts > 1])} are tested more than once; use folds that do not repeat"
        )
    for test, left_out in pairs:
        if not np.isin(test, left_out).all():
            raise DataError("folds: a row is both trained on and tested")
        if len(left_out) == size:
            raise DataError("folds: a fold leaves out all rows with a label; use more folds")
