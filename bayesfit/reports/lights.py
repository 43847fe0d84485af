"""The verdict at a glance: green, amber or red, always with the word."""

from typing import NamedTuple

from bayesfit.diagnostics.verdict import LEAST_TIMES, MEANS_EXCESS, MEANS_RHAT, WALKERS_RHAT
from bayesfit.posterior import Posterior
from bayesfit.reports.accuracy import Accuracy

__all__ = ["RHAT", "Light", "light_of"]

#: what R-hat is, and what is asked of it
RHAT = (
    "R-hat is the larger of two, which are 1 where chains agree: split R-hat of the ensembles' means, which has to be "
    f"below {MEANS_RHAT[0]} ({MEANS_RHAT[1]} from 200 autocorrelation times on, and 1 + {MEANS_EXCESS} / their number "
    f"where they are fewer than {LEAST_TIMES}), and split R-hat of single walkers, which has to be {WALKERS_RHAT} at "
    "most."
)


class Light(NamedTuple):
    """A traffic light.

    Attributes
    ----------
    colour : "green", "amber" or "red"
    word : str
    reasons : tuple of str
        What is wrong and what to do; or, where nothing is, what was checked.
    """

    colour: str
    word: str
    reasons: tuple[str, ...]


def light_of(posterior: Posterior, accuracy: Accuracy) -> Light:
    """Return the light: red without convergence, amber where single rows deserve a look."""
    diagnostics = posterior.diagnostics
    if not diagnostics.converged:
        advice = "Do not use these numbers yet: they describe where the sampler has been, not the posterior."
        return Light("red", "Not converged", (advice, *diagnostics.messages))
    checked = (
        f"R-hat is at most {max(diagnostics.rhat.values()):.3f}, and there are at least "
        f"{min(diagnostics.ess.values()):.0f} effective samples of each parameter."
    )
    notes = diagnostics.messages
    if not accuracy.reliable:
        notes = (*notes, "Leave-one-out cannot be trusted for some rows; the section on accuracy names them.")
    if notes:
        return Light("amber", "Converged, with remarks", (checked, *notes))
    no_mode = "No check finds a mode of the posterior in which no walker started."
    return Light("green", "Converged", (checked, no_mode))
