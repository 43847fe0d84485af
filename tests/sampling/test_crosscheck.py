import numpy as np
import pytest
from heldout import PROBLEMS
from toys import Normal, Toy, correlated

from bayesfit.sampling import Ensemble, driver
from bayesfit.sampling.crosscheck import doubt
from bayesfit.sampling.student import StudentMixture

TARGET = Toy(Normal(np.zeros(2), correlated(2, 0.5)), 2)
PROPOSAL = StudentMixture.from_moments([1.0], np.zeros((1, 2)), [1.3 * np.eye(2)], 5.0)


def _draws(scale=1.0, shift=0.0, n=20_000):
    return scale * np.random.default_rng(1).multivariate_normal(np.zeros(2), correlated(2, 0.5), n) + shift


@pytest.mark.parametrize("seed", range(20))
def test_right_chains_are_not_doubted(seed):
    assert doubt(TARGET, PROPOSAL, _draws(), 20_000, np.random.default_rng(seed)) == ""


@pytest.mark.parametrize("wrong", [{"scale": 0.8}, {"scale": 1.2}, {"shift": 0.3}, {"shift": np.array([0, -0.3])}])
def test_wrong_chains_are_doubted(wrong):
    said = doubt(TARGET, PROPOSAL, _draws(**wrong), 20_000, np.random.default_rng(1))
    assert "by importance sampling" in said


def test_chains_are_not_held_to_more_than_they_are_worth():
    """Of 40 draws that count the deviation is known to a tenth."""
    said = (doubt(TARGET, PROPOSAL, _draws(scale=1.15), n, np.random.default_rng(1)) for n in (20_000, 40))
    assert [bool(each) for each in said] == [True, False]


def test_a_useless_proposal_says_nothing():
    far = StudentMixture.from_moments([1.0], np.full((1, 2), 50.0), [np.eye(2)], 5.0)
    assert doubt(TARGET, far, _draws(0.5), 20_000, np.random.default_rng(1)) == ""


def test_chains_that_are_doubted_learn_their_moves_again(monkeypatch):
    """What two estimates disagree about are parts that the moves hardly ever reach, or leave."""
    learnt, relearn = [], driver.relearn

    def recorded(workers, course):
        learnt.append(course.n_steps)
        relearn(workers, course)

    monkeypatch.setattr(driver, "relearn", recorded)
    monkeypatch.setattr(driver, "doubt", lambda *_: "" if learnt else "doubted")
    run = Ensemble().run(PROBLEMS["banana"][0](), seed=1, progress=False)
    assert run.converged, run.diagnostics
    # whether the tails ask for more is another matter
    assert 300 <= learnt[0] < 1000
