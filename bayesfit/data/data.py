"""Data: features, labels, their errors, limits, gaps and further columns, validated once."""

import dataclasses
import functools
import warnings
from collections.abc import Mapping

import numpy as np

from bayesfit.data.columns import OptionalArray
from bayesfit.data.covariances import looks_like_correlation
from bayesfit.data.descriptions import describe, summary
from bayesfit.data.fingerprints import fingerprint
from bayesfit.data.frozen import Frozen, locked
from bayesfit.data.labels import INTERVAL, unlabelled
from bayesfit.data.rows import class_codes, count_repeats, positions, split_rows, strata, take
from bayesfit.data.tables import read_table
from bayesfit.data.transforms import transformed
from bayesfit.data.uncertainties import feature_covariances
from bayesfit.data.validation import arguments_of, from_table_arguments, read_fields, refuse_unknown
from bayesfit.errors import BayesfitWarning, DataError

__all__ = ["Data"]


@dataclasses.dataclass(frozen=True, init=False, repr=False, eq=False)
class Data(Frozen):
    """Features and labels of N rows, with everything known about their errors.

    All arrays are read-only copies; the caller's are never changed.  Whatever cannot mean what it seems
    to say is refused here, before any sampling.

    Parameters
    ----------
    x : array (N,) or (N, p), or table
        Features. NaN is a missing feature, and its ``x_err`` is ignored.
    y : array (N,) or (N, 2), optional
        Labels: numbers, intervals (low, high), or class labels (text, booleans, categories).
        NaN or None is a missing label. Equal ends are a measured value, an infinite end makes a limit.
    x_err : number, (N,), mapping by name, (N, p) or (N, p, p), optional
        Standard deviations, or covariances; zero for exact features, such as those a mapping leaves out.
    y_err : number, (N,) or (N, 2), optional
        Standard deviations, or (minus, plus): how far the truth may lie below and above ``y``. All positive.
        NaN (or zero) on a limit or an interval makes it sharp.
    xy_cov : (N,), mapping by name, or (N, p), optional
        Covariance of the features' errors with the label's.
    y_cov : (N, N), optional
        Covariance of all labels, instead of ``y_err``. Rows without a label are marginalised.
    limits : (N,) of "", "upper" or "<", "lower" or ">", optional
        Where ``y`` is a limit: the measurement would have fallen below (above) the known ``y``.
    columns : mapping or table, optional
        Further columns by name: exposure, trials, time, group ...
    names, label, units : optional
        Names of the features and of the label, and units (text) by these names and those of columns.

    Attributes
    ----------
    kind : str
        "none", "numbers" or "classes".
    y : (N,) or None
        Numbers, NaN where missing: a limit itself, an interval's middle; or class labels, None where missing.
    labels : (N,) or None
        The labels as they were given: whole numbers stay whole.
    classes : tuple
        The distinct labels, sorted, of class labels or of a few whole numbers; parts of the data keep them all.
    limits : (N,) int8 or None
        0 measured, +1 upper limit, -1 lower limit, 2 interval.
    y_low, y_high : (N,) or None
        The interval of each label; both equal y where measured.
    log_jacobian : (N,)
        ln |f'(y)| of the transformations made so far, zero for limits.

    Raises
    ------
    DataError
        Naming the argument, the rows and the value found.

    Examples
    --------
    >>> data = Data([1.0, 2.0, 3.0], [1.1, 1.9, 3.2], y_err=0.1)
    >>> data
    Data(3 rows: x -> y, y_err)
    >>> data[1:].y
    array([1.9, 3.2])
    """

    x: np.ndarray
    names: tuple[str, ...]
    label: str
    units: Mapping[str, str]
    kind: str
    y: OptionalArray
    labels: OptionalArray
    classes: tuple
    limits: OptionalArray
    y_low: OptionalArray
    y_high: OptionalArray
    x_err: OptionalArray
    y_err: OptionalArray
    xy_cov: OptionalArray
    y_cov: OptionalArray
    columns: Mapping[str, np.ndarray]
    log_jacobian: np.ndarray
    #: the ends (N, 2) of the labels before any transformation, or the class labels (N,)
    origin: OptionalArray

    def __init__(
        self,
        x,
        y=None,
        *,
        x_err=None,
        y_err=None,
        xy_cov=None,
        y_cov=None,
        limits=None,
        columns=None,
        names=None,
        label=None,
        units=None,
        **unexpected,
    ):
        refuse_unknown(unexpected)
        errors = {"x_err": x_err, "y_err": y_err, "xy_cov": xy_cov, "y_cov": y_cov, "limits": limits}
        self._set(read_fields(x, y, columns=columns, names=names, label=label, units=units, **errors))
        if self.y_cov is not None and looks_like_correlation(self.y_cov):
            warnings.warn(
                "y_cov: the diagonal is exactly 1 everywhere, which looks like a correlation matrix;"
                " multiply it by"
                " the errors of both rows if it is one",
                BayesfitWarning,
                stacklevel=2,
            )

    @classmethod
    def from_table(
        cls, table, *, x, y, x_err=None, y_err=None, xy_cov=None, limits=None, columns=None, units=None
    ) -> "Data":
        """Take named columns of a pandas, polars, pyarrow or astropy table, or of a mapping of arrays.

        Parameters
        ----------
        table : table
            Masked and null entries are gaps; units of astropy columns are kept.
        x : str or list of str
            The features, which keep these names.
        y : str, (low, high) or None
            The label, or the two ends of its interval.
        x_err, xy_cov : str, list or mapping by feature, optional
            Names of columns, or numbers; None in a list is an exact feature.
        y_err : str, number or (minus, plus), optional
        limits : str, optional
        columns : list of str, or mapping from new to old names, optional
            The further columns to keep; no others are.
        units : mapping, optional
            Units by name, where the table has none.

        Examples
        --------
        >>> table = {"Teff": [5.1, 5.5], "Z": [0.1, -0.2], "eZ": [0.05, 0.04]}
        >>> Data.from_table(table, x="Teff", y="Z", y_err="eZ")
        Data(2 rows: Teff -> Z, y_err)
        """
        named = {"x_err": x_err, "y_err": y_err, "xy_cov": xy_cov, "limits": limits, "columns": columns}
        return cls(**from_table_arguments(table, x=x, y=y, **named), units=units)

    @classmethod
    def read(cls, path, **names) -> "Data":
        """Read a CSV, Parquet, ECSV, FITS or VOTable file, with the arguments of `from_table`."""
        return cls.from_table(read_table(path), **names)

    @property
    def size(self) -> int:
        """The number of rows."""
        return len(self.x)

    @property
    def n_features(self) -> int:
        """The number of features."""
        return self.x.shape[1]

    @functools.cached_property
    def missing(self) -> np.ndarray:
        """Whether each feature is missing, (N, p)."""
        return locked(np.isnan(self.x))

    @functools.cached_property
    def labelled(self) -> np.ndarray:
        """Whether each row has a label, (N,)."""
        if self.y is None:
            return locked(np.zeros(self.size, dtype=bool))
        if self.kind == "numbers":
            return locked(~np.isnan(self.y))
        return locked(np.array([label is not None for label in self.y], dtype=bool))

    @functools.cached_property
    def noisy(self) -> np.ndarray:
        """Whether each feature has an error or a gap in any row, (p,)."""
        gappy = self.missing.any(axis=0)
        if self.x_err is None:
            return locked(gappy)
        return locked(gappy | (self.x_err.reshape(-1, self.n_features) != 0).any(axis=0))

    @functools.cached_property
    def duplicates(self) -> int:
        """The number of rows whose features, measured labels and errors repeat an earlier row exactly.

        Rows without a label, and limits and intervals, do not count where others have labels: they are alike by what is
        not known of them.
        """
        if self.kind == "none":
            return count_repeats([self.x, self.x_err])
        counted = self.labelled if self.limits is None else self.labelled & (self.limits == 0)
        labels = self.y if self.kind == "numbers" else class_codes(self.y)
        columns = (self.x, self.x_err, labels, self.y_err, self.xy_cov)
        return count_repeats([column if column is None else column[counted] for column in columns])

    @functools.cached_property
    def fingerprint(self) -> str:
        """The SHA-256 digest of all content, in hexadecimal."""
        # the labels as given hold nothing that y does not, but for the type of whole numbers
        return fingerprint({name: value for name, value in self._fields().items() if name not in ("labels", "classes")})

    @functools.cached_property
    def original_label(self) -> str:
        """The fingerprint of the labels before any transformation: equal where the measurements are."""
        return fingerprint({"label": self.origin})

    def x_cov(self) -> np.ndarray | None:
        """Return the covariances of the features' errors, (N, p, p), or None."""
        return feature_covariances(self.x_err)

    def describe(self) -> list[str]:
        """Return what the data hold, in plain sentences."""
        return describe(self)

    def split(self, test_size=0.2, *, stratify: bool = False, seed=None) -> tuple["Data", "Data"]:
        """Return (train, test), divided at random, each in the original order.

        Parameters
        ----------
        test_size : float or int
            A fraction of the rows, or their number.
        stratify : bool
            Keep the proportions of the classes (or of whole-number labels).
        seed : int, optional

        Notes
        -----
        With ``y_cov`` each part takes its own block, and the two parts remain correlated.
        """
        train, test = split_rows(self.size, test_size, strata(self.labels) if stratify else None, seed)
        return self[train], self[test]

    def replace(self, **changes) -> "Data":
        """Return data with some arguments of `Data` changed, and validated again.

        A new ``y`` comes without the old limits, and without the old label's transformations.
        """
        new = self._made(read_fields(**arguments_of(self, changes)))
        if "y" not in changes and "limits" not in changes and new.size == self.size:
            new = new._with(log_jacobian=self.log_jacobian, origin=self.origin)
        return new

    def without_labels(self, rows) -> "Data":
        """Return the same rows with the labels of some missing; their features and errors stay."""
        return self._with(**unlabelled(self, positions(rows, self.size)))

    def transform(self, f, derivative=None) -> "Data":
        """Return data whose label is f(y), for a monotone f.

        Errors are carried by |f'(y)|, to first order, and covariances by f'(y) with its sign; limits
        and intervals go through f, and change sides where it falls. ``derivative`` is f', for an f that is
        neither a known numpy function nor smooth enough for a numerical derivative.

        Raises
        ------
        DataError
            Where f or f' fails, is complex or not finite, f' is zero, or f is not monotone over the labels.

        Examples
        --------
        >>> data = Data([1, 2], [10.0, 100.0], y_err=[1.0, 5.0]).transform(np.log10)
        >>> data.label, data.y, data.y_err.round(4)
        ('log10(y)', array([1., 2.]), array([0.0434, 0.0217]))
        """
        return self._with(**transformed(self, f, derivative), classes=())

    def contents(self) -> dict:
        """Return everything these data hold, by name, for `from_contents`."""
        return self._fields()

    @classmethod
    def from_contents(cls, contents: Mapping) -> "Data":
        """Bring back data from `contents`, which are not validated again."""
        new = object.__new__(cls)
        new._set({field.name: contents[field.name] for field in dataclasses.fields(cls)})
        return new

    def as_intervals(self, low: np.ndarray, high: np.ndarray, rows=slice(None)) -> "Data":
        """Return the same rows with the intervals (low, high), infinite ends included, for the labels of some."""
        with np.errstate(invalid="ignore"):  # of a label that may be anything there is no middle
            middle = np.where(np.isfinite(low), np.where(np.isfinite(high), 0.5 * (low + high), low), high)
        flags = np.full(self.size, INTERVAL, dtype=np.int8)
        changes = {"y": middle, "labels": middle.copy(), "y_low": low.copy(), "y_high": high.copy(), "limits": flags}
        others = np.ones(self.size, dtype=bool)
        others[rows] = False
        if others.any():
            for name, values in changes.items():
                values[others] = getattr(self, name)[others]
        return self._with(**changes)

    def measured_everywhere(self) -> "Data":
        """Return the same rows with every label measured: no limits, no gaps, labels of 0."""
        zeros, flags = np.zeros(self.size), np.zeros(self.size, dtype=np.int8)
        return self._with(y=zeros, labels=zeros, y_low=zeros, y_high=zeros, limits=flags, kind="numbers", origin=None)

    def with_measurements(self, x: np.ndarray, y: np.ndarray) -> "Data":
        """Return the same rows with other measured features and labels, all else unchanged."""
        return self._with(x=x, y=y, labels=y, y_low=y, y_high=y, origin=np.stack([y, y], axis=1))

    def with_features(self, x: np.ndarray) -> "Data":
        """Return the same rows with other measured features (N, p)."""
        return self._with(x=x)

    def with_classes(self, x: np.ndarray, codes: np.ndarray) -> "Data":
        """Return the same rows with other measured features, and the labels at these positions in `classes`."""
        labels = np.empty(self.size, dtype=object)
        labels[:] = [self.classes[code] for code in codes]
        if self.kind == "numbers":
            return self.with_measurements(x, labels.astype(float))
        return self._with(x=x, y=labels, labels=labels, origin=labels)

    def all_of_class(self, code: int, n_classes: int) -> "Data":
        """Return the same rows, all labelled with one of the classes 0 … n_classes - 1."""
        codes = np.full(self.size, float(code))
        return self.measured_everywhere()._with(y=codes, labels=codes, classes=tuple(range(n_classes)))

    def with_label_errors(self, y_err: np.ndarray) -> "Data":
        """Return the same rows with other label errors (N,), zero allowed, and no covariance with the features'."""
        return self._with(y_err=y_err, xy_cov=None)

    def __len__(self):
        return len(self.x)

    def __getitem__(self, rows):
        if isinstance(rows, int | np.integer) and not -self.size <= rows < self.size:
            raise IndexError(f"row {rows} does not exist; there are {self.size} rows")  # ends an iteration
        chosen = positions(rows, self.size)
        if chosen.size == 0:
            raise DataError("no rows were selected; data need at least one")
        if self.y_cov is not None and len(np.unique(chosen)) < len(chosen):
            raise DataError("rows repeat in the selection; with y_cov their joint covariance would be singular")
        return self._with(**{name: take(name, value, chosen) for name, value in self._fields().items()})

    def __repr__(self):
        return summary(self)
