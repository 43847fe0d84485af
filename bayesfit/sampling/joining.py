"""A posterior that is a product, sampled factor by factor and put together again."""

import dataclasses
from pathlib import Path

import numpy as np

from bayesfit.diagnostics import Diagnostics
from bayesfit.sampling.run import Run, completed

__all__ = ["sample"]


def sample(sampler, target, *, seed=None, progress=True, checkpoint=None, executor=None) -> Run:
    """Sample a target; where it is a product of independent factors, one factor after another.

    Ensembles mix the more slowly the more parameters they walk in, so that K classes of d parameters are far
    quicker one by one than together.  Independent chains paired step by step are chains of the product.
    """
    factors = target.factors()
    if not factors:
        return sampler.run(target, seed=seed, progress=progress, checkpoint=checkpoint, executor=executor)
    entropy = np.random.SeedSequence(seed).entropy if seed is None or seed >= 0 else seed
    seeds = np.random.SeedSequence(entropy).generate_state(len(factors) + 1)
    runs = []
    for k, factor in enumerate(factors):
        path = None if checkpoint is None else Path(checkpoint).with_suffix(f".{k}{Path(checkpoint).suffix}")
        runs.append(sampler.run(factor, seed=int(seeds[k]), progress=progress, checkpoint=path, executor=executor))
    return _join(target, runs, entropy, np.random.default_rng(seeds[-1]))


def _join(target, runs, entropy, rng):
    steps, walkers = (min(run.z.shape[axis] for run in runs) for axis in (1, 2))
    z = target.assemble([run.z[:, -steps:, :walkers] for run in runs], rng)
    flat = z.reshape(-1, z.shape[-1])
    density = np.concatenate([target.log_density(flat[i : i + 4096]) for i in range(0, len(flat), 4096)])
    return Run(
        z=z,
        chains=completed(target, z, entropy),
        log_density=density.reshape(z.shape[:3]),
        acceptance=np.mean([run.acceptance[:, :walkers] for run in runs], axis=0),
        burn_in=max(run.burn_in for run in runs),
        n_evaluations=sum(run.n_evaluations for run in runs),
        seed=entropy,
        diagnostics=_together(target, [run.diagnostics for run in runs], steps, z[..., 0].size),
        searched=" ".join(dict.fromkeys(run.searched for run in runs)),
        interrupted=any(run.interrupted for run in runs),
        seconds={name: sum(run.seconds[name] for run in runs) for name in runs[0].seconds},
        settings=runs[0].settings,
        faults=tuple(dict.fromkeys(fault for run in runs for fault in run.faults)),
    )


def _together(target, parts: list[Diagnostics], steps: int, n_draws: int) -> Diagnostics:
    """Return the verdict on all factors; what is drawn directly is independent from draw to draw."""

    def merged(name, direct):
        found = {key: value for part in parts for key, value in getattr(part, name).items()}
        return {key: found.get(key, direct) for key in target.names}

    return dataclasses.replace(
        parts[0],
        converged=all(part.converged for part in parts),
        messages=tuple(dict.fromkeys(text for part in parts for text in part.messages)),
        rhat=merged("rhat", 1.0),
        ess=merged("ess", float(n_draws)),
        tau=merged("tau", 1.0),
        ess_tail=merged("ess_tail", float(n_draws)),
        acceptance=float(np.mean([part.acceptance for part in parts])),
        n_steps=steps,
    )
