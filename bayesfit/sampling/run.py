"""What a sampling run leaves behind."""

from dataclasses import dataclass, field

import numpy as np

from bayesfit.diagnostics import Diagnostics

__all__ = ["Run", "completed"]


def completed(target, z, entropy: int) -> np.ndarray:
    """Return natural values of all parameters (…, D) of chains (…, d): what was integrated out is drawn back.

    By a random stream of its own, so that the same chains of a run are always completed by the same draws.
    """
    rng = np.random.default_rng(np.random.SeedSequence(entropy, spawn_key=(1, 0)))
    return target.complete(z.reshape(-1, z.shape[-1]), rng).reshape(*z.shape[:-1], -1)


@dataclass(frozen=True, eq=False)
class Run:
    """Chains of all ensembles after burn-in, with their provenance.

    Parameters
    ----------
    z
        Walking coordinates (ensemble, step, walker, d).
    chains
        Natural values of all parameters (ensemble, step, walker, D), those that were integrated out among them.
    log_density
        Log density at each of them (ensemble, step, walker), with the Jacobian of the walking coordinates.
    acceptance
        Fraction of accepted proposals of each walker (ensemble, walker).
    burn_in
        Steps of each ensemble that were discarded.
    n_evaluations
        Evaluations of the log density, those of the search and the burn-in included.
    seed
        The entropy that reproduces the run, also when none was given.
    diagnostics
        The verdict on the chains.
    searched
        Which modes were searched for and where the walkers started.
    thin
        Every which step is kept: 1 unless the chains would need more than 400 MB.
    interrupted
        Whether the user stopped the run.
    seconds
        ``{"wall": ..., "cpu": ...}`` of this process.
    settings
        The sampler's settings as plain data.
    faults
        Sentences about evaluations that went wrong, such as NaN.
    """

    z: np.ndarray
    chains: np.ndarray
    log_density: np.ndarray
    acceptance: np.ndarray
    burn_in: int
    n_evaluations: int
    seed: int
    diagnostics: Diagnostics
    searched: str
    thin: int = 1
    interrupted: bool = False
    seconds: dict = field(default_factory=dict)
    settings: dict = field(default_factory=dict)
    faults: tuple[str, ...] = ()

    @property
    def n_steps(self) -> int:
        """Steps of each ensemble that are held."""
        return self.z.shape[1]

    @property
    def slowest(self) -> float:
        """The longest autocorrelation time, in steps that are held; one where nothing moves."""
        times = [time for time in self.diagnostics.tau.values() if np.isfinite(time)]
        return max(times, default=1.0) / self.thin

    @property
    def converged(self) -> bool:
        """Whether the diagnostics found nothing wrong."""
        return self.diagnostics.converged

    def __repr__(self):
        ensembles, steps, walkers, d = self.z.shape
        return f"Run({ensembles} ensembles × {steps} steps × {walkers} walkers × {d}: {self.diagnostics})"
