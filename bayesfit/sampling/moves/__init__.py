"""Ensemble moves: each an emcee move that evaluates its proposals in whole batches."""

from bayesfit.sampling.moves.autoregressive_t import AutoregressiveT
from bayesfit.sampling.moves.complement_t import ComplementT
from bayesfit.sampling.moves.differential import Differential
from bayesfit.sampling.moves.independent_t import IndependentT
from bayesfit.sampling.moves.stretch import Stretch

__all__ = ["AutoregressiveT", "ComplementT", "Differential", "IndependentT", "Stretch"]
