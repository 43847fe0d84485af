"""Generative classes: every class has its own population of true features."""

import dataclasses
from functools import cached_property
from typing import cast

import numpy as np

from bayesfit.data import Data
from bayesfit.likelihoods.classes import class_codes, draw_codes
from bayesfit.parameters import Parameters
from bayesfit.populations import Features
from bayesfit.populations.gaussians import condition_gaussian
from bayesfit.populations.layout import gaussian_of
from bayesfit.populations.moments import SampleMoments
from bayesfit.priors import Dirichlet
from bayesfit.targets.base import Target

__all__ = ["ClassTarget"]


class ClassTarget(Target):
    """ln p(x̂, k | θ) = Σ_i ln [π_{k_i} N(x̂_i; μ_{k_i}, Σ_{k_i} + S_i)], missing features marginalised.

    Rows without a label contribute ln Σ_k π_k N(x̂_i; μ_k, Σ_k + S_i).  The stored terms are ln p(k_i | x̂_i, θ).

    Parameters
    ----------
    data, parameters, model
        As for `Target`.
    classes : tuple
        The labels, in the order of the parameters.
    """

    def __init__(self, data: Data, parameters: Parameters, model, *, classes: tuple):
        super().__init__(data, parameters, model)
        self.classes = classes

    def features(self, data: Data) -> Features:
        """Return the features of some rows, all of which have a population."""
        return Features(data, np.ones(self.data.n_features, dtype=bool))

    # -- densities ------------------------------------------------------------------------------------------

    def _of_class(self, values, code):
        """Return the values of one class alone."""
        shared = np.ndim(values["x_sd"]) < np.ndim(values["x_mean"])
        own = {"x_mean": values["x_mean"][:, code]}
        for name in ("x_sd", "x_corr"):
            if name in values:
                own[name] = values[name] if shared else values[name][:, code]
        return own

    def log_densities(self, values, features: Features) -> np.ndarray:
        """Return ln p(x̂_i | class k, θ) (W, N, K)."""
        columns = [
            condition_gaussian(*gaussian_of(self._of_class(values, k), features), features)[0]
            for k in range(len(self.classes))
        ]
        return np.stack(columns, axis=-1)

    def _log_fractions(self, values):
        return np.log(values["class_fraction"])

    def _log_shares(self, values, features: Features) -> np.ndarray:
        """Return ln p(x̂_i, class k | θ) (W, N, K)."""
        return self.log_densities(values, features) + self._log_fractions(values)[:, None]

    @cached_property
    def _members(self) -> list[tuple[int, int, SampleMoments | Features]]:
        """For each class with labelled rows: its code, their number, and their moments or features."""
        codes = class_codes(self.data)
        found = []
        for code in range(len(self.classes)):
            rows = np.flatnonzero(self.data.labelled & (codes == code))
            if rows.size:
                features = self.features(self.data[rows])
                exact = features.present.all() and not features.error_cov.any()
                found.append((code, rows.size, SampleMoments.of(features.measured) if exact else features))
        return found

    @cached_property
    def _unlabelled(self) -> Features | None:
        rows = np.flatnonzero(~self.data.labelled)
        return self.features(self.data[rows]) if rows.size else None

    def _log_joint(self, values):
        fractions = self._log_fractions(values)
        total = np.zeros(len(fractions))
        for code, n_rows, member in self._members:
            own = self._of_class(values, code)
            total += self.log_density_of(own, member) + n_rows * fractions[:, code]
        if self._unlabelled is not None:
            joint = self._log_shares(values, self._unlabelled)
            total += np.logaddexp.reduce(joint, axis=-1).sum(axis=1)
        return total

    def member(self, code: int):
        """Return the code, the number and the moments or features of a class's labelled rows."""
        return next(found for found in self._members if found[0] == code)

    def log_density_of(self, own, member) -> np.ndarray:
        """Return Σ ln p(x̂_i | class) (W,) of a class's labelled rows."""
        if isinstance(member, SampleMoments):
            return member.log_density(*gaussian_of(own))
        return condition_gaussian(*gaussian_of(own, member), member)[0].sum(axis=1)

    def _pointwise(self, values):
        rows = self.data[self.data.labelled]
        joint = self._log_shares(values, self.features(rows))
        chosen = np.take_along_axis(joint, class_codes(rows)[None, :, None], axis=2)[..., 0]
        return chosen - np.logaddexp.reduce(joint, axis=-1)

    def _log_population(self, values):
        return np.logaddexp.reduce(self._log_shares(values, self.features(self.data)), axis=-1).sum(axis=1)

    def on(self, data: Data) -> "ClassTarget":
        """Return the same model, priors as they are, on other rows."""
        return ClassTarget(data, self.parameters, self.model, classes=self.classes)

    # -- one class at a time --------------------------------------------------------------------------------

    def factors(self):
        """Return one target for each class, where classes share neither rows nor parameters."""
        shared = self.parameters["x_sd"].shape == self.parameters["x_mean"].shape[1:]
        conjugate = isinstance(self.parameters.prior_of(f"class_fraction[{self.classes[0]}]"), Dirichlet)
        blocks = self.parameters.blocks[1:]
        free = all(set(block.names) <= set(self.parameters.names) for block in blocks)
        # the class is the first axis of all parameters
        n_classes, own = len(self.classes), [p.elements for p in self.parameters.parameters[1:]]
        class_of = {name: place * n_classes // len(each) for each in own for place, name in enumerate(each)}
        together = any(len({class_of[name] for name in block.names}) > 1 for block in blocks)
        apart = self._unlabelled is None and len(self._members) == n_classes and not together
        if shared or not (conjugate and free and apart):
            return []
        return [ClassPart(self, code) for code in range(len(self.classes))]

    def assemble(self, parts, rng):
        """Return all walking coordinates: those of the classes, and fractions from their Dirichlet posterior."""
        # else there would be no `factors`
        prior = cast(Dirichlet, self.parameters.prior_of(f"class_fraction[{self.classes[0]}]"))
        counts = np.bincount(class_codes(self.data[self.data.labelled]), minlength=len(self.classes))
        fractions = rng.dirichlet(np.asarray(prior.concentration) + counts, size=parts[0].shape[:-1])
        z = np.empty((*parts[0].shape[:-1], len(self.names)))
        columns = [self.names.index(f"class_fraction[{label}]") for label in self.classes[:-1]]
        z[..., columns] = prior.support.unconstrain(fractions)
        for part, factor in zip(parts, self.factors(), strict=True):
            z[..., [self.names.index(name) for name in factor.names]] = part
        return z

    # -- prediction -----------------------------------------------------------------------------------------

    def class_probabilities(self, theta, data: Data, log_odds=None) -> np.ndarray:
        """Return p(k | x̂_i, θ) (W, N, K); ``log_odds`` (K,) are added to ln π_k for another prevalence."""
        values = self.parameters.unpack(theta)
        fractions = self._log_fractions(values) if log_odds is None else np.asarray(log_odds)[None]
        joint = self.log_densities(values, self.features(data)) + fractions[:, None]
        return np.exp(joint - np.logaddexp.reduce(joint, axis=-1)[..., None])

    def log_feature_density(self, theta, data: Data) -> np.ndarray:
        """Return ln p(x̂_i | θ) (W, N) under all classes."""
        values = self.parameters.unpack(theta)
        return np.logaddexp.reduce(self._log_shares(values, self.features(data)), axis=-1)

    def predict_mean(self, theta, data):
        return self.class_probabilities(theta, data)

    def predict_observed(self, theta, data, rng):
        """Return codes (W, N): positions among the classes."""
        return draw_codes(self.class_probabilities(theta, data), rng)

    def simulate_features(self, theta, data: Data, rng, codes=None) -> tuple[np.ndarray, np.ndarray]:
        """Return measured features (N, p), gaps kept, and class codes (N,), drawn for theta (D,) or (N, D).

        With a parameter vector for every row, each row is drawn from its own.
        """
        values = self.parameters.unpack(np.broadcast_to(theta, (len(data), len(self.names))))
        if codes is None:
            codes = draw_codes(values["class_fraction"], rng)
        x = np.empty(data.x.shape)
        for code in range(len(self.classes)):
            rows = np.flatnonzero(codes == code)
            if rows.size:
                own = {name: array[rows] for name, array in self._of_class(values, code).items()}
                mean, cov = gaussian_of(own)
                noise = rng.standard_normal((rows.size, data.n_features, 1))
                x[rows] = mean[:, 0] + (np.linalg.cholesky(cov) @ noise)[..., 0]
        x += self.features(data).draw_errors(rng)
        return np.where(data.missing, np.nan, x), codes


class ClassPart(Target):
    """The population of one class, given its labelled rows."""

    def __init__(self, whole: ClassTarget, code: int):
        label = whole.classes[code]
        own = [
            dataclasses.replace(parameter, coords=((label,), *parameter.coords[1:]), default=None, joint=())
            for parameter in whole.parameters.parameters
            if parameter.name != "class_fraction"
        ]
        rows = whole.data.labelled & (class_codes(whole.data) == code)
        super().__init__(whole.data[rows], whole.parameters.restricted(own), whole.model)
        self.whole, self.code = whole, code

    def _log_joint(self, values):
        own = {name: array[:, 0] for name, array in values.items()}
        _, _, member = self.whole.member(self.code)
        return self.whole.log_density_of(own, member)

    def _pointwise(self, values):
        features = self.whole.features(self.data)
        own = {name: array[:, 0] for name, array in values.items()}
        return condition_gaussian(*gaussian_of(own, features), features)[0]

    def predict_mean(self, theta, data):
        raise NotImplementedError("a class is a part of a target, which predicts")

    def predict_observed(self, theta, data, rng):
        raise NotImplementedError("a class is a part of a target, which predicts")
