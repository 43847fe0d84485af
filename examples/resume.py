"""A long run that is interrupted, and goes on from its checkpoint as if nothing had happened.

What the example teaches: with ``checkpoint=`` a run is kept in a file while it goes on.  Ctrl-C gives the draws so
far, marked as partial; the same call again, with the same model, data and settings, reads the file and continues,
bit for bit.  (Here the interruption comes from the function itself, so that it is always at the same place.)
"""

import itertools
import tempfile
from pathlib import Path

import numpy as np

import bayesfit as bf

CALLS = itertools.count()
INTERRUPTED_AT = 800


def decay(t, amplitude, rate):
    """Return an exponential; once, in the middle of the run, somebody presses Ctrl-C."""
    if next(CALLS) == INTERRUPTED_AT:
        raise KeyboardInterrupt
    return amplitude * np.exp(-rate * t)


def main() -> None:
    """Interrupt a run, go on, and compare with a run that was never interrupted."""
    t = np.linspace(0, 4, 25)
    data = bf.Data(t, decay(t, 3.0, 0.8) + np.random.default_rng(5).normal(0, 0.1, 25), y_err=0.1)
    priors = {"amplitude": bf.priors.HalfNormal(10), "rate": bf.priors.LogNormal(0, 1)}
    model = bf.Model(bf.predictors.Function(decay), bf.likelihoods.Gaussian(), priors=priors)
    settings = {"sampler": bf.sampling.Ensemble(n_ensembles=2, burn_in=200, steps=600), "seed": 1, "progress": False}
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = Path(folder) / "decay.checkpoint"
        partial = model.fit(data, checkpoint=checkpoint, **settings)
        print(f"first call:  {partial.chains.shape[1]} steps; {partial.diagnostics}")
        whole = model.fit(data, checkpoint=checkpoint, **settings)
        print(f"second call: {whole.chains.shape[1]} steps; {whole.diagnostics}")
    never = model.fit(data, **settings)
    print("the same as without an interruption:", np.array_equal(whole.chains, never.chains))


if __name__ == "__main__":
    main()
