"""Student-t noise: labels with heavy tails."""

from dataclasses import dataclass

import numpy as np

from bayesfit.densities import log_symmetric_difference, student_t_log_cdf, student_t_log_pdf
from bayesfit.errors import ModelError
from bayesfit.likelihoods.location import Location, Noise, take
from bayesfit.likelihoods.normal_noise import normal_density, normal_interval
from bayesfit.likelihoods.scale_mixture import student_average
from bayesfit.parameters import Parameter
from bayesfit.priors import Gamma
from bayesfit.supports import Interval

__all__ = ["StudentT"]

_NONE = np.zeros(1)


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
    With noisy features the t is taken as a mixture of normals over the gamma law of their precision, each of which
    convolves with a Gaussian η in closed form; the average over that law is exact to some 1e-9.  Default prior:
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

    def log_density(self, values, labels, eta, noise: Noise):
        if noise.is_own:
            scale = np.sqrt(noise.own)
            return student_t_log_pdf((labels - eta) / scale, self._dof(values)) - np.log(scale)

        def term(vectors, rows, part):
            return normal_density(labels[rows], eta[vectors][:, rows], part)

        return self._average(values, noise, labels - eta, term, noise.spread)

    def log_interval(self, values, low, high, eta, noise: Noise):
        if noise.is_own:
            scale, dof = np.sqrt(noise.own), self._dof(values)
            return log_symmetric_difference(
                lambda t: student_t_log_cdf(t, dof),
                lambda t: student_t_log_pdf(t, dof),
                (low - eta) / scale,
                (high - eta) / scale,
            )

        outside = np.maximum(np.maximum(low - eta, eta - high), 0.0)
        ends = [np.broadcast_to(end, outside.shape) for end in (low, high)]

        def term(vectors, rows, part):
            return normal_interval(*(end[vectors][:, rows] for end in ends), eta[vectors][:, rows], part)

        # limits on one side are as likely as not under a normal law without end
        return self._average(values, noise, outside, term, noise.spread + np.square(high - low))

    def _average(self, values, noise: Noise, distance, term, further):
        """Average a term of normal noise over the variances that make up the t.

        The label is ``distance`` (W, n) away from η, and the term falls where the variance is beyond ``further``.
        """
        own, shape = noise.own, distance.shape
        away = np.divide(np.square(distance) - noise.spread, own, out=np.zeros(shape), where=own > 0)
        wide = np.divide(further, own, out=np.full(shape, np.inf), where=own > 0)
        # a normal density of variance V is exp(-d² / 2V) times what it is at its middle
        total = noise.total
        gain = 0.5 * np.divide(np.square(distance), total, out=np.zeros(shape), where=total > 0)

        def scaled(inverse, vectors, rows):
            part = take(noise, rows, vectors)
            return term(vectors, rows, Noise(_NONE, _NONE, part.own * inverse, part.spread))

        return student_average(scaled, self._dof(values), np.maximum(away, 0.0), wide, gain)

    def simulate(self, values, eta, data, rng):
        dof = np.broadcast_to(self._dof(values), eta.shape)
        return eta + rng.standard_t(dof) * np.sqrt(self.noise(values, 0.0, data).own)
