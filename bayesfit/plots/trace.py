"""Where the walkers went: traces by ensemble, with the marginal density of each."""

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from bayesfit.plots.canvas import figure_of
from bayesfit.plots.curves import density, distinct
from bayesfit.plots.elements import chosen, labelled, support_of
from bayesfit.plots.style import CYCLE, INK, style, tidy

__all__ = ["trace"]

#: points of each line, and lines of each ensemble
MOST_POINTS = 600
MOST_WALKERS = 16


def trace(posterior, *, names=None, fig=None, population=False) -> Figure:
    """Plot the walkers' paths of each parameter, and the marginal density of each ensemble.

    Ensembles have one colour each: where all is well, their bands and their densities, all drawn to one height, lie on
    one another.
    With raw chains (`Posterior.chains`) the paths are those of single walkers after burn-in, some of them,
    thinned; without, as after loading from a file, they are the stored draws.

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
    columns = [posterior.names.index(name) for name in shown]
    chains = _chains(posterior)[..., columns]
    raw = posterior.chains is not None
    thin = posterior.diagnostics.n_steps // chains.shape[1] if raw else 1
    with style():
        fig = figure_of(fig, (7.6, min(0.75 + 1.25 * len(shown), 16.0)))
        axes = fig.subplots(
            len(shown),
            2,
            squeeze=False,
            sharex="col",
            sharey="row",
            width_ratios=(4, 1),
            gridspec_kw={"wspace": 0.03},
        )
        for i, name in enumerate(shown):
            _paths(axes[i, 0], chains[..., i], thin)
            axes[i, 0].set_ylabel(labelled(posterior, name))
            _densities(axes[i, 1], chains[..., i], support_of(posterior, name))
            axes[i, 1].set_title(_verdict(posterior.diagnostics, name), fontsize=8, color=INK)
        axes[-1, 0].set_xlabel("step after burn-in" if raw else "stored draw")
        axes[-1, 1].set_xlabel("density, to one height")
        axes[0, 0].set_title(_count(chains) if raw else f"{len(chains)} ensembles")
    return fig


def _count(chains):
    ensembles, _, walkers, _ = chains.shape
    shown = f", {MOST_WALKERS} of each shown" if walkers > MOST_WALKERS else ""
    return f"{ensembles} ensembles × {walkers} walkers{shown}"


def _chains(posterior):
    """Return draws (ensemble, step, walker, D); the stored ones as those of one walker."""
    if posterior.chains is not None:
        return posterior.chains
    chains = posterior.tree["posterior"].sizes["chain"]
    return posterior.to_array().reshape(chains, -1, 1, len(posterior.names))


def _paths(ax, chains, thin):
    ensembles, steps, walkers = chains.shape
    kept = np.arange(0, steps, -(-steps // MOST_POINTS))
    lines = np.unique(np.linspace(0, walkers - 1, min(walkers, MOST_WALKERS)).astype(int))
    for ensemble in range(ensembles):
        paths = chains[ensemble][np.ix_(kept, lines)].T
        segments = np.stack([np.broadcast_to(thin * kept, paths.shape), paths], axis=-1)
        colour = CYCLE[ensemble % len(CYCLE)]
        ax.add_collection(LineCollection(list(segments), colors=colour, linewidths=0.5, alpha=0.35, rasterized=True))
    tidy(ax)
    ax.autoscale_view()
    ax.margins(x=0.01)


def _densities(ax, chains, support):
    for ensemble, draws in enumerate(chains):
        colour = CYCLE[ensemble % len(CYCLE)]
        if distinct(draws):
            grid, height = density(draws, support)
            ax.plot(height / height.max(), grid, color=colour, linewidth=1.1)
        else:
            ax.axhline(draws.flat[0], color=colour, linewidth=1.1)
    tidy(ax)
    ax.set(xticks=[], xlim=(0, None))
    ax.tick_params(left=False, labelleft=False)
    ax.spines["left"].set_visible(False)


def _verdict(diagnostics, name):
    return f"R-hat {diagnostics.rhat.get(name, np.nan):.3f}, ESS {diagnostics.ess.get(name, np.nan):.0f}"
