"""How long the walkers remember where they were."""

import numpy as np
from matplotlib.axes import Axes

from bayesfit.diagnostics.chains import autocovariance
from bayesfit.errors import SamplingError
from bayesfit.plots.canvas import axes_of, remark, whole_ticks
from bayesfit.plots.elements import chosen, write
from bayesfit.plots.style import CYCLE, GREY, PALE, style

__all__ = ["autocorrelation"]


def autocorrelation(posterior, *, names=None, ax=None, population=False) -> Axes:
    """Plot the autocorrelation ρ(t) of each parameter, averaged over the walkers, and mark its time τ.

    The slowest parameters have a colour, the others are grey.  Each dot sits at the integrated
    autocorrelation time τ = 1 + 2 Σ ρ(t) of its curve.

    Parameters
    ----------
    posterior : Posterior
        With its raw chains.
    names : str or sequence of str, optional
        The parameters, or single elements such as "slope[Teff]".
    ax : Axes, optional
    population : bool
        Show the parameters of the population of features too.

    Returns
    -------
    Axes

    Raises
    ------
    ModelError
        For unknown names.
    SamplingError
        Where there are no raw chains: they are not kept in files.
    """
    shown = chosen(posterior, names, population)
    if posterior.chains is None:
        raise SamplingError("the raw chains are not kept in files; plot the autocorrelation before saving")
    tau = np.array([posterior.diagnostics.tau.get(name, np.nan) for name in shown])
    # long chains are held in part
    thin = posterior.diagnostics.n_steps // posterior.chains.shape[1]
    curves = [_curve(posterior.chains[..., posterior.names.index(name)]) for name in shown]
    longest = np.nanmax(tau, initial=1.0)
    last = int(min(posterior.chains.shape[1] - 1, max(np.ceil(8 * longest / thin), 20)))
    with style():
        ax = axes_of(ax)
        ax.axhline(0, color=PALE, linewidth=0.8)
        order = np.argsort(-np.nan_to_num(tau, nan=np.inf), kind="stable")
        for rank, i in enumerate(order):
            _line(ax, curves[i][: last + 1], thin, tau[i], shown[i], rank, len(shown))
        ax.set(
            xlabel="lag (steps)",
            ylabel="autocorrelation",
            xlim=(0, thin * last),
            ylim=(min(-0.1, ax.get_ylim()[0]), 1.02),
        )
        whole_ticks(ax)
        steps = posterior.diagnostics.n_steps
        ax.legend(loc="upper right")
        remark(ax, f"{steps} steps are {steps / longest:.0f} times the longest τ")
    return ax


def _curve(chains):
    """Return ρ(t) (lags,) averaged over all walkers that move; NaN where none does."""
    covariance = autocovariance(np.swapaxes(chains, 1, 2).reshape(-1, chains.shape[1]))
    moving = covariance[covariance[:, 0] > 0]
    if not len(moving):
        return np.full(chains.shape[1], np.nan)
    return (moving / moving[:, :1]).mean(axis=0)


def _line(ax, curve, thin, tau, name, rank, n):
    named = rank < len(CYCLE)
    colour = CYCLE[rank] if named else GREY
    label = f"{write(name)}: τ = {tau:.1f}" if named else None
    if rank == len(CYCLE):
        label = f"{n - len(CYCLE)} faster ones"
    lags = thin * np.arange(len(curve))
    ax.plot(lags, curve, color=colour, linewidth=1.3 if named else 0.8, label=label, zorder=3 - rank / n)
    if named and tau <= lags[-1]:
        ax.plot(tau, np.interp(tau, lags, curve), "o", color=colour, markersize=4.5, zorder=4)
