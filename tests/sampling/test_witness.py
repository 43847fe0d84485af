import numpy as np
import pytest
from heldout import PROBLEMS, two_modes
from toys import Normal, Toy, banana, correlated, funnel, half_normal

from bayesfit.sampling.start import search
from bayesfit.sampling.witness import confirmed


def _confirmed(target, seed):
    found = search(target, np.random.default_rng(seed))
    return found.modes, confirmed(target, found.modes, np.random.default_rng(seed + 1))


@pytest.mark.parametrize(("d", "rho"), [(1, 0.0), (2, 0.99), (12, 0.9), (25, 0.99)])
def test_normals_are_confirmed(d, rho):
    covariance = correlated(d, rho)
    _, proposal = _confirmed(Toy(Normal(np.zeros(d), covariance), d), 1)
    assert len(proposal.weights) == 1
    found = proposal.factors[0] @ proposal.factors[0].T
    np.testing.assert_allclose(np.diag(found), 1, rtol=0.25)
    assert np.abs(proposal.means).max() < 0.3


def test_two_normals_are_confirmed_with_their_weights():
    modes, proposal = _confirmed(two_modes(8, (0.1, 0.9)), 1)
    assert len(proposal.weights) == len(modes.weights) == 2
    small = proposal.weights[proposal.means[:, 0].argmin()]
    assert 0.05 < small < 0.2


BENT = {
    "banana": lambda: Toy(banana, 2, spread=3),
    "funnel": lambda: Toy(funnel, 3, spread=3),
    "half-normal in logarithms": lambda: Toy(half_normal, 3, spread=3),
    **{name: PROBLEMS[name][0] for name in PROBLEMS if any(w in name for w in ("ring", "cut", "Student", "bananas"))},
}


@pytest.mark.parametrize("name", BENT)
@pytest.mark.parametrize("seed", range(5))
def test_what_is_not_normal_is_not_confirmed(name, seed):
    assert _confirmed(BENT[name](), seed)[1] is None


def test_modes_of_which_one_is_unknown_are_not_taken_for_all():
    """Two modes near each other, of which the search is made to know one only."""
    target = two_modes(3, (0.5, 0.5))
    one = search(Toy(Normal([-1.5, 0, 0], np.eye(3)), 3), np.random.default_rng(1)).modes
    assert confirmed(target, one, np.random.default_rng(2)) is None
