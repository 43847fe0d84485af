"""Every likelihood × every way of feeding it, against integrals over the true features on dense grids."""

import inspect

import numpy as np
import pytest
from brute_force import log_features_and_label
from likelihood_families import FAMILIES, Label
from likelihood_feeds import COUNT_FEEDS, EXACT_FEEDS, LOCATION_FEEDS, make

from bayesfit import likelihoods, populations, predictors


def _feeds(family):
    if family.counts:
        return EXACT_FEEDS if family.exact_only else COUNT_FEEDS
    return LOCATION_FEEDS


CASES = [pytest.param(family, feed, id=f"{family.name}-{feed.name}") for family in FAMILIES for feed in _feeds(family)]


def test_every_public_likelihood_has_a_row():
    public = {name for name in likelihoods.__all__ if not inspect.isabstract(getattr(likelihoods, name))}
    # its η has a column for each class, which needs another oracle
    assert public - {"Categorical"} == {family.name.split()[0] for family in FAMILIES}


def _one(values, w):
    return {name: array[w] for name, array in values.items()}


def _eta(predictor, values):
    if isinstance(predictor, predictors.Linear):
        return lambda x: values["intercept"] + values["slope"] * x
    return lambda x: sum(c * x**k for k, c in enumerate(values["coefficient"]))


def _components(target, values):
    if isinstance(target.population, populations.Flat):
        return []
    if isinstance(target.population, populations.Normal):
        return [(1.0, values["x_mean"], values["x_sd"])]
    return list(zip(values["x_weight"], values["x_mean"], values["x_sd"], strict=True))


def _label(data, i):
    value = float(data.y[i]) if data.limits[i] == 0 else (float(data.y_low[i]), float(data.y_high[i]))
    error = 0.0 if data.y_err is None else float(data.y_err[i])
    return Label(value, error, float(data.columns["time"][i]), int(data.columns["trials"][i]))


class _Oracle:
    """The densities of one target's rows at one parameter vector."""

    def __init__(self, family, feed, target, values):
        self.family, self.feed, self.target, self.values = family, feed, target, values
        self.data, self.eta = target.data, _eta(target.predictor, values)
        self.window = getattr(target.likelihood, "truncation", None)

    def joint(self, i, label, *, measured=True):
        """ln p(x̂_i, label), or ln p(label) before x̂ is measured."""
        x, values = float(self.data.x[i, 0]), self.values
        if not self.feed.noisy:
            return self.family.log_label(values, np.array([self.eta(x)]), label, 0.0)[0]
        error = float(self.data.x_err[i, 0])
        known = measured and np.isfinite(x)
        gain = self.data.xy_cov[i, 0] / error**2 if known and self.data.xy_cov is not None else 0.0
        rest = Label(label.value, np.sqrt(max(label.error**2 - (gain * error) ** 2, 0)), label.exposure, label.trials)

        def log_label(xi):
            return self.family.log_label(values, self.eta(xi), rest, gain * (x - xi) if known else 0.0)

        return self.integrate(x if known else np.nan, error, log_label, self.kinks(x, gain, label))

    def kinks(self, x, gain, label):
        """True features at which η meets the label or an end of its interval."""
        if self.family.counts or not isinstance(self.target.predictor, predictors.Linear):
            return []
        ends = np.atleast_1d(label.value)
        slope = self.values["slope"] - gain
        shift = gain * x if gain else 0.0
        return [(e - self.values["intercept"] - shift) / slope for e in ends if np.isfinite(e)]

    def integrate(self, x, error, log_label, kinks=()):
        return log_features_and_label(
            (x, error), _components(self.target, self.values), log_label, kinks, self.feed.n_panels
        )

    def features(self, i):
        """ln p(x̂_i)."""
        if not self.feed.noisy or not np.isfinite(self.data.x[i, 0]):
            return 0.0
        return self.integrate(float(self.data.x[i, 0]), float(self.data.x_err[i, 0]), np.zeros_like)

    def selected(self, i):
        """The label of a row of which only is known that it was selected."""
        ends = [
            default if end is None else float(self.data.columns[end][i]) if isinstance(end, str) else end
            for end, default in zip(self.window, (-np.inf, np.inf), strict=True)
        ]
        known = _label(self.data, i)
        return Label(tuple(ends), known.error, known.exposure, known.trials)

    def stored(self, i):
        """ln p(ŷ_i | x̂_i), given that the row was selected."""
        total = self.joint(i, _label(self.data, i)) - self.features(i)
        if self.window is not None:
            total -= self.joint(i, self.selected(i)) - self.features(i)
        return total

    def sampled(self, i):
        """ln p(ŷ_i, x̂_i), given that the row was selected."""
        if not self.data.labelled[i]:
            return self.features(i)
        total = self.joint(i, _label(self.data, i))
        return total if self.window is None else total - self.joint(i, self.selected(i), measured=False)


def _tolerance(family, feed):
    closed = not feed.noisy or (family.name in ("Gaussian", "Laplace", "OutlierMixture") and not _curved(feed))
    return 1e-9 if closed else 1e-6


def _curved(feed):
    return isinstance(feed.predictor, predictors.Polynomial)


@pytest.mark.parametrize(("family", "feed"), CASES)
def test_terms_and_joint_density_equal_integrals_over_the_true_features(family, feed):
    target, theta = make(family, feed, seed=len(family.name) + 31 * len(feed.name))
    stored, joint = target.log_likelihood(theta), target.log_prob(theta) - target.log_prior(theta)
    tolerance = _tolerance(family, feed)
    for w in range(len(theta)):
        oracle = _Oracle(family, feed, target, _one(target.parameters.unpack(theta), w))
        rows = np.flatnonzero(target.data.labelled)
        np.testing.assert_allclose(stored[w], [oracle.stored(i) for i in rows], rtol=0, atol=tolerance)
        expected = sum(oracle.sampled(i) for i in range(len(target.data)))
        assert joint[w] == pytest.approx(expected, rel=0, abs=6 * tolerance)
        population = sum(oracle.features(i) for i in range(len(target.data)))
        flat = isinstance(feed.population, populations.Flat)
        assert target.log_population(theta)[w] == pytest.approx(0.0 if flat else population, abs=1e-8)


@pytest.mark.parametrize(("family", "feed"), CASES)
def test_a_batch_equals_a_loop_over_parameters_and_over_rows_in_any_order(family, feed):
    target, theta = make(family, feed, seed=7)
    batch = target.log_likelihood(theta)
    np.testing.assert_allclose(batch[0], target.log_likelihood(theta[0]), rtol=0, atol=1e-8)
    rows = np.flatnonzero(target.data.labelled)
    single = np.concatenate([target.on(target.data[[i]]).log_likelihood(theta) for i in rows[1:3]], axis=1)
    np.testing.assert_allclose(batch[:, 1:3], single, rtol=0, atol=1e-8)
    order = np.random.default_rng(1).permutation(len(target.data))
    mixed = target.on(target.data[order])
    kept = [list(rows).index(i) for i in order if i in rows]
    np.testing.assert_allclose(mixed.log_likelihood(theta), batch[:, kept], rtol=0, atol=1e-8)
    np.testing.assert_allclose(mixed.log_prob(theta[:1]), target.log_prob(theta[:1]), rtol=1e-9, atol=1e-8)
