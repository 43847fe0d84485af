"""Parameters as they are printed in papers: values with their errors, sensibly rounded, as LaTeX and as ECSV."""

import io
import re
from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np

from bayesfit.errors import ModelError, ResultFileError

__all__ = ["ecsv_table", "latex_table", "measured"]

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{mark: f"\\{mark}" for mark in "&%$#_{}"},
}


def measured(value: float, minus: float, plus: float) -> str:
    r"""Return a value with its errors as LaTeX, to two digits of the smaller error.

    Both errors are written as one where they are the same after rounding, and a power of ten is taken out where digits
    before the point would not be known, or the number is below a thousandth.  The larger error has five digits at most.

    Parameters
    ----------
    value, minus, plus : float
        The errors are distances, zero or more; a value without any has four digits.

    Examples
    --------
    >>> print(measured(2.2381, 0.0983, 0.1123))
    $2.238^{+0.112}_{-0.098}$
    >>> print(measured(0.00123, 0.00004, 0.00004), measured(123456, 1234, 1234))
    $0.001230 \pm 0.000040$ $(1.235 \pm 0.012) \times 10^{5}$
    """
    numbers = [float(number) for number in (value, minus, plus)]
    if not np.isfinite(numbers).all():
        return "--"
    errors = [number for number in numbers[1:] if number > 0]
    if not errors:
        return _plain_number(numbers[0])
    # two digits of the smaller error, unless that is next to nothing beside the larger, or beyond a double's digits
    last = max(_exponent(min(errors)) - 1, _exponent(max(errors)) - 4, _exponent(numbers[0]) - 15)
    middle, low, high = (_rounded(number, last) for number in numbers)
    size = max((number.adjusted() for number in (middle, low, high) if number), default=0)
    power = size if last > 0 or size < -3 else 0
    middle, low, high = (f"{number.scaleb(-power):.{max(power - last, 0)}f}" for number in (middle, low, high))
    text = rf"{middle} \pm {low}" if low == high else f"{middle}^{{+{high}}}_{{-{low}}}"
    return rf"$({text}) \times 10^{{{power}}}$" if power else f"${text}$"


def latex_table(names, draws: np.ndarray, units, ci_prob: float = 0.68) -> str:
    """Return a LaTeX tabular: parameter, median with the distances to the ends of its interval, unit.

    Parameters
    ----------
    names : sequence of str
    draws : ndarray (draws, D)
    units : sequence of str
        The column is left out where all are empty.
    ci_prob : float
        The probability of the equal-tailed intervals.
    """
    estimates, with_units = _estimates(draws, ci_prob), any(units)
    lines = [
        f"% medians and equal-tailed intervals of probability {ci_prob:g}",
        rf"\begin{{tabular}}{{{'lcl' if with_units else 'lc'}}}",
        r"\hline",
        r"Parameter & Value & Unit \\" if with_units else r"Parameter & Value \\",
        r"\hline",
    ]
    for name, unit, (value, minus, plus) in zip(names, units, estimates, strict=True):
        cells = [_escaped(name), measured(value, minus, plus), *([_escaped(unit)] if with_units else [])]
        lines.append(rf"{' & '.join(cells).rstrip()} \\")
    return "\n".join([*lines, r"\hline", r"\end{tabular}", ""])


def ecsv_table(names, draws: np.ndarray, units, ci_prob: float = 0.68, meta=None) -> str:
    """Return a table of one row as ECSV text, with units.

    For each parameter there are its median, under its own name, and the columns "..._minus", "..._plus" (distances to
    the ends of the equal-tailed interval) and "..._sd".  A unit that astropy does not know is told in the description.

    Raises
    ------
    ResultFileError
        If astropy is not installed.
    """
    try:
        from astropy.table import QTable
    except ImportError:
        raise ResultFileError("writing ECSV needs astropy: pip install 'bayesfit-toolkit[astro]'") from None
    table = QTable(meta={"ci_prob": float(ci_prob), **(meta or {})})
    sd = draws.std(axis=0, ddof=1)
    for name, unit, estimate, spread in zip(names, units, _estimates(draws, ci_prob), sd, strict=True):
        parts = {"": "median", "_minus": "below the median", "_plus": "above the median", "_sd": "standard deviation"}
        for (ending, meaning), number in zip(parts.items(), [*estimate, spread], strict=True):
            known = _astropy_unit(unit)
            table[name + ending] = np.array([number]) if known is None else np.array([number]) * known
            table[name + ending].info.description = meaning + (f", in {unit}" if unit and known is None else "")
    buffer = io.StringIO()
    table.write(buffer, format="ascii.ecsv")
    return buffer.getvalue()


def _estimates(draws, ci_prob):
    """Return the median and the distances to the ends of the interval (D, 3)."""
    if isinstance(ci_prob, bool) or not isinstance(ci_prob, int | float | np.number) or not 0 < ci_prob < 1:
        raise ModelError(f"ci_prob={ci_prob!r} should lie between 0 and 1")
    low, middle, high = np.quantile(draws, [(1 - ci_prob) / 2, 0.5, (1 + ci_prob) / 2], axis=0)
    return np.stack([middle, middle - low, high - middle], axis=1)


def _exponent(error):
    """The power of ten of the first digit, after rounding to two: 0.0996 is 0.10."""
    return int(f"{error:.1e}".partition("e")[2])


def _rounded(number, last):
    rounded = Decimal(repr(number)).quantize(Decimal(1).scaleb(last), rounding=ROUND_HALF_EVEN)
    return abs(rounded) if rounded == 0 else rounded


def _plain_number(value):
    if value == 0:
        return "$0$"
    mantissa, _, power = f"{value:.3e}".partition("e")
    if -3 <= int(power) <= 5:
        return f"${value:.{max(3 - int(power), 0)}f}$"
    return rf"${mantissa} \times 10^{{{int(power)}}}$"


def _escaped(text):
    return re.sub(r"[\\~^&%$#_{}]", lambda found: _SPECIAL[found[0]], str(text))


def _astropy_unit(unit):
    from astropy.units import Unit

    try:
        return Unit(unit) if unit else None
    except ValueError:
        return None
