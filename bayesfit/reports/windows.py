"""Limits, intervals and truncation in words, and as formulas: where a probability stands for a density."""

from collections.abc import Iterator

import numpy as np
from markupsafe import Markup

from bayesfit.reports.markup import html, row_value

__all__ = ["limits_of", "truncation_of"]

_LIMITS = {
    1: ("upper limits", Markup("P(<i>{}</i><sub>i</sub> &lt; L<sub>i</sub>)")),
    -1: ("lower limits", Markup("P(<i>{}</i><sub>i</sub> &gt; L<sub>i</sub>)")),
    2: ("intervals", Markup("P(a<sub>i</sub> &lt; <i>{}</i><sub>i</sub> &lt; b<sub>i</sub>)")),
}


def limits_of(data) -> Iterator[tuple[str, Markup]]:
    """Yield the words and the formula of the labels that are limits or intervals, where there are any."""
    flags = np.zeros(len(data), dtype=int) if data.limits is None else data.limits
    for flag, (name, probability) in _LIMITS.items():
        rows = np.flatnonzero(flags == flag)
        if rows.size:
            words = (
                f"Labels that are {name} ({rows.size} of {len(data)}) count by a probability under the same law, "
                f"{_edge(rows, data)}."
            )
            yield words, html("{}: {}", name, probability.format(data.label))


def _edge(rows, data) -> str:
    """Return whether limits have errors of their own."""
    if data.y_err is None:
        return "and are sharp: there are no label errors"
    sharp = (data.y_err[rows].reshape(rows.size, -1) == 0).all(axis=1)
    if sharp.all():
        return "and are sharp: σ is zero in them"
    blurred = "convolved with the error σ of the row as measured labels are"
    return f"{blurred}, but for {sharp.sum()} that are sharp (σ is zero)" if sharp.any() else blurred


def truncation_of(target) -> Iterator[tuple[str, Markup]]:
    """Yield the words and the formula of the window through which labels were selected, where there is one."""
    ends = getattr(target.likelihood, "truncation", None)
    if ends is None or (ends[0] is None and ends[1] is None):
        return
    low, high = ends
    label = html("<i>{}</i><sub>i</sub>", target.data.label)
    window = label if low is None else html("{} &lt; {}", row_value(low), label)
    window = window if high is None else html("{} &lt; {}", window, row_value(high))
    mean = "" if target.population is None else ", averaged over the population"
    yield (
        "Rows are in the data only where the measured label lies inside a window (truncation), so each term is divided "
        f"by the probability of that{mean}.",
        html("p({} | in the data) = p({}) / P({})", label, label, window),
    )
