"""Likelihoods in words, and as formulas: the law of a measured label given η.

The noise of a label is put together from what contributes to it: the rows' errors, a scatter, and what a likelihood
adds.  Each contribution is said once, here, and every likelihood that takes it shows it.
"""

from collections.abc import Callable
from typing import NamedTuple

from markupsafe import Markup

from bayesfit import likelihoods
from bayesfit.reports.markup import html, row_value, summary

__all__ = ["Law", "law_of"]

_ETA = html("η<sub>i</sub>")
_NOISE_FREE = "The noise-free label"
_ERROR = html("σ<sub>i</sub>")
_SCATTER = html("scatter")


class Law(NamedTuple):
    """A likelihood for reading.

    Attributes
    ----------
    subject : str
        What η is, as the subject of a sentence.
    sentence : str
    formula : Markup
    """

    subject: str
    sentence: str
    formula: Markup


def law_of(likelihood, data) -> Law:
    """Return the words and the formula of a likelihood, for the rows that have a label."""
    return _LIKELIHOODS.get(type(likelihood), _unknown)(likelihood, data)


# -- labels about η -----------------------------------------------------------------------------------------


def _is_uneven(data) -> bool:
    """Return whether the errors below and above a label differ."""
    return data.y_err is not None and data.y_err.ndim == 2 and bool((data.y_err[:, 0] != data.y_err[:, 1]).any())


def _own(likelihood, data) -> list[Markup]:
    """Return the standard deviations of a label: its error, and the scatter."""
    errors = [] if data.y_err is None else [_ERROR]
    return [*errors, _SCATTER] if likelihood.infers_scatter(data) else errors


def _noise(likelihood, data) -> str:
    """Return the same in words, with what the signs in the formula mean."""
    scatter = likelihood.infers_scatter(data)
    if data.y_cov is not None:
        errors = "errors with the covariance C of all rows (y_cov)"
    elif data.y_err is None:
        return "the scatter"
    elif _is_uneven(data):
        errors = "its own error, a split normal with σ⁻ where the truth lies below the label and σ⁺ where it lies above"
    else:
        errors = "its own error σ"
    return f"{errors}{', and an intrinsic scatter' if scatter else ''}"


def _root(scales) -> Markup:
    """Return the standard deviation of a sum of independent deviates."""
    if len(scales) == 1:
        return scales[0]
    return html("√({})", Markup(" + ").join(html("{}²", scale) for scale in scales))


def _plus(law, scales) -> Markup:
    """Return the law of a deviate with a normal one added."""
    return html("{} ∗ Normal(0, {})", law, _root(scales)) if scales else law


def _normal(centre, scales, data) -> Markup:
    """Return the normal law about a centre, the rows' errors being among the scales; split where these are."""
    if not _is_uneven(data):
        return html("Normal({}, {})", centre, _root(scales))
    split = html("SplitNormal({}; {}<sup>−</sup>, {}<sup>+</sup>)", centre, _ERROR, _ERROR)
    return _plus(split, [scale for scale in scales if scale != _ERROR])


def _about_eta(words, likelihood, data, law, subject=_NOISE_FREE) -> Law:
    """Return the words and the formula of a label whose noise is put together from several parts."""
    sum_sign = " The sign ∗ adds an independent deviate (a convolution)." if "∗" in law else ""
    return Law(
        subject,
        f"{words}: {_noise(likelihood, data)}.{sum_sign}",
        html("<i>{}</i><sub>i</sub> ~ {}", data.label, law),
    )


def _gaussian(likelihood, data):
    words = "Each label lies about it with Gaussian noise"
    if data.y_cov is None:
        return _about_eta(words, likelihood, data, _normal(_ETA, _own(likelihood, data), data))
    scatter = html(" + {}² <i>I</i>", _SCATTER) if likelihood.infers_scatter(data) else ""
    return Law(
        _NOISE_FREE,
        f"The labels lie about it with Gaussian noise: {_noise(likelihood, data)}.",
        html("(<i>{0}</i><sub>1</sub>, <i>{0}</i><sub>2</sub>, …) ~ MultivariateNormal(η, C{1})", data.label, scatter),
    )


def _student(likelihood, data):
    dof = "dof" if likelihood.dof is None else f"{likelihood.dof:g}"
    law = html("Student t({}, {}; dof {})", _ETA, _root(_own(likelihood, data)), dof)
    words = "Each label lies about it with noise of heavy tails (Student t), which forgives outliers"
    return _about_eta(words, likelihood, data, law)


def _laplace(likelihood, data):
    law = _plus(html("Laplace({}, scale)", _ETA), _own(likelihood, data))
    words = "Each label lies about it with Laplace noise, the twin of the mean absolute error"
    if data.y_err is None:
        return Law(_NOISE_FREE, f"{words}.", html("<i>{}</i><sub>i</sub> ~ {}", data.label, law))
    return _about_eta(f"{words}, and with normal noise", likelihood, data, law)


def _outliers(likelihood, data):
    own = _own(likelihood, data)
    good = _normal(_ETA, own, data)
    bad = _normal("outlier_mean", [*own, html("outlier_scale")], data)
    law = html("(1 − outlier_fraction) [{}] + outlier_fraction [{}]", good, bad)
    words = (
        "Most labels lie about it with Gaussian noise; a share of them are outliers about a mean of their own, "
        "with a further spread. The noise of both"
    )
    return _about_eta(words, likelihood, data, law, f"{_NOISE_FREE} of a row that is no outlier")


# -- counts -------------------------------------------------------------------------------------------------


def _poisson(likelihood, data):
    has_exposure, has_background = likelihood.exposure != 1, likelihood.background != 0
    rate, expected = html("exp({})", _ETA) if likelihood.link == "log" else _ETA, "the rate"
    if has_exposure:
        rate = html("{} · {}", row_value(likelihood.exposure), rate)
        expected += f" times the exposure ({likelihood.exposure})"
    if has_background:
        rate = html("{} + {}", rate, row_value(likelihood.background))
        expected += f" plus a known background ({likelihood.background})"
    subject = "The logarithm η of the rate" if likelihood.link == "log" else "The rate η"
    return Law(
        subject,
        f"The labels are counts; their expected number is {expected}.",
        html("<i>{}</i><sub>i</sub> ~ Poisson({})", data.label, rate),
    )


def _inverse_link(link, eta) -> Markup:
    return html("1 / (1 + exp(−{}))", eta) if link == "logit" else html("Φ({})", eta)


def _binomial(likelihood, data):
    trials = likelihood.trials
    number = (
        f"as many trials as the column {trials} says"
        if isinstance(trials, str)
        else f"{trials} trial{'s' * (trials > 1)}"
    )
    return Law(
        f"The {likelihood.link} η of the probability of success",
        f"The labels are counts of successes in {number}.",
        html(
            "<i>{}</i><sub>i</sub> ~ Binomial({}, {})",
            data.label,
            row_value(trials),
            _inverse_link(likelihood.link, _ETA),
        ),
    )


# -- classes ------------------------------------------------------------------------------------------------


def _with_wrong_labels(likelihood, label, n_others, law) -> tuple[str, Markup]:
    """Return the words on labels that are wrong, and the law (a name and its formula) of those that are given."""
    name, formula = law
    if likelihood.label_noise is False:
        return "", html("p({} | η) = {}", label, formula)
    rate = "label_error" if likelihood.label_noise is True else f"{likelihood.label_noise:g}"
    share = "" if n_others == 1 else f" / {n_others}"
    words = f" That is the true class; the label given is wrong at the rate ρ = {rate}."
    return words, html(
        "p(label {0} | η) = (1 − ρ) {1} + ρ (1 − {1}){2}, {1} = {3}, ρ = {4}", label, name, share, formula, rate
    )


def _bernoulli(likelihood, data):
    second = data.classes[-1]
    law = html("<i>p</i>"), _inverse_link(likelihood.link, "η")
    words, formula = _with_wrong_labels(likelihood, second, 1, law)
    return Law(
        f"The {likelihood.link} η of the probability of {second}",
        f"The class is one of two.{words}",
        formula,
    )


def _categorical(likelihood, data):
    first, n_others = data.classes[0], len(data.classes) - 1
    law = html("<i>p</i><sub>k</sub>"), html("exp(η<sub>k</sub>) / Σ<sub>j</sub> exp(η<sub>j</sub>)")
    words, formula = _with_wrong_labels(likelihood, "class k", n_others, law)
    return Law(
        f"For each class k but {first}, the logarithm η of its odds against {first}, with parameters of its own,",
        f"The class is one of {n_others + 1}; {first} is the reference, of which η is zero.{words}",
        formula,
    )


def _unknown(likelihood, data):
    subject = "The expected label" if likelihood.mean_is_eta else "The predictor η"
    return Law(subject, f"The label follows {likelihood!r}.", html("{}", summary(likelihood)))


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
