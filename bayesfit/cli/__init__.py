"""The command line: ``bayesfit demo``, ``fit``, ``compare``, ``select``, ``predict``, ``classify`` and ``report``.

Exit codes: 0 finished; 1 an unexpected error; 2 wrong usage or unusable input; 3 finished and written, but
the sampler has not converged, or a comparison cannot be trusted; 130 interrupted.
"""

from bayesfit.cli.app import main

__all__ = ["main"]
