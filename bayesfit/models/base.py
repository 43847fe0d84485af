"""What every model offers: parameters, a target, draws from the prior, and a fit."""

from abc import ABC, abstractmethod

import numpy as np

from bayesfit.audit import announce, audit
from bayesfit.data import Data
from bayesfit.errors import DataError, SamplingError
from bayesfit.parameters import Parameters
from bayesfit.posterior import Posterior
from bayesfit.sampling import Ensemble, one_thread, sample
from bayesfit.seeds import generator
from bayesfit.specification import Specification
from bayesfit.targets import Target, refuse_exact_labels

__all__ = ["BaseModel", "as_data", "no_model_text", "refuse_constant", "refuse_unmeasured"]


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
        return self.parameters(as_data(data)).sample_prior(generator(seed), draws)

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
        target = self.target(as_data(data))
        refuse_exact_labels(target)
        sampler = _as_sampler(sampler)
        with one_thread():
            findings = audit(target)
            announce(findings, progress)
            run = sample(sampler, target, seed=seed, progress=progress, checkpoint=checkpoint, executor=executor)
            return Posterior.from_run(target, run, tuple(finding.text for finding in findings), executor)


def as_data(data) -> Data:
    """Return data that are `Data`.

    Raises
    ------
    DataError
        If they are anything else.
    """
    if not isinstance(data, Data):
        raise DataError(f"data should be a bayesfit.Data, got {type(data).__name__}: write Data(x, y, y_err=…)")
    return data


def refuse_unmeasured(data: Data) -> None:
    """Refuse a feature that no row has."""
    unmeasured = np.flatnonzero(data.missing.all(axis=0))
    if unmeasured.size:
        raise DataError(f"x: the feature {data.names[unmeasured[0]]} is missing in all rows; leave it out")


def refuse_constant(data: Data, what: str) -> None:
    """Refuse a feature without errors that is the same in all rows: nothing keeps its population from width zero."""
    exact = data.x_err is None or ~(data.x_err != 0).reshape(-1, data.n_features).any(axis=0)
    constant = np.flatnonzero(exact & (np.nanmin(data.x, axis=0) == np.nanmax(data.x, axis=0)))
    if constant.size:
        raise DataError(
            f"x: the feature {data.names[constant[0]]} is the same in all rows and has no errors, so {what} has no "
            "width there; leave it out, or give x_err"
        )


def _as_sampler(sampler) -> Ensemble:
    if sampler is None:
        return Ensemble()
    if not isinstance(sampler, Ensemble):
        raise SamplingError(f"sampler={sampler!r} should be a sampling.Ensemble, such as Ensemble(target_ess=1000)")
    return sampler


def no_model_text(name: str, given) -> str:
    """Say that something is no model, and what might have been meant."""
    if isinstance(given, type):
        return f"{name} is the class {given.__name__}, not a model; make one of it: {given.__name__}(…)"
    if isinstance(given, Posterior):
        return f"{name} is a Posterior, not a model; compare posteriors with bayesfit.compare"
    return f"{name} is a {type(given).__name__}, not a model; write Model(predictor, likelihood)"
