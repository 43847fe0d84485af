"""Classes, counts, priors, functions and settings: rows 43 to 56."""

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pytest
from cases import LINE, QUICK, Bad, S, X, Y, attempt, ids, rows_of

from bayesfit import ClassModel, Data, MixtureModel, Model, likelihoods, predictors, priors, sampling
from bayesfit.errors import DataError, ModelError, PriorError, SamplingError
from bayesfit.targets import RegressionTarget

TWO = np.column_stack([X, np.cos(X)])
LETTERS = list("abcabcabca")
NORMAL, HALF = priors.Normal(0, 10), priors.HalfNormal(1)


def classes(y, model=None):
    return attempt(y=y, y_err=None, model=model or Model(predictors.Linear(), likelihoods.Bernoulli()))


def counts(y=None, **columns):
    model = Model(predictors.Linear(), likelihoods.Poisson(link="log", exposure="time"))
    return attempt(y=np.arange(10) if y is None else y, y_err=None, model=model, columns=columns)


def grouped(second, model=None, labels=tuple(LETTERS), **data):
    """Fit classes or components to X and a second feature."""
    given = Data(np.column_stack([X, second]), labels, names=("a", "b"), **data)
    return (model or ClassModel()).fit(given, sampler=QUICK, seed=1, progress=False)


def given(**of):
    return attempt(model=Model(predictors.Linear(), likelihoods.Gaussian(scatter=True), priors=of))


def function(f, **fit):
    model = Model(predictors.Function(f), likelihoods.Gaussian(), priors={"a": NORMAL, "b": NORMAL})
    return attempt(model=model, fit=fit)


def started(start, **of):
    model = Model(predictors.Linear(), likelihoods.Gaussian(), priors=of)
    return attempt(model=model, sampler=sampling.Ensemble(n_ensembles=2, n_walkers=16, start=start))


def divides(x, a, b):
    return a * x + b / 0


def nothing(x, a, b):
    return None


def text(x, a, b):
    return ["x"] * len(x)


def with_executor(f):
    with ThreadPoolExecutor(1) as pool:
        return function(f, executor=pool)


def setting(**settings):
    return lambda: attempt(sampler=sampling.Ensemble(**settings))


def seeded(seed):
    return lambda: LINE.fit(Data(X, Y, y_err=S), sampler=QUICK, seed=seed, progress=False)


CASES = [
    Bad(43, lambda: classes(LETTERS), (DataError, ModelError), "'?a'?.*'?b'?.*'?c'?"),
    Bad(44, lambda: classes(["a"] * 10), (DataError, ModelError), "one class"),
    Bad(44, lambda: classes(["a"] * 10, ClassModel()), DataError, "one class only .'a'"),
    *(
        Bad(row, lambda second=second, model=model: grouped(second, model), DataError, says)
        for model in (ClassModel(), MixtureModel(1), MixtureModel(2))
        for row, second, says in (
            (22, np.full(10, 0.1), "the feature b is the same in all rows and has no errors.*give x_err"),
            (22, [0.1] * 9 + [np.nan], "the feature b is the same in all rows and has no errors"),
            (70, np.full(10, np.nan), "the feature b is missing in all rows"),
        )
    ),
    Bad(
        71,
        lambda: grouped(X**2, labels=[f"star {i}" for i in X]),
        DataError,
        "every labelled row is a class of its own",
    ),
    Bad(71, lambda: grouped(X**2, labels=[*"abcdefghi", None]), DataError, "not names of rows"),
    Bad(46, lambda: attempt(y=["a", "b", 3.0, None, *LETTERS[:6]], y_err=None), DataError, "y mixes labels of type"),
    Bad(47, lambda: counts(time=[1.0, 0.0] + [2.0] * 8), (DataError, ModelError), "exposure.*row 1"),
    Bad(47, lambda: counts(time=[1.0, np.nan] + [2.0] * 8), (DataError, ModelError), "exposure.*row 1|time.*row 1"),
    Bad(47, lambda: counts(y=[1.5] * 10, time=np.ones(10)), (DataError, ModelError), r"y: rows 0, 1.*\(1\.5\)"),
    Bad(49, lambda: given(slop=NORMAL), (PriorError, ModelError), "slop.*did you mean '?slope"),
    Bad(49, lambda: given(slope="steep"), PriorError, "slope|steep"),
    Bad(50, lambda: given(scatter=priors.LogUniform(0, np.inf)), PriorError, "LogUniform"),
    Bad(50, lambda: attempt(np.full(10, 3.0), model=improper()), (ModelError, PriorError), "improper|flat|Flat"),
    Bad(
        51,
        lambda: started({"intercept": -3.0, "slope": 1.0}, intercept=priors.HalfNormal(1)),
        SamplingError,
        "intercept",
    ),
    Bad(51, lambda: started(walkers_outside(1), intercept=priors.HalfNormal(1)), SamplingError, "intercept.*1 .*32"),
    Bad(51, lambda: started(walkers_outside(32), intercept=priors.HalfNormal(1)), SamplingError, "intercept"),
    Bad(51, lambda: started({"intercept": 1.0}), SamplingError, "slope"),
    Bad(51, lambda: started(np.zeros((16, 3))), SamplingError, r"start has shape \(16, 3\)"),
    Bad(52, lambda: function(lambda x, a, b: np.nan * x), SamplingError, "NaN"),
    Bad(52, lambda: function(lambda x, a, b: np.inf * (x + 1)), SamplingError, "zero|NaN|inf"),
    Bad(52, lambda: function(nothing), (ModelError, SamplingError), "Function: f returned values of type object"),
    Bad(52, lambda: function(lambda x, a, b: (a + 1j) * x), ModelError, "Function.*complex"),
    Bad(52, lambda: function(lambda x, a, b: a * x[:3]), ModelError, "Function.*shape"),
    Bad(52, lambda: function(text), (ModelError, SamplingError), "Function|text"),
    Bad(52, lambda: function(divides), SamplingError, "ZeroDivisionError.* at a = "),
    Bad(54, setting(n_walkers=15), SamplingError, "n_walkers=15 is odd"),
    Bad(54, setting(n_walkers=2), SamplingError, "n_walkers=2 is below 4"),
    Bad(54, lambda: given_walkers(4), SamplingError, "n_walkers=4 is below 6"),
    Bad(54, setting(steps=0), SamplingError, "steps=0 is below 1"),
    Bad(54, setting(steps=10, burn_in=10), SamplingError, "burn_in=10 is not below steps=10"),
    Bad(54, setting(n_ensembles=0), SamplingError, "n_ensembles=0 is below 1"),
    Bad(54, setting(n_ensembles=2.5), SamplingError, "n_ensembles=2.5 is not a whole number"),
    Bad(54, setting(target_ess=True), SamplingError, "target_ess=True is not a whole number"),
    Bad(54, seeded(-1), SamplingError, "seed=-1 is not a non-negative whole number"),
    Bad(54, seeded(1.5), SamplingError, "seed=1.5 is not a non-negative whole number"),
    Bad(55, lambda: with_executor(lambda x, a, b: a * x + b), SamplingError, "cannot be pickled.*executor=None"),
    Bad(55, lambda: function(line, executor="two"), SamplingError, r"executor='two' has no submit"),
]


def improper():
    flat = {"slope": priors.Flat(), "intercept": priors.Flat()}
    return Model(predictors.Linear(), likelihoods.Gaussian(), priors=flat)


def walkers_outside(n):
    start = np.abs(np.random.default_rng(1).normal(1, 0.2, (32, 2)))
    start[:n, 0] *= -1
    return start


def given_walkers(n):
    model = Model(predictors.Linear(), likelihoods.StudentT(dof=4.0, scatter=True))  # three that are walked in
    return attempt(model=model, sampler=sampling.Ensemble(n_walkers=n))


@pytest.mark.parametrize("case", CASES, ids=ids(CASES))
@pytest.mark.filterwarnings("ignore:.*encountered:RuntimeWarning")
def test_refused_before_any_sampling(case, no_sampling):
    with pytest.raises(case.error, match=f"(?s){case.says}"):
        case.do()


# -- what is allowed, and said --------------------------------------------------------------------------------


@rows_of(45)
@pytest.mark.parametrize(
    ("pair", "order"), [((-1, 1), (-1, 1)), ((1, 2), (1, 2)), ((True, False), (False, True)), (("b", "a"), ("a", "b"))]
)
def test_two_labels_of_any_kind_have_a_known_order(pair, order):
    data = Data(X, [pair[int(k)] for k in X % 2])
    target = Model(predictors.Linear(), likelihoods.Bernoulli()).target(data)
    assert target.classes == data.classes == order
    # the second class is the one whose log-odds the predictor gives
    terms = target.log_likelihood([[50.0, 0.0]])[0]
    np.testing.assert_array_equal(terms > -1, data.labels == order[1])


@rows_of(46)
@pytest.mark.parametrize("gap", [None, np.nan])
def test_a_row_without_a_class_stays_and_is_counted(gap):
    labels = np.array(["a", "b", "a", gap, "b"], dtype=object)
    data = Data(X[:5], labels)
    assert data.classes == ("a", "b")
    assert data.labelled.tolist() == [True, True, True, False, True]
    assert "1 row" in " ".join(data.describe())


@rows_of(22)
def test_a_constant_feature_with_errors_has_classes():
    data = Data(np.column_stack([X, np.ones(10)]), LETTERS, x_err=[0.0, 0.1] * np.ones((10, 1)))
    target = ClassModel().target(data)
    assert np.isfinite(target.log_density(np.zeros((1, target.n_walked)))).all()


@rows_of(50)
def test_a_flat_prior_of_the_scatters_logarithm_is_bounded_or_refused():
    for low, high in ((0, 1), (1, np.inf), (-1, 1), (2, 1)):
        with pytest.raises(PriorError, match="LogUniform"):
            priors.LogUniform(low, high)


@rows_of(49)
def test_priors_that_nobody_gave_are_shown():
    parameters = LINE.parameters(Data(X, Y, y_err=S))
    shown = repr(parameters) + str(parameters)
    for name in ("intercept", "slope", "Normal("):
        assert name in shown


@rows_of(53)
def test_a_function_that_changes_its_arguments_changes_no_draw():
    posteriors = [function(f) for f in (line, spoils)]
    np.testing.assert_array_equal(*[posterior.chains for posterior in posteriors])


@rows_of(55)
def test_a_function_at_the_top_of_a_module_goes_through_processes():
    with ProcessPoolExecutor(1) as pool:
        found = function(line, executor=pool)
    np.testing.assert_array_equal(found.chains, function(line).chains)


@rows_of(56)
def test_an_interruption_leaves_a_result_that_says_so(monkeypatch):
    whole, calls = RegressionTarget.log_density, []

    def interrupted(self, z):
        calls.append(1)
        if len(calls) > 1500:
            raise KeyboardInterrupt
        return whole(self, z)

    monkeypatch.setattr(RegressionTarget, "log_density", interrupted)
    posterior = attempt(sampler=sampling.Ensemble(n_walkers=16, steps=5000, burn_in=40))
    assert not posterior.diagnostics.converged
    assert "The run was interrupted: what is here is partial." in posterior.diagnostics.messages
    assert posterior.provenance["interrupted"] is True
    assert "NOT CONVERGED" in repr(posterior)


def line(x, a, b):
    return a * x + b


def spoils(x, a, b):
    x *= a
    x += b
    return x
