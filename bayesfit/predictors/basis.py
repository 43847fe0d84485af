"""A weighted sum of functions of the user's."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bayesfit.errors import ModelError, rows_text
from bayesfit.parameters import Parameter
from bayesfit.predictors.base import LinearPredictor, Outputs, plain_values
from bayesfit.priors import Normal

__all__ = ["Basis"]


@dataclass(frozen=True, repr=False)
class Basis(LinearPredictor):
    r"""η = Σ_k weight_k g_k(x).

    Parameters
    ----------
    functions : sequence of callable
        Each takes x in the data's units, (N,) or, with several features, (p, N), and returns N numbers, or
        one.  There is no constant among them unless it is given: ``lambda x: 1.0``.

    Raises
    ------
    ModelError
        If there are no functions, one is not callable, or one returns another shape or non-finite numbers.

    Notes
    -----
    The parameter is "weight" with dimension "term": the names of the functions, or their positions where
    these have no name or share it.

    Default priors, with c and w as in `Linear`: beside a constant g_0 = a, weight_k ~ Normal(0, w / sd(g_k)),
    and η at the mean of the other terms ~ Normal(c, w) if the constant comes first (else the constant's
    weight has a prior wide enough for any such mean).  Without a constant,
    weight_k ~ Normal(0, (|c| + w) / rms(g_k)).

    Examples
    --------
    >>> Basis((np.sin, np.cos)).design(np.array([[0.0], [np.pi / 2]])).round(12)
    array([[0., 1.],
           [1., 0.]])
    """

    functions: tuple[Callable, ...]

    def __post_init__(self):
        try:
            functions = tuple(self.functions)
        except TypeError:
            raise ModelError(f"Basis: functions should be a sequence of functions, got {self.functions!r}") from None
        wrong = [k for k, function in enumerate(functions) if not callable(function)]
        if wrong or not functions:
            found = f"functions[{wrong[0]}] is {functions[wrong[0]]!r}" if wrong else "there are none"
            raise ModelError(f"Basis: functions should be one or more functions of x; {found}")
        object.__setattr__(self, "functions", functions)

    @property
    def terms(self) -> tuple:
        """The labels of the functions: a name, or a position where there is none of its own."""
        names = [getattr(function, "__name__", "<none>") for function in self.functions]
        times = Counter(names)
        return tuple(k if n.startswith("<") or times[n] > 1 else n for k, n in enumerate(names))

    def design(self, x):
        features = np.ascontiguousarray(x[:, 0] if x.shape[1] == 1 else x.T)
        return np.column_stack([self._column(k, features, len(x)) for k in range(len(self.functions))])

    def _column(self, k, features, n_rows):
        # a copy: a function that changes its argument in place must not change the data
        name = f"Basis: function {self.terms[k]}"
        try:
            found = self.functions[k](features.copy())
        except Exception as error:
            raise ModelError(f"{name} raised {type(error).__name__}: {error}") from error
        found = plain_values(found, name)
        if found.shape not in ((n_rows,), ()) or found.dtype.kind not in "fiub":
            raise ModelError(f"{name} returned {found.dtype} of shape {found.shape}, expected {n_rows} real numbers")
        return np.broadcast_to(found.astype(float), (n_rows,))

    def coefficients(self, values):
        weight = values["weight"]
        return weight if weight.ndim == 2 else np.moveaxis(weight, 1, -1)

    def parameters(self, data, outputs: Outputs) -> tuple[Parameter, ...]:
        priors, means = self._scaled_priors(self._checked_design(data), outputs)
        if outputs.classes is None:
            dims, coords, classes = ("term",), (self.terms,), (None,)
        else:
            classes = tuple(outputs.classes)
            dims, coords = ("class", "term"), (classes, self.terms)
        names = Parameter("weight", dims=dims, coords=coords).elements
        size, centring = len(self.terms), {}
        for start in range(0, len(names), size):
            later = dict(zip(names[start + 1 : start + size], means, strict=False))
            if any(later.values()):
                centring[names[start]] = {name: mean for name, mean in later.items() if mean}
        return (Parameter("weight", priors * len(classes), dims, coords, centring),)

    def _checked_design(self, data):
        """Return the design of the rows whose features are all there."""
        rows = np.flatnonzero(~data.missing.any(axis=1))
        if not rows.size:
            return np.ones((1, len(self.functions)))
        with np.errstate(all="ignore"):
            design = self.design(data.x[rows])
        bad = ~np.isfinite(design)
        if bad.any():
            k = int(np.argmax(bad.any(axis=0)))
            found = design[bad[:, k], k][0]
            raise ModelError(f"Basis: function {self.terms[k]} is {found} at {rows_text(rows[bad[:, k]])}")
        return design

    @staticmethod
    def _scaled_priors(design, outputs):
        """Return the priors, and the means of later terms by which a leading constant is centred."""
        mean, spread = design.mean(axis=0), design.std(axis=0)
        rms = np.sqrt(np.square(design).mean(axis=0))
        flat = (np.ptp(design, axis=0) == 0) & (mean != 0)
        if not flat.any():
            scales = (abs(outputs.centre) + outputs.width) / np.where(rms > 0, rms, 1.0)
            return [Normal(0.0, float(scale)) for scale in scales], []
        constant = int(np.argmax(flat))
        widths = outputs.width / np.where((spread > 0) & ~flat, spread, np.where(rms > 0, rms, 1.0))
        if constant:  # not centred: what the terms before it may add up to has to be made up for
            others = (np.arange(len(mean)) != constant) & ~flat
            widths[constant] = np.hypot(widths[constant], np.linalg.norm((widths * mean)[others]) / abs(mean[constant]))
        centres = np.where(np.arange(len(mean)) == constant, outputs.centre / mean[constant], 0.0)
        priors = [Normal(float(centre), float(width)) for centre, width in zip(centres, widths, strict=True)]
        return priors, [] if constant else [float(m / mean[0]) for m in mean[1:]]
