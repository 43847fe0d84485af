"""How far a run has come: everything that is needed to go on with it."""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from bayesfit.sampling.walk import Plan, Position, Walked

__all__ = ["MOST_VALUES", "Block", "Course"]

#: values of all parameters, of all ensembles together (400 MB), beyond which every second step is dropped
MOST_VALUES = 50_000_000


class Block(NamedTuple):
    """One kept round of all ensembles: z (E, n, W, d), log density (E, n, W), acceptances (E, W), ends.

    ``n_steps`` counts what was walked, also where fewer steps are kept.
    """

    z: np.ndarray
    log_density: np.ndarray
    accepted: np.ndarray
    positions: tuple[Position, ...]
    n_steps: int

    @classmethod
    def of(cls, walked: list[Walked]) -> "Block":
        """Join what the ensembles did."""
        z = np.stack([each.z for each in walked])
        return cls(
            z,
            np.stack([each.log_prob for each in walked]),
            np.stack([each.accepted for each in walked]),
            tuple(each.position for each in walked),
            z.shape[1],
        )

    def every(self, thin: int, first: int = 0) -> "Block":
        """Return the block with every ``thin``-th step only, from ``first`` on."""
        if thin == 1:
            return self
        z, log_density = self.z[:, first::thin].copy(), self.log_density[:, first::thin].copy()
        return self._replace(z=z, log_density=log_density)


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
    n_due
        Kept steps at which the next verdict comes; 0 for the first one.
    finished
        Whether nothing is left to do.
    thin
        Every which step is kept: 1 until there are more than `MOST_VALUES` values.
    confirmed
        Whether importance sampling has found the posterior to have the shape of its Laplace approximations.
    covered
        Whether it has found the proposal that was learnt to cover the posterior.
    unseen
        What the search says of maxima that it has probably not found; empty if nothing.
    doubt
        What another estimate of the moments said against the chains at the last verdict; empty if nothing.
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
    n_due: int = 0
    finished: bool = False
    thin: int = 1
    confirmed: bool = False
    covered: bool = False
    unseen: str = ""
    doubt: str = ""
    blocks: list[Block] = field(default_factory=list)

    @property
    def is_witnessed(self) -> bool:
        """Whether chains are not the only witness of where the posterior is, so that shorter ones will do."""
        return self.confirmed or self.covered

    @property
    def n_steps(self) -> int:
        """Steps of each ensemble after the burn-in."""
        return sum(block.n_steps for block in self.blocks)

    @property
    def now(self) -> tuple[Position, ...]:
        """Where the ensembles stand."""
        return self.blocks[-1].positions if self.blocks else self.positions

    def keep(self, block: Block, n_evaluations: int, n_parameters: int):
        """Add a round, thinned to what there is room for once all parameters are there, not only those walked in."""
        block = block.every(self.thin, -self.n_steps % self.thin)
        # one statement changes the chain, so that an interrupt finds either all of the round or none
        self.blocks.append(block)
        self.n_evaluations += n_evaluations
        room = MOST_VALUES // n_parameters
        while sum(block.log_density.size for block in self.blocks) > room and self.joined().z.shape[1] > 1:
            self.blocks, self.thin = [self.joined().every(2)], 2 * self.thin

    def restart(self, plan: Plan, positions: tuple[Position, ...], n_steps: int, n_evaluations: int):
        """Drop the kept rounds, as ``n_steps`` of further burn-in, and go on from ``positions``."""
        self.plan, self.positions, self.blocks = plan, positions, []
        self.burn_in += n_steps
        self.n_evaluations += n_evaluations
        self.n_restarts += 1
        self.n_due, self.thin, self.doubt = 0, 1, ""
        self.confirmed = self.covered = False

    def joined(self) -> Block:
        """Return all kept rounds as one, and keep them so."""
        if len(self.blocks) > 1:
            self.blocks = [
                Block(
                    np.concatenate([block.z for block in self.blocks], axis=1),
                    np.concatenate([block.log_density for block in self.blocks], axis=1),
                    np.sum([block.accepted for block in self.blocks], axis=0),
                    self.now,
                    self.n_steps,
                )
            ]
        return self.blocks[0]
