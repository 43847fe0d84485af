"""Any function of the user's: f(x, a, b, …), as `scipy.optimize.curve_fit` takes it."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bayesfit.errors import ModelError
from bayesfit.parameters import Parameter
from bayesfit.predictors.base import Outputs, Predictor, plain_values
from bayesfit.priors import Fixed

__all__ = ["Function"]

_TRIAL = 3  # parameter vectors on which the two ways of calling f are compared


@dataclass(frozen=True, repr=False)
class Function(Predictor):
    """η = f(x, a, b, …), the parameters being read off the signature.

    Parameters
    ----------
    f : callable
        Takes x in the data's units, (N,) or, with several features, (p, N); then parameters, each a
        number or an array of the shape given.  Returns N numbers.  An argument with a default is a
        constant unless it is given a prior.
    shapes : mapping of str to int, optional
        Lengths of the parameters that are vectors.
    units : mapping of str to str, optional

    Raises
    ------
    ModelError
        If the signature has no parameters, or has ``*args`` or ``**kwargs``; if f returns another shape.

    Notes
    -----
    There are no default priors.  A function that broadcasts is called once for all walkers, with
    parameters of shape (W, 1), vectors (length, W, 1); whether it does is found out by calling it both
    ways on the first batch and comparing.  Otherwise it is called for one walker after another.

    Examples
    --------
    >>> def decay(t, amplitude, rate, background=0.0):
    ...     return amplitude * np.exp(-rate * t) + background
    >>> Function(decay)
    Function(decay)
    """

    f: Callable
    shapes: Mapping[str, int] | None = None
    units: Mapping[str, str] | None = None

    def __post_init__(self):
        if not callable(self.f):
            raise ModelError(f"Function: f should be a function f(x, a, b, …), got {self.f!r}")
        unknown = sorted(set(self.shapes or {}) | set(self.units or {}) - set(self._arguments()))
        unknown = [name for name in unknown if name not in self._arguments()]
        if unknown:
            raise ModelError(f"Function: shapes or units name {', '.join(unknown)}, not among the arguments of f")

    def _arguments(self) -> dict[str, inspect.Parameter]:
        try:
            arguments = list(inspect.signature(self.f).parameters.values())
        except (TypeError, ValueError) as error:
            raise ModelError(f"Function: cannot read the arguments of {self.f!r}: {error}") from None
        if any(a.kind in (a.VAR_POSITIONAL, a.VAR_KEYWORD) for a in arguments):
            raise ModelError("Function: f may not have *args or **kwargs: parameters are named in its signature")
        if any(a.kind is a.POSITIONAL_ONLY for a in arguments[1:]):
            raise ModelError("Function: f takes parameters by position only; write it without '/'")
        if len(arguments) < 2:
            raise ModelError("Function: f should take x and at least one parameter")
        return {a.name: a for a in arguments[1:]}

    def parameters(self, data, outputs: Outputs) -> tuple[Parameter, ...]:
        if outputs.classes is not None:
            raise ModelError("Function: gives one number a row, but this likelihood needs one a class; use Linear")
        made = []
        for name, argument in self._arguments().items():
            length = (self.shapes or {}).get(name)
            constant = argument.default is not inspect.Parameter.empty
            default = _constants(name, argument.default) if constant else None
            dims, coords = ((), ()) if length is None else ((f"{name}_index",), (tuple(range(length)),))
            if default is not None and len(default) != (length or 1):
                raise ModelError(f"Function: the default of {name} has {len(default)} values, not {length or 1}")
            made.append(Parameter(name, default, dims, coords, unit=(self.units or {}).get(name, "")))
        return tuple(made)

    @cached_property
    def _names(self) -> tuple[str, ...]:
        """The parameters' names; reading a signature is slow beside a call."""
        return tuple(self._arguments())

    def n_columns(self, values, n_features):
        return 0

    def __call__(self, values, x):
        return self.bind(x)(values)

    def bind(self, x):
        features = np.ascontiguousarray(x[:, 0] if x.shape[1] == 1 else x.T)
        return _BoundFunction(self.f, features, len(x), self._names)


class _BoundFunction:
    """f on fixed features; remembers whether f broadcasts over parameter vectors."""

    def __init__(self, f, features, n_rows, names):
        self.f, self.features, self.n_rows, self.names = f, features, n_rows, names
        self.broadcasts: bool | None = None

    def __call__(self, values):
        if self.broadcasts is None:
            if len(next(iter(values.values()))) == 1:  # one vector cannot tell, nor could copies of it
                return self.one_by_one(values)
            self.broadcasts = self._try(values)
        return self.at_once(values) if self.broadcasts else self.one_by_one(values)

    def at_once(self, values):
        # copies: a function that changes its arguments in place must not change ours
        columns = {n: values[n].T[..., None].copy() for n in self.names}
        eta = plain_values(self.f(self.features.copy(), **columns), "Function: f")
        n_vectors = len(next(iter(values.values())))
        if eta.shape != (n_vectors, self.n_rows):
            eta = np.broadcast_to(eta, (n_vectors, self.n_rows))
        return _real(eta)

    def one_by_one(self, values):
        n_vectors = len(next(iter(values.values())))
        eta = np.empty((n_vectors, self.n_rows))
        for w in range(n_vectors):
            arguments = {n: values[n][w].copy() if values[n].ndim > 1 else float(values[n][w]) for n in self.names}
            result = plain_values(self.f(self.features.copy(), **arguments), "Function: f")
            if result.shape not in ((self.n_rows,), ()):
                raise ModelError(
                    f"Function: {getattr(self.f, '__name__', 'f')} returned shape {result.shape}, "
                    f"expected ({self.n_rows},)"
                )
            eta[w] = _real(result)
        return eta

    def _try(self, values):
        """Whether one call for many vectors gives what a call for each gives, with W different from N."""
        n_vectors = len(next(iter(values.values())))
        take = np.arange(n_vectors + (n_vectors == self.n_rows)) % n_vectors
        if len(take) < 2:
            take = np.zeros(2 + (self.n_rows == 2), dtype=int)
        batch = {name: values[name][take] for name in self.names}
        if len(take) > _TRIAL and self.n_rows != _TRIAL:
            batch = {name: array[:_TRIAL] for name, array in batch.items()}
        expected = self.one_by_one(batch)
        try:
            found = self.at_once(batch)
        except Exception:  # any failure means only that f does not broadcast
            return False
        return np.allclose(found, expected, rtol=1e-10, atol=0, equal_nan=True)


def _constants(name, default):
    array = np.ravel(default)
    if array.dtype.kind not in "iuf" or not np.isfinite(array).all():
        raise ModelError(f"Function: the default of {name} is {default!r}; a constant should be a finite number")
    return [Fixed(value) for value in array]


def _real(eta):
    if eta.dtype.kind not in "fiub":
        raise ModelError(f"Function: f returned values of type {eta.dtype}, expected real numbers")
    return eta.astype(float, copy=False)
