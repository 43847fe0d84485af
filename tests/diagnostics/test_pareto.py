import numpy as np
import pytest

from bayesfit.diagnostics.pareto import fit_pareto, tail_shape


@pytest.mark.parametrize("k", [-0.3, 0.2, 0.7])
def test_shapes_are_found(k):
    """Quantiles of a generalised Pareto distribution itself, of shape k and scale 2."""
    p = (np.arange(2000) + 0.5) / 2000
    excess = 2 * np.expm1(-k * np.log1p(-p)) / k
    shape, scale = fit_pareto(excess[None])
    assert abs(shape[0] - k) < 0.03
    assert abs(scale[0] - 2) < 0.1


def test_weights_of_a_wide_proposal_have_no_tail_and_those_of_a_narrow_one_do():
    """p / q of a unit normal, by draws of normals of deviation 1.5 and 0.6."""
    rng = np.random.default_rng(1)
    z = rng.standard_normal(100_000)
    wide, narrow = 1.5 * z, 0.6 * z
    assert tail_shape(np.exp(-0.5 * (wide**2 - z**2))) < 0
    # w = exp(-x²/2 + x²/2σ²): P(w > t) falls as t^(-1/k) with 1/k = 1/(1 - σ²), to logarithms
    assert 0.4 < tail_shape(np.exp(-0.5 * (narrow**2 - z**2))) < 0.75
