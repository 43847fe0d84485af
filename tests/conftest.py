"""Test processes run side by side, one for each core: threads inside BLAS and OpenMP would only fight for them."""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")
