"""Names, priors, centring and the sampler's coordinates of a model's parameters."""

import numpy as np
import pytest
from scipy import stats

from bayesfit.errors import PriorError
from bayesfit.parameters import Parameter, Parameters
from bayesfit.priors import (
    LKJ,
    Beta,
    Dirichlet,
    Flat,
    HalfNormal,
    LogNormal,
    MultivariateNormal,
    Normal,
    StudentT,
    TruncatedNormal,
    Uniform,
)
from bayesfit.supports import Interval

FEATURES = ("Teff", "logg")
POSITIVE = Interval(0.0, np.inf)


def plane(centres=(5.0, -2.0)):
    """Intercept, two slopes and a scatter, as a plane through data centred at ``centres`` has them."""
    weights = {"slope[Teff]": centres[0], "slope[logg]": centres[1]}
    return (
        Parameter("intercept", Normal(1.0, 10.0), centring={"intercept": weights}),
        Parameter("slope", [Normal(0.0, 2.0), Normal(0.0, 3.0)], ("feature",), (FEATURES,)),
        Parameter("scatter", HalfNormal(4.0), bounds=POSITIVE, unit="K"),
    )


def numerical_log_jacobian(parameters, z, step=1e-6):
    shifts = step * np.eye(len(z))
    columns = (parameters.constrain(z + shifts)[0] - parameters.constrain(z - shifts)[0]) / (2 * step)
    return np.linalg.slogdet(columns)[1]


# -- names, values ------------------------------------------------------------------------------------


def test_names_are_those_of_the_elements_in_c_order():
    parameters = Parameters(plane())
    assert parameters.names == ("intercept", "slope[Teff]", "slope[logg]", "scatter")
    table = Parameter("slope", Normal(0, 1), ("class", "feature"), (("a", "b"), FEATURES))
    assert table.elements == ("slope[a, Teff]", "slope[a, logg]", "slope[b, Teff]", "slope[b, logg]")


def test_unpack_gives_arrays_by_name_and_pack_is_its_inverse():
    parameters = Parameters((*plane(), Parameter("w", Normal(0, 1), ("i", "j"), ((0, 1), (0, 1, 2)))))
    theta = np.random.default_rng(1).normal(size=(5, 10))
    values = parameters.unpack(theta)
    assert {name: v.shape for name, v in values.items()} == {
        "intercept": (5,),
        "slope": (5, 2),
        "scatter": (5,),
        "w": (5, 2, 3),
    }
    np.testing.assert_array_equal(values["slope"], theta[:, 1:3])
    np.testing.assert_array_equal(values["w"][:, 1, 0], theta[:, 7])
    np.testing.assert_array_equal(parameters.pack(values), theta)


def test_fixed_elements_leave_theta_but_not_the_values():
    parameters = Parameters(plane(), {"slope[Teff]": 7, "scatter": 0.5})
    assert parameters.names == ("intercept", "slope[logg]")
    assert parameters.fixed == {"slope[Teff]": 7.0, "scatter": 0.5}
    values = parameters.unpack(np.array([[1.0, 2.0]]))
    np.testing.assert_array_equal(values["slope"], [[7.0, 2.0]])
    np.testing.assert_array_equal(values["scatter"], [0.5])


def test_two_parts_with_one_name_are_refused():
    with pytest.raises(PriorError, match="both have a parameter named scatter"):
        Parameters([*plane(), Parameter("scatter", HalfNormal(1.0))])


# -- the log prior, against sums written out ----------------------------------------------------------


def test_default_of_a_centred_element_speaks_of_the_centred_value():
    parameters = Parameters(plane(centres=(5.0, -2.0)))
    theta = np.array([[1.0, 0.3, -0.2, 2.0], [-3.0, 1.0, 4.0, 0.1]])
    at_centre = theta[:, 0] + 5.0 * theta[:, 1] - 2.0 * theta[:, 2]
    expected = (
        stats.norm(1, 10).logpdf(at_centre)
        + stats.norm(0, 2).logpdf(theta[:, 1])
        + stats.norm(0, 3).logpdf(theta[:, 2])
        + stats.halfnorm(scale=4).logpdf(theta[:, 3])
    )
    np.testing.assert_allclose(parameters.log_prior(theta), expected)


def test_a_users_prior_speaks_of_the_element_itself():
    parameters = Parameters(plane(), {"intercept": Normal(0, 1)})
    theta = np.array([[0.7, 0.3, -0.2, 2.0]])
    expected = (
        stats.norm(0, 1).logpdf(0.7)
        + stats.norm(0, 2).logpdf(0.3)
        + stats.norm(0, 3).logpdf(-0.2)
        + stats.halfnorm(scale=4).logpdf(2)
    )
    np.testing.assert_allclose(parameters.log_prior(theta), expected)


def test_fixed_slopes_still_count_in_the_centred_intercept():
    parameters = Parameters(plane(centres=(5.0, -2.0)), {"slope[Teff]": 3.0, "scatter": 1.0})
    theta = np.array([[1.0, 4.0]])
    expected = stats.norm(1, 10).logpdf(1.0 + 5 * 3.0 - 2 * 4.0) + stats.norm(0, 3).logpdf(4.0)
    np.testing.assert_allclose(parameters.log_prior(theta), expected)


def test_many_kinds_of_priors_together():
    priors = {
        "a": StudentT(3, 0, 1),
        "b": LogNormal(0, 1),
        "c": Beta(2, 3),
        "d": TruncatedNormal(0, 1, -1, 2),
    }
    priors |= {"e": StudentT(5, 1, 2), "f": Uniform(-1, 3), "g": stats.gumbel_r(1, 2), "h": Beta(1.5, 1)}
    parameters = Parameters([Parameter(name) for name in priors], priors)
    theta = np.array([[0.3, 1.2, 0.4, 0.1, -2.0, 2.5, 0.6, 0.9], [-1.0, 0.2, 0.9, 1.9, 3.0, 0.0, 8.0, 0.2]])
    scipys = [
        stats.t(3),
        stats.lognorm(1),
        stats.beta(2, 3),
        stats.truncnorm(-1, 2),
        stats.t(5, 1, 2),
        stats.uniform(-1, 4),
        stats.gumbel_r(1, 2),
        stats.beta(1.5, 1),
    ]
    expected = sum(frozen.logpdf(theta[:, i]) for i, frozen in enumerate(scipys))
    np.testing.assert_allclose(parameters.log_prior(theta), expected)
    outside = theta.copy()
    outside[0, 5], outside[1, 2] = 3.1, -0.01
    assert (parameters.log_prior(outside) == -np.inf).all()


def test_a_joint_prior_of_several_parameters_in_the_order_of_the_tuple():
    covariance = np.array([[1.0, 0.4], [0.4, 2.0]])
    joint = {("slope[logg]", "intercept"): MultivariateNormal([1, 2], covariance)}
    parameters = Parameters(plane(), joint)
    theta = np.array([[0.5, 0.1, 0.9, 1.0]])
    expected = (
        stats.multivariate_normal([1, 2], covariance).logpdf([0.9, 0.5])
        + stats.norm(0, 2).logpdf(0.1)
        + stats.halfnorm(scale=4).logpdf(1.0)
    )
    np.testing.assert_allclose(parameters.log_prior(theta), expected)
    z = parameters.unconstrain(theta)
    np.testing.assert_allclose(parameters.constrain(z)[0], theta)


def fractions():
    return Parameters(
        [Parameter("w", None, ("k",), (("a", "b", "c"),)), Parameter("m", Normal(0, 1))],
        {"w": Dirichlet([2, 3, 4])},
    )


def test_a_simplex_has_one_column_less_and_sums_to_one():
    parameters = fractions()
    assert parameters.names == ("w[a]", "w[b]", "m")
    theta = np.array([[0.2, 0.5, 1.0], [0.1, 0.1, -1.0]])
    np.testing.assert_allclose(parameters.unpack(theta)["w"], [[0.2, 0.5, 0.3], [0.1, 0.1, 0.8]])
    expected = [stats.dirichlet([2, 3, 4]).logpdf(w) for w in ([0.2, 0.5, 0.3], [0.1, 0.1, 0.8])]
    expected = np.array(expected) + stats.norm().logpdf(theta[:, 2])
    np.testing.assert_allclose(parameters.log_prior(theta), expected)
    assert parameters.log_prior(np.array([[0.7, 0.6, 0.0]])) == -np.inf


# -- the sampler's coordinates ------------------------------------------------------------------------


def all_sorts():
    correlations = Parameter("corr", None, ("pair",), (("ab", "ac", "bc"),))
    priors = {"corr": LKJ(3, 2.0), "w": Dirichlet([1, 1, 1]), "b": Uniform(-2, 5), "c": Beta(2, 2)}
    weights = Parameter("w", None, ("k",), ((0, 1, 2),))
    return Parameters([*plane(), correlations, weights, Parameter("b"), Parameter("c")], priors)


@pytest.mark.parametrize(
    "parameters",
    [Parameters(plane()), Parameters(plane(), {"slope[Teff]": 2.0}), fractions(), all_sorts()],
    ids=["plane", "fixed slope", "fractions", "all sorts"],
)
def test_constrain_is_inverted_and_its_jacobian_is_the_determinant(parameters):
    z = np.random.default_rng(3).normal(0, 0.8, (4, len(parameters)))
    theta, log_jacobian = parameters.constrain(z)
    np.testing.assert_allclose(parameters.unconstrain(theta), z, atol=1e-9)
    expected = [numerical_log_jacobian(parameters, point) for point in z]
    np.testing.assert_allclose(log_jacobian, expected, atol=1e-5)
    assert np.isfinite(parameters.log_prior(theta)).all()


def test_a_unit_step_of_the_sampler_moves_the_line_at_julian_dates_only_as_it_should():
    """In walking coordinates the slope turns the line about the middle of the data."""
    centre = 2460000.5
    line = (
        Parameter("intercept", Normal(0, 1), centring={"intercept": {"slope": centre}}),
        Parameter("slope", Normal(0, 1)),
    )
    parameters = Parameters(line)
    z = np.array([[3.0, 0.5], [3.0, -0.5]])
    theta, log_jacobian = parameters.constrain(z)
    np.testing.assert_allclose(theta[:, 0] + theta[:, 1] * centre, 3.0, atol=1e-9)
    np.testing.assert_array_equal(log_jacobian, 0.0)
    np.testing.assert_allclose(parameters.unconstrain(theta), z, atol=1e-9)


def test_a_users_intercept_prior_keeps_the_walking_coordinates_centred():
    parameters = Parameters(plane((1e6, 0.0)), {"intercept": Normal(0, 1e7)})
    theta, _ = parameters.constrain(np.array([[2.0, 0.3, 0.1, 0.0]]))
    assert theta[0, 0] == pytest.approx(2.0 - 0.3e6)


def test_where_the_prior_has_no_mass_there_is_no_finite_coordinate():
    parameters = Parameters(plane())
    assert not np.isfinite(parameters.unconstrain(np.array([[0.0, 0.0, 0.0, -1.0]]))).all()


# -- draws ----------------------------------------------------------------------------------------------


def test_draws_follow_the_priors():
    parameters = Parameters(plane(centres=(5.0, -2.0)))
    draws = parameters.sample_prior(np.random.default_rng(5), 4000)
    at_centre = draws @ np.array([1.0, 5.0, -2.0, 0.0])
    for values, frozen in [
        (at_centre, stats.norm(1, 10)),
        (draws[:, 1], stats.norm(0, 2)),
        (draws[:, 2], stats.norm(0, 3)),
        (draws[:, 3], stats.halfnorm(scale=4)),
    ]:
        assert stats.kstest(values, frozen.cdf).pvalue > 1e-3
    assert abs(np.corrcoef(at_centre, draws[:, 1])[0, 1]) < 0.06


def test_draws_of_a_simplex_leave_out_its_last_entry():
    draws = fractions().sample_prior(np.random.default_rng(6), 4000)
    assert draws.shape == (4000, 3)
    assert stats.kstest(draws[:, 0], stats.beta(2, 7).cdf).pvalue > 1e-3
    assert stats.kstest(1 - draws[:, 0] - draws[:, 1], stats.beta(4, 5).cdf).pvalue > 1e-3


def test_an_improper_prior_cannot_be_drawn_from_but_has_starts():
    parameters = Parameters(plane(), {"intercept": Flat(), "scatter": Flat(0.0)})
    with pytest.raises(PriorError):
        parameters.sample_prior(np.random.default_rng(1), 3)
    starts = parameters.sample_start(np.random.default_rng(1), 50)
    assert np.isfinite(parameters.log_prior(starts)).all()


# -- what is refused --------------------------------------------------------------------------------------


@pytest.mark.parametrize("prior", [Normal(0, 1), Uniform(-1, 1), Flat(), -0.5, StudentT(3, 1, 1)], ids=repr)
def test_a_prior_that_reaches_where_the_parameter_has_no_meaning_is_refused(prior):
    with pytest.raises(PriorError, match=r"scatter.*reaches outside \(0, inf\).*HalfNormal"):
        Parameters(plane(), {"scatter": prior})


@pytest.mark.parametrize("names", [("slope[Teff]", "scatter"), ("scatter", "intercept")])
def test_a_joint_normal_over_a_bounded_parameter_is_refused(names):
    with pytest.raises(PriorError, match=r"scatter has a meaning only in \(0, inf\)"):
        Parameters(plane(), {names: MultivariateNormal([1, 1], np.eye(2))})


# -- words ------------------------------------------------------------------------------------------------


def test_the_table_says_which_priors_are_defaults():
    lines = Parameters(plane(), {"slope[logg]": 3, "scatter": LogNormal(0, 1)}).table().splitlines()
    rows = {line.split()[0]: line for line in lines[2:]}
    assert "Normal(1, 10) at the centre of the data" in rows["intercept"]
    assert rows["intercept"].endswith("default")
    assert rows["slope[Teff]"].endswith("default")
    assert "= 3" in rows["slope[logg]"]
    assert "LogNormal(0, 1)" in rows["scatter"]
    assert " K" in rows["scatter"]
    assert not rows["scatter"].endswith("default")
