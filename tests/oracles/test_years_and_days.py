"""Features far from zero, as years and Julian dates are: nothing may cancel."""

import numpy as np
import pytest
from references import check_exact, check_published

from bayesfit import Data, Model
from bayesfit.likelihoods import Gaussian
from bayesfit.predictors import Linear, Polynomial
from bayesfit.priors import Flat
from bayesfit.sampling import Ensemble

ENOUGH = Ensemble(target_ess=2000)


def posterior_target(row, predictor, priors):
    given = row["inputs"]
    data = Data(given["x"], given["y"], y_err=given["s"])
    model = Model(predictor, Gaussian(), priors=priors)
    return model, data, model.target(data)


def chi_squared(target, theta, s):
    terms = target.log_likelihood(theta)
    return -2 * np.sum(terms + np.log(s) + 0.5 * np.log(2 * np.pi))


def test_a_line_over_julian_dates(traps):
    row = traps["jd_line_slope"]
    model, data, target = posterior_target(row, Linear(), {"intercept": Flat(), "slope": Flat()})
    start = target.complete(target.starts(np.random.default_rng(1), 2), None)[0]
    assert start[1] == pytest.approx(float(row["reference"]), rel=row["rtol"])
    least = traps["jd_line_min_chi2"]
    assert chi_squared(target, start, data.y_err) == pytest.approx(float(least["reference"]), rel=least["rtol"])
    posterior = model.fit(data, sampler=ENOUGH, seed=1, progress=False)
    check_exact(posterior, {"slope": (0.0095808119, 0.0028504828)})


def test_the_sd_of_the_line_is_that_of_the_closed_form(traps):
    """sd(slope) = s / √Σ(x - x̄)², the number that the posterior above is held to."""
    given = traps["jd_line_slope"]["inputs"]
    x = np.array(given["x"])
    assert given["s"] / np.sqrt(np.sum((x - x.mean()) ** 2)) == pytest.approx(0.0028504828, rel=1e-7)


def test_a_cubic_over_years(traps):
    row = traps["year_cubic_coef3"]
    model, data, target = posterior_target(row, Polynomial(3), {"coefficient": Flat()})
    start = target.complete(target.starts(np.random.default_rng(1), 2), None)[0]
    assert start[3] == pytest.approx(float(row["reference"]), rel=row["rtol"])
    least = traps["year_cubic_min_chi2"]
    assert chi_squared(target, start, data.y_err) == pytest.approx(float(least["reference"]), rel=1e-8)
    posterior = model.fit(data, sampler=ENOUGH, seed=2, progress=False)
    # orthogonal to lower powers, the cubic term keeps its coefficient: its sd is s over what is left of x³
    x = np.array(row["inputs"]["x"]) - 2013.5
    lower = np.vander(x, 3)
    left = x**3 - lower @ np.linalg.lstsq(lower, x**3)[0]
    check_exact(posterior, {"coefficient[3]": (float(row["reference"]), 0.05 / np.linalg.norm(left))})


def test_a_pivot_changes_the_intercept_and_nothing_else(traps):
    given = traps["jd_line_slope"]["inputs"]
    x, y, s = np.array(given["x"]), np.array(given["y"]), given["s"]
    model = Model(Linear(pivot=float(x.mean())), Gaussian(), priors={"intercept": Flat(), "slope": Flat()})
    posterior = model.fit(Data(x, y, y_err=s), sampler=ENOUGH, seed=3, progress=False)
    check_published(posterior, {"intercept": (y.mean(), s / np.sqrt(len(y))), "slope": (0.0095808119, 0.0028504828)})
