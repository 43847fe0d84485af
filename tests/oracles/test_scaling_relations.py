"""Scaling relations of galaxies: errors on both axes, scatter, upper limits; each convention named by its reference."""

import numpy as np
import pytest
from references import check_published, coefficients, moments
from scipy.stats import powerlaw

from bayesfit import Data, Model, populations
from bayesfit.errors import BayesfitWarning
from bayesfit.likelihoods import Gaussian
from bayesfit.predictors import Linear
from bayesfit.priors import Flat, FromScipy, Normal, Uniform
from bayesfit.sampling import Ensemble
from bayesfit.sampling.start import search

ENOUGH = Ensemble(target_ess=3000)
FLAT = {"intercept": Flat(), "slope": Flat(), "scatter": Flat(0, np.inf)}
#: p(s) ∝ s^2.998, the course's prior V^0.999 on V = s²; its factor exp(-1/1000 V) is one within a per cent here
COURSE = FLAT | {"scatter": FromScipy(powerlaw(3.998, scale=4))}
OURS = ("slope", "intercept", "scatter")
LOG_200 = np.log10(200)


def fit(data, priors, population=None, scatter=True, seed=1):
    model = Model(Linear(), Gaussian(scatter=scatter), priors=priors, population=population)
    return model.fit(data, sampler=ENOUGH, seed=seed, progress=False)


def black_holes(table, *, errors_on_x=True):
    x_err = table["logsig_err"].to_numpy() if errors_on_x else None
    return Data(
        table["logsig"].to_numpy() - LOG_200,
        table["logM_B"].to_numpy(),
        x_err=x_err,
        y_err=table["logM_B_err"].to_numpy(),
    )


def test_black_holes_with_errors_on_the_masses_only(reference):
    found = reference("astro_regression/msigma_harris2013")
    data = black_holes(found.table, errors_on_x=False)
    with pytest.warns(BayesfitWarning, match="look like variances"):  # no scatter is far too little here
        posterior = fit(data, {"intercept": Flat(), "slope": Flat()}, scatter=False)
    check_published(posterior, coefficients(("beta", "alpha"), found.values("y_errors_only"), OURS[:2]))


@pytest.mark.parametrize(("identity", "priors"), [("xy_errors_scatter_flat_x", FLAT), ("utokyo_published", COURSE)])
def test_black_holes_under_a_flat_population(reference, identity, priors):
    found = reference("astro_regression/msigma_harris2013")
    posterior = fit(black_holes(found.table), priors, populations.Flat())
    check_published(posterior, coefficients(("beta", "alpha", "sigma"), found.values(identity), OURS))


def test_the_highest_likelihood_of_the_black_holes(reference):
    found = reference("astro_regression/msigma_harris2013")
    model = Model(Linear(), Gaussian(scatter=True), priors=FLAT, population=populations.Flat())
    target = model.target(black_holes(found.table))
    # flat in the natural parameters: walking in ln s adds a Jacobian, so the maximum is looked for around the search's
    centre = target.natural(search(target, np.random.default_rng(1)).modes.means)[0]
    steps = np.random.default_rng(2).standard_normal((20_000, 3)) * [0.1, 0.02, 0.02]
    highest = target.log_likelihood(centre + steps).sum(axis=1).max()
    expected = found.target("xy_errors_scatter_flat_x")["lnL_max"]
    assert expected - 0.02 < highest < expected + 1e-6


def test_black_holes_from_one_gaussian_population(reference):
    found = reference("astro_regression/msigma_harris2013")
    # the reference is flat in all, which leaves a tail 1/|slope|; these bounds are far out in it
    wide = {"intercept": Normal(8, 100), "slope": Normal(0, 100), "scatter": Uniform(0, 5)}
    wide |= {"x_mean": Normal(0, 10), "x_sd": Uniform(0.01, 5)}
    posterior = fit(black_holes(found.table), wide)
    published = found.values("kelly_one_gaussian")
    check_published(
        posterior, coefficients(("beta", "alpha", "sigma", "mu_x", "tau_x"), published, (*OURS, "x_mean", "x_sd"))
    )


def test_black_holes_from_a_mixture_agree_with_another_program(reference):
    """46 galaxies hardly tell two Gaussians apart, so only what the other program reports is held to account."""
    found = reference("astro_regression/msigma_harris2013")
    # that program is flat in the scatter's variance
    priors = {"intercept": Normal(8, 100), "slope": Normal(0, 100), "scatter": FromScipy(powerlaw(2, scale=4))}
    model = Model(Linear(), Gaussian(scatter=True), priors=priors, population=populations.NormalMixture(2))
    sampler = Ensemble(n_ensembles=2, steps=900, burn_in=400)
    posterior = model.fit(black_holes(found.table), sampler=sampler, seed=1, progress=False)
    for ours, (mean, sd) in coefficients(("beta", "alpha", "sigma"), found.values("linmix_K2"), OURS).items():
        row = moments(posterior).loc[ours]
        assert posterior.diagnostics.rhat[ours] < 1.1
        assert abs(row["mean"] - mean) < 0.15 * sd + 3 * row["mean_error"]
        assert row["sd"] == pytest.approx(sd, rel=0.15)


@pytest.mark.parametrize(
    ("identity", "limit", "priors"),
    [("censored_limit_8p5", 8.5, FLAT), ("utokyo_published_limit_8p0", 8.0, COURSE)],
)
def test_black_holes_with_upper_limits(reference, identity, limit, priors):
    found = reference("astro_regression/msigma_harris2013_censored")
    detected = found.table["detected"].to_numpy() == 1
    data = Data(
        found.table["logsig"].to_numpy() - LOG_200,
        np.where(detected, found.table["logM_B"].to_numpy(), limit),
        x_err=found.table["logsig_err"].to_numpy(),
        y_err=np.where(detected, found.table["logM_B_err"].to_numpy(), np.nan),
        limits=np.where(detected, "", "upper"),
    )
    posterior = fit(data, priors, populations.Flat())
    check_published(posterior, coefficients(("beta", "alpha", "sigma"), found.values(identity), OURS))


def test_black_holes_without_those_that_were_not_detected(reference):
    """Biased, as published; the limits above are what mends it."""
    found = reference("astro_regression/msigma_harris2013_censored")
    posterior = fit(black_holes(found.table[found.table["detected"] == 1]), COURSE, populations.Flat())
    published = coefficients(("beta", "alpha", "sigma"), found.values("utokyo_drop_nondetections"), OURS)
    check_published(posterior, published)


def test_the_tully_fisher_relation(reference):
    found = reference("astro_regression/tully_fisher_om2013")
    table = found.table
    data = Data(table["logv"], table["M_K"], x_err=table["logv_err"], y_err=table["M_K_err"])
    posterior = fit(data, FLAT, populations.Flat())
    published = coefficients(("slope", "intercept", "sigma"), found.values("vertical_flat_x"), OURS)
    check_published(posterior, published)


@pytest.mark.parametrize(("identity", "rows"), [("points_5_20", slice(4, 20)), ("all", slice(0, 20))])
def test_a_line_with_correlated_errors_on_both_axes(reference, identity, rows):
    found = reference("astro_regression/hogg2010")
    table = found.table.iloc[rows]
    x_err, y_err = table["sigma_x"].to_numpy(), table["sigma_y"].to_numpy()
    data = Data(table["x"], table["y"], x_err=x_err, y_err=y_err, xy_cov=table["rho_xy"].to_numpy() * x_err * y_err)
    posterior = fit(data, {"intercept": Flat(), "slope": Flat()}, populations.Flat(), scatter=False)
    published = found.values(f"xy_correlated_errors_{identity}_vertical")
    check_published(posterior, coefficients(("m", "b"), published, OURS[:2]))
