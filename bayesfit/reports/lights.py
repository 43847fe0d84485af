"""The verdict at a glance: green, amber or red, always with the word."""

from typing import NamedTuple

from bayesfit.posterior import Posterior
from bayesfit.reports.accuracy import Accuracy

__all__ = ["Light", "light_of"]


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
