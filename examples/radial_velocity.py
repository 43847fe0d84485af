"""A planet's orbit from 17 radial velocities of the star HD 88133: a function of your own as the predictor.

What the example teaches: `Function` takes f(x, a, b, …), the parameters being its arguments; each needs a prior, for
nothing is known about them by default; the star's own jitter is the scatter beside the measurement errors.  No period
is guessed: among a hundred maxima of the posterior the search before sampling finds those that matter.
"""

import numpy as np

import bayesfit as bf

# day, velocity and its error in m/s: Fischer et al. (2005), ApJ 620, 481
TABLE = """
13014.948 -14.3 4.09  13015.947 36.9 3.99  13016.953 29.8 4.22  13044.088 35.8 3.92  13044.869 -14.6 3.18
13045.843 -20.7 2.98  13046.081 -11.9 2.94  13069.016 -23.1 4.35  13071.788 13.8 3.82  13072.021 -9.2 4.26
13073.950 23.7 4.66  13076.948 0.0 6.38  13153.760 17.3 3.25  13179.754 20.2 3.59  13195.748 -19.2 2.86
13197.762 33.5 3.27  13199.751 -5.6 3.36
"""


def orbit(t, period, cosine, sine, velocity):
    """Return the velocity on a circular orbit; two amplitudes are better behaved than one and a phase."""
    angle = 2 * np.pi * (t - 13100.0) / period
    return velocity + cosine * np.cos(angle) + sine * np.sin(angle)


def main(target_ess: int = 1000) -> None:
    """Fit the orbit and print period, semi-amplitude and jitter."""
    day, velocity, error = np.array(TABLE.split(), dtype=float).reshape(-1, 3).T
    data = bf.Data(day, velocity, y_err=error, names="day", label="velocity", units={"day": "d", "velocity": "m/s"})
    priors = {
        "period": bf.priors.LogUniform(2, 100),
        "cosine": bf.priors.Normal(0, 50),
        "sine": bf.priors.Normal(0, 50),
        "velocity": bf.priors.Normal(0, 30),
        "scatter": bf.priors.HalfNormal(20),
    }
    model = bf.Model(bf.predictors.Function(orbit), bf.likelihoods.Gaussian(scatter=True), priors=priors)
    posterior = model.fit(data, sampler=bf.sampling.Ensemble(target_ess=target_ess), seed=1, progress=False)
    print(posterior)
    amplitude = np.hypot(posterior["cosine"], posterior["sine"])
    print(f"\nsemi-amplitude K = {float(amplitude.mean()):.1f} ± {float(amplitude.std()):.1f} m/s")


if __name__ == "__main__":
    main()
