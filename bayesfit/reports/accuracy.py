"""Leave-one-out accuracy of a posterior, or the reason why there is none."""

import warnings
from typing import Any, NamedTuple

import numpy as np

from bayesfit.comparison import Comparison, bad_rows
from bayesfit.errors import BayesfitError, rows_text
from bayesfit.posterior import Posterior

__all__ = ["Accuracy", "accuracy_of"]


class Accuracy(NamedTuple):
    """What leave-one-out says.

    Attributes
    ----------
    loo : ELPDData or None
    sentences : tuple of str
    reliable : bool
        Whether all its terms can be trusted.
    """

    loo: Any
    sentences: tuple[str, ...]
    reliable: bool


def accuracy_of(posterior: Posterior, comparison: Comparison | None = None) -> Accuracy:
    """Return the estimate of a comparison that the posterior takes part in, or work it out."""
    converged = posterior.diagnostics.converged
    try:
        with warnings.catch_warnings():
            # what is wrong with the terms is said by the sentences
            warnings.simplefilter("ignore")
            loo = _known(posterior, comparison) or posterior.loo(refits=10 if converged else 0)
    except (BayesfitError, ArithmeticError, ValueError, np.linalg.LinAlgError) as error:
        return Accuracy(None, (f"There is no leave-one-out estimate: {error}",), True)
    bad = bad_rows(loo)
    return Accuracy(loo, tuple(_sentences(loo, bad, converged)), not bad.size)


def _known(posterior, comparison):
    if comparison is None:
        return None
    names = [name for name, each in comparison.posteriors.items() if each is posterior]
    return comparison.loos.get(names[0]) if names else None


def _sentences(loo, bad, converged):
    yield (
        f"The expected log predictive density of the rows, each predicted from all others, is elpd = {loo.elpd:.1f} "
        f"± {loo.se:.1f}, with {loo.p:.1f} effective parameters. It has a meaning only beside that of another model "
        "of the same rows."
    )
    remedies = dict(loo.remedies)
    if remedies:
        ways = ", ".join(sorted({str(how) for how in remedies.values()}))
        yield f"Importance sampling was not enough for {rows_text(sorted(remedies))}; worked out anew by {ways}."
    if bad.size:
        yield (
            f"The terms of {rows_text(bad)} cannot be trusted (Pareto k above {loo.good_k:.2f}): without such a row "
            "the posterior may be another one. Look at these rows; a likelihood with heavier tails may suit them."
        )
    if not converged:
        yield "The sampler has not converged, so these numbers are provisional; no refits were made."
