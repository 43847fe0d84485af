"""A progress bar on standard error, or nothing."""

import importlib

__all__ = ["Bar"]


class Bar:
    """Shows steps and the state of convergence while a run goes on.

    Parameters
    ----------
    shown
        False for silence.
    """

    def __init__(self, shown: bool):
        self._bar = importlib.import_module("tqdm").tqdm(unit=" steps", desc="search", leave=False) if shown else None

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        if self._bar is not None:
            self._bar.close()

    def say(self, phase: str):
        """Name the phase of the run."""
        if self._bar is not None:
            # tqdm itself puts a colon after it
            self._bar.set_description_str(phase)

    def advance(self, n_steps: int):
        """Count steps."""
        if self._bar is not None:
            self._bar.update(n_steps)

    def judge(self, estimates):
        """Show the worst R-hat and the least effective sample size of `Estimates`."""
        if self._bar is not None:
            n = len(estimates.parameters)
            worst, least = estimates.rhat[:n].max(), estimates.ess[:n].min()
            self._bar.set_postfix_str(f"R-hat {worst:.3f}, ESS {least:.0f}")
