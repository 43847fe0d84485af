"""How far a run has come: everything that is needed to go on with it."""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from bayesfit.sampling.walk import Plan, Position, Walked

__all__ = ["Block", "Course"]


class Block(NamedTuple):
    """One kept round of all ensembles: z (E, n, W, d), log density (E, n, W), acceptances (E, W), ends."""

    z: np.ndarray
    log_density: np.ndarray
    accepted: np.ndarray
    positions: tuple[Position, ...]

    @classmethod
    def of(cls, walked: list[Walked]) -> "Block":
        """Join what the ensembles did."""
        return cls(
            np.stack([each.z for each in walked]),
            np.stack([each.log_prob for each in walked]),
            np.stack([each.accepted for each in walked]),
            tuple(each.position for each in walked),
        )


@dataclass(eq=False)
class Course:
    """A run under way, after its burn-in.

    Parameters
    ----------
    entropy
        What all random streams come from.
    sentence
        What the search found.
    plan
        The frozen mixture of moves, or None where the user gave moves.
    positions
        Where the ensembles stood after the burn-in.
    burn_in
        Discarded steps.
    n_evaluations
        Evaluations so far.
    n_restarts
        How often the kept steps were made burn-in, to learn the moves again from them.
    n_checked
        Kept steps at the last verdict.
    finished
        Whether nothing is left to do.
    blocks
        The kept rounds.
    """

    entropy: int
    sentence: str
    plan: Plan | None
    positions: tuple[Position, ...]
    burn_in: int
    n_evaluations: int
    n_restarts: int = 0
    n_checked: int = 0
    finished: bool = False
    blocks: list[Block] = field(default_factory=list)

    @property
    def n_kept(self) -> int:
        """Kept steps of each ensemble."""
        return sum(block.z.shape[1] for block in self.blocks)

    @property
    def now(self) -> tuple[Position, ...]:
        """Where the ensembles stand."""
        return self.blocks[-1].positions if self.blocks else self.positions

    def keep(self, block: Block, n_evaluations: int):
        """Add a kept round."""
        # one statement changes the chain, so that an interrupt finds either all of the round or none
        self.blocks.append(block)
        self.n_evaluations += n_evaluations

    def restart(self, plan: Plan, positions: tuple[Position, ...], n_steps: int, n_evaluations: int):
        """Drop the kept rounds, as ``n_steps`` of further burn-in, and go on from ``positions``."""
        self.plan, self.positions, self.blocks = plan, positions, []
        self.burn_in += n_steps
        self.n_evaluations += n_evaluations
        self.n_restarts += 1
        self.n_checked = 0

    def joined(self) -> Block:
        """Return all kept rounds as one, and keep them so."""
        if len(self.blocks) > 1:
            self.blocks = [
                Block(
                    np.concatenate([block.z for block in self.blocks], axis=1),
                    np.concatenate([block.log_density for block in self.blocks], axis=1),
                    np.sum([block.accepted for block in self.blocks], axis=0),
                    self.now,
                )
            ]
        return self.blocks[0]
