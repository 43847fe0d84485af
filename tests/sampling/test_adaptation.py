"""What burn-in does to walkers, and what it leaves alone."""

import numpy as np

from bayesfit.sampling.adaptation import _recalled
from bayesfit.sampling.student import StudentMixture
from bayesfit.sampling.walk import Position

PROPOSAL = StudentMixture.from_moments([1.0], np.zeros((1, 2)), [np.eye(2)])


def _positions(coords, log_prob):
    """Two ensembles of twenty walkers, of a normal density, the last of which stands elsewhere."""
    rng = np.random.default_rng(3)
    found = []
    for _ in range(2):
        z = rng.standard_normal((20, 2))
        levels = -0.5 * np.square(z).sum(axis=1)
        z[-1], levels[-1] = coords, log_prob
        found.append(Position(z, levels, ()))
    return found


def test_a_walker_on_a_hill_of_no_account_is_called_back():
    before = _positions([200.0, 0.0], -12.0)
    after = _recalled(before, PROPOSAL, np.random.default_rng(1))
    for old, new in zip(before, after, strict=True):
        np.testing.assert_array_equal(new.coords[:-1], old.coords[:-1])
        place = np.flatnonzero((old.coords[:-1] == new.coords[-1]).all(axis=1))
        assert place.size == 1
        assert new.log_prob[-1] == old.log_prob[place[0]]


def test_walkers_that_can_move_stay():
    """In a tail that the proposal reaches; and on a hill that it does not know, which may matter."""
    for coords, log_prob in (([6.0, 0.0], -18.0), ([200.0, 0.0], -4.0)):
        before = _positions(coords, log_prob)
        for old, new in zip(before, _recalled(before, PROPOSAL, np.random.default_rng(1)), strict=True):
            np.testing.assert_array_equal(new.coords, old.coords)
            np.testing.assert_array_equal(new.log_prob, old.log_prob)
