"""Compare samplers side by side: ``python tests/benchmarks/run.py [--peers ...] [--problems ...] [--seeds 2]``.

Each sampler, problem and seed has a process of its own with one BLAS thread; samplers take turns within a problem.
Peers beyond emcee need the extra ``bench`` (``uv run --extra bench python tests/benchmarks/run.py``).
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from problems import PROBLEMS
from reference import reference

HERE = Path(__file__).parent
#: adapters, and what each of them imports
PEERS = {
    "ours": "bayesfit",
    "emcee_tutorial": "emcee",
    "emcee_vectorised": "emcee",
    "lmfit_emcee": "lmfit",
    "pymc_nuts": "pymc",
    "nutpie_nuts": "nutpie",
    "numpyro_nuts": "numpyro",
    "zeus_vectorised": "zeus",
}
MEASURES = {
    "ess_per_second": "effective samples per CPU-second of sampling",
    "ess_per_evaluation": "effective samples per evaluation after burn-in",
    "cold_to_1000": "CPU-seconds from a cold import to 1000 effective samples",
    "cold_but_imports": "the same without the imports of SciPy and emcee, measured in the same process",
    "answer_cpu": "CPU-seconds from Model(...) to a converged posterior with leave-one-out",
    "answer_wall": "wall seconds of the same",
    "memory": "peak memory above the data, MiB",
    "error": "largest difference of a mean from the reference, in posterior sd",
}


def measured(peer: str, problem: str, seed: int, timeout: float) -> dict | None:
    """Run one measurement in a process of its own; None where it fails, with the reason on standard error."""
    settings = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    # compiled files are kept from one process to the next, as on a user's machine
    settings |= {
        "PYTHONPYCACHEPREFIX": str(Path(tempfile.gettempdir()) / "benchmark-pyc"),
        "PYTHONDONTWRITEBYTECODE": "",
    }
    command = [sys.executable, "-W", "ignore", str(HERE / "measure.py"), peer, problem, str(seed)]
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=timeout, env=os.environ | settings)
        found = json.loads(run.stdout.splitlines()[-1])
    except (subprocess.TimeoutExpired, IndexError, json.JSONDecodeError) as error:
        text = getattr(error, "stderr", None) or run.stderr if not hasattr(error, "timeout") else "timed out"
        print(f"{peer} {problem}: {str(text)[-300:]}", file=sys.stderr)
        return None
    return None if found.get("skipped") else found


def table(measure: str, rows: list[dict], problems, peers) -> str:
    """Return one table in Markdown: the median over seeds, a dash where there is none."""
    lines = [f"### {MEASURES[measure]}", "", f"| problem | {' | '.join(peers)} |", "|---|" + "---|" * len(peers)]
    for problem in problems:
        cells = []
        for peer in peers:
            values = [r[measure] for r in rows if (r["problem"], r["peer"]) == (problem, peer) and r[measure]]
            cells.append(f"{np.median(values):.3g}" if values else "–")
        lines.append(f"| {problem} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main():
    """Measure, check against references, and print tables."""
    available = [peer for peer, module in PEERS.items() if find_spec(module)]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", default=",".join(available))
    parser.add_argument("--problems", default=",".join(name for name in PROBLEMS if not name.endswith("-1000000")))
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--timeout", type=float, default=150)
    chosen = parser.parse_args()
    peers, problems, rows = chosen.peers.split(","), chosen.problems.split(","), []
    for peer in peers:
        measured(peer, "P1-20", 0, chosen.timeout)
    for name in problems:
        problem = PROBLEMS[name]()
        mean, sd, effective = reference(problem, 40_000 if problem.n_rows <= 1000 else 2000)
        print(f"{name}: reference worth {effective:.0f} draws", file=sys.stderr, flush=True)
        for seed in range(1, chosen.seeds + 1):
            for peer in peers:
                found = measured(peer, name, seed, chosen.timeout)
                if found is None:
                    continue
                found["error"] = float(np.max(np.abs(np.array(found["mean"]) - mean) / sd))
                rows.append(found)
                short = {key: round(found[key], 3) for key in MEASURES if found[key] is not None}
                print(peer, name, seed, "converged" if found["converged"] else "NOT CONVERGED", short, file=sys.stderr)
    print("\n\n".join(table(measure, rows, problems, peers) for measure in MEASURES))


if __name__ == "__main__":
    main()
