"""The log posterior density of one model on one data set, for many parameter vectors at once.

A target has two faces.  In *natural units* (`log_prior`, `log_likelihood`, `log_population`, `log_prob`)
it speaks of theta (W, D), the free parameters in the order of `names`.  To the *sampler* (`log_density`,
`natural`, `complete`) it speaks of walking coordinates z (W, d): unbounded, centred, and without the
parameters that the target integrates out and draws back in `complete`.  A target that integrates nothing
has d = D; which of the two a target is, nothing above it needs to know.
"""

from abc import ABC, abstractmethod

import numpy as np

from bayesfit.data import Data
from bayesfit.errors import BayesfitError, ModelError, SamplingError
from bayesfit.parameters import Parameters
from bayesfit.specification import exact_text
from bayesfit.targets.fingerprints import digest, model_fingerprint

__all__ = ["FEW_ROWS", "Target"]

#: rows up to which a density is cheap, where a row takes some ten nanoseconds
FEW_ROWS = 1000


class Target(ABC):
    """Log densities of one model on one data set.

    Parameters
    ----------
    data : Data
    parameters : Parameters
        With all priors resolved; refits and folds keep them as they are.
    model : object
        A specification of the model, kept for its words and for files; never called.
    """

    def __init__(self, data: Data, parameters: Parameters, model):
        self.data, self.parameters, self.model = data, parameters, model
        self.classes: tuple = ()
        self.n_nan = 0
        self._nan_point = ""

    # -- natural units --------------------------------------------------------------------------------

    @property
    def names(self) -> tuple[str, ...]:
        """The D free elements, the columns of theta."""
        return self.parameters.names

    def log_prior(self, theta) -> np.ndarray:
        """Return the log prior density (W,)."""
        return self._batched(self.parameters.log_prior, theta)

    def log_likelihood(self, theta) -> np.ndarray:
        """Return ln p(y_i | x̂_i, θ) (W, N) for the labelled rows; with correlated labels ln p(y_i | y_-i, θ)."""
        return self._batched(lambda t: self._pointwise(self.parameters.unpack(t)), theta)

    def log_population(self, theta) -> np.ndarray:
        """Return ln p(x̂ | θ) (W,) of the noisy and incomplete features; 0 where there are none."""
        return self._batched(lambda t: self._log_population(self.parameters.unpack(t)), theta)

    def log_prob(self, theta) -> np.ndarray:
        """Return the joint log posterior density (W,), up to the evidence.

        It is not the prior plus the sum of the pointwise terms where there is a population or a label
        covariance.
        """
        return self._batched(self._log_prob, theta)

    def _log_prob(self, theta):
        log_prior = self.parameters.log_prior(theta)
        inside = log_prior > -np.inf
        total = np.full(len(theta), -np.inf)
        if inside.any():
            total[inside] = log_prior[inside] + self._log_joint(self.parameters.unpack(theta[inside]))
        return total

    def _batched(self, function, theta):
        theta = np.asarray(theta, dtype=float)
        if theta.shape[-1:] != (len(self.names),) or theta.ndim > 2:
            raise SamplingError(
                f"theta has shape {theta.shape}; expected ({len(self.names)},) or (W, {len(self.names)}): "
                + ", ".join(self.names)
            )
        with np.errstate(all="ignore"):
            result = function(np.atleast_2d(theta))
        return result if theta.ndim == 2 else result[0]

    @abstractmethod
    def _log_joint(self, values) -> np.ndarray:
        """Return ln p(y, x̂ | θ) (W,)."""

    @abstractmethod
    def _pointwise(self, values) -> np.ndarray:
        """Return ln p(y_i | x̂_i, θ) (W, N)."""

    def _log_population(self, values) -> np.ndarray:
        return np.zeros(len(next(iter(values.values()))))

    def on(self, data: Data) -> "Target":
        """Return the same model, priors as they are, on other rows; a mere part of a target has none."""
        raise NotImplementedError(f"a {type(self).__name__} is a part of a target, never refitted alone")

    def without_labels(self, rows) -> "Target":
        """Return the same target, priors as they are, with the labels of these rows missing."""
        return self.on(self.data.without_labels(rows))

    @property
    def term_rows(self) -> np.ndarray:
        """The rows (n,) that have a pointwise term: those with a label."""
        return np.flatnonzero(self.data.labelled)

    @property
    def n_rows(self) -> int:
        """The number of rows with a pointwise term."""
        return len(self.term_rows)

    # -- prediction -----------------------------------------------------------------------------------

    @abstractmethod
    def predict_mean(self, theta, data: Data) -> np.ndarray:
        """Return the expected label (W, N) of new rows."""

    @abstractmethod
    def predict_observed(self, theta, data: Data, rng: np.random.Generator) -> np.ndarray:
        """Return labels (W, N) as they would be measured in new rows."""

    def class_probabilities(self, theta, data: Data, log_odds=None) -> np.ndarray:
        """Return p(k | x̂_i, θ) (W, N, K) of the classes of new rows, where the model has classes.

        ``log_odds`` (K,), where given, are logarithms of the prevalences to re-weight to.

        Raises
        ------
        ModelError
            If it has none.
        """
        raise ModelError(f"{self.model!r} has no classes")

    def outlier_probability(self, theta) -> np.ndarray:
        """Return P(row is an outlier | labels, θ) (W, N) of the labelled rows, where the model knows of outliers.

        Raises
        ------
        ModelError
            If it does not.
        """
        raise ModelError(f"{self.model!r} has no outliers; use likelihoods.OutlierMixture")

    # -- the sampler's side ---------------------------------------------------------------------------

    @property
    def n_walked(self) -> int:
        """The number of coordinates the sampler walks in."""
        return len(self.walked_names)

    @property
    def walked_names(self) -> tuple[str, ...]:
        """The natural parameters behind the walking coordinates."""
        return self.names

    @property
    def block(self) -> int | None:
        """How many vectors of a batch, counted from its first, have to be evaluated together for the same bits.

        One where each may be evaluated alone; None where it takes the whole batch, since matrix products are rounded
        as their size has it.
        """
        return None

    @property
    def is_cheap(self) -> bool:
        """Whether a batch takes little longer than what the sampler does around it, so that larger ones save time.

        The sampler walks with all ensembles at once then, in one process.  It must not depend on the machine.
        """
        return len(self.data) <= FEW_ROWS

    @property
    def adds_rows(self) -> bool:
        """Whether each density is added up row by row, with no shorter way."""
        return True

    def log_density(self, z) -> np.ndarray:
        """Return the log density (W,) in walking coordinates (W, d), Jacobian included; never NaN.

        Raises
        ------
        SamplingError
            If a density is infinite, or the model raised an exception; with the parameters that did it.
        """
        return self.meet_faults(z, self.evaluate(z))

    def evaluate(self, z) -> np.ndarray:
        """Return the log density (W,) as it comes: NaN where it is NaN.

        Raises
        ------
        SamplingError
            If the model raised an exception; with the parameters that did it.
        """
        size = self.block or 1
        if size > 1 and len(z) > size:
            return np.concatenate([self.evaluate(z[i : i + size]) for i in range(0, len(z), size)])
        with np.errstate(all="ignore"):
            try:
                return self._log_walked(z)
            except BayesfitError:
                raise
            except Exception as error:
                raise SamplingError(self._blame(z, error)) from error

    def _log_walked(self, z) -> np.ndarray:
        theta, log_jacobian = self.parameters.constrain(z)
        return self._log_prob(theta) + log_jacobian

    def meet_faults(self, z, total) -> np.ndarray:
        """Count what is NaN in log densities (W,) of points (W, d), and put minus infinity there.

        Raises
        ------
        SamplingError
            If a density is infinite; with its parameters.
        """
        broken = np.isnan(total)
        if broken.any():
            self.n_nan += int(broken.sum())
            self._nan_point = self._nan_point or self.describe_point(z[np.argmax(broken)])
            total[broken] = -np.inf
        if (total == np.inf).any():
            where = self.describe_point(z[np.argmax(total)])
            raise SamplingError(f"the log-probability is +inf at {where}: the density is unbounded there")
        return total

    def _blame(self, z, error):
        for point in z:
            try:
                self._log_walked(point[None])
            except Exception as again:
                return f"the model raised {type(again).__name__}: {again} at {self.describe_point(point)}"
        return f"the model raised {type(error).__name__}: {error} for a batch of {len(z)} parameter vectors"

    @property
    def faults(self) -> tuple[str, ...]:
        """Sentences about what went wrong in evaluations so far."""
        if not self.n_nan:
            return ()
        return (
            f"the log-probability was NaN {self.n_nan} times and counted as minus infinity; first at {self._nan_point}",
        )

    def natural(self, z) -> np.ndarray:
        """Return the walked parameters (W, d) in natural units."""
        with np.errstate(all="ignore"):
            return self.parameters.constrain(z)[0]

    def walked(self, theta) -> np.ndarray:
        """Return walking coordinates (W, d) of theta (W, D)."""
        with np.errstate(all="ignore"):
            return self.parameters.unconstrain(theta)

    def factors(self) -> list["Target"]:
        """Return independent targets whose product this one is, to be sampled one by one; empty if there are none."""
        return []

    def assemble(self, parts: list[np.ndarray], rng: np.random.Generator) -> np.ndarray:
        """Return walking coordinates (…, d) from those of all `factors`, drawing what none of them holds."""
        raise NotImplementedError

    def complete(self, z, rng: np.random.Generator | None) -> np.ndarray:
        """Return theta (W, D): the walked parameters, and those integrated out drawn back given them.

        Without ``rng`` they are at their mean given the walked ones.
        """
        return self.natural(z)

    def log_density_at(self, theta) -> np.ndarray:
        """Return the log density (W,) of theta (W, D) in coordinates of all parameters, Jacobian included."""
        with np.errstate(all="ignore"):
            theta, log_jacobian = self.parameters.constrain(self.parameters.unconstrain(theta))
            return self._log_prob(theta) + log_jacobian

    def starts(self, rng: np.random.Generator, size: int) -> np.ndarray:
        """Return rough candidates (size, d) for a start: draws from the prior."""
        return self.walked(self.parameters.sample_start(rng, size))

    def describe_point(self, z) -> str:
        """Return "slope = 2.1, scatter = 0.3" for one point (d,)."""
        natural = self.natural(np.asarray(z, dtype=float)[None])[0]
        return ", ".join(f"{name} = {value:.6g}" for name, value in zip(self.walked_names, natural, strict=True))

    # -- identity -------------------------------------------------------------------------------------

    @property
    def fingerprints(self) -> dict[str, str]:
        """Hashes of the model, the priors and the data, by which files are told apart."""
        priors = exact_text([(block.names, block.prior) for block in self.parameters.blocks])
        return {
            "model": model_fingerprint(self.model),
            "priors": digest(priors),
            "data": self.data.fingerprint,
        }

    @property
    def fingerprint(self) -> str:
        """One hash of all of `fingerprints`."""
        return digest(repr(sorted(self.fingerprints.items())))
