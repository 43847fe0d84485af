"""Which parameters a plot shows, and how it writes their names and values."""

import math

import numpy as np

from bayesfit.data.tables import closest
from bayesfit.errors import ModelError

__all__ = ["chosen", "estimate", "labelled", "support_of", "write"]


def chosen(posterior, names=None, population=False) -> tuple[str, ...]:
    """Return the free elements to show.

    Parameters
    ----------
    posterior : Posterior
    names : str or sequence of str, optional
        Elements ("slope[Teff]") or whole parameters ("slope").  None: all but the hidden ones.
    population : bool
        Show the parameters of the population of features too.

    Raises
    ------
    ModelError
        For a name that is not there, with the nearest that is.
    """
    parameters = posterior.target.parameters
    free = {
        p.name: tuple(element for element in p.elements if element in posterior.names) for p in parameters.parameters
    }
    if names is None:
        hidden = {p.name for p in parameters.parameters if p.hidden and not population}
        shown = [element for name, elements in free.items() if name not in hidden for element in elements]
        return tuple(shown or posterior.names)
    asked = [names] if isinstance(names, str) else list(names)
    found = [element for name in asked for element in _elements(name, posterior.names, free, parameters)]
    if not found:
        raise ModelError("names is empty; name at least one parameter, or leave names out to see them all")
    return tuple(dict.fromkeys(found))


def _elements(name, elements, free, parameters):
    if name in elements:
        return (name,)
    if free.get(name):
        return free[name]
    if name in free or name in parameters.elements:
        raise ModelError(f"names: {name!r} is fixed, or follows from the others; there is nothing to plot")
    raise ModelError(f"names: no parameter {name!r}; {closest(name, dict.fromkeys([*elements, *free]))}")


def labelled(posterior, name: str) -> str:
    """Return the name of an element with its unit, such as "slope (K)"."""
    unit = posterior.target.parameters.unit_of(name)
    return f"{write(name)} ({unit})" if unit else write(name)


def write(name: str) -> str:
    """Return a name as plain text: a dollar sign would begin a formula."""
    return str(name).replace("$", r"\$")


def support_of(posterior, name: str) -> tuple[float, float]:
    """Return where an element may lie, as its own prior says; the whole line under a joint prior."""
    support = posterior.target.parameters.prior_of(name).support
    if isinstance(support, tuple):
        return float(support[0]), float(support[1])
    return -np.inf, np.inf


def estimate(draws) -> str:
    """Return the median with the distances to the 5 % and 95 % quantiles, to two digits of the smaller.

    Examples
    --------
    >>> estimate(np.linspace(0.0, 1.0, 101))
    '$0.50_{-0.45}^{+0.45}$'
    >>> estimate(np.linspace(1e6, 2e6, 101))
    '$1500000_{-450000}^{+450000}$'
    """
    low, middle, high = np.quantile(draws, [0.05, 0.5, 0.95])
    minus, plus = middle - low, high - middle
    least = min([width for width in (minus, plus) if width > 0], default=0.0)
    if not least:
        return f"${middle:.4g}$"
    power = _power(middle, max(minus, plus))
    scale = 10.0**power
    digits = max(0, 1 - math.floor(math.log10(least / scale)))
    shown = [f"{value / scale:.{digits}f}" for value in (middle, minus, plus)]
    text = "{}_{{-{}}}^{{+{}}}".format(*shown)
    return f"${text}$" if power == 0 else rf"$({text})\times10^{{{power}}}$"


def _power(middle, width):
    """Return the power of ten to write in front, 0 for numbers of a handy size."""
    size = math.floor(math.log10(max(abs(middle), width)))
    return size if size < -3 or size > 6 else 0
