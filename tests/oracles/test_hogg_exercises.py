"""Hogg, Bovy & Lang (2010), exercises 1, 2, 3, and the line with one unknown error for all points."""

import numpy as np
import pytest
from references import check_exact, check_published

from bayesfit import Data, Model
from bayesfit.likelihoods import Gaussian
from bayesfit.predictors import Linear, Polynomial
from bayesfit.priors import Flat, LogUniform
from bayesfit.sampling import Ensemble

ENOUGH = Ensemble(target_ess=2000)
FLAT_LINE = {"intercept": Flat(), "slope": Flat()}


@pytest.fixture
def hogg(reference):
    return reference("astro_regression/hogg2010")


def points(found, first=1, errors=True):
    """The points from number ``first`` to 20, with their label errors or without any."""
    table = found.table[found.table["id"] >= first]
    return Data(table["x"].to_numpy(), table["y"].to_numpy(), y_err=table["sigma_y"].to_numpy() if errors else None)


@pytest.mark.parametrize(
    ("identity", "first", "printed"),
    [
        ("weighted_line_points_5_20", 5, ((2.24, 0.11), (34, 18))),
        ("weighted_line_all", 1, ((1.08, 0.08), (213, 14))),
    ],
)
def test_exercises_1_and_2(hogg, identity, first, printed):
    published = hogg.values(identity)
    digits = [round(published["m"][0], 2), round(published["m"][1], 2), *map(round, published["b"])]
    assert digits == [*printed[0], *printed[1]]
    model = Model(Linear(), Gaussian(), priors=FLAT_LINE)
    posterior = model.fit(points(hogg, first), sampler=ENOUGH, seed=1, progress=False)
    check_exact(posterior, {"slope": published["m"], "intercept": published["b"]})


def test_exercise_3(hogg):
    published = hogg.values("weighted_quadratic_points_5_20")
    model = Model(Polynomial(2), Gaussian(), priors={"coefficient": Flat()})
    posterior = model.fit(points(hogg, 5), sampler=ENOUGH, seed=2, progress=False)
    check_exact(posterior, {f"coefficient[{k}]": published[name] for k, name in enumerate("bmq")})


def test_one_unknown_error_for_all_points(hogg):
    """p(σ) ∝ 1/σ: slope and intercept follow Student's t, and N s² / χ² has its mean at the published S."""
    published, target = (
        hogg.values("unknown_common_sigma_points_5_20"),
        hogg.target("unknown_common_sigma_points_5_20"),
    )
    model = Model(Linear(), Gaussian(), priors=FLAT_LINE | {"scatter": LogUniform(1e-6, 1e6)})
    posterior = model.fit(points(hogg, 5, errors=False), sampler=Ensemble(target_ess=4000), seed=3, progress=False)
    widened = np.sqrt(14 / 12)
    expected = {
        ours: (published[name][0], published[name][1] * widened) for ours, name in (("slope", "m"), ("intercept", "b"))
    }
    check_published(posterior, expected, sd_tol=0.05)
    # σ² = 14 S / χ²(14): its inverse has mean 1/S
    precision = 1 / np.square(posterior["scatter"].to_numpy())
    assert 1 / precision.mean() == pytest.approx(target["params"]["S_chi2"]["value"], rel=0.05)
