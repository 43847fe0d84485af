"""Every likelihood, with every way of feeding it: the truth of simulated data ranks uniformly in the posterior."""

import os

import pytest
from cells import CELLS
from fits import N_DRAWS, rank_many
from ranks import judge, scores

#: with some 350 tests in all, a right program fails once in thirty choices of seeds; the seeds are fixed
THRESHOLD = 1e-4
FAST = [name for name, cell in CELLS.items() if not cell.slow]


def check(rank_of, remembering):
    # modes that do not mix have their right shares on average only, which a few fits may bear
    assert remembering <= 0.05
    for quantity, rank in rank_of.items():
        verdict = judge(rank, N_DRAWS)
        assert min(verdict) > THRESHOLD, f"{quantity}: {verdict}"


@pytest.mark.parametrize("name", FAST)
def test_a_short_run(name):
    """A few fits: enough to see a term that is missing, such as means that are off by an sd."""
    check(*rank_many(name, range(25)))


@pytest.mark.calibration
@pytest.mark.parametrize("name", CELLS)
def test_a_long_run(name):
    """1400 fits: an sd wrong by a tenth is seen nine times in ten."""
    n_fits = int(os.environ.get("CALIBRATION_FITS", "1400"))
    rank_of, remembering = rank_many(name, range(1000, 1000 + (n_fits // 7 if CELLS[name].slow else n_fits)))
    rows = {quantity: (scores(rank, N_DRAWS), judge(rank, N_DRAWS)) for quantity, rank in rank_of.items()}
    spread = max(rows.values(), key=lambda row: -row[1].spread)
    shift = max(rows.values(), key=lambda row: -row[1].mean)
    print(
        f"| {name} | {len(rank_of['log-likelihood'])} | {len(rows)} | {spread[0].std():.3f} ({spread[1].spread:.2g}) | "
        f"{shift[0].mean():+.3f} ({shift[1].mean:.2g}) | {remembering:.3f} |"
    )
    check(rank_of, remembering)
