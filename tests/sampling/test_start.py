import numpy as np
import pytest
from heldout import two_modes
from scipy.optimize import rosen
from toys import Normal, Toy, bimodal, correlated, nowhere

from bayesfit import Data, Model, priors
from bayesfit.errors import SamplingError
from bayesfit.likelihoods import StudentT
from bayesfit.predictors import Linear
from bayesfit.sampling.laplace import climb, derivatives
from bayesfit.sampling.start import scatter, search


def test_derivatives_of_a_quadratic_are_exact():
    matrix = np.array([[2.0, 0.3, 0.0], [0.3, 1.0, -0.2], [0.0, -0.2, 4.0]])
    quadratic = lambda z: -0.5 * np.einsum("ni,ij,nj->n", z, matrix, z) + z[:, 0]  # noqa: E731
    points = np.array([[1.0, 2.0, 3.0], [0.0, 0.0, 0.0]])
    value, gradient, hessian = derivatives(quadratic, points, np.full((2, 3), 0.1))
    np.testing.assert_allclose(value, quadratic(points))
    np.testing.assert_allclose(gradient, np.array([1.0, 0, 0]) - points @ matrix, atol=1e-10)
    np.testing.assert_allclose(hessian, np.broadcast_to(-matrix, (2, 3, 3)), atol=1e-9)


def test_rosenbrock_is_climbed():
    peaks = climb(lambda z: -rosen(z.T), np.array([[-1.2, 1.0, 2.0]]), np.full(3, 5.0), n_iterations=100)
    np.testing.assert_allclose(peaks.points[0], 1.0, atol=1e-2)


@pytest.mark.parametrize("d", [1, 3, 10])
def test_laplace_of_a_normal_is_exact(d):
    rng = np.random.default_rng(1)
    unit = 10.0 ** np.linspace(-8, 8, d)
    covariance = correlated(d, 0.9) * np.outer(unit, unit)
    target = Toy(Normal(3 * unit, covariance), d, spread=50 * unit)
    found = search(target, rng)
    assert len(found.modes.weights) == 1
    np.testing.assert_allclose(found.modes.means[0] / unit, 3.0, atol=0.1)
    factor = found.modes.factors[0]
    np.testing.assert_allclose((factor @ factor.T) / np.outer(unit, unit), correlated(d, 0.9), rtol=1e-3, atol=1e-3)


def test_a_density_so_high_that_nothing_can_be_subtracted_has_a_maximum():
    narrow = Normal(np.full(2, 3.0), correlated(2, 0.5))
    found = search(Toy(lambda z: 1e100 + narrow(z), 2), np.random.default_rng(1))
    assert len(found.modes.weights) >= 1


def test_both_modes_are_found_and_started_in():
    target = Toy(bimodal, 3, spread=8)
    found = search(target, np.random.default_rng(2))
    assert len(found.modes.weights) == 2
    assert "2 maxima" in found.sentence
    coords, log_prob, _ = scatter(target, found, np.random.default_rng(3), 4, 20)
    share = (coords[..., 0] > 0).mean(axis=1)
    assert (share > 0.1).all()
    assert (share < 0.95).all()
    np.testing.assert_allclose(log_prob, bimodal(coords.reshape(-1, 3)).reshape(4, 20))


def test_a_flat_direction_gets_the_spread_of_the_candidates():
    """Nothing is known of the second coordinate within the prior's reach."""
    target = Toy(lambda z: -0.5 * z[:, 0] ** 2 - 0.5 * (z[:, 1] / 1e4) ** 2, 2, spread=np.array([5.0, 100.0]))
    found = search(target, np.random.default_rng(4))
    assert 30 < found.modes.factors[0][1, 1] < 3000


def test_nan_regions_are_avoided():
    def half(z):
        return np.where(z[:, 0] > 0, -z[:, 0] - 0.5 * z[:, 1] ** 2, np.nan)

    target = Toy(half, 2)
    coords, log_prob, _ = scatter(target, search(target, np.random.default_rng(5)), np.random.default_rng(6), 2, 20)
    assert np.isfinite(log_prob).all()
    assert (coords[..., 0] > 0).all()


def test_no_usable_point_is_an_error_that_shows_one():
    with pytest.raises(SamplingError, match=r"not finite at any of 2000 points.*p0 = "):
        search(Toy(nowhere, 2), np.random.default_rng(7))


@pytest.mark.parametrize("sd", [1e-170, 1e170])
def test_a_prior_too_narrow_or_too_wide_for_its_square_is_an_error_that_names_it(sd):
    data = Data(np.arange(10.0), 1 + 2 * np.arange(10.0), y_err=0.3)
    model = Model(Linear(), StudentT(), priors={"slope": priors.Normal(0, sd)})
    with pytest.raises(SamplingError, match=r"slope varies by \d\.\d+e[+-]170 under its prior, whose square"):
        search(model.target(data), np.random.default_rng(8))


@pytest.mark.parametrize("d", [2, 3])
def test_a_narrow_mode_that_no_climb_from_the_prior_meets_is_found(d):
    """Thirty per cent of the mass within 0.1, six deviations from the rest: found from draws around the rest."""
    target = two_modes(6, (0.3, 0.7), (0.1, 1.0), d)
    found = [search(target, np.random.default_rng(seed)) for seed in range(20)]
    assert all(len(each.modes.weights) == 2 for each in found)
    assert "draws from the priors" in found[0].sentence
    assert "draws around the maxima" in found[0].sentence


def test_a_mode_of_a_fifth_of_the_width_in_five_dimensions_is_found_nearly_always():
    """Of 200 seeds 188, where it takes 1/3000 of the volume of the rest."""
    target = two_modes(6, (0.3, 0.7), (0.2, 1.0), 5)
    found = [search(target, np.random.default_rng(seed)) for seed in range(20)]
    assert sum(len(each.modes.weights) == 2 for each in found) >= 17


def test_many_rows_are_searched_with_fewer_draws():
    """What costs a second for each thousand evaluations is not looked at sixteen thousand times."""
    target = Toy(Normal(np.zeros(2), np.eye(2)), 2)
    few = search(target, np.random.default_rng(1)).n_evaluations
    target.n_rows = 100_000
    assert search(target, np.random.default_rng(1)).n_evaluations < few / 5
