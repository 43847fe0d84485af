"""The log density of some rows, as a function of the parameters' values: exact features, or noisy ones.

Rows with noisy or missing features are integrated over their true features.  For a predictor that is affine
in x this is exact: η given the measured features is Gaussian.  For any other it is done by quadrature over
the one or two noisy features of each row, of which one in which the predictor is affine given all others, as where
features are multiplied, is integrated out as before; nothing is linearised.
"""

from functools import cached_property, partial

import numpy as np

from bayesfit.data import Data
from bayesfit.densities import log_sum_exp
from bayesfit.errors import ModelError
from bayesfit.likelihoods import Categorical, Classes, Likelihood
from bayesfit.likelihoods.cubature import smooth_expectation
from bayesfit.likelihoods.doubling import doubled_expectation
from bayesfit.likelihoods.quadrature import normal_expectation
from bayesfit.likelihoods.softmax_grid import MOST_COORDINATES
from bayesfit.populations import Features, Population
from bayesfit.predictors import Predictor
from bayesfit.roots import lower_root
from bayesfit.targets.averages import normal_average

__all__ = ["ExactRows", "NoisyRows"]

_MOST_NONLINEAR = 2

#: accuracy of ln of an integral over one of two features: where the other is integrated out in closed form, or by nodes
_TOLERANCE, _NODES_TOLERANCE = 1e-9, 1e-7

# The C library of Linux gives freed memory back to the system, page by page, unless a larger piece was freed before;
# getting it again for every temporary of walkers × rows takes longer than the arithmetic.  This piece is never touched,
# and so never taken; it has to be just below the most that the library adapts to.
np.empty(31 << 17)


class ExactRows:
    """Rows whose features are known exactly."""

    def __init__(self, data: Data, predictor: Predictor, likelihood: Likelihood):
        self.data, self.predictor, self.likelihood = data, predictor, likelihood
        self._eta = predictor.bind(data.x)

    def terms(self, values) -> np.ndarray:
        """Return ln p(y_i | x_i, θ) (W, N)."""
        return self.likelihood.log_prob(values, self._eta(values), self.data)

    def joint(self, values) -> np.ndarray:
        """Return ln p(y | x, θ) (W,)."""
        return self.likelihood.log_joint(values, self._eta(values), self.data)

    def population(self, values) -> float:
        """Return 0: nothing is said of the features."""
        return 0.0

    def mean(self, values) -> np.ndarray:
        """Return the expected labels (W, N)."""
        return self.likelihood.mean(values, self._eta(values), self.data)

    def simulate(self, values, rng) -> np.ndarray:
        """Return labels (W, N) as they would be measured."""
        return self.likelihood.simulate(values, self._eta(values), self.data, rng)

    def normal_eta(self, values) -> list:
        """Return η as one normal law without a width; see `NoisyRows.normal_eta`."""
        return [(0.0, (self._eta(values), 0.0, None))]

    @property
    def labels(self) -> Data:
        """The labels that scatter about η."""
        return self.data


class NoisyRows:
    """Rows with errors or gaps in the features that ``noisy`` marks, (p,) of bool."""

    def __init__(self, data: Data, noisy, predictor: Predictor, likelihood: Likelihood, population: Population):
        self.data, self.predictor, self.likelihood, self.law = data, predictor, likelihood, population
        self.features = Features(data, noisy)
        population.check(self.features)

    @cached_property
    def labels(self) -> Data:
        """The labels without that part of their errors which follows from the features' errors."""
        gain = self.features.label_gain
        if gain is None:
            return self.data
        explained = np.einsum("ij,ijk,ik->i", gain, self.features.error_cov, gain)
        return self.data.with_label_errors(np.sqrt(np.maximum(np.square(self.data.y_err) - explained, 0.0)))

    @cached_property
    def _window(self) -> Data | None:
        return self.likelihood.window_rows(self.labels)

    # -- what is sampled, and what is stored -----------------------------------------------------------

    def terms(self, values) -> np.ndarray:
        """Return ln p(ŷ_i | x̂_i, θ) (W, N)."""
        return self._conditional(values, self.law.condition(values, self.features))

    def _conditional(self, values, conditional):
        terms = self._marginal(values, conditional.components, self.labels)
        if self._window is not None:
            terms = terms - self._marginal(values, conditional.components, self._window)
        return terms

    def joint(self, values) -> np.ndarray:
        """Return ln p(ŷ, x̂ | θ) (W,), given that the rows were selected."""
        conditional = self.law.condition(values, self.features)
        total = self._sum_of_labels(values, conditional.components) + _sum(conditional.log_density)
        if self.likelihood.window_rows(self.data) is not None:
            total = total - self._log_selected(values).sum(axis=1)
        return total

    def _log_selected(self, values):
        """Ln P(row enters the data | θ): before anything is measured, so that its own x̂ does not count."""
        window = self.likelihood.window_rows(self.data)
        prior = self.law.prior(values, self.features)
        return self._marginal(values, prior.components, window, measured=False)

    def population(self, values) -> np.ndarray:
        """Return ln p(x̂ | θ) (W,)."""
        return _sum(self.law.condition(values, self.features).log_density)

    # -- integrals over the true features ----------------------------------------------------------------

    def _sum_of_labels(self, values, components):
        """Return ln p(labels | mixture of Gaussians of the true features) (W,), without regard to selection."""
        if _single(components):
            normal = self._normal_eta(values, components[0][1], measured=True)
            if normal is not None:
                return self.likelihood.untruncated.log_joint_noisy(values, *normal[:2], self.labels, normal[2])
        return self._marginal(values, components, self.labels).sum(axis=1)

    def _marginal(self, values, components, data, *, measured=True):
        """Return ln p(labels of ``data`` | mixture of Gaussians of the true features) (W, N)."""
        terms = [(log_weight, self._one(values, component, data, measured)) for log_weight, component in components]
        if _single(components):
            return terms[0][1]
        return log_sum_exp([log_weight + term for log_weight, term in terms])

    def _one(self, values, component, data, measured):
        bare = self.likelihood.untruncated
        if self._n_columns(values):
            return self._classes(values, component, data)
        normal = self._normal_eta(values, component, measured)
        if normal is not None:
            return bare.log_prob_noisy(values, *normal[:2], data, normal[2])
        if measured and self.features.label_gain is not None and not bare.about_eta:
            raise ModelError(f"xy_cov: {bare!r} takes correlated errors only with a predictor that is affine in x")
        size = self.features.n_noisy
        if size > _MOST_NONLINEAR:
            raise ModelError(
                f"{self.predictor!r} is not affine in x, and {size} of its features are noisy or missing: at most "
                f"{_MOST_NONLINEAR} can be integrated over; use Linear(), or make features exact"
            )
        mean, cov = self._moments(values, component)
        straight = None if measured and self.features.label_gain is not None else self._straight
        k = size - 1 if straight is None else straight
        # the one to be integrated out comes last, given the other
        order = [*(j for j in range(size) if j != k), k]
        root = lower_root(cov[..., order, :][..., order])

        def term(t, vectors, rows):
            place = np.ix_(vectors, rows)
            true, factor = mean[place], root[place]
            if size > 1:
                true[..., order] += factor[..., 0] * t[..., None]
            some = {name: array[vectors] for name, array in values.items()}
            inner = self._by_nodes if straight is None else self._in_closed_form
            there = data if len(rows) == len(data) else data[rows]
            return inner(some, true, k, factor[..., -1, -1], rows, there, measured)

        shape = mean.shape[:2]
        if size == 1:
            return term(np.zeros((shape[0], 1)), np.arange(shape[0]), np.arange(shape[1]))
        return doubled_expectation(term, shape, _NODES_TOLERANCE if straight is None else _TOLERANCE)

    def _in_closed_form(self, values, true, k, sd, rows, data, measured):
        """Integrate over one feature, of mean ``true[..., k]`` and deviation (V, n), in which f is affine."""
        here = self._eta(values, true, rows, measured=measured)
        true[..., k] += sd
        spread = np.square(self._eta(values, true, rows, measured=measured) - here)
        return self.likelihood.untruncated.log_prob_noisy(values, here, spread, data)

    def _by_nodes(self, values, true, k, sd, rows, data, measured):
        """Integrate over one feature, of mean ``true[..., k]`` and deviation (V, n), whatever f is."""

        def along(t, vectors, places):
            some = {name: array[vectors] for name, array in values.items()}
            there = np.broadcast_to(true[vectors][:, places], (*t.shape, true.shape[-1])).copy()
            there[..., k] += sd[vectors][:, places] * t
            # several nodes of a row are as good as several rows: (V, nodes · n)
            side_by_side = np.moveaxis(there, -3, 0)
            flat = side_by_side.reshape(len(side_by_side), -1, true.shape[-1])
            n_nodes = flat.shape[1] // len(places)
            found = self._eta(some, flat, np.tile(rows[places], n_nodes), measured=measured)
            return np.moveaxis(found.reshape(side_by_side.shape[:-1]), 0, -2)

        return normal_expectation(self.likelihood.untruncated, values, along, data)

    @cached_property
    def _straight(self) -> int | None:
        """The place, among the noisy features, of one in which f is affine given all others; None if there is none."""
        noisy = np.flatnonzero(self.features.noisy)
        return next((k for k, feature in enumerate(noisy) if self.predictor.affine_in(int(feature))), None)

    def _n_columns(self, values) -> int:
        """The number of columns of η where it has one for each class but the first, else 0."""
        return self.predictor.n_columns(values, self.data.n_features)

    def _moments(self, values, component):
        """Return mean (W, N, q) and covariance (W, N, q, q) of the true features given the measured ones."""
        size = self.features.n_noisy
        mean, cov = component.moments(size)
        mean = np.broadcast_to(mean, (len(next(iter(values.values()))), len(self.data), size))
        return mean, np.broadcast_to(cov, (*mean.shape, size))

    def _eta(self, values, true, rows=slice(None), *, measured=True):
        """Return η at true noisy features (W, n, q) of some rows, with what their errors add to the label."""
        found = self.predictor.at(values, self._at(true, rows))
        gain = self.features.label_gain if measured else None
        if gain is None:
            return found
        return found + np.einsum("nj,wnj->wn", gain[rows], self.features.measured[rows] - true)

    def _classes(self, values, component, data):
        """Integrate class probabilities over η where it is Gaussian and has fewer coordinates, else over ξ."""
        mean, cov = self._moments(values, component)
        affine = self.predictor.affine(values)
        if affine is not None:
            slope = np.swapaxes(affine.slope[:, None, self.features.noisy], -1, -2)
            centre = self.predictor.at(values, self._at(mean, slice(None)))
            n_columns, n_noisy = slope.shape[-2:]
            spread = slope @ cov @ np.swapaxes(slope, -1, -2) if n_columns <= n_noisy else None
            if isinstance(self.likelihood, Categorical) and min(n_columns, n_noisy) <= MOST_COORDINATES:
                tilts = slope @ lower_root(cov) if spread is None else lower_root(spread)
                return self.likelihood.log_prob_along(values, centre, tilts, data)
            if spread is not None:
                return smooth_expectation(self.likelihood, values, lambda u, rows: u, data, centre, spread)
        return smooth_expectation(self.likelihood, values, partial(self._eta, values), data, mean, cov)

    def _at(self, true, rows):
        """Return all features (W, n, p) with the noisy ones replaced by ``true`` (W, n, q)."""
        x = np.empty((*true.shape[:2], self.data.n_features))
        x[...] = self.data.x[rows]
        x[..., self.features.noisy] = true
        return x

    def _normal_eta(self, values, component, measured):
        """Return mean, variance and shift of a Gaussian η, as `Likelihood.log_prob_noisy` takes them; else None."""
        if self._n_columns(values):
            return None
        gaussian = self.gaussian(values, component, measured)
        gain = self.features.label_gain if measured else None
        if gaussian is None or gain is None:
            return None if gaussian is None else (*gaussian, None)
        mean, variance = component.project(gain[None])
        return *gaussian, (np.einsum("nj,nj->n", gain, self.features.measured) - mean, variance)

    def gaussian(self, values, component, measured=True):
        """Return mean (W, N) and variance (W, N) of η given the measured features; None unless f is affine in x.

        The variance is (W, 1) where all rows have the same errors.
        """
        affine = self.predictor.affine(values)
        if affine is None:
            return None
        noisy = self.features.noisy
        slope = affine.slope[:, None, noisy]
        constant = affine.offset[:, None]
        if not noisy.all():
            constant = constant + affine.slope[:, ~noisy] @ self.features.exact.T
        gain = self.features.label_gain if measured else None
        if gain is not None:
            slope = slope - gain
            constant = constant + np.einsum("nj,nj->n", gain, self.features.measured)
        mean, variance = component.project(slope)
        return mean + constant, variance

    # -- prediction ---------------------------------------------------------------------------------------

    @cached_property
    def _clean(self) -> "NoisyRows":
        """The same rows without wrong labels."""
        clean = self.likelihood.clean if isinstance(self.likelihood, Classes) else self.likelihood
        return NoisyRows(self.data, self.features.noisy, self.predictor, clean, self.law)

    def _probabilities(self, values):
        """Return the probabilities (W, N, K) of the true classes, by the integrals that fitted labels have."""
        n_columns = self._n_columns(values)
        n_classes = n_columns + 1 if n_columns else 2
        conditional = self.law.condition(values, self.features)
        rows = [self.data.all_of_class(code, n_classes) for code in range(n_classes)]
        with np.errstate(all="ignore"):
            each = [self._clean._marginal(values, conditional.components, labelled) for labelled in rows]
        # each to the accuracy of its own integral
        found = np.exp(np.stack(each, axis=-1))
        return found / found.sum(axis=-1, keepdims=True)

    def mean(self, values) -> np.ndarray:
        """Return the expected labels (W, N) given the measured features, or probabilities of classes (W, N, K)."""
        if isinstance(self.likelihood, Classes):
            found = self._probabilities(values)
            return found if self._n_columns(values) else found[..., 1]
        conditional = self.law.condition(values, self.features)
        if self.likelihood.mean_is_eta and self.predictor.affine(values) is not None:
            return sum(np.exp(w) * self.gaussian(values, part)[0] for w, part in conditional.components)
        n = 1 if self.predictor.affine(values) is not None else self.features.n_noisy
        total = np.zeros((1, len(self.data)))
        for log_weight, component in conditional.components:
            draw = self._sampler(values, component)
            expected = normal_average(lambda t, draw=draw: self.likelihood.mean(values, draw(t), self.labels), n)
            total = total + np.exp(log_weight) * expected
        return total

    def simulate(self, values, rng) -> np.ndarray:
        """Return labels (W, N) as they would be measured, given the measured features."""
        if self._n_columns(values):
            found = np.log(np.maximum(self._probabilities(values), np.finfo(float).tiny))
            return self.likelihood.simulate(values, found[..., 1:] - found[..., :1], self.labels, rng)
        return self.likelihood.simulate(values, self.draw_eta(values, rng), self.labels, rng)

    def normal_eta(self, values) -> list | None:
        """Return what the measured features say of η as normal laws; None where f is not affine.

        Each is ln of its weight, and mean (W, N), variance and shift as `Likelihood.log_prob_noisy` takes them.
        """
        components = self.law.condition(values, self.features).components
        laws = [(weight, self._normal_eta(values, component, measured=True)) for weight, component in components]
        return laws if all(law is not None for _, law in laws) else None

    def draw_eta(self, values, rng) -> np.ndarray:
        """Return η (W, N) at true features drawn from what the measured ones say of them."""
        conditional = self.law.condition(values, self.features)
        shape = (len(next(iter(values.values()))), len(self.data))
        shares = np.cumsum([np.exp(np.broadcast_to(w, shape)) for w, _ in conditional.components], axis=0)
        pick = (rng.uniform(size=shape) * shares[-1] > shares).sum(axis=0)
        drawn = np.empty(shape)
        for k, (_, component) in enumerate(conditional.components):
            noise = rng.standard_normal((self.features.n_noisy, *shape))
            drawn = np.where(pick == k, self._sampler(values, component)(noise), drawn)
        return drawn

    def _sampler(self, values, component):
        """Return η as a function of standard normal numbers (q or 1, …)."""
        gaussian = self.gaussian(values, component)
        if gaussian is not None:
            mean, variance = gaussian
            return lambda noise: mean + np.sqrt(variance) * noise[0]
        mean, cov = self._moments(values, component)
        factor = lower_root(cov)

        def eta(noise):
            step = sum(factor[..., j] * np.asarray(noise[j])[..., None] for j in range(mean.shape[-1]))
            return self._eta(values, mean + step)

        return eta


def _sum(log_density):
    return log_density.sum(axis=-1) if np.ndim(log_density) else 0.0


def _single(components) -> bool:
    """Return whether the true features are one Gaussian, whose weight is one."""
    return len(components) == 1 and np.ndim(components[0][0]) == 0 and components[0][0] == 0
