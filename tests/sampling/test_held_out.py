"""A verdict "converged" that is wrong is worse than none: counted on posteriors that tuned nothing."""

import warnings

import pytest
from heldout import PROBLEMS

from bayesfit.errors import BayesfitWarning
from bayesfit.sampling import Ensemble

SEEDS = range(1000, 1030)


def _run(problem, seed, **settings):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", BayesfitWarning)
        return Ensemble(**settings).run(problem, seed=seed, progress=False)


def _is_wrong(problem, run):
    mean, deviation = problem.errors(run)
    return run.converged and (mean > 0.3 or deviation > 0.2)


@pytest.mark.calibration
@pytest.mark.parametrize("name", PROBLEMS)
def test_what_is_called_converged_is_right(name):
    make, easy = PROBLEMS[name]
    problem = make()
    runs = [_run(problem, seed) for seed in SEEDS]
    assert not [seed for seed, run in zip(SEEDS, runs, strict=True) if _is_wrong(problem, run)]
    if easy:
        assert sum(not run.converged for run in runs) < 0.05 * len(runs)


@pytest.mark.parametrize("name", ["two modes, 6 sd, 0.1", "collinear", "logistic, nearly separated"])
def test_one_seed_of_easy_ones(name):
    problem = PROBLEMS[name][0]()
    run = _run(problem, 1)
    assert run.converged, run.diagnostics
    assert not _is_wrong(problem, run)
