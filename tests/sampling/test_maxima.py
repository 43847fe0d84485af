import numpy as np
import pytest
from heldout import PROBLEMS, period, two_modes
from toys import Toy

from bayesfit.sampling import Ensemble
from bayesfit.sampling.laplace import Peaks, climb
from bayesfit.sampling.maxima import climb_on, leaders
from bayesfit.sampling.start import search


def _rugged(z):
    """Some four thousand maxima within the spread of the candidates, of all heights."""
    return 8 * np.cos(400 * z[:, 0]) + 5 * np.cos(431 * z[:, 0] + 2) - 0.5 * (z[:, 0] / 10) ** 2 - 0.5 * z[:, 1] ** 2


@pytest.mark.parametrize("seed", range(5))
def test_the_right_one_of_three_hundred_aliases_is_found(seed):
    problem = period(3.0, 20, 600.0, 1)
    found = search(problem, np.random.default_rng(seed))
    highest = found.modes.means[found.log_density.argmax(), 3]
    # 30 of its deviations away is the next alias
    assert abs(highest - problem.mean[3]) < 5 * problem.sd[3]
    assert not found.unseen


def test_a_fit_among_aliases_gives_the_moments_of_a_sum_over_all_frequencies():
    problem = PROBLEMS["a period, 300 aliases"][0]()
    run = Ensemble().run(problem, seed=1, progress=False)
    assert run.converged, run.diagnostics
    mean, deviation = problem.errors(run)
    assert mean < 0.1
    assert deviation < 0.1


def test_where_climbs_meet_no_more_are_made():
    target, rng = two_modes(6), np.random.default_rng(1)
    first = climb(target.log_density, target.starts(rng, 24), np.full(3, 20.0))
    peaks, unseen = climb_on(target, first, np.full(3, 20.0), rng)
    assert peaks is first
    assert unseen == ""


def test_more_maxima_than_can_be_met_are_said_and_never_called_converged():
    run = Ensemble(steps=50, burn_in=40).run(Toy(_rugged, 2), seed=1, progress=False)
    assert not run.converged
    assert "climbs ended at maxima that no other climb met" in run.diagnostics.messages[-1]


def test_many_rows_are_climbed_less_often():
    target, scale = Toy(_rugged, 2), np.full(2, 20.0)
    first = climb(target.log_density, target.starts(np.random.default_rng(1), 24), scale)
    few, _ = climb_on(target, first, scale, np.random.default_rng(2))
    target.n_rows = 100_000
    many, unseen = climb_on(target, first, scale, np.random.default_rng(2))
    assert len(few.points) > 500
    assert len(many.points) < 50
    assert unseen


def test_where_no_further_draw_is_usable_it_is_left_at_that():
    target, scale = Toy(_rugged, 2), np.full(2, 20.0)
    first = climb(target.log_density, target.starts(np.random.default_rng(1), 24), scale)
    target.starts = lambda rng, n: np.full((n, 2), np.nan)
    peaks, unseen = climb_on(target, first, scale, np.random.default_rng(2))
    assert peaks is first
    assert unseen


def test_a_climb_or_two_say_nothing_of_what_was_not_seen():
    """A box that hardly any draw falls into: more are drawn until one does."""
    inside = lambda z: np.where((np.abs(z) < 3.5).all(axis=1), 0.0, -np.inf)  # noqa: E731
    for seed in range(10):
        found = search(Toy(inside, 4), np.random.default_rng(seed))
        assert found.unseen == ""
        assert not found.sentence.startswith("1 climbs")


def test_ends_of_one_maximum_have_one_leader_the_highest():
    target = two_modes(10, (0.4, 0.6))
    peaks = climb(target.log_density, target.starts(np.random.default_rng(1), 20), np.full(3, 20.0))
    order = np.argsort(-peaks.log_density)
    leader = leaders(peaks, order)
    assert leader[0] == order[0]
    assert len(np.unique(leader)) == 2
    np.testing.assert_array_equal(peaks.points[leader, 0] > 0, peaks.points[order, 0] > 0)


def test_a_needle_within_a_broad_maximum_is_another_one():
    """At a third of its deviation, three hundred of the needle's own away; but the end of a climb nearby is not."""
    points = np.array([[1.0], [0.0], [1.003]])
    covariances = np.array([[[0.003**2]], [[9.0]], [[0.0025**2]]])
    peaks = Peaks(points, np.array([5.0, 0.0, 4.9]), covariances, np.ones(3, bool), 30)
    assert leaders(peaks, np.array([0, 2, 1])).tolist() == [0, 0, 1]


@pytest.mark.parametrize("seed", range(8))
def test_half_of_a_posterior_in_a_needle_leaves_the_other_half(seed):
    def density(z):
        broad, needle = -0.5 * (z[:, 0] / 3) ** 2 - np.log(3), -0.5 * ((z[:, 0] - 1) / 0.002) ** 2 - np.log(0.002)
        return np.logaddexp(broad, needle)

    run = Ensemble().run(Toy(density, 1, spread=6.0), seed=seed, progress=False)
    assert run.converged, run.diagnostics
    assert (np.abs(run.z - 1) < 0.016).mean() == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize(
    ("n_highest", "below", "more"),
    [(14, 1000.0, False), (14, 100.0, True), (9, 1000.0, True)],
    ids=["most, out of reach", "most, within reach", "not most"],
)
def test_lone_ends_do_not_matter_where_most_climbs_end_far_above_them(n_highest, below, more):
    """Six lone ends, whose heights differ by 20; the rest at the highest, or at a second maximum just below."""
    target = Toy(lambda z: -0.5 * np.square(z).sum(axis=1), 2)
    middle = 20 - 6 - n_highest
    places = [*np.zeros(n_highest), *np.full(middle, 30.0), *(100.0 * np.arange(1, 7))]
    heights = np.array([*np.zeros(n_highest), *np.full(middle, -1.0), *(-below - np.arange(0.0, 24.0, 4.0))])
    points = np.column_stack([places, np.zeros(20)])
    ends = Peaks(points, heights, np.tile(np.eye(2), (20, 1, 1)), np.ones(20, dtype=bool), 1000)
    peaks, _ = climb_on(target, ends, np.ones(2), np.random.default_rng(1))
    assert (len(peaks.points) > 20) == more
