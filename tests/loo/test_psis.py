"""Pareto smoothing of many rows at once: the numbers of ArviZ, and rows that it refuses."""

import arviz as az
import numpy as np
import pytest

from bayesfit.errors import SamplingError
from bayesfit.loo.psis import good_k, psis


def terms(n_draws, n_rows=60):
    """From rows that hardly depend on the draws to rows with infinite variance of their weights."""
    rng = np.random.default_rng(n_draws)
    width = np.linspace(0.01, 3, n_rows)
    return rng.normal(size=(4, n_draws // 4, n_rows)) * width - 0.5 * rng.standard_t(3, (4, n_draws // 4, n_rows)) ** 2


@pytest.mark.parametrize("n_draws", [100, 400, 4000])
@pytest.mark.parametrize("efficiency", [0.4, 1.0, 1.7])
@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::RuntimeWarning")
def test_the_numbers_are_arvizs(n_draws, efficiency):
    values = terms(n_draws)
    tree = az.from_dict({"posterior": {"a": values[..., 0]}, "log_likelihood": {"y": values}})
    expected, found = az.loo(tree, pointwise=True, reff=efficiency), psis(values.reshape(n_draws, -1), efficiency)
    np.testing.assert_allclose(found.elpd, expected.elpd_i, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(found.k, expected.pareto_k, rtol=1e-12, atol=1e-12)


def test_blocks_of_rows_change_nothing():
    values = terms(400, 2000).reshape(400, -1)
    whole, parts = psis(values), [psis(values[:, i : i + 7]) for i in range(0, 2000, 7)]
    for i in range(3):
        np.testing.assert_array_equal(whole[i], np.concatenate([part[i] for part in parts]))


def test_a_term_that_never_changes_is_its_own_estimate():
    values = np.column_stack([np.full(400, -0.3), terms(400, 1).ravel()])
    found = psis(values)
    assert found.elpd[0] == pytest.approx(-0.3, abs=1e-14)
    assert found.k[0] == 0


def test_the_shape_of_a_tail_too_small_to_matter_is_no_reason_for_doubt():
    """A limit far away: terms of 1e-12 whose ratios to each other are enormous."""
    far = -1e-12 * np.exp(4 * np.random.default_rng(2).normal(size=(400, 1)))
    found = psis(far)
    assert found.k[0] == 0
    assert found.elpd[0] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("n_draws", [1, 4, 24])
def test_a_handful_of_draws_is_refused(n_draws):
    with pytest.raises(SamplingError, match=f"leave-one-out needs 25 draws or more, this posterior has {n_draws}"):
        psis(np.zeros((n_draws, 3)))
    assert np.isfinite(psis(terms(28, 3).reshape(28, 3)).elpd).all()


def test_a_row_that_a_draw_rules_out_cannot_be_trusted():
    values = np.array(terms(400, 2).reshape(400, 2))
    values[7, 1] = -np.inf
    found = psis(values)
    assert found.k[1] == np.inf
    assert np.isfinite(found.elpd[0])


def test_threshold_falls_with_fewer_draws():
    assert good_k(100) == pytest.approx(0.5)
    assert good_k(10_000) == 0.7
