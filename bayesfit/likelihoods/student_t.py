"""Student-t noise: labels with heavy tails."""

from dataclasses import dataclass

import numpy as np

from bayesfit.densities import log_symmetric_difference, student_t_log_cdf, student_t_log_pdf
from bayesfit.errors import ModelError
from bayesfit.likelihoods.location import Location, Noise
from bayesfit.likelihoods.quadrature import gaussian_expectation
from bayesfit.parameters import Parameter
from bayesfit.priors import Gamma
from bayesfit.supports import Interval

__all__ = ["StudentT"]


@dataclass(frozen=True, repr=False)
class StudentT(Location):
    r"""(y_i - η_i) / √V_i ~ Student t with ν degrees of freedom, V_i = σ_i² + s².

    Parameters
    ----------
    dof : float or None
        ν; None infers it as the parameter "dof".
    scatter : bool or None
        As for `Gaussian`; s is a scale, not a standard deviation.
    truncation : (low, high), optional
        As for `Gaussian`.

    Notes
    -----
    With noisy features the convolution with a Gaussian η is done by quadrature.  Default prior:
    ν ~ Gamma(2, rate 0.1), which has its mode at 10 and keeps clear of zero (Juárez & Steel 2010).
    """

    dof: float | None = None
    scatter: bool | None = None
    truncation: tuple | None = None

    def __post_init__(self):
        if self.dof is not None and not (np.isscalar(self.dof) and np.isreal(self.dof) and self.dof > 0):
            raise ModelError(f"StudentT: dof={self.dof!r} should be a positive number, or None to infer it")

    def parameters(self, data):
        inferred = (Parameter("dof", Gamma(2.0, 0.1), bounds=Interval(0.0, np.inf)),) if self.dof is None else ()
        return (*super().parameters(data), *inferred)

    def guess(self, residual, data):
        # half the interquartile range is a scale that outliers do not reach
        spread = float(np.subtract(*np.quantile(residual, [0.75, 0.25])) / 1.35)
        return {"scatter": spread, "dof": 5.0} if spread > 0 else {"dof": 5.0}

    def _dof(self, values):
        return values["dof"][:, None] if self.dof is None else float(self.dof)

    def log_prob_noisy(self, values, mean, variance, data, shift=None):
        if np.ndim(variance) == 0 and variance == 0.0:
            return super().log_prob_noisy(values, mean, variance, data)
        terms = gaussian_expectation(self.untruncated, values, mean, variance, data)
        if self.truncation is not None:
            terms = terms - gaussian_expectation(self.untruncated, values, mean, variance, self.window_rows(data))
        return terms

    def log_density(self, values, labels, eta, noise: Noise):
        scale = np.sqrt(noise.own)
        return student_t_log_pdf((labels - eta) / scale, self._dof(values)) - np.log(scale)

    def log_interval(self, values, low, high, eta, noise: Noise):
        scale, dof = np.sqrt(noise.own), self._dof(values)
        return log_symmetric_difference(
            lambda t: student_t_log_cdf(t, dof),
            lambda t: student_t_log_pdf(t, dof),
            (low - eta) / scale,
            (high - eta) / scale,
        )

    def simulate(self, values, eta, data, rng):
        dof = np.broadcast_to(self._dof(values), eta.shape)
        return eta + rng.standard_t(dof) * np.sqrt(self.noise(values, 0.0, data).own)
