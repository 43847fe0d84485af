"""Evaluating many draws a few at a time changes nothing but the memory it takes."""

import numpy as np
import pytest

from bayesfit.pieces import MOST, in_pieces, mean_in_pieces, pieces


@pytest.mark.parametrize("n_columns", [0, 1, MOST // 7, 2 * MOST])
def test_pieces_are_all_the_draws_in_order(n_columns):
    theta = np.random.default_rng(1).normal(size=(23, 2))
    found = list(pieces(theta, n_columns))
    np.testing.assert_array_equal(np.concatenate(found), theta)
    assert all(len(piece) * n_columns <= max(MOST, n_columns) for piece in found)


def test_results_are_those_of_one_call():
    theta = np.random.default_rng(2).normal(size=(50, 3))
    np.testing.assert_array_equal(in_pieces(np.exp, theta, MOST // 4), np.exp(theta))
    np.testing.assert_allclose(mean_in_pieces(np.exp, theta, MOST // 4), np.exp(theta).mean(axis=0), rtol=1e-14)
