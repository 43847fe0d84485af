"""What mpirun runs: one fit with the executor of MPI, and one without."""

import sys
from pathlib import Path

import numpy as np
from mpi4py.futures import MPIPoolExecutor

sys.path.insert(0, str(Path(__file__).parent))
from expensive import looped, model, rows

from bayesfit.sampling import Ensemble, spread

if __name__ == "__main__":
    spread.LEAST_SECONDS = spread.WORTHWHILE = 0.0
    settings = Ensemble(n_ensembles=2, n_walkers=8, steps=6, burn_in=4, start=[2.0, 2.7, 0.8])
    target = model(looped).target(rows())
    with MPIPoolExecutor() as executor:
        together = settings.run(target, seed=3, progress=False, executor=executor)
    alone = settings.run(model(looped).target(rows()), seed=3, progress=False)
    np.savez(Path(sys.argv[1]) / "draws.npz", spread=together.z, alone=alone.z)
