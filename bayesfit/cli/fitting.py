"""What fitting commands share: a model of typed words, a sampler, a seed, and processes."""

import contextlib
import multiprocessing
import secrets
import signal
from collections.abc import Generator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from pathlib import Path

from bayesfit.cli import options
from bayesfit.cli.parts import read_likelihood, read_population, read_predictor, read_priors
from bayesfit.cli.reporting import FINISHED, INTERRUPTED, NOT_CONVERGED
from bayesfit.likelihoods import Likelihood
from bayesfit.likelihoods.classes import Classes
from bayesfit.models import Model
from bayesfit.posterior import Posterior
from bayesfit.sampling import Ensemble
from bayesfit.sampling.checkpoint import seed_of

__all__ = ["make_model", "make_sampler", "make_seed", "status_of", "takes_classes", "workers"]


def make_model(predictor: str, noise: options.Noise, likelihood: str | None = None) -> Model:
    """Return the model that the words describe; ``likelihood`` wins over that of ``noise``.

    Raises
    ------
    ModelError, PriorError
        For words that mean nothing.
    """
    found = read_likelihood(likelihood or noise.likelihood, scatter=noise.scatter, truncation=noise.truncation)
    priors = read_priors(noise.prior or ())
    return Model(read_predictor(predictor), found, priors=priors, population=read_population(noise.population))


def takes_classes(likelihood: Likelihood) -> bool:
    """Return whether the labels of a likelihood may be text."""
    return isinstance(likelihood, Classes)


def make_sampler(run: options.Run) -> Ensemble:
    """Return the sampler with the settings that were typed."""
    return Ensemble(target_ess=run.ess, max_steps=run.max_steps)


def make_seed(run: options.Run, checkpoint: Path | None = None) -> int:
    """Return the seed that was typed, that of the run in a checkpoint, or one that is short enough to be typed again.

    Raises
    ------
    SamplingError
        If the checkpoint cannot be read.
    """
    seed = seed_of(checkpoint) if run.seed is None and checkpoint is not None else run.seed
    return secrets.randbelow(2**31) if seed is None else seed


@contextlib.contextmanager
def workers(n: int) -> Generator[Executor | None]:
    """Give an executor of ``n`` processes, or none for a single one."""
    if n == 1:
        yield None
        return
    # started afresh: a copy of a process with threads may hang
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(n, mp_context=context, initializer=_leave_interrupts) as executor:
        yield executor


def _leave_interrupts():
    """An interruption is dealt with by the process that gives out the work."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def status_of(posteriors: Sequence[Posterior]) -> int:
    """Return the exit code: interrupted, not converged, or finished."""
    if any(posterior.provenance.get("interrupted") for posterior in posteriors):
        return INTERRUPTED
    return FINISHED if all(posterior.diagnostics.converged for posterior in posteriors) else NOT_CONVERGED
