"""Every pair of parameters: marginal densities and the contours of their joint density."""

import textwrap
from collections.abc import Mapping, Sequence

import corner as pairs
import numpy as np
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from bayesfit.data.tables import closest
from bayesfit.errors import ModelError
from bayesfit.plots.canvas import check_figure
from bayesfit.plots.curves import contours, distinct
from bayesfit.plots.elements import chosen, estimate, labelled, write
from bayesfit.plots.style import BLUE, INK, ORANGE, style, tidy

__all__ = ["corner"]

#: draws that are binned; more make no visible difference
MOST_DRAWS = 10_000
#: the mass inside the ellipses of one and two standard deviations in two dimensions
LEVELS = (1 - np.exp(-0.5), 1 - np.exp(-2.0))
QUANTILES = (0.05, 0.5, 0.95)
#: beyond a truth that lies outside the draws, as a share of the axis
_MARGIN = 0.06
_LEGEND = "contours hold 39 % and 86 % of the draws\n(1σ and 2σ in two dimensions)"
_LINES = "dashed: the median and the central 90 %"


def corner(posterior, *, names=None, truths=None, fig=None, population=False) -> Figure:
    """Plot the marginal density of each parameter and the joint density of each pair.

    Contours hold 39 % and 86 % of the draws, one and two standard deviations in two dimensions; dashed
    lines and titles give the median with the 5 % and 95 % quantiles, as in `Posterior.summary`.

    Parameters
    ----------
    posterior : Posterior
    names : str or sequence of str, optional
        The parameters, or single elements such as "slope[Teff]".
    truths : mapping by element, or sequence in the order shown, optional
        Values to mark.
    fig : Figure, optional
        An empty figure, or one that this function has drawn before, to draw over it.
    population : bool
        Show the parameters of the population of features too.

    Returns
    -------
    Figure

    Raises
    ------
    ModelError
        For unknown names, or where all the parameters shown are constant.
    """
    asked = chosen(posterior, names, population)
    draws = posterior.to_array(asked)
    moving = [distinct(column) for column in draws.T]
    shown = [name for name, moves in zip(asked, moving, strict=True) if moves]
    still = {name: draws[0, i] for i, name in enumerate(asked) if not moving[i]}
    if not shown:
        raise ModelError(f"all draws of {', '.join(asked)} are the same; there is no density to plot")
    kept = draws[:: -(-len(draws) // MOST_DRAWS)][:, moving]
    marks = _truths(truths, asked)
    with style():
        fig = _canvas(fig, len(shown))
        pairs.corner(
            kept,
            fig=fig,
            bins=_bins(len(kept)),
            labels=[labelled(posterior, name) for name in shown],
            range=_ranges(kept, shown, marks),
            **_looks(len(shown)),
        )
        _contours(fig, kept)
        _margins(fig, len(shown))
        _finish(fig, draws[:, moving], shown)
        _mark(fig, [marks.get(name) for name in shown])
        _explain(fig, len(shown), still)
    return fig


def _canvas(fig, n):
    import matplotlib.pyplot as plt

    if fig is None:
        # of two parameters, the free panel has to hold the legend
        side = 4.7 if n == 2 else np.clip(1.15 + 1.45 * n, 3.4, 12.5)
        return plt.figure(figsize=(side, side))
    check_figure(fig)
    if len(fig.axes) not in (0, n * n):
        raise ModelError(f"fig holds {len(fig.axes)} axes, but {n} parameters need {n * n}; give an empty figure")
    return fig


def _ranges(draws, shown, marks):
    """Return the range of each parameter: nearly all of its draws, and its truth with a margin."""
    ends = np.quantile(draws, [0.0005, 0.9995], axis=0).T
    return [_with_mark(low, high, marks.get(name, low)) for name, (low, high) in zip(shown, ends, strict=True)]


def _with_mark(low, high, mark):
    margin = _MARGIN * (max(high, mark) - min(low, mark))
    return (mark - margin if mark < low else low), (mark + margin if mark > high else high)


def _mark(fig, values):
    """Draw the truths; the library's own way fails for a single parameter."""
    n = len(values)
    for i, ax in enumerate(fig.axes):
        row, column = divmod(i, n)
        if column > row:
            continue
        if values[column] is not None:
            ax.axvline(values[column], color=ORANGE, linewidth=1.0, zorder=4)
        if row > column and values[row] is not None:
            ax.axhline(values[row], color=ORANGE, linewidth=1.0, zorder=4)


def _bins(n_draws):
    return int(np.clip(1.6 * n_draws ** (1 / 3), 12, 32))


def _looks(n):
    size = 9.5 if n < 6 else 8.0
    return {
        "color": BLUE,
        "quantiles": QUANTILES,
        "title_quantiles": QUANTILES,
        # of pairs, nothing: its contours of correlated parameters hold far more than they say
        "plot_datapoints": False,
        "plot_density": False,
        "plot_contours": False,
        "max_n_ticks": 4 if n < 6 else 3,
        "label_kwargs": {"fontsize": size},
        "labelpad": 0.04 if n < 6 else 0.10,
        "hist_kwargs": {"linewidth": 1.2},
        "quiet": True,
    }


def _contours(fig, draws):
    """Draw the contours of each pair in its panel."""
    n = draws.shape[1]
    for row in range(1, n):
        for column in range(row):
            x, y, height, levels = contours(draws[:, [column, row]], LEVELS)
            ax = fig.axes[row * n + column]
            limits = ax.axis()
            ax.contourf(x, y, height, [*levels, np.inf], colors=[to_rgba(BLUE, 0.22), to_rgba(BLUE, 0.5)])
            ax.contour(x, y, height, levels, colors=BLUE, linewidths=0.9)
            ax.axis(limits)


def _finish(fig, draws, shown):
    n = len(shown)
    size = 9.5 if n < 6 else 7.5
    for i, ax in enumerate(fig.axes):
        row, column = divmod(i, n)
        if column > row:
            continue
        tidy(ax).tick_params(labelsize=8 if n < 6 else 6.5, length=2.5)
        if row == column:
            ax.spines["left"].set_visible(False)
            text = estimate(draws[:, row])
            long = f"{write(shown[row])} = {text}" if n <= 4 else text
            _fit(ax.set_title(long, fontsize=size, loc="center", color=INK), 1.08 * ax.bbox.width, text)
        else:
            ax.spines[["top", "right"]].set_visible(True)
            ax.spines[["top", "right"]].set(color=ax.spines["left"].get_edgecolor(), linewidth=0.7)
        for label, room in ((ax.xaxis.label, ax.bbox.width), (ax.yaxis.label, ax.bbox.height)):
            _fit(label, room, label.get_text().replace("[", "\n[", 1))


def _fit(text, room, shorter):
    """Write the shorter text where the text is longer than the room, in pixels; in smaller type if it has to be."""
    if max(text.get_window_extent().size) > room:
        text.set_text(shorter)
        text.set_fontsize(text.get_fontsize() * min(1.0, room / max(text.get_window_extent().size)))


def _margins(fig, n):
    """Leave room for labels, in inches: what the library leaves is a fraction of the panels."""
    width, height = fig.get_size_inches()
    left = bottom = 0.85 if n > 2 else 1.0
    right, top = 0.15, 0.4 if n > 1 else 0.75
    fig.subplots_adjust(left=left / width, bottom=bottom / height, right=1 - right / width, top=1 - top / height)


def _explain(fig, n, still):
    lines = [_LINES] if n == 1 else [_LEGEND, _LINES]
    lines += [f"constant: {write(name)} = {value:.6g}" for name, value in still.items()]
    for text in [text for text in fig.texts if text.get_gid() == "legend"]:
        text.remove()
    width, height = fig.get_size_inches()
    place = {"x": 0.5, "ha": "center"} if n == 1 else {"x": 1 - 0.15 / width, "ha": "right"}
    size = 8 if n < 6 else 10
    # with two parameters there is one free panel, and longer lines would reach over the title beside it
    text = "\n".join(textwrap.fill(line, 27) if n == 2 else line for line in lines)
    fig.text(s=text, y=1 - 0.12 / height, va="top", fontsize=size, linespacing=1.5, gid="legend", **place)


def _truths(truths, asked):
    if truths is None:
        return {}
    if isinstance(truths, Mapping):
        unknown = [name for name in truths if name not in asked]
        if unknown:
            raise ModelError(f"truths: {unknown[0]!r} is not plotted; {closest(unknown[0], asked)}")
        return {name: float(value) for name, value in truths.items()}
    if not isinstance(truths, Sequence | np.ndarray) or len(truths) != len(asked):
        raise ModelError(f"truths should hold {len(asked)} values, for {', '.join(asked)}; a mapping may hold fewer")
    given = zip(asked, truths, strict=True)
    return {name: float(value) for name, value in given if value is not None}
