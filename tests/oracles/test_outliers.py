"""Lines among outliers: a mixture finds them, a Student t does not where they have leverage."""

import numpy as np
import pytest
from references import check_published, coefficients

from bayesfit import Data, Model
from bayesfit.likelihoods import Gaussian, OutlierMixture, StudentT
from bayesfit.predictors import Linear
from bayesfit.priors import Beta, Flat, Gamma, HalfNormal, LogUniform, Normal, Uniform
from bayesfit.sampling import Ensemble

ENOUGH = Ensemble(target_ess=3000)


#: the share of the posterior in which all twenty points are outliers and the line is anything: its evidence, a sum over
#: outlier_mean and outlier_scale, against that of the rest, by importance sampling with 113,000 effective draws
NO_LINE = 1.6e-4


def test_twenty_points_with_four_outliers(reference):
    """The published chains never entered the mode without a line, which raises the slope's sd from 0.12 to 0.19."""
    found = reference("astro_regression/hogg2010")
    priors = {
        "slope": Uniform(-20, 20),
        "intercept": Uniform(-1000, 1000),
        "outlier_fraction": Uniform(0, 1),
        "outlier_mean": Normal(400, 300),
        "outlier_scale": LogUniform(10, 1000),
    }
    data = Data(found.table["x"], found.table["y"], y_err=found.table["sigma_y"])
    posterior = Model(Linear(), OutlierMixture(), priors=priors).fit(data, sampler=ENOUGH, seed=1, progress=False)
    published = coefficients(
        ("m", "b", "Pb"), found.values("outlier_mixture_all"), ("slope", "intercept", "outlier_fraction")
    )
    assert posterior.diagnostics.converged, posterior.diagnostics.messages
    draws = posterior.chains.reshape(-1, len(posterior.names))
    line = np.abs(draws[:, posterior.names.index("slope")] - 2.25) < 1.2
    assert 1 - line.mean() < 10 * NO_LINE
    for name, (mean, sd) in published.items():
        values = draws[line, posterior.names.index(name)]
        assert values.mean() == pytest.approx(mean, abs=0.1 * sd), name
        assert values.std() == pytest.approx(sd, rel=0.1), name
    target = found.target("outlier_mixture_all")
    expected, tolerance = target["point_outlier_probability"], target["tol_point_probability"]
    np.testing.assert_allclose(posterior.outlier_probability(), expected, atol=tolerance)


def stars(found):
    return Data(found.table["log_Te"], found.table["log_light"])


STARS = {"slope": Normal(0, 10), "intercept": Normal(5, 5), "scatter": HalfNormal(1)}


def test_stars_by_least_squares(reference):
    """p(σ) ∝ 1/σ: a Student t of N - 2 = 45 degrees of freedom about the published line."""
    found = reference("outliers/stars_cyg_ob1")
    priors = {"slope": Flat(), "intercept": Flat(), "scatter": LogUniform(1e-6, 1e6)}
    posterior = Model(Linear(), Gaussian(), priors=priors).fit(stars(found), sampler=ENOUGH, seed=2, progress=False)
    check_published(
        posterior, {name: (value, sd * np.sqrt(45 / 43)) for name, (value, sd) in found.values("ols").items()}
    )


def test_student_t_is_fooled_by_leverage(reference):
    found = reference("outliers/stars_cyg_ob1")
    model = Model(Linear(pivot=4.3), StudentT(), priors=STARS | {"dof": Gamma(2, 0.1)})
    posterior = model.fit(stars(found), sampler=ENOUGH, seed=3, progress=False)
    theirs, ours = ("slope", "a_at_4p3", "sigma", "nu"), ("slope", "intercept", "scatter", "dof")
    check_published(posterior, coefficients(theirs, found.values("student_t"), ours))


def test_a_mixture_finds_the_four_giants(reference):
    """The posterior has several modes and its reference is no converged one: only what is plain is asked."""
    found = reference("outliers/stars_cyg_ob1")
    priors = {"outlier_fraction": Beta(1, 4), "outlier_mean": Normal(5, 2), "outlier_scale": HalfNormal(2)}
    model = Model(Linear(pivot=4.3), OutlierMixture(), priors=STARS | priors)
    posterior = model.fit(
        stars(found), sampler=Ensemble(n_ensembles=2, steps=1200, burn_in=600), seed=4, progress=False
    )
    probability = np.asarray(posterior.outlier_probability())
    giants = np.array(found.target("lmrob_MM")["outliers"]) - 1
    assert (probability[giants] > 0.9).all()
    assert probability[giants].min() > np.delete(probability, giants).max()
    assert posterior.to_array(["slope"]).mean() > 1.5
