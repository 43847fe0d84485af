"""Numbers that the textbook forms get wrong: every row of the table of traps, through the public densities.

Each likelihood is asked as a fit asks it, by `log_prob(values, η, data)`, unless the row is about a step below that.
"""

import json
import math
from fractions import Fraction

import numpy as np
import pytest
from references import TRAPS
from test_years_and_days import chi_squared, posterior_target

from bayesfit import Data, densities, likelihoods
from bayesfit.errors import DataError
from bayesfit.likelihoods import Bernoulli, Categorical, Gaussian, OutlierMixture, Poisson, StudentT
from bayesfit.predictors import Linear, Polynomial
from bayesfit.priors import Flat, LogUniform
from bayesfit.scales import label_spread


def term(likelihood, data, eta=0.0, **values):
    """Return the term of the first row, for one parameter vector."""
    arrays = {name: np.array([value]) for name, value in values.items()}
    return likelihood.log_prob(arrays, np.full((1, len(data)), eta), data)[0, 0]


def one(y, error, **more):
    return Data([0.0], [y], y_err=error, **more)


def mixture(r, s, q, S):
    # the outliers' own variance is added to that of the row
    scale = np.sqrt((S - s) * (S + s))
    values = {"outlier_fraction": q, "outlier_mean": 0.0, "outlier_scale": scale}
    return term(OutlierMixture(), one(r, s), **values)


def log_ndtr(z):
    return term(Gaussian(), one(z, 1.0, limits=["upper"]))


def interval(a, b):
    return term(Gaussian(), Data([0.0], [[a, float(b)]], y_err=1.0))


def bernoulli(z, t):
    data = Data([0.0, 0.0], [t, 1 - t])
    return term(Bernoulli(), data, z)


def softmax(z, k):
    data = Data([0.0] * 4, [k, 0, 1, 2])
    # the first class is what the others are measured from
    eta = np.broadcast_to(np.subtract(z[1:], z[0]), (1, 4, 2))
    return Categorical().log_prob({}, eta, data)[0, 0]


def joint(C, residual):
    data = Data(np.arange(float(len(residual))), residual, y_cov=C)
    return Gaussian().log_joint({}, np.zeros((1, len(residual))), data)[0]


def kernel(x, y_values, jitter=1e-6, **_):
    x = np.array(x)
    return joint(np.exp(-0.5 * np.subtract.outer(x, x) ** 2) + jitter * np.eye(len(x)), y_values)


def rank_one(s, tau, r):
    return joint(np.diag(np.square(s)) + tau**2, r)


def leave_one_out(C, y, mu, i):
    data = Data(np.arange(3.0), y, y_cov=C)
    return Gaussian().log_prob({}, np.array([mu], dtype=float), data)[0, i]


def student_t(nu, z):
    return term(StudentT(dof=nu), one(z, 1.0))


def poisson(k, lam):
    return term(Poisson(), Data([0.0], [k]), lam)


def truncated(y_minus_mu, sigma, cut_minus_mu, **_):
    # no row can lie outside the window, so that the normaliser is asked for apart
    beyond = term(Gaussian(), one(cut_minus_mu, sigma, limits=["lower"]))
    return term(Gaussian(), one(y_minus_mu, sigma)) - beyond


def log_hypot(s, sigma_int):
    """The constant of the Gaussian density, which holds -ln √(s² + s_int²)."""
    return -densities.HALF_LOG_TWO_PI - densities.log_normal(0.0, np.hypot(s, sigma_int))


def variance_far_from_zero(x):
    labels = 1e9 + np.array([4.0, 7, 13, 16])
    return label_spread(Data(np.zeros(4), labels)) ** 2


def small_integers(y, model):
    """Labels in eight or sixteen bits: what the fit squares is their difference in double precision."""
    kind, number = (np.uint8, 3) if "uint8" in y else (np.int16, 300)
    eta = 5.0 if "uint8" in y else 0.0
    data = Data([0.0], np.array([number], dtype=kind), y_err=1.0)
    chi2 = -2 * (term(Gaussian(), data, eta) + densities.HALF_LOG_TWO_PI)
    return chi2 if "int16" in y and "u" not in y else data.y[0] - eta


WAYS = {
    "mixture": mixture,
    "log": log_ndtr,
    "interval": interval,
    "bernoulli": bernoulli,
    "softmax": softmax,
    "det": lambda n, diag, r: joint(np.diag(np.full(n, diag)), np.zeros(n)),
    "se": kernel,
    "rank1": rank_one,
    "normal": lambda r, sigma: densities.log_normal(r, sigma),
    "hypot": log_hypot,
    "student": student_t,
    "poisson": poisson,
    "variance": variance_far_from_zero,
    "int16": small_integers,
    "uint8": small_integers,
    "is": lambda loglik: np.log(len(loglik)) - densities.log_sum_exp([-value for value in loglik]),
    "loo": leave_one_out,
    "selection": truncated,
}

#: rows of the cancellation group, by how they are reached: a line over days and a cubic over years
FITTED = {
    "jd_line_min_chi2": (Linear(), {"intercept": Flat(), "slope": Flat()}),
    "jd_line_slope": (Linear(), {"intercept": Flat(), "slope": Flat()}),
    "year_cubic_min_chi2": (Polynomial(3), {"coefficient": Flat()}),
    "year_cubic_coef3": (Polynomial(3), {"coefficient": Flat()}),
}
#: distributions that bayesfit does not have, by the name a likelihood of them would bear
ABSENT = {"negbin": "NegativeBinomial", "vonmises": "VonMises"}

TABLE = json.loads(TRAPS.read_text()) if TRAPS.is_file() else {"traps": [], "nist": {}}
NAMES = [row["name"] for row in TABLE["traps"]]
#: rows whose answer is lost before a density is asked
LOST = ["rank1_offset_tau1e3"]
DIRECT = [name for name in NAMES if name not in {*FITTED, *LOST} and name.split("_")[0] not in ABSENT]


def close(found, row):
    reference = float(row["reference"])
    if row["name"] == "softmax_class0":  # the exact value is -exp(-1000)
        return abs(found) < 1e-300
    return found == pytest.approx(reference, rel=row["rtol"], abs=0)


@pytest.mark.parametrize("name", DIRECT)
def test_no_digit_is_lost_beyond_the_tolerance(traps, name):
    row = traps[name]
    assert close(WAYS[name.split("_")[0]](**row["inputs"]), row)


@pytest.mark.parametrize("name", [name for name in LOST if name in NAMES])
def test_a_sum_of_small_and_large_variances_has_the_digits_that_its_matrix_holds(traps, name):
    """The table's twelve digits are lost in the matrix: τ² + s² holds of s² what 1e6 leaves of 1e-6, four digits.

    In exact arithmetic (fractions) the matrix has another density than the table's, 2.2e-8 away. Its condition is 1e13;
    a Cholesky factor keeps seven digits of that density, eigenvalues only five.
    """
    given = traps[name]["inputs"]
    matrix = np.diag(np.square(given["s"])) + given["tau"] ** 2
    exact = exact_density(matrix, given["r"])
    assert abs(exact / float(traps[name]["reference"]) - 1) == pytest.approx(2.24e-8, rel=0.01)
    assert rank_one(**given) == pytest.approx(exact, rel=1e-7)
    data = Data(np.arange(float(len(matrix))), given["r"], y_cov=matrix)
    terms = Gaussian().log_prob({}, np.zeros((1, len(matrix))), data)[0]
    for row in (0, 10, 19):
        others = np.delete(np.arange(len(matrix)), row)
        rest = exact_density(matrix[np.ix_(others, others)], np.array(given["r"])[others])
        assert terms[row] == pytest.approx(exact - rest, rel=1e-5)


def exact_density(matrix, residual):
    """Return ln N(residual; 0, matrix) of these very numbers, by elimination in fractions."""
    rows = [[*map(Fraction, row), Fraction(value)] for row, value in zip(matrix.tolist(), residual, strict=True)]
    log_det, squares = 0.0, Fraction(0)
    while rows:
        first, *others = rows
        log_det += math.log(first[0])
        squares += first[-1] ** 2 / first[0]
        rows = [[a - row[0] / first[0] * b for a, b in zip(row, first, strict=True)][1:] for row in others]
    return -0.5 * (float(squares) + log_det + len(residual) * np.log(2 * np.pi))


@pytest.mark.parametrize("name", FITTED)
def test_least_squares_far_from_zero(traps, name):
    row = traps[name]
    predictor, priors = FITTED[name]
    _, data, target = posterior_target(row, predictor, priors)
    theta = target.complete(target.starts(np.random.default_rng(1), 2), None)[0]
    if name.endswith("chi2"):
        assert close(chi_squared(target, theta, data.y_err), row)
    else:
        assert close(theta[-1], row)


@pytest.mark.parametrize("name", [name for name in NAMES if name.split("_")[0] in ABSENT])
def test_distributions_that_are_not_here_need_no_row(name):
    assert not hasattr(likelihoods, ABSENT[name.split("_")[0]])


@pytest.mark.parametrize("size", [1e200, 1e-170])
def test_errors_that_cannot_be_squared_are_refused(size):
    with pytest.raises(DataError, match=r"y_err row 1: .* squared; choose another unit"):
        Gaussian().check(Data([0.0, 1.0], [0.0, 1.0], y_err=[1.0, size]))


@pytest.mark.parametrize("name", TABLE["nist"])
def test_least_squares_of_nearly_collinear_columns(name):
    """Certified coefficients, Filip's tenth-degree polynomial among them, from the raw columns."""
    given = TABLE["nist"][name]
    x, certified = np.array(given["x"]), np.array(given["coef"], dtype=float)
    polynomial = given["model"].startswith("polynomial")
    row = {"inputs": {"x": x, "y": given["y"], "s": None}}
    free = {"coefficient": Flat()} if polynomial else {"intercept": Flat(), "slope": Flat()}
    predictor = Polynomial(given["p"] - 1) if polynomial else Linear()
    _, _, target = posterior_target(row, predictor, free | {"scatter": LogUniform(1e-24, 1e12)})
    theta = target.complete(target.starts(np.random.default_rng(1), 2), None)[0, :-1]
    np.testing.assert_allclose(theta, certified, rtol=1e-6)
