"""Formulas in plain HTML: trusted text, into which escaped values are filled."""

from markupsafe import Markup

__all__ = ["html", "row_value", "summary"]


def html(text: str, *values) -> Markup:
    """Fill escaped values into trusted HTML."""
    return Markup(text).format(*values)


def row_value(value) -> Markup:
    """Return what belongs to a row: a number, or the name of a column."""
    return html("<i>{}</i><sub>i</sub>", value) if isinstance(value, str) else html("{:g}", value)


def summary(part) -> str:
    """Return the first line of a class's own description, which says its formula."""
    lines = (type(part).__doc__ or repr(part)).strip().splitlines()
    return lines[0].replace("\\", "")
