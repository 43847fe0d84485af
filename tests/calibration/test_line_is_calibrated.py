"""The truth of simulated data is ranked uniformly among posterior draws."""

import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest
from ranks import Verdict, draw_band, judge, scores
from simulated_lines import N_DRAWS, QUANTITIES, TEMPLATE, line, ranks_of_one, sampler

from bayesfit import Data

#: four quantities and two tests each: a right sampler fails once in a thousand suites
THRESHOLD = 1e-4


def collect(results) -> tuple[dict[str, np.ndarray], float]:
    """Return ranks by quantity, and the least effective sample size that any of them rests on."""
    found = list(results)
    rank_of = dict(zip(QUANTITIES, np.array([rank for rank, _ in found]).T, strict=True))
    return rank_of, min(ess for _, ess in found)


def check(rank_of: dict[str, np.ndarray], least_ess: float) -> dict[str, Verdict]:
    assert least_ess >= 200
    verdicts = {name: judge(rank, N_DRAWS) for name, rank in rank_of.items()}
    for name, verdict in verdicts.items():
        assert min(verdict) > THRESHOLD, f"{name}: {verdict}"
    return verdicts


def test_a_short_run(tmp_path):
    """Forty fits: enough to see an sd that is wrong by a half."""
    rank_of, least_ess = collect(map(ranks_of_one, range(40)))
    check(rank_of, least_ess)
    draw_band(rank_of, N_DRAWS, tmp_path / "band.png")
    assert (tmp_path / "band.png").stat().st_size > 10_000


def test_labels_that_say_nothing_give_back_the_prior():
    data = Data(TEMPLATE.x, TEMPLATE.y, y_err=1e6)
    target = line().target(data)
    run = sampler().run(target, seed=5, progress=False)
    draws = run.chains.reshape(-1, len(target.names))
    ess = np.array([run.diagnostics.ess[name] for name in target.names])
    mean, sd = np.array([0, 0, np.sqrt(2 / np.pi)]), np.array([2, 1, np.sqrt(1 - 2 / np.pi)])
    assert (np.abs(draws.mean(axis=0) - mean) < 4 * sd / np.sqrt(ess)).all()
    # a kurtosis of 3.9 for the half-normal, 3 for the others
    assert (np.abs(draws.std(axis=0) / sd - 1) < 4 * np.sqrt((np.array([3, 3, 3.87]) - 1) / 4 / ess)).all()


@pytest.mark.calibration
def test_a_long_run(tmp_path_factory):
    """1400 fits: sees an sd that is wrong by a tenth nine times in ten."""
    n_fits = int(os.environ.get("CALIBRATION_FITS", "1400"))
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        rank_of, least_ess = collect(pool.map(ranks_of_one, range(1000, 1000 + n_fits), chunksize=20))
    path = tmp_path_factory.getbasetemp() / "calibration_of_a_line.png"
    draw_band(rank_of, N_DRAWS, path)
    for name, rank in rank_of.items():
        score, verdict = scores(rank, N_DRAWS), judge(rank, N_DRAWS)
        print(f"{name:15s} sd {score.std():.3f} mean {score.mean():+.3f}", "p {:.3g} {:.3g}".format(*verdict))
    print(f"least ESS {least_ess:.0f}, {path}")
    check(rank_of, least_ess)
