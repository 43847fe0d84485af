"""Test processes run side by side, one for each core: threads inside BLAS and OpenMP would only fight for them.

Tests on examples that Hypothesis makes up take few of them, always the same; with ``--hypothesis-profile=long`` they
take many, and other ones.
"""

import os

from hypothesis import HealthCheck, settings

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

settings.register_profile("short", max_examples=150, deadline=None, derandomize=True)
settings.register_profile("long", max_examples=10_000, deadline=None, suppress_health_check=list(HealthCheck))
settings.load_profile("short")
