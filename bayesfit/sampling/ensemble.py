"""The sampler's settings, and their check."""

import hashlib
import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bayesfit.errors import BayesfitWarning, SamplingError
from bayesfit.sampling.run import Run
from bayesfit.sampling.stopping import MAX_STEPS
from bayesfit.specification import Specification

__all__ = ["Ensemble"]

#: walked parameters above which a warning, and a refusal, is given
MANY_DIMENSIONS, MOST_DIMENSIONS = 20, 50


@dataclass(frozen=True, repr=False)
class Ensemble(Specification):
    """Several independent emcee ensembles with an adaptive mixture of moves.

    Parameters
    ----------
    n_ensembles
        Independent ensembles; at least 2 for a verdict.
    n_walkers
        Walkers of each, even and at least twice the number of walked parameters d; by default max(64, 10 d).
    target_ess
        Effective samples wanted of each parameter.
    max_steps
        Steps of each ensemble, burn-in included, after which an automatic run gives up; by default 10000.
        At most half of them are burn-in.
    steps
        Kept steps of each ensemble, instead of an automatic length.
    burn_in
        Discarded steps; by default found automatically.
    start
        Natural values to start from instead of a search: a mapping by name or a vector (D,), around which
        walkers are scattered, or the position of every walker, (n_ensembles, n_walkers, D) or
        (n_ensembles * n_walkers, D).
    moves
        emcee's ``[(move, weight), ...]`` in place of the adaptive mixture.

    Raises
    ------
    SamplingError
        If a setting is unusable; the message names it.

    Notes
    -----
    Above 20 walked parameters ensembles mix slowly, which is warned of; above 50 they are refused unless
    ``n_walkers`` or ``moves`` is given.  Chains of more than 5e7 values in all (400 MB) keep every second step,
    then every fourth, and so on.  What is adapted is adapted in burn-in only, and then frozen.

    Examples
    --------
    >>> Ensemble(n_walkers=100, steps=500)
    Ensemble(n_walkers=100, steps=500)
    """

    n_ensembles: int = 4
    n_walkers: int | None = None
    target_ess: int = 1000
    max_steps: int | None = None
    steps: int | None = None
    burn_in: int | None = None
    start: object = None
    moves: object = None

    def __post_init__(self):
        for name, least in _COUNTS.items():
            object.__setattr__(self, name, _count(name, getattr(self, name), least))
        if self.n_walkers is not None and self.n_walkers % 2:
            raise SamplingError(f"n_walkers={self.n_walkers} is odd; the ensemble moves in halves: use an even number")
        if self.steps is not None and self.burn_in is not None and self.burn_in >= self.steps:
            raise SamplingError(
                f"burn_in={self.burn_in} is not below steps={self.steps}; keep more steps than are discarded"
            )
        if self.steps is None and self.burn_in is not None and self.burn_in >= self.longest:
            raise SamplingError(f"burn_in={self.burn_in} is not below max_steps={self.longest}: nothing would be kept")
        if self.moves is not None and not isinstance(self.moves, list | tuple):
            raise SamplingError(f"moves={self.moves!r} is not a list of (move, weight) as emcee takes it")
        _check_moves(self.moves)

    @property
    def longest(self) -> int:
        """The most steps of an automatic run."""
        return MAX_STEPS if self.max_steps is None else self.max_steps

    def walkers(self, d: int) -> int:
        """Return the number of walkers for ``d`` walked parameters."""
        return self.n_walkers or max(64, 10 * d)

    def check_dimension(self, d: int):
        """Raise `SamplingError`, or warn, where ensembles cannot sample ``d`` parameters well."""
        if d < 1:
            raise SamplingError("the model has no free parameter to sample; every prior is a fixed value")
        if self.walkers(d) < 2 * d:
            raise SamplingError(
                f"n_walkers={self.n_walkers} is below {2 * d}, twice the number of parameters; give {10 * d} or more"
            )
        if d > MOST_DIMENSIONS and self.n_walkers is None and self.moves is None:
            raise SamplingError(
                f"{d} parameters are too many for ensemble moves (the most is {MOST_DIMENSIONS}): fix "
                "or drop some; "
                f"to try all the same give n_walkers (say {10 * d}) or moves"
            )
        if d > MANY_DIMENSIONS:
            warnings.warn(
                f"ensemble moves mix slowly in {d} dimensions; expect long runs and read the diagnostics",
                BayesfitWarning,
                stacklevel=4,
            )

    def described(self) -> dict:
        """Return the settings as plain data: starts by a hash of their values, moves by their names."""
        plain = self.fields()
        if self.start is not None:
            start = dict(self.start) if isinstance(self.start, Mapping) else np.asarray(self.start, float).tolist()
            text = json.dumps(start, sort_keys=True, default=float)
            plain["start"] = hashlib.sha256(text.encode()).hexdigest()[:16]
        if isinstance(self.moves, list | tuple):
            plain["moves"] = [[_describe_move(move), float(weight)] for move, weight in self.moves]
        return plain

    def run(self, target, *, seed=None, progress=True, checkpoint=None, executor=None) -> Run:
        """Sample a target.

        Parameters
        ----------
        target
            The log posterior density of one model on one data set.
        seed
            Non-negative integer; the same seed gives the same draws for any number of workers.
        progress
            Whether to show a bar on standard error.
        checkpoint
            Path of a file from which an interrupted run goes on, bit for bit.
        executor
            A `concurrent.futures` executor that evaluates pieces of the batches of an expensive function, or runs the
            ensembles side by side; where a density is cheap nothing is sent.

        Returns
        -------
        Run
            Also where it has not converged: then ``run.diagnostics`` says so.

        Raises
        ------
        SamplingError
            Before any sampling, if a setting or a start is unusable, the target cannot be sent to the
            executor, or the checkpoint belongs to another run.
        """
        # emcee loads all of scipy.stats, which a user who only describes a model need not wait for
        from bayesfit.sampling.driver import drive

        return drive(self, target, seed=seed, progress=progress, checkpoint=checkpoint, executor=executor)


_COUNTS = {"n_ensembles": 1, "n_walkers": 4, "target_ess": 1, "max_steps": 1, "steps": 1, "burn_in": 0}


def _count(name, value, least):
    if value is None and name not in ("n_ensembles", "target_ess"):
        return None
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | np.integer):
        raise SamplingError(f"{name}={value!r} is not a whole number")
    if value < least:
        raise SamplingError(f"{name}={value} is below {least}, the least that makes sense")
    return int(value)


def _check_moves(moves):
    """Check that moves are emcee's list of (move, weight), and none of them is known to be wrong."""
    if moves is None:
        return
    try:
        pairs = [(move, float(weight)) for move, weight in moves]
    except (TypeError, ValueError) as error:
        raise SamplingError(f"moves={moves!r} is not a list of (move, weight) as emcee takes it") from error
    for move, weight in pairs:
        if not hasattr(move, "propose"):
            raise SamplingError(f"moves: {move!r} has no propose(); give emcee moves, not their classes' names")
        if not (np.isfinite(weight) and weight > 0):
            raise SamplingError(f"moves: the weight {weight} of {type(move).__name__} is not positive")
        if type(move).__name__ == "DESnookerMove":
            raise SamplingError(
                "moves: emcee's DESnookerMove (version 3.1.6) samples the wrong distribution (a "
                "variance of 0.70 "
                "instead of 1 in five dimensions); use DEMove"
            )
    if not pairs:
        raise SamplingError("moves is empty; leave it out for the adaptive mixture")


def _describe_move(move) -> str:
    plain = {key: value for key, value in vars(move).items() if isinstance(value, int | float | str | None)}
    inner = ", ".join(f"{key}={value!r}" for key, value in sorted(plain.items()))
    return f"{type(move).__module__}.{type(move).__name__}({inner})"
