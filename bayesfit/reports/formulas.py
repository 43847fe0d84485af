"""The model in words, and as a formula in plain HTML."""

from collections.abc import Callable
from typing import NamedTuple

from markupsafe import Markup

from bayesfit import likelihoods, predictors
from bayesfit.posterior import Posterior
from bayesfit.targets import ClassTarget, MixtureTarget

__all__ = ["ModelText", "model_of"]

#: features that a formula spells out
_MOST = 5


class ModelText(NamedTuple):
    """A model for reading.

    Attributes
    ----------
    sentences : tuple of str
    formulas : tuple of Markup
        Safe HTML; names of the user's are escaped.
    code : str
        The call that makes the model.
    """

    sentences: tuple[str, ...]
    formulas: tuple[Markup, ...]
    code: str


def model_of(posterior: Posterior) -> ModelText:
    """Return the words and the formulas of a posterior's model."""
    target = posterior.target
    if isinstance(target, MixtureTarget):
        return ModelText(
            (
                f"A mixture of {len(target.classes)} groups, each with a Gaussian population of true features; the "
                "rows' own errors and gaps are integrated out.",
            ),
            (_html("p(<i>x</i>) = Σ<sub>k</sub> <i>w</i><sub>k</sub> Normal(<i>x</i>; μ<sub>k</sub>, Σ<sub>k</sub>)"),),
            repr(target.model),
        )
    if isinstance(target, ClassTarget):
        classes = ", ".join(map(str, target.classes))
        return ModelText(
            (
                f"Each class ({classes}) has a share and a Gaussian population of true features; the rows' own errors "
                "and gaps are integrated out. What is said of a row's class follows by Bayes' rule.",
            ),
            (_html("p(<i>x</i>, class k) = π<sub>k</sub> Normal(<i>x</i>; μ<sub>k</sub>, Σ<sub>k</sub> + errors)"),),
            repr(target.model),
        )
    return _regression(target)


def _regression(target) -> ModelText:
    predictor, likelihood, data = target.predictor, target.likelihood, target.data
    relation, eta = _PREDICTORS.get(type(predictor), _unknown_predictor)(predictor, data)
    noise, density = _LIKELIHOODS.get(type(likelihood), _unknown_likelihood)(likelihood, data)
    sentences = [relation, noise]
    if target.population is not None:
        noisy = ", ".join(name for name, is_noisy in zip(data.names, target.noisy, strict=True) if is_noisy)
        sentences.append(
            f"True values of {noisy} are not known exactly; they come from the population {target.population!r}, "
            "over which the likelihood is integrated."
        )
    if getattr(likelihood, "truncation", None) is not None:
        sentences.append(f"Rows are in the data only where the label lies in {likelihood.truncation!r}.")
    return ModelText(tuple(sentences), (eta, density), f"{predictor!r}, {likelihood!r}")


# -- predictors: the expected label η ---------------------------------------------------------------------


def _linear(predictor, data):
    names = data.names
    if len(names) > _MOST:
        terms = _html("Σ<sub>j</sub> slope<sub>j</sub> · <i>x</i><sub>j</sub>")
    elif len(names) == 1:
        terms = _html("slope · <i>{}</i>", names[0])
    else:
        terms = Markup(" + ").join(_html("slope<sub>{0}</sub> · <i>{0}</i>", name) for name in names)
    if predictor.interaction:
        terms += _html(" + Σ<sub>j&lt;k</sub> slope<sub>j:k</sub> · <i>x</i><sub>j</sub> <i>x</i><sub>k</sub>")
    shift = "" if predictor.pivot is None else f" Features are counted from {predictor.pivot}."
    count = "a straight line" if len(names) == 1 else f"linear in {len(names)} features"
    return f"The expected label is {count}.{shift}", _html("η = intercept + {}", terms)


def _polynomial(predictor, data):
    sentence = f"The expected label is a polynomial of degree {predictor.degree}."
    if predictor.pivot is not None:
        sentence += f" Features are counted from {predictor.pivot}."
    if data.n_features > 1 or predictor.degree > 4:
        return sentence, _html("η = Σ<sub>k</sub> coefficient<sub>k</sub> · (monomial k of the features)")
    powers = [_html("<i>{}</i><sup>{}</sup>", data.names[0], k) for k in range(2, predictor.degree + 1)]
    factors = [Markup(""), _html(" · <i>{}</i>", data.names[0]), *(_html(" · {}", power) for power in powers)]
    terms = [_html("coefficient<sub>{}</sub>{}", k, factors[k]) for k in range(predictor.degree + 1)]
    return sentence, _html("η = {}", Markup(" + ").join(terms))


def _fourier(predictor, data):
    return (
        f"The expected label is periodic, with the known period {predictor.period:g} and {predictor.harmonics} "
        f"harmonic{'s' if predictor.harmonics > 1 else ''}.",
        _html(
            "η = weight<sub>1</sub> + Σ<sub>k</sub> [weight<sub>cos k</sub> cos(2πk<i>{0}</i>/{1:g}) + "
            "weight<sub>sin k</sub> sin(2πk<i>{0}</i>/{1:g})]",
            data.names[0],
            predictor.period,
        ),
    )


def _spline(predictor, data):
    return (
        f"The expected label is a smooth curve (natural cubic spline) through free values at "
        f"{len(predictor.knots)} knots.",
        _html("η = Σ<sub>k</sub> weight<sub>k</sub> · ℓ<sub>k</sub>(<i>{}</i>)", data.names[0]),
    )


def _function(predictor, data):
    name = getattr(predictor.f, "__name__", "f")
    return (
        f"The expected label is a function of your own, {name}.",
        _html("η = {}({}, parameters)", name, ", ".join(data.names[:_MOST])),
    )


def _basis(predictor, data):
    return (
        "The expected label is a weighted sum of functions of your own.",
        _html("η = Σ<sub>k</sub> weight<sub>k</sub> · φ<sub>k</sub>(<i>x</i>)"),
    )


def _unknown_predictor(predictor, data):
    return f"The expected label is that of {predictor!r}.", _html("{}", _summary(predictor))


# -- likelihoods: the label given η -----------------------------------------------------------------------


def _spread(likelihood, data):
    """Return the words and the formula of the width √V of the noise."""
    has_errors = data.y_err is not None or data.y_cov is not None
    scatter = likelihood.infers_scatter(data)
    if has_errors and scatter:
        return "its own error and an intrinsic scatter", _html("√(σ<sub>i</sub>² + scatter²)")
    if has_errors:
        return "its own error", _html("σ<sub>i</sub>")
    return "a scatter that is inferred", _html("scatter")


def _gaussian(likelihood, data):
    words, width = _spread(likelihood, data)
    return (
        f"Each label lies about it with Gaussian noise: {words}.",
        _html("<i>{}</i><sub>i</sub> ~ Normal(η<sub>i</sub>, {})", data.label, width),
    )


def _student(likelihood, data):
    words, width = _spread(likelihood, data)
    dof = "dof" if likelihood.dof is None else f"{likelihood.dof:g}"
    return (
        f"Each label lies about it with noise of heavy tails (Student t), which forgives outliers: {words}.",
        _html("<i>{}</i><sub>i</sub> ~ Student t(η<sub>i</sub>, {}; dof {})", data.label, width, dof),
    )


def _laplace(likelihood, data):
    return (
        "Each label lies about it with Laplace noise, the twin of the mean absolute error"
        f"{', and its own error' if data.y_err is not None else ''}.",
        _html("<i>{}</i><sub>i</sub> ~ Laplace(η<sub>i</sub>, scale)", data.label),
    )


def _outliers(likelihood, data):
    words, width = _spread(likelihood, data)
    return (
        f"Most labels lie about it with Gaussian noise ({words}); a share of them are outliers with a distribution "
        "of their own.",
        _html(
            "<i>{}</i><sub>i</sub> ~ (1 − outlier_fraction) Normal(η<sub>i</sub>, {}) + outlier_fraction "
            "Normal(outlier_mean, outlier_scale)",
            data.label,
            width,
        ),
    )


def _poisson(likelihood, data):
    rate = _html("exp(η<sub>i</sub>)") if likelihood.link == "log" else _html("η<sub>i</sub>")
    if likelihood.exposure != 1.0:
        rate = _html("{} · {}", likelihood.exposure, rate)
    if likelihood.background != 0.0:
        rate = _html("{} + {}", rate, likelihood.background)
    return "The labels are counts.", _html("<i>{}</i><sub>i</sub> ~ Poisson({})", data.label, rate)


def _binomial(likelihood, data):
    return (
        f"The labels are counts of successes in {likelihood.trials} trials.",
        _html(
            "<i>{}</i><sub>i</sub> ~ Binomial({}, {}<sup>−1</sup>(η<sub>i</sub>))",
            data.label,
            likelihood.trials,
            likelihood.link,
        ),
    )


def _bernoulli(likelihood, data):
    second = data.classes[-1]
    rate = "1 / (1 + exp(−η))" if likelihood.link == "logit" else "Φ(η)"
    return (
        f"The label is one of two classes; η decides the probability of {second}."
        f"{' Some labels may be wrong.' if likelihood.label_noise else ''}",
        _html("p({} | η) = {}", second, rate),
    )


def _categorical(likelihood, data):
    return (
        f"The label is one of {len(data.classes)} classes; {data.classes[0]} is the reference."
        f"{' Some labels may be wrong.' if likelihood.label_noise else ''}",
        _html("p(class k | η) = exp(η<sub>k</sub>) / Σ<sub>j</sub> exp(η<sub>j</sub>)"),
    )


def _unknown_likelihood(likelihood, data):
    return f"The label follows {likelihood!r}.", _html("{}", _summary(likelihood))


def _summary(part) -> str:
    """Return the first line of a class's own description, which says its formula."""
    lines = (type(part).__doc__ or repr(part)).strip().splitlines()
    return lines[0].replace("\\", "")


def _html(text: str, *values) -> Markup:
    """Fill escaped values into trusted HTML."""
    return Markup(text).format(*values)


_PREDICTORS: dict[type, Callable] = {
    predictors.Linear: _linear,
    predictors.Polynomial: _polynomial,
    predictors.Fourier: _fourier,
    predictors.Spline: _spline,
    predictors.Function: _function,
    predictors.Basis: _basis,
}
_LIKELIHOODS: dict[type, Callable] = {
    likelihoods.Gaussian: _gaussian,
    likelihoods.StudentT: _student,
    likelihoods.Laplace: _laplace,
    likelihoods.OutlierMixture: _outliers,
    likelihoods.Poisson: _poisson,
    likelihoods.Binomial: _binomial,
    likelihoods.Bernoulli: _bernoulli,
    likelihoods.Categorical: _categorical,
}
