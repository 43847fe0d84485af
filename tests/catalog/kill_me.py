"""A run that the test kills: fits peaks slowly into a folder, saying each object's key."""

import sys
import time

from lines_of_objects import PEAKS, QUICK, peak_objects

import bayesfit as bf


def slow_objects(n_objects):
    """Yield peaks, a moment apart, so that rows are written in between."""
    for key, data in peak_objects(n_objects):
        time.sleep(0.3)
        print(key, flush=True)
        yield key, data


if __name__ == "__main__":
    bf.fit_many(PEAKS, slow_objects(30), sampler=QUICK, out=sys.argv[1], seed=5, progress=False)
