"""Parameters: between the sampler's vector and names, shapes, priors and units.

A model's parameters form a list of (possibly array-valued) `Parameter`; their elements that are not
`Fixed` are the columns of theta, in natural units.  The sampler walks in coordinates z:

    z  --supports-->  centred values  --minus centring-->  theta  --fixed values, simplex-->  values

*Centring* replaces an element by itself plus a weighted sum of later ones, for example the intercept
by the value of the line at the middle of the data.  It has Jacobian one, makes default priors mean what
people think they mean, and keeps the sampler's coordinates well conditioned for years and Julian dates.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.linalg import get_lapack_funcs

from bayesfit.errors import PriorError
from bayesfit.parameters.assignment import Block, assign
from bayesfit.parameters.parameter import Parameter
from bayesfit.priors import Fixed, JointPrior, Prior
from bayesfit.supports import Interval, OrderedVector, RealVector, Simplex

__all__ = ["Parameters"]

# at each step of the sampler: scipy's wrapper would take longer than all the rest
_trtrs = get_lapack_funcs("trtrs", dtype=np.float64)


class Parameters:
    """All parameters of a model with their priors, resolved for one data set.

    Parameters
    ----------
    parameters : sequence of Parameter
    priors : mapping, optional
        The user's priors: by parameter, by element ("slope[Teff]"), nested ({"slope": {"Teff": …}}),
        or by a tuple of names for a joint prior.  A plain number fixes.

    Raises
    ------
    PriorError
        For a prior of a parameter that does not exist, or a parameter without a prior.
    """

    def __init__(self, parameters: Sequence[Parameter], priors: Mapping | None = None):
        self.parameters = tuple(parameters)
        self.elements = tuple(name for parameter in self.parameters for name in parameter.elements)
        if len(set(self.elements)) != len(self.elements):
            twice = sorted({name for name in self.elements if self.elements.count(name) > 1})
            raise PriorError(f"two parts of the model both have a parameter named {', '.join(twice)}")
        self.blocks: tuple[Block, ...] = assign(self.parameters, priors or {})
        self._check_bounds()
        self.fixed = {
            name: float(block.prior.value)
            for block in self.blocks
            if isinstance(block.prior, Fixed)
            for name in block.names
        }
        derived = {block.names[-1] for block in self.blocks if isinstance(block.prior.support, Simplex)}
        self.names = tuple(n for n in self.elements if n not in self.fixed and n not in derived)
        self._column = {name: column for column, name in enumerate(self.names)}
        self._layout()
        self._group_priors()

    def _check_bounds(self):
        for block in self.blocks:
            if isinstance(block.prior.support, RealVector):
                self._refuse_bounded(block)
            low, high = self[block.names[0].split("[")[0]].bounds
            if isinstance(block.prior, Prior) and not (
                low <= block.prior.support[0] and block.prior.support[1] <= high
            ):
                kind = "HalfNormal or TruncatedNormal" if high == np.inf else "Uniform or TruncatedNormal"
                raise PriorError(
                    f"priors[{block.names[0]!r}]: {block.prior!r} reaches outside ({low:g}, {high:g}), where this "
                    f"parameter has no meaning; use a prior with that support, such as {kind}"
                )

    def _refuse_bounded(self, block):
        for name in block.names:
            bounds = self[name.split("[")[0]].bounds
            if bounds != (-np.inf, np.inf):
                raise PriorError(
                    f"priors[{block.names!r}]: {block.prior!r} reaches over all real numbers, but {name} has a meaning "
                    f"only in ({bounds.low:g}, {bounds.high:g}); give it a prior of its own"
                )

    def _layout(self):
        """Where each element's value comes from, and the two centring maps."""
        sources = np.array([self._column.get(name, -1) for name in self.elements], dtype=int)
        self._places, self._sources = np.flatnonzero(sources >= 0), sources[sources >= 0]
        stops = np.cumsum([len(p.elements) for p in self.parameters], dtype=int)
        parts = zip(self.parameters, stops, strict=True)
        self._parts = [(p.name, slice(stop - len(p.elements), stop), p.shape) for p, stop in parts]
        self._constants = np.array([self.fixed.get(name, 0.0) for name in self.elements])
        self._simplexes = [
            ([self.elements.index(name) for name in block.names[:-1]], self.elements.index(block.names[-1]))
            for block in self.blocks
            if isinstance(block.prior.support, Simplex)
        ]
        centring = {name: weights for p in self.parameters for name, weights in p.centring.items()}
        free = {name: block for block in self.blocks for name in block.names if name in self._column}
        movable = {name for name, block in free.items() if _may_be_shifted(block, centring)}
        self._walk_centring = self._matrix({n: w for n, w in centring.items() if n in movable})
        self._prior_centring = self._matrix({n: w for n, w in centring.items() if n in free and free[n].is_default})

    def _matrix(self, centring):
        """Return the unit upper triangular matrix M and constants c with centred = M theta + c, or None."""
        if not centring:
            return None
        matrix, constant = np.eye(len(self.names)), np.zeros(len(self.names))
        for name, weights in centring.items():
            row = self._column[name]
            for other, weight in weights.items():
                if other in self.fixed:
                    constant[row] += weight * self.fixed[other]
                else:
                    matrix[row, self._column[other]] = weight
        return matrix, constant

    def _group_priors(self):
        """Stack univariate priors of one kind, so that each kind costs one call however many it has."""
        by_kind: dict[type, list[tuple[int, Prior]]] = {}
        self._joint: list[tuple[list[int], JointPrior]] = []
        for block in self.blocks:
            columns = [self._column[name] for name in block.names if name in self._column]
            if isinstance(block.prior, JointPrior):
                self._joint.append((columns, block.prior))
            elif columns:
                by_kind.setdefault(type(block.prior), []).append((columns[0], block.prior))
        self._stacked = [_stack(members) for kind in by_kind.values() for members in _stackable(kind)]
        self._intervals = [
            (np.array(columns), Interval(*bounds))
            for bounds, columns in self._columns_by_support(by_kind).items()
            if bounds != (-np.inf, np.inf)
        ]

    @staticmethod
    def _columns_by_support(by_kind):
        supports: dict[tuple[float, float], list[int]] = {}
        for members in by_kind.values():
            for column, prior in members:
                low, high = prior.support
                supports.setdefault((float(low), float(high)), []).append(column)
        return supports

    def __len__(self):
        return len(self.names)

    def __getitem__(self, name: str) -> Parameter:
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter
        raise KeyError(name)

    def restricted(self, parameters: Sequence[Parameter]) -> "Parameters":
        """Return the parameters given, whose elements must be among these, with the priors they have here."""
        kept = {name for parameter in parameters for name in parameter.elements}
        priors = {
            block.names if len(block.names) > 1 else block.names[0]: block.prior
            for block in self.blocks
            if set(block.names) <= kept
        }
        return Parameters(parameters, priors)

    def prior_of(self, element: str) -> Prior | JointPrior:
        """Return the prior that holds for an element."""
        return next(block.prior for block in self.blocks if element in block.names)

    # -- theta and values ---------------------------------------------------------------------------

    def unpack(self, theta) -> dict[str, np.ndarray]:
        r"""Split theta (W, D) into arrays (W, \*shape) by parameter name, Fixed values included."""
        theta = np.asarray(theta, dtype=float)
        flat = np.empty((*theta.shape[:-1], len(self.elements)))
        flat[...] = self._constants
        flat[..., self._places] = theta[..., self._sources]
        for others, last in self._simplexes:
            flat[..., last] = 1.0 - flat[..., others].sum(axis=-1)
        return {name: flat[..., part].reshape(*theta.shape[:-1], *shape) for name, part, shape in self._parts}

    def pack(self, values: Mapping[str, np.ndarray]) -> np.ndarray:
        """Join arrays by parameter name into theta (..., D); the inverse of `unpack`."""
        columns = {}
        for parameter in self.parameters:
            array = np.asarray(values[parameter.name], dtype=float)
            lead = array.shape[: array.ndim - len(parameter.shape)]
            flat = array.reshape(*lead, -1)
            columns.update({name: flat[..., i] for i, name in enumerate(parameter.elements)})
        return np.stack([columns[name] for name in self.names], axis=-1)

    # -- priors -------------------------------------------------------------------------------------

    def log_prior(self, theta) -> np.ndarray:
        """Return the log prior density (W,) of theta (W, D)."""
        theta = np.asarray(theta, dtype=float)
        centred = _apply(self._prior_centring, theta)
        total = np.zeros(theta.shape[:-1])
        for columns, prior in self._stacked:
            total += prior.log_prob(centred[..., columns]).sum(axis=-1)
        for columns, prior in self._joint:
            value = centred[..., columns]
            if isinstance(prior.support, Simplex):
                value = np.concatenate([value, 1.0 - value.sum(axis=-1, keepdims=True)], axis=-1)
            total += prior.log_prob(value)
        return total

    def sample_prior(self, rng: np.random.Generator, size: int) -> np.ndarray:
        """Return draws (size, D) from the prior.

        Raises
        ------
        PriorError
            If a prior is improper.
        """
        centred = np.empty((size, len(self.names)))
        for block in self.blocks:
            columns = [self._column[name] for name in block.names if name in self._column]
            if isinstance(block.prior, JointPrior):
                centred[:, columns] = block.prior.sample(rng, size)[:, : len(columns)]
            elif columns:
                centred[:, columns[0]] = block.prior.sample(rng, size)
        return _undo(self._prior_centring, centred)

    def sample_start(self, rng: np.random.Generator, size: int) -> np.ndarray:
        """Return plausible theta (size, D): draws from the prior, or, where it is improper, from the default.

        Without a default either, from a Student t of 2 degrees of freedom inside the support.
        """
        centred = np.empty((size, len(self.names)))
        for block in self.blocks:
            columns = [self._column[name] for name in block.names if name in self._column]
            if not columns:
                continue
            prior = block.prior if block.prior.proper else self._default_of(block.names[0])
            if prior is None:
                draws = block.prior.support.constrain(rng.standard_t(2, size))[0]
            else:
                draws = prior.sample(rng, size)
            centred[:, columns] = draws.reshape(size, -1)[:, : len(columns)]
        return _undo(self._prior_centring, centred)

    def _default_of(self, element):
        parameter = self[element.split("[")[0]]
        default = parameter.default_of(parameter.elements.index(element))
        return default if default is not None and default.proper else None

    # -- the sampler's coordinates --------------------------------------------------------------------

    def constrain(self, z) -> tuple[np.ndarray, np.ndarray]:
        """Map walking coordinates (W, D) to theta (W, D) and ln |dtheta/dz| (W,)."""
        z = np.asarray(z, dtype=float)
        centred, log_jacobian = z.copy(), np.zeros(z.shape[:-1])
        for columns, interval in self._intervals:
            centred[..., columns], log_slope = interval.constrain(z[..., columns])
            log_jacobian += log_slope.sum(axis=-1)
        for columns, prior in self._joint:
            value, log_slope = prior.support.constrain(z[..., columns])
            centred[..., columns] = value[..., : len(columns)]
            log_jacobian += log_slope
        return _undo(self._walk_centring, centred), log_jacobian

    def unconstrain(self, theta) -> np.ndarray:
        """Map theta (W, D) to walking coordinates (W, D); NaN or infinite where theta has no prior mass."""
        theta = np.asarray(theta, dtype=float)
        z = _apply(self._walk_centring, theta).copy()
        for columns, interval in self._intervals:
            z[..., columns] = interval.unconstrain(theta[..., columns])
        for columns, prior in self._joint:
            value = z[..., columns]
            if isinstance(prior.support, Simplex):
                value = np.concatenate([value, 1.0 - value.sum(axis=-1, keepdims=True)], axis=-1)
            z[..., columns] = prior.support.unconstrain(value)
        return z

    def centrings(self) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
        """Return matrix (D, D) and constant (D,) that take theta to the sampler's centred values, and to the priors'.

        The latter are those of default priors: a user's speak of the parameters as they are.
        """
        plain = np.eye(len(self)), np.zeros(len(self))
        return self._walk_centring or plain, self._prior_centring or plain

    # -- words ----------------------------------------------------------------------------------------

    def unit_of(self, element: str) -> str:
        """Return the unit of an element, empty where it has none."""
        parameter = self[element.split("[")[0]]
        return parameter.unit_of(parameter.elements.index(element)) if element in parameter.elements else parameter.unit

    def table(self) -> str:
        """Return a readable table: parameter, prior, unit, and whether the prior is the default."""
        rows = [("parameter", "prior", "unit", "")]
        for block in self.blocks:
            name = block.names[0] if len(block.names) == 1 else ", ".join(block.names)
            rows.append(
                (
                    _clip(name),
                    self.prior_text(block),
                    self.unit_of(block.names[0]),
                    "default" if block.is_default else "",
                )
            )
        widths = [max(len(row[i]) for row in rows) for i in range(4)]
        lines = ["  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows]
        return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])

    def prior_text(self, block) -> str:
        """Return the prior of a block as text, with the place that a centred default speaks of."""
        if isinstance(block.prior, Fixed):
            return f"= {block.prior.value:.6g}"
        centred = block.is_default and block.names[0] in self[block.names[0].split("[")[0]].centring
        return f"{block.prior!r} at the centre of the data" if centred else repr(block.prior)

    __str__ = table


def _clip(text, width=48):
    return text if len(text) <= width else text[: width - 1] + "…"


def _may_be_shifted(block, centring) -> bool:
    """Return whether what a block may be does not change by its centring: the whole line, or an order."""
    if isinstance(block.prior.support, OrderedVector):
        weights = [centring.get(name) for name in block.names]
        return all(each == weights[0] for each in weights)
    return isinstance(block.prior, Prior) and not np.any(np.isfinite(block.prior.support))


def _apply(centring, theta):
    if centring is None:
        return theta
    matrix, constant = centring
    return theta @ matrix.T + constant


def _undo(centring, centred):
    if centring is None:
        return centred
    matrix, constant = centring
    flat = (centred - constant).reshape(-1, centred.shape[-1])
    solved, _ = _trtrs(matrix, flat.T, unitdiag=1)
    return np.ascontiguousarray(solved.T).reshape(centred.shape)


def _stackable(members):
    """Split priors of one kind into those whose fields are plain numbers, together, and the others alone."""
    plain = [m for m in members if all(isinstance(v, float) for v in m[1].fields().values())]
    return ([plain] if plain else []) + [[m] for m in members if m not in plain]


def _stack(members):
    columns = np.array([column for column, _ in members])
    first = members[0][1]
    if len(members) == 1:
        return columns, first
    stacked = {name: np.array([prior.fields()[name] for _, prior in members]) for name in first.fields()}
    return columns, type(first)(**stacked)
