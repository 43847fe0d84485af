"""The benchmark's own log densities and the models that are timed are the same posteriors."""

import numpy as np
import ours
import pytest
from problems import PROBLEMS

SMALL = [name for name in PROBLEMS if int(name.split("-")[1]) <= 1000]


@pytest.mark.parametrize("name", SMALL)
def test_the_model_that_is_timed_is_the_problem(name):
    """Ratios of densities agree at any two points: constants and the walking coordinates' Jacobian aside."""
    problem = PROBLEMS[name]()
    model, data, to_theta = ours._posed(problem)
    target = model.target(data)
    z = target.starts(np.random.default_rng(1), 2)[:1] + 0.05 * np.random.default_rng(2).standard_normal(
        (20, target.n_walked)
    )
    # what the sampler integrates out is drawn back, so that densities of all parameters are compared
    natural = target.complete(z, np.random.default_rng(3))
    theta = to_theta(natural)
    assert theta.shape == (20, len(problem.names))
    log_jacobian = target.parameters.constrain(target.parameters.unconstrain(natural))[1]
    ours_is, theirs = target.log_prob(natural) + log_jacobian, problem.log_prob(theta)
    # scale = exp(z) walks in half of ln V, fractions in their logits: both Jacobians are constant or shared
    np.testing.assert_allclose(ours_is - ours_is[0], theirs - theirs[0], rtol=1e-8, atol=1e-7)
