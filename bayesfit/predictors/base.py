"""The contract of a predictor: the noise-free label y = f(x; θ)."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np

from bayesfit.errors import DataError, ModelError
from bayesfit.parameters import Parameter
from bayesfit.specification import Specification

__all__ = [
    "Affine",
    "LinearPredictor",
    "Outputs",
    "Predictor",
    "checked_pivot",
    "coefficient_widths",
    "plain_values",
    "slope_unit",
]


class Outputs(NamedTuple):
    """What a likelihood asks of a predictor's η, and how large it may be.

    Parameters
    ----------
    classes : tuple or None
        Labels of the K - 1 columns of η that are free, where η is (W, N, K - 1); None where η is (W, N).
    centre, width : float
        Default priors put η at the middle of the data at centre ± width.
    unit : str
    """

    classes: tuple | None = None
    centre: float = 0.0
    width: float = 1.0
    unit: str = ""


#: coefficients beyond this, or below its inverse, cannot be squared
_LARGEST = 1e140


def coefficient_widths(outputs: Outputs, scales, names) -> list[float]:
    """Return the widths of default priors of coefficients: η's own over the scale of what each is multiplied with.

    Raises
    ------
    DataError
        Where one could not be squared, since a term is that small or large.
    """
    scales = np.asarray(scales, dtype=float)
    with np.errstate(all="ignore"):
        widths = outputs.width / scales
    bad = np.flatnonzero(~((widths < _LARGEST) & (widths > 1 / _LARGEST)))
    if bad.size:
        raise DataError(
            f"x: {names[bad[0]]!r} is of the size {scales[bad[0]]:.3g}, and its coefficient would be of the size "
            f"{widths[bad[0]]:.3g}, which cannot be squared; choose another unit of the features"
        )
    return widths.tolist()


class Affine(NamedTuple):
    """η = offset + slope · x: offset (W,) or (W, K), slope (W, p) or (W, p, K)."""

    offset: np.ndarray
    slope: np.ndarray


class Predictor(Specification, ABC):
    """Noise-free labels for a batch of W parameter vectors and N rows.

    Two things are called linear: *linear in θ* (`LinearPredictor`: has a design matrix, which allows
    closed forms) and *affine in x* (`affine` returns something: allows exact noise in the features).
    """

    @abstractmethod
    def parameters(self, data, outputs: Outputs) -> tuple[Parameter, ...]:
        """Return the parameters with default priors scaled to the data."""

    @abstractmethod
    def __call__(self, values: dict[str, np.ndarray], x: np.ndarray) -> np.ndarray:
        """Return η (W, N), or (W, N, K), for features ``x`` (N, p)."""

    def for_data(self, data) -> "Predictor":
        """Return the predictor as it is for these data; another one where it goes by the names of features."""
        return self

    def bind(self, x: np.ndarray) -> Callable[[dict[str, np.ndarray]], np.ndarray]:
        """Return a function of the values alone, picklable, with what depends only on ``x`` computed once."""
        return partial(self._at_rows, x)

    def _at_rows(self, x, values):
        return self(values, x)

    def at(self, values: dict[str, np.ndarray], x: np.ndarray) -> np.ndarray:
        """Return η (W, n) for features (W, n, p) that differ between the parameter vectors."""
        single = [self({name: array[w : w + 1] for name, array in values.items()}, x[w]) for w in range(len(x))]
        return np.concatenate(single)

    def n_columns(self, values: dict[str, np.ndarray], n_features: int) -> int:
        """Return the number of columns of η where it has one for each class but the first, else 0."""
        probe = self.at({name: array[:1] for name, array in values.items()}, np.zeros((1, 1, n_features)))
        return probe.shape[2] if probe.ndim == 3 else 0

    def affine(self, values: dict[str, np.ndarray]) -> Affine | None:
        """Return offset and slope where f is affine in x, else None."""
        return None

    def affine_in(self, feature: int) -> bool:
        """Return whether f is affine in one feature, by its place, whatever the others are."""
        return False


class LinearPredictor(Predictor):
    """A predictor that is linear in θ: η = design(x) · coefficients."""

    @abstractmethod
    def design(self, x: np.ndarray) -> np.ndarray:
        """Return the design matrix (N, P)."""

    @abstractmethod
    def coefficients(self, values: dict[str, np.ndarray]) -> np.ndarray:
        """Return the coefficients (W, P), or (W, P, K), in the order of the design's columns."""

    def __call__(self, values, x):
        return self._combine(self.coefficients(values), self.design(x).T)

    def bind(self, x):
        transposed = np.ascontiguousarray(self.design(x).T)
        return partial(self._at_design, transposed)

    def _at_design(self, transposed, values):
        return self._combine(self.coefficients(values), transposed)

    def n_columns(self, values, n_features):
        coefficients = self.coefficients(values)
        return coefficients.shape[2] if coefficients.ndim == 3 else 0

    def at(self, values, x):
        design = self.design(x.reshape(-1, x.shape[-1])).reshape(*x.shape[:2], -1)
        return np.einsum("wnp,wp...->wn...", design, self.coefficients(values))

    @staticmethod
    def _combine(coefficients, transposed):
        if coefficients.ndim == 2:
            return coefficients @ transposed
        return np.moveaxis(np.moveaxis(coefficients, -1, 1) @ transposed, 1, -1)


def checked_pivot(predictor: Predictor, pivot, n_features: int) -> np.ndarray:
    """Return where features are measured from (p,): zero by default.

    Raises
    ------
    ModelError
        If it is not a finite number for each feature.
    """
    try:
        found = np.zeros(n_features) if pivot is None else np.atleast_1d(np.asarray(pivot, dtype=float))
    except (TypeError, ValueError):
        found = np.array([np.nan])
    if found.shape != (n_features,) or not np.isfinite(found).all():
        name = type(predictor).__name__
        raise ModelError(f"{name}: pivot {pivot!r} should be {n_features} finite number(s), one a feature")
    return found


def plain_values(found, name: str) -> np.ndarray:
    """Return what a user's function gave as an array.

    Raises
    ------
    ModelError
        If that would drop a unit or a mask.
    """
    if hasattr(found, "unit"):
        raise ModelError(f"{name} returned values with a unit, {found.unit}; return plain numbers in the label's unit")
    if np.ma.is_masked(found):
        raise ModelError(f"{name} returned masked values; every row needs a number")
    return np.asarray(found)


def slope_unit(label_unit: str, feature_units) -> str:
    """Return the unit of a label for each unit of a product of features; empty where nothing has one.

    Examples
    --------
    >>> slope_unit("K", ["pc", ""]), slope_unit("", ["yr", "K"]), slope_unit("", [""])
    ('K / pc', '1 / (yr K)', '')
    """
    below = " ".join(unit for unit in feature_units if unit)
    if not below:
        return label_unit
    return f"{label_unit or '1'} / {below if below.isalnum() else f'({below})'}"
