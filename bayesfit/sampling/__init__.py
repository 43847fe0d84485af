"""Sampling by emcee's ensembles: the settings, the run, and its moves."""

from bayesfit.sampling.ensemble import Ensemble
from bayesfit.sampling.joining import sample
from bayesfit.sampling.run import Run, completed

__all__ = ["Ensemble", "Run", "completed", "sample"]
