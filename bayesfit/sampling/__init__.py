"""Sampling by emcee's ensembles: the settings, the run, and its moves."""

from bayesfit.sampling.ensemble import Ensemble
from bayesfit.sampling.joining import sample
from bayesfit.sampling.pointwise import pointwise_terms
from bayesfit.sampling.run import Run
from bayesfit.sampling.threads import one_thread

__all__ = ["Ensemble", "Run", "one_thread", "pointwise_terms", "sample"]
