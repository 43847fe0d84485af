"""How the draws of a posterior were made."""

from importlib.metadata import version

__all__ = ["provenance_of", "versions"]

#: whose numbers may depend on their versions
_LIBRARIES = ("bayesfit-toolkit", "numpy", "scipy", "emcee", "arviz", "xarray")


def provenance_of(run) -> dict:
    """Return seed, settings and cost of a finished sampling run, as plain data."""
    return {
        "seed": str(run.seed),
        "burn_in": run.burn_in,
        "steps": run.diagnostics.n_steps,
        "walkers": int(run.z.shape[2]),
        "evaluations": run.n_evaluations,
        "searched": run.searched,
        "interrupted": run.interrupted,
        "seconds": run.seconds,
        "settings": run.settings,
    }


def versions() -> dict[str, str]:
    """Return the versions of the libraries, which takes as long as some hundred evaluations of a density."""
    return {name: version(name) for name in _LIBRARIES}
