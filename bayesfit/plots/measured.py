"""Data on axes: points with their errors, limits as arrows, intervals as bars."""

import numpy as np

from bayesfit.errors import ModelError
from bayesfit.plots.style import INK

__all__ = ["draw_labels", "feature_errors", "require_numbers", "typical_columns"]

_BARS = {"color": INK, "ecolor": INK, "elinewidth": 0.8, "capsize": 0, "linestyle": "none"}
_POINT = {
    "marker": "o",
    "markersize": 3.8,
    "markerfacecolor": INK,
    "markeredgecolor": "white",
    "markeredgewidth": 0.4,
}
#: points from which on they are a cloud
MANY = 400


def require_numbers(posterior, plot: str):
    """Refuse class labels."""
    kind = posterior.target.data.kind
    if kind != "numbers":
        raise ModelError(f"plots.{plot} shows numbers, but these labels are {kind}; use a plot for classes")


def feature_errors(data, place: int) -> np.ndarray | None:
    """Return the standard deviations (N,) of one feature's errors, or None."""
    if data.x_err is None:
        return None
    return data.x_err[:, place] if data.x_err.ndim == 2 else np.sqrt(data.x_err[:, place, place])


def typical_columns(data) -> dict[str, float]:
    """Return the median of each further column of numbers; of an even number of rows the lower of the middle two.

    So it is a value that occurs: half a trial would be refused.
    """
    return {
        name: np.nanquantile(values, 0.5, method="lower")
        for name, values in data.columns.items()
        if np.issubdtype(values.dtype, np.number) and values.ndim == 1
    }


def draw_labels(ax, position, data, *, position_err=None, pale=False):
    """Draw the labels of ``data`` against ``position`` (N,), with errors on both axes.

    Measured labels are points with their error bars; an upper (lower) limit is a bar with an arrow that
    points down (up), an interval a bar between its ends.
    """
    limits = np.zeros(data.size, dtype=np.int8) if data.limits is None else data.limits
    here = data.labelled & np.isfinite(position)
    across = None if position_err is None or not np.any(position_err) else np.asarray(position_err)
    measured = here & (limits == 0)
    n = np.count_nonzero(measured)
    many = n > MANY
    if measured.any():
        ax.errorbar(
            position[measured],
            data.y[measured],
            xerr=None if across is None else across[..., measured],
            yerr=_label_errors(data, measured),
            label="_data" if many else "data",
            alpha=max(0.04, 0.35 * np.sqrt(MANY / n)) if many else 0.35 if pale else 1.0,
            rasterized=n > 5000,
            # the fit lies on a cloud of points, but under points that can be told apart
            zorder=0.5 if many else 3,
            **_BARS,
            **(_POINT | ({"markersize": 2.4 if n < 5000 else 1.6, "markeredgewidth": 0.0} if many else {})),
        )
        if many:
            # the legend would show a point as pale as one of the cloud
            ax.plot([], [], **(_POINT | {"linestyle": "none", "label": "data"}))
    for flag in (1, -1):
        rows = here & (limits == flag)
        if rows.any():
            _draw_limits(ax, position[rows], data, rows, flag, None if across is None else across[..., rows])
    rows = here & (limits == 2)
    if rows.any():
        ax.vlines(
            position[rows],
            data.y_low[rows],
            data.y_high[rows],
            color=INK,
            linewidth=2.2,
            alpha=0.5,
            label="intervals",
        )


def _draw_limits(ax, position, data, rows, flag, across):
    name, arrow, sign = (
        ("upper limits", "uplims", r"$\downarrow$") if flag == 1 else ("lower limits", "lolims", r"$\uparrow$")
    )
    length = 0.06 * np.ptp(data.y[data.labelled]) or 1.0
    looks = _BARS | {"capsize": 2.0, "marker": "none", "zorder": 3, arrow: True}
    ax.errorbar(position, data.y[rows], xerr=across, yerr=length, label=f"_{name}", **looks)
    # the legend would show both kinds of bars alike
    ax.plot([], [], linestyle="none", marker=sign, color=INK, markersize=7, label=name)


def _label_errors(data, rows):
    """Return error bars (minus, plus) for matplotlib, or None."""
    if data.y_cov is not None:
        return np.sqrt(np.diagonal(data.y_cov))[rows]
    if data.y_err is None:
        return None
    errors = np.nan_to_num(data.y_err[rows])
    return errors if errors.ndim == 1 else errors.T
