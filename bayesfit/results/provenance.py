"""How the draws of a posterior were made."""

from importlib.metadata import version

__all__ = ["provenance_of"]


def provenance_of(run) -> dict:
    """Return seed, settings, cost and versions of a finished sampling run, as plain data."""
    libraries = ("bayesfit-toolkit", "numpy", "scipy", "emcee", "arviz", "xarray")
    return {
        "seed": str(run.seed),
        "burn_in": run.burn_in,
        "steps": int(run.z.shape[1]),
        "walkers": int(run.z.shape[2]),
        "evaluations": run.n_evaluations,
        "searched": run.searched,
        "interrupted": run.interrupted,
        "seconds": run.seconds,
        "settings": run.settings,
        "versions": {name: version(name) for name in libraries},
    }
