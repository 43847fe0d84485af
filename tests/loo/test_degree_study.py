"""A cubic, many times over: which degree is selected, and whether a wrong winner is ever named."""

from collections import Counter

import numpy as np
import pytest
from exact_posteriors import drawn

from bayesfit import Data, Model, compare, likelihoods, predictors, sampling, select
from bayesfit.comparison import indistinguishable

X = np.linspace(-2, 2, 60)
DEGREES = range(9)


def cubic(seed, weight=0.8):
    """1 - x + w x³ with errors of 0.5: with w = 0.8 the cubic term is 15 standard errors from zero."""
    return Data(X, 1 - X + weight * X**3 + 0.5 * np.random.default_rng(seed).normal(size=X.size), y_err=0.5)


def model(degree):
    return Model(predictors.Polynomial(degree), likelihoods.Gaussian())


def chosen(comparison) -> int:
    """The simplest degree that cannot be told from the best, by the rule that `select` states."""
    rows = comparison.table.iterrows()
    return min(degree for degree, row in rows if indistinguishable(row["elpd_diff"], row["dse"]))


def tally(comparisons):
    """Count selected degrees, and verdicts that name a degree other than 3 as better than the next."""
    degrees, wrong = Counter(), []
    for seed, comparison in enumerate(comparisons):
        degrees[chosen(comparison)] += 1
        if "predicts better than" in comparison.verdict and comparison.table.index[0] != 3:
            wrong.append((seed, comparison.verdict))
    return degrees, wrong


def exactly_fitted(seed, degrees=DEGREES, weight=0.8):
    """Compare exact posteriors, which are normal: draws without a sampler."""
    data = cubic(seed, weight)
    return compare({k: drawn(model(k), data, 100 * seed + k) for k in degrees}, seed=seed)


def test_a_few_cubics():
    degrees, wrong = tally(exactly_fitted(seed, (1, 3, 4, 6)) for seed in range(4))
    assert degrees[3] >= 3
    assert not wrong


@pytest.mark.calibration
def test_a_hundred_cubics():
    """At most 4 wrong winners in 100, and the true degree in at least 90."""
    degrees, wrong = tally(exactly_fitted(seed) for seed in range(100))
    print(f"\nselected {dict(sorted(degrees.items()))}, wrong winners {wrong}")
    assert degrees[3] >= 90
    assert len(wrong) < 5


@pytest.mark.calibration
def test_a_hundred_weak_cubics():
    """A term 2.4 standard errors from zero: the right answer is mostly that no degree is the clear winner."""
    found = [exactly_fitted(seed, weight=0.13) for seed in range(1000, 1100)]
    degrees, wrong = tally(found)
    named = sum("predicts better than" in comparison.verdict for comparison in found)
    print(f"\nselected {dict(sorted(degrees.items()))}, winners named {named}, wrong winners {wrong}")
    assert len(wrong) < 5


@pytest.mark.calibration
def test_ten_cubics_with_the_sampler():
    sampler, found = sampling.Ensemble(n_ensembles=2, target_ess=300), []
    for seed in range(10):
        selection = select({k: model(k) for k in DEGREES}, cubic(seed), sampler=sampler, seed=seed)
        assert selection.best == chosen(selection.comparison)
        found.append(selection.comparison)
    degrees, wrong = tally(found)
    print(f"\nselected {dict(sorted(degrees.items()))}, wrong winners {wrong}")
    assert degrees[3] >= 8
    assert len(wrong) <= 1
