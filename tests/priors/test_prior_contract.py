"""What every prior must do: a public class without a case here fails the suite."""

import pickle

import numpy as np
import pytest
from scipy import integrate, stats

from bayesfit import priors

INF = np.inf

# prior, the same distribution in scipy
UNIVARIATE = [
    (priors.Normal(1.5, 0.3), stats.norm(1.5, 0.3)),
    (priors.Normal(-1e4, 1e-2), stats.norm(-1e4, 1e-2)),
    (priors.StudentT(4, -1, 2.5), stats.t(4, -1, 2.5)),
    (priors.StudentT(0.7, 3, 0.1), stats.t(0.7, 3, 0.1)),
    (priors.StudentT(300, 0, 10), stats.t(300, 0, 10)),
    (priors.Cauchy(2, 0.5), stats.cauchy(2, 0.5)),
    (priors.FlatAngle(), stats.cauchy()),
    (priors.Flat(-2, 5), stats.uniform(-2, 7)),
    (priors.HalfNormal(3), stats.halfnorm(0, 3)),
    (priors.HalfCauchy(0.2), stats.halfcauchy(0, 0.2)),
    (priors.LogNormal(-1, 0.7), stats.lognorm(0.7, scale=np.exp(-1))),
    (priors.Exponential(40), stats.expon(0, 40)),
    (priors.Gamma(2.5, 0.1), stats.gamma(2.5, scale=10)),
    (priors.Gamma(0.5, 2), stats.gamma(0.5, scale=0.5)),
    (priors.Gamma(1, 3), stats.gamma(1, scale=1 / 3)),
    (priors.InverseGamma(3, 2), stats.invgamma(3, scale=2)),
    (priors.Uniform(-1e3, 1e3), stats.uniform(-1e3, 2e3)),
    (priors.LogUniform(1e-3, 50), stats.loguniform(1e-3, 50)),
    (priors.LogUniform(7, 7.001), stats.loguniform(7, 7.001)),
    (priors.Beta(2, 5), stats.beta(2, 5)),
    (priors.Beta(0.5, 0.5), stats.beta(0.5, 0.5)),
    (priors.Beta(1, 3), stats.beta(1, 3)),
    (priors.TruncatedNormal(1, 2, 0, 3), stats.truncnorm(-0.5, 1, 1, 2)),
    (priors.TruncatedNormal(0, 1, 30, 31), stats.truncnorm(30, 31)),
    (priors.TruncatedNormal(0, 1, -31, -30), stats.truncnorm(-31, -30)),
    (priors.TruncatedNormal(5, 2, 4, INF), stats.truncnorm(-0.5, INF, 5, 2)),
    (priors.TruncatedNormal(5, 2, -INF, 4), stats.truncnorm(-INF, -0.5, 5, 2)),
    (priors.FromScipy(stats.skewnorm(4, 1, 2)), stats.skewnorm(4, 1, 2)),
    (priors.FromScipy(stats.triang(0.3, -1, 2)), stats.triang(0.3, -1, 2)),
]
CORRELATED = [[2.0, 0.6, -0.3], [0.6, 1.0, 0.1], [-0.3, 0.1, 0.5]]
JOINT = [
    priors.MultivariateNormal([1, -2, 3], CORRELATED),
    priors.Dirichlet([0.5, 2, 3]),
    priors.Dirichlet([1, 1, 1]),
    priors.LKJ(2, 0.6),
    priors.LKJ(3),
    priors.LKJ(4, 2.5),
    priors.Ordered(priors.Normal(1, 2), 3),
]
OTHERS = [priors.Fixed(3), priors.Flat(), priors.Flat(0), priors.Flat(high=2)]

pairs = pytest.mark.parametrize(("prior", "frozen"), UNIVARIATE, ids=lambda case: repr(case)[:50])
univariate = pytest.mark.parametrize("prior", [*(p for p, _ in UNIVARIATE), *OTHERS], ids=repr)
joint = pytest.mark.parametrize("prior", JOINT, ids=repr)
every = pytest.mark.parametrize("prior", [*(p for p, _ in UNIVARIATE), *OTHERS, *JOINT], ids=repr)

FRACTIONS = np.array([1e-6, 0.01, 0.1, 0.3, 0.5, 0.8, 0.99, 1 - 1e-6])


def test_every_public_prior_has_a_case():
    public = {getattr(priors, name) for name in priors.__all__}
    kinds = {kind for kind in public if isinstance(kind, type)} - {priors.Prior, priors.JointPrior}
    assert kinds == {type(prior) for prior in [*(p for p, _ in UNIVARIATE), *OTHERS, *JOINT]}


@pytest.mark.filterwarnings("ignore::RuntimeWarning:scipy")
@pairs
def test_log_prob_is_scipys(prior, frozen):
    inside = np.concatenate([frozen.ppf(FRACTIONS), frozen.mean() * np.array([1.0, 1.01])])
    inside = inside[np.isfinite(inside)]
    np.testing.assert_allclose(prior.log_prob(inside), frozen.logpdf(inside), rtol=1e-10, atol=1e-10)


@pairs
def test_log_prob_at_the_ends_is_scipys_unless_it_diverges(prior, frozen):
    with np.errstate(all="ignore"):
        expected = frozen.logpdf(frozen.support())
    expected = np.where(np.isfinite(expected), expected, -INF)
    np.testing.assert_allclose(prior.log_prob(frozen.support()), expected, rtol=1e-10, atol=1e-10)


@pairs
def test_quantile_is_scipys(prior, frozen):
    np.testing.assert_allclose(prior.quantile(FRACTIONS), frozen.ppf(FRACTIONS), rtol=1e-9)
    np.testing.assert_array_equal(prior.quantile([0.0, 1.0]), prior.support)


@pairs
def test_support_is_scipys(prior, frozen):
    np.testing.assert_allclose(prior.support, frozen.support(), rtol=1e-14)


@pairs
def test_density_integrates_to_the_fraction_between_two_quantiles(prior, frozen):
    """Quantiles and densities belong together."""
    edges = prior.quantile(np.array([0.02, 0.2, 0.5, 0.8, 0.98]))
    for low, high, mass in zip(edges[:-1], edges[1:], [0.18, 0.3, 0.3, 0.18], strict=True):
        found, _ = integrate.quad(lambda v: np.exp(prior.log_prob(v)), low, high, epsrel=1e-10)
        assert found == pytest.approx(mass, rel=1e-7)


@pairs
def test_sample_follows_the_distribution(prior, frozen):
    draws = prior.sample(np.random.default_rng(11), 4000)
    assert stats.kstest(draws, frozen.cdf).pvalue > 1e-3
    assert np.isfinite(prior.log_prob(draws)).all()


@univariate
def test_outside_and_nan_are_minus_infinity_without_warnings(prior):
    low, high = prior.support
    outside = [np.nan, INF, -INF, np.nextafter(low, -INF), np.nextafter(high, INF), low - 1, high + 1]
    outside = [value for value in outside if not low <= value <= high or np.isinf(value)]
    np.testing.assert_array_equal(prior.log_prob(outside), -INF)


@univariate
@pytest.mark.parametrize("value", [0.0, -0.0, 1e308, -1e308, 5e-324, 1e-200, 1.0, 30.5])
def test_extreme_values_give_numbers_and_no_warnings(prior, value):
    assert prior.log_prob(value) < INF  # NaN fails too


@univariate
@pytest.mark.parametrize("shape", [(), (3,), (4, 3)])
def test_log_prob_keeps_the_shape(prior, shape):
    value = np.random.default_rng(0).normal(size=shape)
    found = prior.log_prob(value)
    assert np.shape(found) == shape
    for index in np.ndindex(shape):
        assert found[index] == prior.log_prob(float(value[index]))


@univariate
def test_log_prob_leaves_its_argument_alone(prior):
    value = np.array([0.5, -3.0, np.nan])
    value.setflags(write=False)
    prior.log_prob(value)
    assert prior.log_prob([0, 1]).shape == (2,)


@univariate
@pytest.mark.parametrize(("size", "shape"), [(None, ()), (5, (5,)), ((2, 3), (2, 3)), ((), ())])
def test_sample_shapes_and_seeds(prior, size, shape):
    if not prior.proper:
        pytest.skip("cannot be sampled")
    draws = prior.sample(np.random.default_rng(3), size)
    assert np.shape(draws) == shape
    np.testing.assert_array_equal(draws, prior.sample(np.random.default_rng(3), size))


@univariate
def test_quantile_outside_zero_to_one_is_nan(prior):
    if not prior.proper:
        pytest.skip("has no quantiles")
    assert np.isnan(prior.quantile([-0.1, 1.1, np.nan])).all()
    assert (np.diff(prior.quantile(np.linspace(0, 1, 101)[1:-1])) >= 0).all()


@univariate
def test_stacked_fields_equal_single_priors(prior):
    """Array fields hold the numbers of several priors, along the last axis of the values."""
    if isinstance(prior, priors.FromScipy) or not prior.fields():
        pytest.skip("has no number fields")
    other = type(prior)(**{name: value * (1 + 1e-3) for name, value in prior.fields().items()})
    stacked = type(prior)(**{name: np.array([value, getattr(other, name)]) for name, value in prior.fields().items()})
    middle = 0.5 if not prior.proper else prior.quantile(0.4)
    values = middle * np.array([[1.0, 1.0], [1.0005, 1.002], [-1.0, 50.0]])
    expected = np.stack([prior.log_prob(values[:, 0]), other.log_prob(values[:, 1])], axis=-1)
    np.testing.assert_allclose(stacked.log_prob(values), expected, rtol=1e-12)
    for end, single, second in zip(stacked.support, prior.support, other.support, strict=True):
        np.testing.assert_array_equal(np.broadcast_to(end, 2), [single, second])
    assert stacked.proper == prior.proper
    if prior.proper:
        u = np.array([[0.1, 0.7], [0.5, 0.2]])
        expected = np.stack([prior.quantile(u[:, 0]), other.quantile(u[:, 1])], axis=-1)
        np.testing.assert_allclose(stacked.quantile(u), expected, rtol=1e-12)


@every
def test_survives_pickling_and_plain_data(prior):
    again = pickle.loads(pickle.dumps(prior))
    value = 0.3 if isinstance(prior, priors.Prior) else np.full(prior.n_values, 1 / prior.n_values)
    np.testing.assert_array_equal(again.log_prob(value), prior.log_prob(value))
    if not isinstance(prior, priors.FromScipy):
        kinds = {f"priors.{name}": getattr(priors, name) for name in priors.__all__}
        assert again == prior
        assert hash(again) == hash(prior)
        assert type(prior).from_plain(prior.to_plain(), kinds) == prior


@every
def test_is_frozen(prior):
    for name in prior.fields():
        with pytest.raises(AttributeError):
            setattr(prior, name, 1.0)


@joint
@pytest.mark.parametrize(("size", "shape"), [(None, ()), (5, (5,)), ((2, 3), (2, 3))])
def test_joint_samples_lie_in_the_support(prior, size, shape):
    draws = prior.sample(np.random.default_rng(5), size)
    assert draws.shape == (*shape, prior.n_values)
    assert prior.support.size == prior.n_values
    assert prior.support.contains(draws).all()
    found = prior.log_prob(draws)
    assert found.shape == shape
    assert np.isfinite(found).all()
    np.testing.assert_array_equal(draws, prior.sample(np.random.default_rng(5), size))


@joint
def test_joint_batch_equals_a_loop_and_nan_is_minus_infinity(prior):
    """One bad vector in a batch leaves the others alone."""
    values = prior.sample(np.random.default_rng(6), 4)
    values[1] = np.nan
    values[2] = INF
    found = prior.log_prob(values)
    assert found[1] == found[2] == -INF
    single = [prior.log_prob(values[0]), prior.log_prob(values[3])]
    np.testing.assert_allclose(found[[0, 3]], single, rtol=1e-14)


@joint
def test_joint_values_of_a_wrong_length_are_refused(prior):
    with pytest.raises(ValueError, match=f"last axis of length {prior.n_values}"):
        prior.log_prob(np.zeros(prior.n_values + 1))
    with pytest.raises(ValueError, match="last axis"):
        prior.log_prob(0.0)
