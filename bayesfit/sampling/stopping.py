"""How long a round is, and when a run may end or must learn its moves again."""

import numpy as np

from bayesfit.diagnostics import Diagnostics, Estimates

__all__ = ["FIRST_CHECK", "LEAST_TIMES", "MAX_STEPS", "enough", "may_relearn", "next_check", "next_round", "too_early"]

#: the most steps of an automatic run, burn-in included
MAX_STEPS = 10_000
#: shortest and longest round of kept steps, but for what is left to the next verdict
ROUNDS = (20, 500)
#: fewest kept steps that a verdict is asked about, and fewest autocorrelation times that it takes: where the chains
#: are the only witness, and where importance sampling is another
FIRST_CHECK, LEAST_TIMES = {False: 135, True: 40}, {False: 50, True: 20}
#: kept steps at which chains that do not converge become burn-in for better moves
RELEARN = (300, 1000, 3000)


def next_check(n_steps: int, estimates: Estimates, witnessed: bool) -> int:
    """Return the kept steps at which another verdict is worth its cost: half as many more, or fewer where they do."""
    times = estimates.times[np.isfinite(estimates.times)]
    lack = LEAST_TIMES[witnessed] / times.min() if times.size else 1.0
    more = 1.5 if lack <= 1 else min(1.1 * lack, 1.5)
    return max(n_steps + ROUNDS[0], int(more * n_steps))


def next_round(n_steps: int, n_end: int) -> int:
    """Return the steps of the next round on the way to ``n_end``: half of what there is, within bounds."""
    return int(min(np.clip(n_steps // 2, *ROUNDS), n_end - n_steps))


def enough(diagnostics: Diagnostics, target_ess: int) -> bool:
    """Return whether the chains have converged and are worth the samples asked for."""
    return diagnostics.converged and min(diagnostics.ess.values()) >= target_ess


def may_relearn(n_steps: int, n_restarts: int) -> bool:
    """Return whether so many kept steps become burn-in where they do not converge."""
    return n_restarts < len(RELEARN) and n_steps >= RELEARN[n_restarts]


def too_early(n_steps: int, estimates: Estimates, witnessed: bool, n_restarts: int) -> bool:
    """Return whether the chains are too short to be called converged, and for a bad verdict to change anything."""
    long_enough = estimates.times.min() >= LEAST_TIMES[witnessed]
    return not long_enough and not may_relearn(n_steps, n_restarts)
