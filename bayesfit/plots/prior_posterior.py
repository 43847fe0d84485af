"""What the data have added: prior and posterior density of each parameter."""

import numpy as np
from matplotlib.figure import Figure

from bayesfit.errors import PriorError
from bayesfit.plots.canvas import figure_of
from bayesfit.plots.curves import density, distinct
from bayesfit.plots.elements import chosen, labelled, support_of
from bayesfit.plots.style import BLUE, INK, ORANGE, STRONG, style, tidy
from bayesfit.priors import Prior

__all__ = ["prior_posterior"]

_PRIOR_DRAWS = 20_000


def prior_posterior(posterior, *, names=None, fig=None, population=False) -> Figure:
    """Plot the prior density of each parameter over its posterior density.

    Both have area one over the whole line; the panel is as wide as the posterior and half as much again, so
    that a wide prior looks as flat as it is.  The prior is drawn by its formula where a parameter has a
    prior of its own, else (joint priors, default priors that speak of the centred value) as the density of
    draws.

    Parameters
    ----------
    posterior : Posterior
    names : str or sequence of str, optional
        The parameters, or single elements such as "slope[Teff]".
    fig : Figure, optional
        Is cleared first.
    population : bool
        Show the parameters of the population of features too.

    Returns
    -------
    Figure

    Raises
    ------
    ModelError
        For unknown names.
    """
    shown = chosen(posterior, names, population)
    draws = posterior.to_array(shown)
    prior_draws = _prior_draws(posterior, shown)
    columns = min(len(shown), 2 if len(shown) in (2, 4) else 3)
    rows = -(-len(shown) // columns)
    with style():
        fig = figure_of(fig, (1.0 + 2.4 * columns, 0.55 + 1.85 * rows))
        axes = fig.subplots(rows, columns, squeeze=False).ravel()
        for i, name in enumerate(shown):
            tidy(axes[i])
            _panel(axes[i], posterior, name, draws[:, i], prior_draws[:, i] if prior_draws is not None else None)
            axes[i].set(xlabel=labelled(posterior, name), yticks=[], ylim=(0, None))
            axes[i].spines["left"].set_visible(False)
        for ax in axes[len(shown) :]:
            ax.remove()
        fig.legend(*axes[0].get_legend_handles_labels(), loc="outside upper left", ncols=2)
    return fig


def _panel(ax, posterior, name, draws, prior_draws):
    support = support_of(posterior, name)
    if not distinct(draws):
        ax.axvline(draws[0], color=BLUE, label="posterior")
        ax.set_title("constant", fontsize=8, color=INK)
        return
    grid, height = density(draws, support)
    ax.fill_between(grid, height, color=BLUE, alpha=STRONG, linewidth=0, label="posterior")
    ax.plot(grid, height, color=BLUE)
    low, high = _window(draws, support)
    x, prior_height = _prior_curve(posterior, name, np.linspace(low, high, 400), prior_draws)
    if x is None:
        ax.plot([], [], color=ORANGE, linewidth=1.6, label="prior")
        ax.set_title("the prior has no density", fontsize=8, color=INK)
    else:
        ax.plot(x, prior_height, color=ORANGE, linewidth=1.6, label="prior", clip_on=False)
        width = _prior_width(posterior, name, prior_draws) / np.ptp(np.quantile(draws, [0.05, 0.95]))
        ax.set_title(f"prior {width:.2g} × as wide" if width < 100 else f"prior {width:.0f} × as wide", fontsize=8)
    ax.set_xlim(low, high)


def _window(draws, support):
    low, high = np.quantile(draws, [0.001, 0.999])
    margin = 0.25 * (high - low)
    return max(low - margin, support[0]), min(high + margin, support[1])


def _prior_draws(posterior, shown):
    """Return draws from the whole prior, or None where some prior is improper and cannot be drawn from."""
    parameters = posterior.target.parameters
    if not any(_needs_draws(parameters, name) for name in shown):
        return None
    try:
        draws = parameters.sample_prior(np.random.default_rng(0), _PRIOR_DRAWS)
    except PriorError:
        return None
    return draws[:, [parameters.names.index(name) for name in shown]]


def _needs_draws(parameters, name):
    block = next(block for block in parameters.blocks if name in block.names)
    centred = any(name in parameter.centring for parameter in parameters.parameters)
    return not isinstance(block.prior, Prior) or (centred and block.is_default)


def _prior_curve(posterior, name, grid, draws):
    parameters = posterior.target.parameters
    prior = parameters.prior_of(name)
    if not _needs_draws(parameters, name):
        if not prior.proper:
            return None, None
        inside = grid[1:-1]  # a density may be infinite at its very bound
        return inside, np.exp(prior.log_prob(inside))
    if draws is None:
        return None, None
    return _within(draws, grid, support_of(posterior, name))


def _prior_width(posterior, name, draws):
    """Return the length of the prior's central 90 %."""
    parameters = posterior.target.parameters
    if _needs_draws(parameters, name):
        return np.ptp(np.quantile(draws, [0.05, 0.95]))
    return np.ptp(parameters.prior_of(name).quantile(np.array([0.05, 0.95])))


def _within(draws, grid, support):
    """Return the density of draws near a window that may be far narrower than they are."""
    width = grid[-1] - grid[0]
    near = draws[(draws > grid[0] - 5 * width) & (draws < grid[-1] + 5 * width)]
    if len(near) < 200:
        return _straight(draws, grid)
    x, height = density(near, (max(support[0], grid[0] - 5 * width), min(support[1], grid[-1] + 5 * width)))
    inside = (x >= grid[0]) & (x <= grid[-1])
    return x[inside], height[inside] * len(near) / len(draws)


def _straight(draws, grid):
    """Return the whole prior's smoothed density: it does not change over so narrow a window."""
    x, height = density(draws)
    return grid, np.interp(grid, x, height, left=0.0, right=0.0)
