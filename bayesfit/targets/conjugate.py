"""Which coefficients are normal given all other parameters: plain columns of a design, under normal or flat priors."""

from typing import NamedTuple

import numpy as np

from bayesfit.parameters import Parameters
from bayesfit.predictors import LinearPredictor
from bayesfit.priors import Flat, JointPrior, MultivariateNormal, Normal

__all__ = ["Conjugate", "conjugate_of", "selects", "whitened"]


class Conjugate(NamedTuple):
    """Elements b of θ that are normal before the data, whatever the others are: G θ - g ~ N(0, 1) for each row.

    Parameters
    ----------
    own, rest : ndarray (k,), (D - k,)
        Their columns among the free parameters, and those of all others.
    columns : ndarray (P, D)
        1 where a column of the design has a free parameter as its coefficient.
    rows, values : ndarray (r, D), (r,)
        G and g; flat priors have no rows.
    """

    own: np.ndarray
    rest: np.ndarray
    columns: np.ndarray
    rows: np.ndarray
    values: np.ndarray


def conjugate_of(target) -> Conjugate | None:
    """Return the conjugate coefficients of a regression target; None if there are none, or nothing else is free.

    Parameters
    ----------
    target : RegressionTarget
        With a predictor that is linear in θ.
    """
    parameters, columns = target.parameters, target.coefficient_names()
    if columns is None or not selects(target.predictor, parameters, columns):
        return None
    normal = [
        _Law([parameters.names.index(name) for name in block.names], isinstance(block.prior, JointPrior), *law)
        for block in parameters.blocks
        if set(block.names) <= set(columns) and (law := whitened(block.prior)) is not None
    ]
    normal = _undisturbed(parameters, normal)
    own = sorted(column for law in normal for column in law.place)
    rest = np.setdiff1d(np.arange(len(parameters)), own)
    if not (own and rest.size):
        return None
    matrix = np.array([[float(name == column) for name in parameters.names] for column in columns])
    return Conjugate(np.array(own), rest, matrix, *_prior_rows(parameters, normal))


class _Law(NamedTuple):
    """A normal prior G v - g ~ N(0, 1) of the parameters at some places, and whether it is a joint one."""

    place: list[int]
    joint: bool
    whitener: np.ndarray
    centre: np.ndarray


def _undisturbed(parameters: Parameters, laws: list[_Law]) -> list[_Law]:
    """Leave out elements that others are centred on: the others' priors, or coordinates, would move with them."""
    while True:
        own = [column for law in laws for column in law.place]
        rest = np.setdiff1d(np.arange(len(parameters)), own)
        touched = sum(np.abs(matrix[rest]).sum(axis=0) for matrix, _ in parameters.centrings())
        kept = [law for law in laws if not touched[law.place].any()]
        if len(kept) == len(laws):
            return kept
        laws = kept


def _prior_rows(parameters: Parameters, laws: list[_Law]) -> tuple[np.ndarray, np.ndarray]:
    matrix, constant = parameters.centrings()[1]
    rows, values = [np.zeros((0, len(parameters)))], [np.zeros(0)]
    for place, joint, whitener, centre in laws:
        # a joint prior speaks of the parameters as they are
        rows.append(whitener @ (np.eye(len(parameters)) if joint else matrix)[place])
        values.append(centre if joint else centre - whitener @ constant[place])
    return np.concatenate(rows), np.concatenate(values)


def whitened(prior) -> tuple[np.ndarray, np.ndarray] | None:
    """Return G and g of a normal prior G v - g ~ N(0, 1), without any rows for a flat one; None for any other.

    Examples
    --------
    >>> whitened(Normal(3.0, 2.0))
    (array([[0.5]]), array([1.5]))
    """
    if type(prior) is Normal:
        return np.array([[1.0 / prior.sd]]), np.array([prior.mean / prior.sd])
    if type(prior) is Flat and np.isinf(prior.support).all():
        return np.zeros((0, 1)), np.zeros(0)
    if type(prior) is MultivariateNormal:
        whitener = np.linalg.inv(np.linalg.cholesky(np.array(prior.cov)))
        return whitener, whitener @ np.array(prior.mean)
    return None


def selects(predictor: LinearPredictor, parameters: Parameters, columns: list[str]) -> bool:
    """Return whether the coefficients behind the design are these elements, as they stand."""
    values = np.linspace(0.1, 0.9, len(parameters.elements))
    unpacked, start = {}, 0
    for parameter in parameters.parameters:
        stop = start + len(parameter.elements)
        unpacked[parameter.name] = values[start:stop].reshape(1, *parameter.shape)
        start = stop
    found = predictor.coefficients(unpacked)[0]
    by_name = dict(zip(parameters.elements, values, strict=True))
    return len(set(columns)) == len(columns) and np.array_equal(found, [by_name[name] for name in columns])
