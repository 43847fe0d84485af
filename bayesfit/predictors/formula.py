"""Reading formulas with formulaic: terms of columns, and nothing that would be executed."""

from bayesfit.data import Data
from bayesfit.data.columns import as_numbers
from bayesfit.data.tables import select, table_columns
from bayesfit.errors import DataError, ModelError
from bayesfit.predictors.factors import features_of
from bayesfit.predictors.terms import Terms

__all__ = ["read_formula"]


def read_formula(formula: str, table) -> Terms:
    """Return the terms of a formula about the columns of a table, or of Data.

    Raises
    ------
    ModelError
        If the formula cannot be read, names what is not there, or holds what is no term of numbers.
    """
    if not isinstance(formula, str):
        raise ModelError(f"formula={formula!r} should be text, such as 'logL ~ logT + metallicity'")
    columns = _columns(table)
    left, right = _parse(formula, list(columns))
    terms = [tuple(factor.expr for factor in term.factors if factor.expr != "1") for term in right]
    for factor in (factor for term in right for factor in term.factors):
        if factor.eval_method.value == "literal" and factor.expr not in ("0", "1"):
            raise ModelError(f"formula {formula!r}: the number {factor.expr} scales a term, which a slope does already")
    label = _label(formula, left, columns, isinstance(table, Data))
    known = tuple(name for name in columns if name != label)
    used = {name for term in terms for factor in term for name in features_of(factor, known)}
    features = table.names if isinstance(table, Data) else tuple(name for name in known if name in used)
    for name in features:
        _check_numbers(name, columns, table)
    # lower orders first, as is the custom
    named = sorted((term for term in dict.fromkeys(terms) if term), key=len)
    return Terms(tuple(named), _in_order(named, features), () in terms, label)


def _columns(table):
    if isinstance(table, Data):
        return dict.fromkeys([*table.names, *([] if table.y is None else [table.label])])
    return table_columns(table)


def _in_order(terms, features):
    """Features in the order in which the formula names them first."""
    named = [name for term in terms for factor in term for name in features_of(factor, features)]
    return tuple(dict.fromkeys([*named, *features]))


def _parse(formula, names):
    try:
        from formulaic.errors import FormulaicError
        from formulaic.parser import DefaultFormulaParser
    except ImportError:
        raise ModelError("formulas need formulaic: pip install 'bayesfit-toolkit[formula]'") from None
    parser = DefaultFormulaParser(feature_flags=DefaultFormulaParser.FeatureFlags.TWOSIDED)
    try:
        found = parser.get_terms(formula, context={"__formulaic_variables_available__": names})
    except (FormulaicError, SyntaxError, RecursionError) as error:
        raise ModelError(f"formula {formula!r} cannot be read: {_plain(error)}") from None
    except Exception as error:
        # formulaic stumbles over some: "(]" is an AttributeError, "a**00" a TypeError
        raise ModelError(f"formula {formula!r} cannot be read, check brackets and powers: {_plain(error)}") from None
    sides = found._to_dict()
    return list(sides.get("lhs", [])), list(sides["rhs"] if "rhs" in sides else sides["root"])


def _plain(error):
    """The first line of a message, without the marks for a terminal."""
    return str(error).strip().split("\n")[0].replace("\x1b", "")


def _label(formula, left, columns, are_data):
    if not left:
        return None
    factors = [factor for term in left for factor in term.factors]
    if len(factors) != 1 or factors[0].eval_method.value != "lookup":
        raise ModelError(
            f"formula {formula!r}: the left side should be one column; for a function of the label use Data.transform, "
            "which takes errors and limits along"
        )
    label = factors[0].expr
    if label not in columns and not are_data:
        raise ModelError(f"formula {formula!r}: there is no column {label!r}; there are {', '.join(columns)}")
    return label


def _check_numbers(name, columns, table):
    if isinstance(table, Data):
        return
    try:
        as_numbers(select(columns, name, "formula").values, name)
    except DataError as error:
        raise ModelError(
            f"formula: the column {name!r} does not hold numbers ({error}); for classes of rows give each but one a "
            "column of 0 and 1 of its own, such as pandas.get_dummies makes"
        ) from None
