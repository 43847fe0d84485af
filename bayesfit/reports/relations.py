"""Predictors in words, and as a formula: how η follows from the features."""

from collections.abc import Callable

from markupsafe import Markup

from bayesfit import predictors
from bayesfit.reports.markup import html, summary

__all__ = ["MOST_FEATURES", "relation_of"]

#: features that a formula spells out
MOST_FEATURES = 5


def relation_of(predictor, data) -> tuple[str, Markup]:
    """Return what η is, to stand behind the word "is", and the formula."""
    words, formula = _PREDICTORS.get(type(predictor), _unknown)(predictor, data)
    pivot = getattr(predictor, "pivot", None)
    shift = "" if pivot is None else f" Features are counted from {pivot}."
    return f"{words}.{shift}", formula


def _linear(predictor, data):
    names = data.names
    if len(names) > MOST_FEATURES:
        terms = html("Σ<sub>j</sub> slope<sub>j</sub> · <i>x</i><sub>j</sub>")
    elif len(names) == 1:
        terms = html("slope · <i>{}</i>", names[0])
    else:
        terms = Markup(" + ").join(html("slope<sub>{0}</sub> · <i>{0}</i>", name) for name in names)
    if predictor.interaction:
        terms += html(" + Σ<sub>j&lt;k</sub> slope<sub>j:k</sub> · <i>x</i><sub>j</sub> <i>x</i><sub>k</sub>")
    words = "a straight line" if len(names) == 1 else f"linear in {len(names)} features"
    return words, html("η = intercept + {}", terms)


def _polynomial(predictor, data):
    words = f"a polynomial of degree {predictor.degree}"
    if data.n_features > 1 or predictor.degree > 4:
        return words, html("η = Σ<sub>k</sub> coefficient<sub>k</sub> · (monomial k of the features)")
    powers = [html("<i>{}</i><sup>{}</sup>", data.names[0], k) for k in range(2, predictor.degree + 1)]
    factors = [Markup(""), html(" · <i>{}</i>", data.names[0]), *(html(" · {}", power) for power in powers)]
    terms = [html("coefficient<sub>{}</sub>{}", k, factors[k]) for k in range(predictor.degree + 1)]
    return words, html("η = {}", Markup(" + ").join(terms))


def _fourier(predictor, data):
    return (
        f"periodic, with the known period {predictor.period:g} and {predictor.harmonics} "
        f"harmonic{'s' if predictor.harmonics > 1 else ''}",
        html(
            "η = weight<sub>1</sub> + Σ<sub>k</sub> [weight<sub>cos k</sub> cos(2πk<i>{0}</i>/{1:g}) + "
            "weight<sub>sin k</sub> sin(2πk<i>{0}</i>/{1:g})]",
            data.names[0],
            predictor.period,
        ),
    )


def _spline(predictor, data):
    return (
        f"a smooth curve (natural cubic spline) through free values at {len(predictor.knots)} knots",
        html("η = Σ<sub>k</sub> weight<sub>k</sub> · ℓ<sub>k</sub>(<i>{}</i>)", data.names[0]),
    )


def _function(predictor, data):
    name = getattr(predictor.f, "__name__", "f")
    return (
        f"a function of your own, {name}",
        html("η = {}({}, parameters)", name, ", ".join(data.names[:MOST_FEATURES])),
    )


def _basis(predictor, data):
    return (
        "a weighted sum of functions of your own",
        html("η = Σ<sub>k</sub> weight<sub>k</sub> · φ<sub>k</sub>(<i>x</i>)"),
    )


def _unknown(predictor, data):
    return f"that of {predictor!r}", html("{}", summary(predictor))


_PREDICTORS: dict[type, Callable] = {
    predictors.Linear: _linear,
    predictors.Polynomial: _polynomial,
    predictors.Fourier: _fourier,
    predictors.Spline: _spline,
    predictors.Function: _function,
    predictors.Basis: _basis,
}
