"""The combinations of likelihood, population and data that are calibrated: fixed explicit priors, a template of rows.

Priors scaled to the data would break calibration, and so would limits whose thresholds depend on the labels: every
row has its threshold before anything is measured.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bayesfit import ClassModel, Data, MixtureModel, Model, likelihoods, populations
from bayesfit.models import BaseModel
from bayesfit.predictors import Linear, Polynomial
from bayesfit.priors import LKJ, Beta, Dirichlet, Gamma, HalfNormal, LogNormal, Normal, Ordered, Uniform

__all__ = ["CELLS", "Cell"]

N = 14
X = np.linspace(-2.0, 3.0, N)
X_ERR = np.linspace(0.3, 0.9, N)
Y_ERR = np.linspace(0.6, 0.2, N)
LINE = {"intercept": Normal(0, 1.5), "slope": Normal(0, 1.5)}
SCATTER = LINE | {"scatter": HalfNormal(1)}
# mild ones where rows are selected: with η far outside the window hardly any row would ever enter
SELECTED = {"intercept": Normal(1.3, 0.4), "slope": Normal(0, 0.2), "scatter": LogNormal(-0.3, 0.3)}
POPULATION = {"x_mean": Normal(0.5, 1), "x_sd": LogNormal(0, 0.5)}
OUTLIERS = SCATTER | {
    "outlier_fraction": Beta(1, 4),
    "outlier_mean": Normal(0, 3),
    "outlier_scale": LogNormal(1, 0.5),
}
STUDENT = SCATTER | {"dof": Gamma(2, 0.1)}
PAIR = {("x_mean[0]", "x_mean[1]"): Ordered(Normal(0, 2), 2), "x_sd": LogNormal(-0.3, 0.4)}
TWO = PAIR | {("x_weight[0]", "x_weight[1]"): Dirichlet((2.0, 2.0))}


def keep(data: Data) -> Data:
    """Return data that are fitted as they were simulated."""
    return data


def below_is_a_limit(data: Data) -> Data:
    """Return labels below a threshold, one for each row, as upper limits there."""
    threshold = np.linspace(-0.5, 0.8, len(data))
    limited = data.y < threshold
    y = np.where(limited, threshold, data.y)
    return data.replace(y=y, limits=np.where(limited, "upper", ""))


def a_third_has_no_label(data: Data) -> Data:
    """Return data every third row of which has lost its label."""
    return data.without_labels(np.arange(0, len(data), 3))


@dataclass(frozen=True)
class Cell:
    """A model with a template of rows, and what the survey does to the simulated labels.

    ``slow``: one fit takes a second or more, so that the long run has fewer of them.  ``rounds``: how long particles
    move on at the end.
    """

    model: BaseModel
    template: Data
    observe: Callable[[Data], Data] = keep
    slow: bool = False
    rounds: int = 1


def exact(likelihood, priors, *, y=0.0, observe=keep, **errors):
    return Cell(Model(Linear(), likelihood, priors=priors), Data(X, np.broadcast_to(y, N).copy(), **errors), observe)


def noisy(likelihood, priors, *, x=X, y=0.0, population=None, predictor=None, observe=keep, slow=False, **errors):
    model = Model(predictor or Linear(), likelihood, priors=priors, population=population)
    return Cell(model, Data(x, np.broadcast_to(y, N).copy(), x_err=X_ERR, **errors), observe, slow)


def gaps():
    """Two noisy features beside an exact one, a fifth of their values missing."""
    rng = np.random.default_rng(1)
    x = rng.standard_normal((20, 3))
    x_err = np.column_stack([rng.uniform(0.3, 0.9, 20), rng.uniform(0.2, 0.5, 20), np.zeros(20)])
    x[:4, 0], x[3:8, 1] = np.nan, np.nan
    priors = {"intercept": Normal(0, 1), "slope": Normal(0, 1), "scatter": HalfNormal(1)}
    priors |= {
        "x_mean": Normal(0, 1),
        "x_sd": LogNormal(0, 0.5),
        "x_slope": Normal(0, 1),
        ("x_corr[x0:x1]",): LKJ(2, 1.0),
    }
    data = Data(x, np.zeros(20), x_err=x_err, y_err=0.3)
    return Cell(Model(Linear(), likelihoods.Gaussian(scatter=True), priors=priors), data, slow=True, rounds=6)


G, T, L = likelihoods.Gaussian, likelihoods.StudentT, likelihoods.Laplace
O, P, B = likelihoods.OutlierMixture, likelihoods.Poisson, likelihoods.Binomial
LAPLACE = LINE | {"scale": HalfNormal(1)}
RATES = {"intercept": Normal(1, 0.7), "slope": Normal(0, 0.5)}
SKEWED = np.column_stack([Y_ERR, 2.5 * Y_ERR[::-1]])
XY_COV = 0.6 * X_ERR * Y_ERR * np.where(np.arange(N) % 2, 1, -1)
#: labels that share part of their errors with their neighbours, and features of which every fourth is missing
Y_COV = np.outer(Y_ERR, Y_ERR) * (0.4 * np.eye(N) + 0.6 * np.exp(-np.abs(np.subtract.outer(X, X))))
GAPPY = np.where(np.arange(N) % 4 == 1, np.nan, X)
CURVE = {"coefficient": Normal(0, 1), "scatter": HalfNormal(1)} | POPULATION

BINARY, TERNARY = np.arange(N) % 2, np.arange(N) % 3
WEIGHTS = {"intercept": Normal(0, 1), "slope": Normal(0, 1)}
GROUPS = {"x_mean": Normal(0, 1.5), "x_sd": LogNormal(-0.3, 0.4)}


def features(model, n_rows=30, *, y=None):
    """Rows whose single feature is simulated too."""
    x = np.linspace(-2, 3, n_rows)
    return Cell(model, Data(x, y, x_err=np.linspace(0.2, 0.8, n_rows)))


def incomplete_classes(n_rows=36):
    """Two noisy features, a quarter of each missing, of two classes; a third of the rows has no label."""
    x = np.zeros((n_rows, 2))
    x[1::4, 0], x[2::4, 1] = np.nan, np.nan
    data = Data(x, np.arange(n_rows) % 2, x_err=np.linspace([0.2, 0.8], [0.8, 0.4], n_rows))
    return Cell(ClassModel(priors=GROUPS), data, a_third_has_no_label)


CELLS: dict[str, Cell] = {
    "Gaussian": exact(G(scatter=True), SCATTER, y_err=Y_ERR),
    "Gaussian, no label errors": exact(G(), SCATTER),
    "Gaussian, asymmetric errors": exact(G(scatter=True), SCATTER, y_err=SKEWED),
    "Gaussian, limits": exact(G(scatter=True), SCATTER, observe=below_is_a_limit, y_err=Y_ERR),
    "Gaussian, truncated": exact(G(scatter=True, truncation=(0.5, 3)), SELECTED, y=1, y_err=Y_ERR),
    "Gaussian, correlated labels": exact(G(scatter=True), SCATTER, y_cov=Y_COV),
    "Student t, truncated": exact(
        T(scatter=True, truncation=(0.5, None)), SELECTED | {"dof": Gamma(2, 0.1)}, y=1, y_err=Y_ERR
    ),
    "Student t": exact(T(scatter=True), STUDENT, y_err=Y_ERR),
    "Student t, limits": exact(T(scatter=True), STUDENT, observe=below_is_a_limit, y_err=Y_ERR),
    "Laplace": exact(L(), LAPLACE, y_err=Y_ERR),
    "Laplace, limits": exact(L(), LAPLACE, observe=below_is_a_limit, y_err=Y_ERR),
    "outliers": exact(O(scatter=True), OUTLIERS, y_err=Y_ERR),
    "outliers, limits": exact(O(scatter=True), OUTLIERS, observe=below_is_a_limit, y_err=Y_ERR),
    "Poisson": exact(P(link="log", exposure=2.0, background=1.5), RATES),
    "binomial": exact(B(trials=12), RATES),
    "binomial, probit": exact(B(trials=12, link="probit"), RATES),
    "logit": exact(likelihoods.Bernoulli(), WEIGHTS, y=BINARY),
    "probit, wrong labels": exact(
        likelihoods.Bernoulli("probit", label_noise=True), WEIGHTS | {"label_error": Uniform(0, 0.5)}, y=BINARY
    ),
    "softmax": exact(likelihoods.Categorical(), WEIGHTS, y=TERNARY),
    "x errors, probit": noisy(
        likelihoods.Bernoulli("probit"), WEIGHTS | POPULATION, y=BINARY, population=populations.Normal()
    ),
    "x errors, logit, gaps": noisy(
        likelihoods.Bernoulli(), WEIGHTS | POPULATION, x=GAPPY, y=BINARY, population=populations.Normal()
    ),
    "x errors, probit, two populations": noisy(
        likelihoods.Bernoulli("probit"), WEIGHTS | TWO, y=BINARY, population=populations.NormalMixture(2), slow=True
    ),
    "x errors, logit, two populations": noisy(
        likelihoods.Bernoulli(), WEIGHTS | TWO, y=BINARY, population=populations.NormalMixture(2), slow=True
    ),
    "x errors, softmax": noisy(
        likelihoods.Categorical(),
        WEIGHTS | POPULATION,
        y=TERNARY,
        population=populations.Normal(),
        slow=True,
    ),
    "generative classes": features(ClassModel(priors=GROUPS), y=np.arange(30) % 2),
    "generative classes, one spread": features(ClassModel(shared_covariance=True, priors=GROUPS), y=np.arange(30) % 2),
    "generative classes, gaps, a third unlabelled": incomplete_classes(),
    "two groups": features(MixtureModel(2, priors=TWO)),
    "x errors, Gaussian": noisy(G(scatter=True), SCATTER | POPULATION, y_err=Y_ERR),
    "x errors, Laplace, gaps": noisy(L(), LAPLACE | POPULATION, x=GAPPY, y_err=Y_ERR),
    "x errors, outliers, gaps": noisy(O(scatter=True), OUTLIERS | POPULATION, x=GAPPY, y_err=Y_ERR),
    "x errors, Gaussian, two populations, limits and gaps": noisy(
        G(scatter=True),
        SCATTER | TWO,
        x=GAPPY,
        population=populations.NormalMixture(2),
        observe=below_is_a_limit,
        y_err=Y_ERR,
    ),
    "x errors, Student t, limits and gaps": noisy(
        T(scatter=True), STUDENT | POPULATION, x=GAPPY, observe=below_is_a_limit, y_err=Y_ERR, slow=True
    ),
    "x errors, Poisson, gaps": noisy(P(link="log"), RATES | POPULATION, x=GAPPY, slow=True),
    "x errors, Laplace": noisy(L(), LAPLACE | POPULATION, y_err=Y_ERR),
    "x errors, Laplace, limits": noisy(L(), LAPLACE | POPULATION, observe=below_is_a_limit, y_err=Y_ERR),
    "x errors, outliers, limits": noisy(O(scatter=True), OUTLIERS | POPULATION, observe=below_is_a_limit, y_err=Y_ERR),
    "x errors, outliers": noisy(O(scatter=True), OUTLIERS | POPULATION, y_err=Y_ERR),
    "x errors, Gaussian, two populations": noisy(
        G(scatter=True), SCATTER | TWO, population=populations.NormalMixture(2), y_err=Y_ERR
    ),
    "x errors, Gaussian, limits": noisy(G(scatter=True), SCATTER | POPULATION, observe=below_is_a_limit, y_err=Y_ERR),
    "x errors, Gaussian, truncated": noisy(
        G(scatter=True, truncation=(0.5, 3)), SELECTED | POPULATION, y=1, y_err=Y_ERR
    ),
    "x errors, Gaussian, asymmetric errors": noisy(G(scatter=True), SCATTER | POPULATION, y_err=SKEWED),
    "x errors, Gaussian, correlated with y": noisy(G(scatter=True), SCATTER | POPULATION, y_err=Y_ERR, xy_cov=XY_COV),
    "x errors, Laplace, correlated with y": noisy(L(), LAPLACE | POPULATION, y_err=Y_ERR, xy_cov=XY_COV),
    "three features, errors and gaps": gaps(),
    "x errors, Student t": noisy(T(scatter=True), STUDENT | POPULATION, y_err=Y_ERR, slow=True),
    "x errors, Poisson": noisy(P(link="log"), RATES | POPULATION, slow=True),
    "x errors, binomial": noisy(B(trials=12), RATES | POPULATION, slow=True),
    "x errors, parabola": noisy(G(scatter=True), CURVE, predictor=Polynomial(2), y_err=Y_ERR, slow=True),
}
