"""The temperature of a star from its spectrum, in physical units.

What the example teaches: a physical law is a predictor; a prior may be on a scale, such as log-uniform; parameters
that differ by twelve orders of magnitude need no rescaling; `predict` gives the spectrum where it was not measured.
"""

import numpy as np

import bayesfit as bf

H_C_OVER_K = 14387.769  # µm K


def planck(wavelength, temperature, amplitude):
    """Return amplitude λ⁻⁵ / (e^(hc / λkT) - 1), wavelengths in µm."""
    return amplitude * wavelength**-5.0 / np.expm1(H_C_OVER_K / (wavelength * temperature))


def main(target_ess: int = 1000) -> None:
    """Simulate a spectrum of 5,800 K, fit it, and print temperature and a prediction."""
    rng = np.random.default_rng(4)
    wavelength = np.linspace(0.4, 2.2, 40)
    flux = planck(wavelength, 5800.0, 3e-9)
    error = 0.03 * flux + 0.01 * flux.max()
    data = bf.Data(
        wavelength,
        flux + error * rng.standard_normal(40),
        y_err=error,
        names="wavelength",
        label="flux",
        units={"wavelength": "um", "flux": "W m-2 um-1"},
    )
    priors = {"temperature": bf.priors.Uniform(2000, 20000), "amplitude": bf.priors.LogUniform(1e-12, 1e-6)}
    predictor = bf.predictors.Function(planck, units={"temperature": "K"})
    model = bf.Model(predictor, bf.likelihoods.Gaussian(), priors=priors)
    posterior = model.fit(data, sampler=bf.sampling.Ensemble(target_ess=target_ess), seed=1, progress=False)
    low, high = np.quantile(posterior["temperature"], [0.05, 0.95])
    print(f"temperature between {low:.0f} and {high:.0f} K (90 %); {posterior.diagnostics}")
    beyond = posterior.predict([3.0])
    print(f"flux at 3 µm: {beyond.mean[0]:.3g} ± {beyond.sd[0]:.1g}; extrapolated: {bool(beyond.extrapolated[0])}")


if __name__ == "__main__":
    main()
