"""A likelihood of your own in one short class: labels with multiplicative noise, such as radar speckle.

What the example teaches: say what η means, the parameters, the density, where it peaks, the mean, and how to simulate.
Prediction, leave-one-out and comparison then work without a further line, and so do errors and gaps in the features,
which are integrated over by quadrature; that takes minutes, until `log_prob_noisy` is given a faster form.
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
        constant = looks * np.log(looks) - gammaln(looks) + (looks - 1) * np.log(data.y)
        return constant - looks * (eta + data.y * np.exp(-eta))

    def peak(self, values, data):
        return np.log(data.y)

    def mean(self, values, eta, data):
        return np.exp(eta)

    def simulate(self, values, eta, data, rng):
        return rng.gamma(values["looks"][:, None], size=eta.shape) * np.exp(eta) / values["looks"][:, None]


def main(target_ess: int = 1000) -> None:
    """Fit ln brightness = 1 + 0.5 x with four looks, and predict."""
    rng, x = np.random.default_rng(6), np.linspace(-2, 2, 200)
    data = bf.Data(x, rng.gamma(4, size=200) / 4 * np.exp(1 + 0.5 * x))
    sampler = bf.sampling.Ensemble(n_ensembles=2, target_ess=target_ess)
    posterior = bf.Model(bf.predictors.Linear(), Speckle()).fit(data, sampler=sampler, seed=1, progress=False)
    low, high = posterior.predict([2.0], kind="observed", seed=1).interval(0.9)[0]
    print(f"{posterior}\nat x = 2 a brightness between {low:.1f} and {high:.1f} would be measured (90 %)")


if __name__ == "__main__":
    main()
