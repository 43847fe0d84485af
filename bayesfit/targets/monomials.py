"""All products of a few numbers, degree by degree, and how often each of them occurs."""

import numpy as np
from scipy.special import gammaln

__all__ = ["monomials", "permutations"]


def monomials(v: np.ndarray, degree: int) -> list[np.ndarray]:
    """Return all products of k of the numbers v (d, n), repeated ones included, as (size, n) for k = 0 … degree.

    Examples
    --------
    >>> [each[:, 0].tolist() for each in monomials(np.array([[2.0], [3.0]]), 2)]
    [[1.0], [2.0, 3.0], [4.0, 6.0, 9.0]]
    """
    d, n = v.shape
    found, first = [np.ones((1, n))], [0] * d
    for _ in range(degree):
        # a factor times all that have no earlier one
        parts = [v[j] * found[-1][first[j] :] for j in range(d)]
        first = np.cumsum([0, *map(len, parts)])[:d].tolist()
        found.append(np.concatenate(parts))
    return found


def permutations(d: int, degree: int) -> list[np.ndarray]:
    """Return |α|!/α!, how often a monomial occurs in (v_1 + … + v_d)^|α|, in the order of `monomials`."""
    exponents = monomials(np.exp(np.eye(d)), degree)
    # of e^{e_j} a monomial is e^{α_j}
    return [
        np.round(np.exp(gammaln(k + 1) - gammaln(np.round(np.log(each)) + 1).sum(axis=1)))
        for k, each in enumerate(exponents)
    ]
