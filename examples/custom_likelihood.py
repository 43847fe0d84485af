"""A likelihood of your own in one short class: labels with multiplicative noise, such as radar speckle.

What the example teaches: say what η means, the parameters, the density, where it peaks, the mean, and how to simulate.
Errors and gaps in the features, prediction, leave-one-out and comparison then work without a further line.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

import bayesfit as bf
from bayesfit.parameters import Parameter
from bayesfit.predictors import Outputs
from bayesfit.supports import Interval


@dataclass(frozen=True, repr=False)
class Speckle(bf.likelihoods.Likelihood):
    """y ~ Gamma(shape = looks, mean = e^η): the relative error is 1 / √looks whatever the brightness."""

    def check(self, data):
        if data.kind != "numbers" or not (data.y[data.labelled] > 0).all():
            raise bf.DataError("y: Speckle needs positive numbers")

    def outputs(self, data):
        return Outputs(centre=float(np.mean(np.log(data.y))), width=5.0)

    def parameters(self, data):
        return (Parameter("looks", bf.priors.LogNormal(1, 1), bounds=Interval(0.0, np.inf)),)

    def log_prob(self, values, eta, data):
        looks = values["looks"][:, None]
        density = looks * np.log(looks) - gammaln(looks) + (looks - 1) * np.log(data.y)
        return density - looks * (eta + data.y * np.exp(-eta))

    def peak(self, values, data):
        return np.log(data.y)

    def mean(self, values, eta, data):
        return np.exp(eta)

    def simulate(self, values, eta, data, rng):
        return rng.gamma(values["looks"][:, None], size=eta.shape) * np.exp(eta) / values["looks"][:, None]


def main(n_rows: int = 60, target_ess: int = 400) -> None:
    """Fit ln brightness = 1 + 0.5 x with four looks and errors in x, which are integrated by quadrature."""
    rng = np.random.default_rng(6)
    x = rng.normal(0, 1, n_rows)
    y = rng.gamma(4, size=n_rows) / 4 * np.exp(1 + 0.5 * x)
    data = bf.Data(x + rng.normal(0, 0.3, n_rows), y, x_err=0.3)
    sampler = bf.sampling.Ensemble(n_ensembles=2, target_ess=target_ess)
    print(bf.Model(bf.predictors.Linear(), Speckle()).fit(data, sampler=sampler, seed=1, progress=False))


if __name__ == "__main__":
    main()
