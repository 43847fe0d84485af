"""What every model offers: parameters, a target, draws from the prior, and a fit."""

from abc import ABC, abstractmethod

import numpy as np

from bayesfit.audit import announce, audit
from bayesfit.data import Data
from bayesfit.errors import DataError
from bayesfit.parameters import Parameters
from bayesfit.posterior import Posterior
from bayesfit.sampling import Ensemble, sample
from bayesfit.seeds import generator
from bayesfit.specification import Specification
from bayesfit.targets import Target

__all__ = ["BaseModel"]


class BaseModel(Specification, ABC):
    """The face of a model; subclasses say what its parameters and its target are."""

    @abstractmethod
    def parameters(self, data: Data) -> Parameters:
        """Return the parameters with their priors, the defaults scaled to ``data``."""

    @abstractmethod
    def target(self, data: Data) -> Target:
        """Return the log posterior density on ``data``."""

    @abstractmethod
    def simulate(self, theta, data: Data, *, seed=None) -> Data:
        """Return ``data`` with simulated labels."""

    def sample_prior(self, draws: int, data: Data, *, seed=None) -> np.ndarray:
        """Return draws (draws, D) of the parameters from the prior, in the order of ``parameters(data).names``.

        Raises
        ------
        PriorError
            If a prior is improper.
        """
        return self.parameters(_as_data(data)).sample_prior(generator(seed), draws)

    def fit(self, data: Data, *, sampler=None, seed=None, progress=True, checkpoint=None, executor=None) -> Posterior:
        """Sample the posterior of the parameters.

        Parameters
        ----------
        data : Data
        sampler : sampling.Ensemble, optional
        seed : int, optional
            The same seed gives the same draws, for any number of workers.
        progress : bool
            Whether to show a progress bar on standard error.
        checkpoint : path, optional
            A file from which an interrupted run goes on.
        executor : concurrent.futures.Executor, optional
            Runs the ensembles in parallel.

        Returns
        -------
        Posterior
            Also where the sampler has not converged: it then says so.
        """
        target = self.target(_as_data(data))
        sampler = Ensemble() if sampler is None else sampler
        findings = audit(target)
        announce(findings, progress)
        run = sample(sampler, target, seed=seed, progress=progress, checkpoint=checkpoint, executor=executor)
        return Posterior.from_run(target, run, tuple(finding.text for finding in findings))


def _as_data(data):
    if not isinstance(data, Data):
        raise DataError(f"data should be a bayesfit.Data, got {type(data).__name__}: write Data(x, y, y_err=…)")
    return data
