"""Published distances, velocities and cosmologies."""

import numpy as np
import pytest
from references import check_exact, check_published

from bayesfit import Data, Model
from bayesfit.likelihoods import Gaussian
from bayesfit.predictors import Function, Linear, Polynomial
from bayesfit.priors import Flat, HalfNormal, LogUniform, Normal, Uniform
from bayesfit.sampling import Ensemble

ENOUGH = Ensemble(target_ess=2000)


def fit(predictor, likelihood, data, priors, seed=1):
    return Model(predictor, likelihood, priors=priors).fit(data, sampler=ENOUGH, seed=seed, progress=False)


@pytest.mark.parametrize(("identity", "left_out"), [("ols_through_origin", ()), ("without_two_outliers", (2, 14))])
def test_the_hubble_constant_of_the_key_project(reference, identity, left_out):
    """Through the origin, noise unknown: Student's t widens the printed error by √(dof / (dof - 2))."""
    found = reference("astro_regression/hubble_key_project")
    table = found.table.drop(index=list(left_out))
    data = Data(table["distance"].to_numpy(float), table["velocity"].to_numpy(float))
    priors = {"intercept": 0, "slope": Flat(), "scatter": LogUniform(1e-6, 1e9)}
    posterior = fit(Linear(), Gaussian(), data, priors)
    value, sd = found.values(identity)["H0"]
    dof = len(table) - 1
    check_published(posterior, {"slope": (value, sd * np.sqrt(dof / (dof - 2)))}, sd_tol=0.05)


def test_the_weighted_mean_distance_of_the_magellanic_cloud(reference):
    found = reference("astro_regression/lmc_distance")
    data = magellanic(found)
    posterior = fit(Polynomial(0), Gaussian(), data, {"coefficient": Flat()})
    check_exact(posterior, {"coefficient[0]": found.values("weighted_mean")["mu"]})


def test_a_scatter_that_piles_up_at_zero(reference):
    found = reference("astro_regression/lmc_distance")
    priors = {"coefficient": Flat(), "scatter": Flat(0, np.inf)}
    posterior = fit(Polynomial(0), Gaussian(scatter=True), magellanic(found), priors)
    published = found.values("mean_and_scatter")
    check_published(posterior, {"coefficient[0]": published["mu"], "scatter": published["sigma"]})
    stated = found.target("mean_and_scatter")["params"]["sigma"]
    middle, high = np.quantile(posterior["scatter"], [0.5, 0.95])
    assert middle == pytest.approx(stated["q50"], abs=0.1 * stated["sd"])
    assert high == pytest.approx(stated["q95"], abs=0.2 * stated["sd"])


def magellanic(found):
    table = found.table
    return Data(np.arange(len(table)) + 0.0, table["DM"].to_numpy(), y_err=table["DM_err"].to_numpy())


def hubble_rate(z, h0, om):
    """Flat ΛCDM."""
    return h0 * np.sqrt(om * (1 + z) ** 3 + 1 - om)


#: Gauss–Legendre nodes on (0, 1): the integrand is smooth, twelve of them are exact to 1e-12
NODES, WEIGHTS = (np.polynomial.legendre.leggauss(12) + np.array([[1.0], [0.0]])) / 2


def distance_modulus(z, om, m):
    """5 log10 of the luminosity distance of flat ΛCDM, up to the constant m."""
    rate = hubble_rate(np.multiply.outer(NODES, z), 1.0, np.asarray(om)[..., None, :] if np.ndim(om) else om)
    integral = z * np.tensordot(WEIGHTS, 1 / rate, axes=(0, np.ndim(rate) - 2))
    return 5 * np.log10((1 + z) * integral) + m


def test_cosmic_chronometers(reference):
    found = reference("astro_regression/cosmic_chronometers31")
    table = found.table
    data = Data(table["z"].to_numpy(), table["H"].to_numpy(), y_err=table["H_err"].to_numpy())
    posterior = fit(Function(hubble_rate), Gaussian(), data, {"h0": Uniform(0, 200), "om": Uniform(0.001, 1)})
    published = found.values("flat_lcdm")
    check_published(posterior, {"h0": published["H0"], "om": published["Om"]})


@pytest.mark.parametrize("full", [True, False])
def test_binned_supernovae(reference, full):
    """The full covariance, and its diagonal alone, which gives another answer."""
    found = reference("astro_regression/jla_binned31")
    covariance = found.covariance()
    noise = {"y_cov": covariance} if full else {"y_err": np.sqrt(np.diag(covariance))}
    data = Data(found.table["z"].to_numpy(), found.table["mu"].to_numpy(), **noise)
    posterior = fit(Function(distance_modulus), Gaussian(), data, {"om": Uniform(0.001, 1), "m": Flat()})
    published = found.values("flat_lcdm_full_cov" if full else "flat_lcdm_diagonal_only")
    check_published(posterior, {"om": published["Om"], "m": published["M"]})


def circular_orbit(day, period, a, b, gamma):
    phase = 2 * np.pi * (day - 13089.366294) / period
    return a * np.cos(phase) + b * np.sin(phase) + gamma


def test_the_planet_of_hd_88133(reference):
    found = reference("astro_regression/rv_hd88133")
    table = found.table
    data = Data(table["mjd"].to_numpy(), table["rv"].to_numpy(), y_err=table["rv_err"].to_numpy())
    wide = Normal(0, 100)
    priors = {"period": Uniform(3.386, 3.446), "a": wide, "b": wide, "gamma": wide, "scatter": HalfNormal(20)}
    posterior = fit(Function(circular_orbit), Gaussian(scatter=True), data, priors)
    published = found.values("circular_orbit_jitter")
    ours = {"a": "A", "b": "B", "gamma": "gamma", "period": "period", "scatter": "jitter"}
    check_published(posterior, {name: published[theirs] for name, theirs in ours.items()})
    amplitude = np.hypot(posterior["a"], posterior["b"]).to_numpy()
    mean, sd = published["K"]
    assert amplitude.mean() == pytest.approx(mean, abs=0.2 * sd)
    assert amplitude.std() == pytest.approx(sd, rel=0.1)
