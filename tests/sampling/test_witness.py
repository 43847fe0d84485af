import numpy as np
import pytest
from heldout import PROBLEMS, two_modes
from toys import Normal, Toy, banana, correlated, funnel, half_normal

from bayesfit.sampling.fit import fit_proposal
from bayesfit.sampling.start import search
from bayesfit.sampling.student import StudentMixture
from bayesfit.sampling.witness import confirmed, covered


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


def _bent(rng, n):
    z0, noise = rng.standard_normal((2, n))
    return np.column_stack([z0, z0**2 + 0.1 * noise])


def _covered(draws, learnt_from, seed=2):
    """What `covered` gives for walkers at some draws of the banana, and a proposal learnt from others."""
    target = Toy(banana, 2, spread=3)
    modes = StudentMixture.from_moments([1.0], learnt_from.mean(axis=0)[None], [np.cov(learnt_from.T)])
    fitted = fit_proposal(learnt_from, modes, np.random.default_rng(1))
    proposal = fitted.mixed_with(fitted.scaled(4.0), 0.25)
    return covered(target, proposal, draws, target.log_density(draws), np.random.default_rng(seed))


def test_draws_of_what_was_learnt_take_the_place_of_walkers():
    rng = np.random.default_rng(1)
    found = [_covered(_bent(rng, 400), _bent(rng, 4000), seed) for seed in range(10)]
    z, log_density = map(np.concatenate, zip(*found, strict=True))
    np.testing.assert_allclose(log_density, banana(z), rtol=1e-12)
    assert np.mean([len(np.unique(each[:, 0])) for each, _ in found]) > 300
    # 4000 draws, of which 3000 count
    np.testing.assert_allclose(z.mean(axis=0), [0, 1], atol=0.1)
    np.testing.assert_allclose(z.var(axis=0), [1, 2.01], rtol=0.2)


def test_what_was_learnt_of_a_part_does_not_cover_the_rest():
    rng = np.random.default_rng(1)
    all_of_it, far = _bent(rng, 4000), np.array([[2.5, 6.25]])
    middle = all_of_it[np.abs(all_of_it[:, 0]) < 0.5]
    assert _covered(middle[:400], middle) is None
    # draws of it hardly ever come to where this walker stands
    right = all_of_it[all_of_it[:, 0] < 1.0]
    assert _covered(np.concatenate([right[:399], far]), right) is None
