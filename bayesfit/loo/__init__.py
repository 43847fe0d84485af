"""How well a posterior predicts rows it has not seen: leave-one-out, its remedies, and refits without labels."""

from bayesfit.loo.estimate import leave_one_out, plain_loo
from bayesfit.loo.psis import good_k, psis
from bayesfit.loo.refits import Held, hold_out

__all__ = ["Held", "good_k", "hold_out", "leave_one_out", "plain_loo", "psis"]
