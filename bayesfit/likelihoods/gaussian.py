"""Gaussian noise: chi-squared with its constants, intrinsic scatter and correlated labels."""

from dataclasses import dataclass

import numpy as np

from bayesfit.errors import DataError, rows_text
from bayesfit.likelihoods.base import Likelihood
from bayesfit.parameters import Parameter
from bayesfit.predictors import Outputs
from bayesfit.priors import HalfNormal
from bayesfit.scales import label_centre, label_spread
from bayesfit.supports import Interval

__all__ = ["Gaussian"]

_LOG_2PI = float(np.log(2 * np.pi))


@dataclass(frozen=True, repr=False)
class Gaussian(Likelihood):
    r"""ln p(y_i | η_i) = -½ [(y_i - η_i)² / V_i + ln 2π V_i], V_i = σ_i² + s².

    Parameters
    ----------
    scatter : bool or None
        Whether the intrinsic scatter s is inferred, as the parameter "scatter".  None: only where the
        data have no label errors; s is then the noise level.

    Notes
    -----
    With a covariance C of all labels, V = C + s²·1 and the rows are not independent: `log_joint` is
    the density of all labels, while the pointwise terms are ln p(y_i | y_{-i}), the ones that
    leave-one-out needs (Bürkner, Gabry & Vehtari 2021).  Default prior: s ~ HalfNormal(2 sd(y)).

    References
    ----------
    Hogg, Bovy & Lang (2010), arXiv:1008.4686.
    """

    scatter: bool | None = None

    def infers_scatter(self, data) -> bool:
        """Return whether "scatter" is a parameter for these data."""
        return self.scatter if self.scatter is not None else data.y_err is None and data.y_cov is None

    def check(self, data):
        _refuse_classes(data)
        if not self.infers_scatter(data) and data.y_err is None and data.y_cov is None:
            raise DataError("y_err is missing and scatter=False: give y_err, or let the noise level be inferred")

    def outputs(self, data):
        unit = data.units.get(data.label, "")
        return Outputs(centre=label_centre(data), width=10 * label_spread(data), unit=unit)

    def parameters(self, data):
        if not self.infers_scatter(data):
            return ()
        unit = data.units.get(data.label, "")
        prior = HalfNormal(2 * label_spread(data))
        return (Parameter("scatter", prior, bounds=Interval(0.0, np.inf), unit=unit),)

    def guess(self, residual, data):
        return {"scatter": float(np.sqrt(np.mean(residual**2)))} if residual.any() else {}

    def log_prob(self, values, eta, data):
        if data.y_cov is not None:
            return self._conditional(values, eta, data)
        residual = data.y - eta
        if "scatter" not in values:
            precision = data.remember("label precision", lambda: 1.0 / data.y_err)
            constant = data.remember("label constant", lambda: np.log(data.y_err) + 0.5 * _LOG_2PI)
            residual *= precision
            residual *= residual
            residual *= -0.5
            residual -= constant
            return residual
        variance = self._variance(values, data)
        residual *= residual
        residual /= variance
        residual += np.log(variance)
        residual += _LOG_2PI
        residual *= -0.5
        return residual

    @staticmethod
    def _variance(values, data):
        scatter = np.square(values["scatter"])[:, None]
        if data.y_err is None:
            return scatter
        return scatter + data.remember("label variance", lambda: np.square(data.y_err))

    # -- correlated labels ----------------------------------------------------------------------------

    def log_joint(self, values, eta, data):
        if data.y_cov is None:
            return super().log_joint(values, eta, data)
        rotation, eigenvalues = _spectrum(data)
        variance = self._spread(values, eigenvalues)
        rotated = (data.y - eta) @ rotation
        return -0.5 * (rotated**2 / variance + np.log(variance) + _LOG_2PI).sum(axis=-1)

    def _conditional(self, values, eta, data):
        """ln p(y_i | y_{-i}): mean y_i - g_i / c_i, variance 1 / c_i, with g = V⁻¹ r and c = diag V⁻¹."""
        rotation, eigenvalues = _spectrum(data)
        variance = self._spread(values, eigenvalues)
        weighted = ((data.y - eta) @ rotation / variance) @ rotation.T
        precision = (1.0 / variance) @ (rotation**2).T
        return -0.5 * (weighted**2 / precision - np.log(precision) + _LOG_2PI)

    @staticmethod
    def _spread(values, eigenvalues):
        return eigenvalues + np.square(values["scatter"])[:, None] if "scatter" in values else eigenvalues[None, :]

    # -- simulation -----------------------------------------------------------------------------------

    def simulate(self, values, eta, data, rng):
        noise = rng.standard_normal(eta.shape)
        if data.y_cov is not None:
            rotation, eigenvalues = _spectrum(data)
            return eta + (noise * np.sqrt(self._spread(values, eigenvalues))) @ rotation.T
        variance = self._variance(values, data) if "scatter" in values else np.square(data.y_err)
        return eta + noise * np.sqrt(variance)

    def mean(self, values, eta, data):
        return eta


def _spectrum(data):
    """Return eigenvectors (columns) and eigenvalues of the label covariance, computed once."""
    eigenvalues, rotation = data.remember("label spectrum", lambda: np.linalg.eigh(data.y_cov))
    return rotation, eigenvalues


def _refuse_classes(data):
    if data.kind == "classes":
        found = list(dict.fromkeys(data.y[data.labelled]))
        raise DataError(
            f"y holds class labels ({', '.join(map(repr, found[:4]))}): use a classification likelihood such as "
            "Bernoulli or Categorical, or give numbers"
        )
    limited = np.flatnonzero(data.limits)
    if limited.size:
        raise DataError(f"limits: {rows_text(limited)}: this likelihood takes measured labels only")
