"""One sampler, one problem, one seed, in a process of its own: ``python measure.py PEER PROBLEM SEED``, prints JSON.

The clock starts when Python, NumPy and the data are there; what a sampler imports, compiles, searches and burns in
counts.
"""

import json
import resource
import sys
import time
from importlib import import_module
from pathlib import Path

import numpy as np
from problems import PROBLEMS

SETTINGS = {"target": 1000, "budget": 10.0, "loo": True}


def memory() -> float:
    """Return the largest memory of this process so far, in MiB; what getrusage says counts the process it came from."""
    status = Path("/proc/self/status")
    if status.exists():
        peak = next((line for line in status.read_text().splitlines() if line.startswith("VmHWM")), None)
        if peak:
            return int(peak.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def effective(chain, ensemble: bool) -> float:
    """Return the least bulk effective size of draws (chain, draw, d); of an ensemble not above draws / τ."""
    from arviz_stats.base import array_stats

    sizes = [float(array_stats.ess(column, method="bulk")) for column in np.moveaxis(chain, -1, 0)]
    if ensemble:
        from emcee.autocorr import integrated_time

        tau = integrated_time(np.swapaxes(chain, 0, 1), quiet=True, tol=0)
        sizes.append(chain[..., 0].size / float(np.max(tau)))
    return min(sizes)


def measure(peer: str, name: str, seed: int) -> dict:
    """Run and return what is reported."""
    problem = PROBLEMS[name]()
    sys.path.insert(0, str(Path(__file__).parent / "peers"))
    base, begun = memory(), time.process_time()
    adapter = import_module(peer)
    imported = time.process_time() - begun
    if not adapter.supports(problem):
        return {"peer": peer, "problem": name, "seed": seed, "skipped": True}
    found = adapter.run(problem, seed, SETTINGS | {"loo": problem.n_rows <= 1000})
    total, most = time.process_time() - begun, memory() - base
    chain = np.asarray(found["chain"])
    size = effective(chain, found["ensemble"])
    flat = chain.reshape(-1, chain.shape[-1])
    # from a cold start: all that came before the kept samples, and as many of these as it takes
    before = found.get("fitted", total) - found["sampling"] + (imported if "fitted" in found else 0.0)
    cold = before + found["sampling"] * max(1.0, 1000 / size)
    return {
        "peer": peer,
        "problem": name,
        "seed": seed,
        "ess_per_second": size / found["sampling"],
        "ess_per_evaluation": size / found["evaluations"],
        "cold_to_1000": cold,
        "cold_but_imports": cold - adapter.IMPORTS if hasattr(adapter, "IMPORTS") else None,
        "answer_cpu": found.get("finished"),
        "answer_wall": found.get("wall"),
        "memory": most,
        "converged": found["converged"],
        "mean": flat.mean(axis=0).tolist(),
        "sd": flat.std(axis=0).tolist(),
        "size": size,
    }


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], sys.argv[2], int(sys.argv[3]))))
