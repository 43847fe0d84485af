"""Roots of covariances, by which normal numbers are made of independent ones."""

import numpy as np

__all__ = ["lower_root"]


def lower_root(cov) -> np.ndarray:
    """Return the lower triangular roots L, L L' = cov, of small covariances (…, r, r), all of them at once.

    They may be singular, and their units may differ as much as they like.

    Examples
    --------
    >>> lower_root(np.array([[4.0, 2e-8], [2e-8, 2e-16]])).tolist()
    [[2.0, 0.0], [1e-08, 1e-08]]
    """
    root, rest = np.zeros(cov.shape), np.array(cov)
    for c in range(cov.shape[-1]):
        pivot = np.sqrt(np.maximum(rest[..., c, c], 0.0))
        column = np.divide(
            rest[..., c:, c], pivot[..., None], out=np.zeros(rest[..., c:, c].shape), where=pivot[..., None] > 0
        )
        root[..., c:, c] = column
        rest[..., c:, c:] -= column[..., :, None] * column[..., None, :]
    return root
