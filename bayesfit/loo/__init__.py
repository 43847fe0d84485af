"""How well a posterior predicts rows it has not seen: leave-one-out, its remedies, and refits without labels."""

from bayesfit.loo.estimate import MOST_ERROR, check_refits, leave_one_out, plain_loo
from bayesfit.loo.pit import Pit, loo_pit
from bayesfit.loo.psis import good_k, psis
from bayesfit.loo.refits import Held, hold_out

__all__ = [
    "MOST_ERROR",
    "Held",
    "Pit",
    "check_refits",
    "good_k",
    "hold_out",
    "leave_one_out",
    "loo_pit",
    "plain_loo",
    "psis",
]
