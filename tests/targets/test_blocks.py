"""What a target says of batches is so: cut between its blocks, they give the same bits."""

import sys
from pathlib import Path

import numpy as np
import pytest

import bayesfit as bf

sys.path.insert(0, str(Path(__file__).parents[1] / "sampling"))
from expensive import TARGETS, rows


def points(target, n):
    """Return points around one that the priors allow."""
    z = target.starts(np.random.default_rng(1), n)
    return z[:1] + 0.1 * (z - z[:1])


@pytest.mark.parametrize("name", TARGETS)
def test_batches_cut_between_blocks_give_the_same_bits(name):
    target, rng = TARGETS[name](), np.random.default_rng(2)
    block = target.block
    assert block == (8 if name in ("covariance", "noisy features") else 1)
    z = points(target, 40 if name == "noisy features" else 300)
    whole = target.log_density(z)
    assert np.isfinite(whole).mean() > 0.5
    for n_cuts in (1, 3, 20):
        cuts = np.unique(block * rng.integers(1, len(z) // block, n_cuts))
        pieces = [target.log_density(piece) for piece in np.split(z, cuts)]
        np.testing.assert_array_equal(np.concatenate(pieces), whole)


@pytest.mark.parametrize("name", ["looped", "broadcasting", "scatter", "Student t", "outliers"])
def test_vectors_alone_give_the_same_bits(name):
    target = TARGETS[name]()
    z = points(target, 100)
    whole = target.log_density(z)
    np.testing.assert_array_equal(np.concatenate([target.log_density(each[None]) for each in z]), whole)


def test_matrix_products_take_whole_batches():
    assert bf.Model(bf.predictors.Linear(), bf.likelihoods.StudentT()).target(rows()).block is None
