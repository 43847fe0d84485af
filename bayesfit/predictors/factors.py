"""What a formula multiplies into a term: a feature, or arithmetic and functions of features; parsed, never executed."""

import ast
from functools import lru_cache

import numpy as np

from bayesfit.errors import ModelError

__all__ = ["evaluate", "features_of"]

_LONGEST = 300
_FUNCTIONS = {
    "I": lambda value: value,
    **{name: getattr(np, name) for name in ("log", "log10", "log2", "log1p", "exp", "expm1", "sqrt", "cbrt")},
    **{
        name: getattr(np, name)
        for name in ("abs", "sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh")
    },
}
_BINARY = {ast.Add: np.add, ast.Sub: np.subtract, ast.Mult: np.multiply, ast.Div: np.divide, ast.Pow: np.power}
_UNARY = {ast.UAdd: np.positive, ast.USub: np.negative}


def evaluate(factor: str, features: tuple[str, ...], x: np.ndarray) -> np.ndarray:
    """Return a factor (N,) at features ``x`` (N, p); NaN or infinite where it has no value.

    Parameters
    ----------
    factor : str
        The name of a feature, or an expression such as "log10(mass)" or "I(x ** 2)".
    features : tuple of str
        The names of the columns of ``x``.

    Raises
    ------
    ModelError
        If the expression holds anything but features, numbers, + - * / ** and known functions.

    Examples
    --------
    >>> evaluate("np.log10(mass / 10)", ("mass",), np.array([[10.0], [100.0]]))
    array([0., 1.])
    """
    if factor in features:
        return x[:, features.index(factor)]
    columns = {name: x[:, j] for j, name in enumerate(features)}
    with np.errstate(all="ignore"):
        return np.broadcast_to(_value(_parsed(factor), columns, factor), len(x))


def features_of(factor: str, features: tuple[str, ...]) -> tuple[str, ...]:
    """Return the features that a factor is made of, in the order of ``features``.

    Raises
    ------
    ModelError
        As `evaluate` does.

    Examples
    --------
    >>> features_of("I(b / a)", ("a", "b", "c"))
    ('a', 'b')
    """
    if factor in features:
        return (factor,)
    evaluate(factor, features, np.ones((1, len(features))))
    named = {node.id for node in ast.walk(_parsed(factor)) if isinstance(node, ast.Name)}
    return tuple(name for name in features if name in named)


@lru_cache(maxsize=256)
def _parsed(factor):
    try:
        if len(factor) > _LONGEST:
            raise ModelError(f"formula: {factor[:40]!r}... has {len(factor)} characters; at most {_LONGEST} are read")
        return ast.parse(factor.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        if isinstance(error, ModelError):
            raise
        raise ModelError(f"formula: cannot read {factor!r}, which is neither a feature nor an expression") from None


def _value(node, columns, factor):
    match node:
        case ast.Constant(value=bool()):
            pass
        case ast.Constant(value=int() | float() as number):
            return np.float64(number)
        case ast.Name(id=name):
            if name not in columns:
                raise ModelError(
                    f"formula: there is no feature {name!r}, in {factor!r}; there are {', '.join(columns)}"
                )
            return columns[name]
        case ast.BinOp(op=op) if type(op) in _BINARY:
            return _BINARY[type(op)](_value(node.left, columns, factor), _value(node.right, columns, factor))
        case ast.UnaryOp(op=op) if type(op) in _UNARY:
            return _UNARY[type(op)](_value(node.operand, columns, factor))
        case ast.Call(
            func=ast.Name(id=name) | ast.Attribute(value=ast.Name(id="np"), attr=name), args=[inside], keywords=[]
        ):
            if name in _FUNCTIONS:
                return _FUNCTIONS[name](_value(inside, columns, factor))
    raise ModelError(_refusal(node, factor))


def _refusal(node, factor):
    known = f"known are numbers, + - * / **, and the functions {', '.join(_FUNCTIONS)}"
    found = ast.unparse(node)
    if found.startswith("C("):
        return (
            f"formula: {found} is refused, since features are numbers: give each level but one a column of 0 and 1 "
            "of its own, such as pandas.get_dummies makes"
        )
    return f"formula: {found!r} is refused, in {factor!r}; {known}. Compute anything else as a column of the table"
